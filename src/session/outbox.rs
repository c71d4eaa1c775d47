//! The audit outbox: durable in the object with the turn that wrote it, flushed to the record in batches.

use serde::Deserialize;

use crate::{
    governance::audit::{self, Record},
    identifiers::Subject,
    platform::{
        Fault,
        database::{Database, sql},
        object::ObjectStorage,
    },
};

/// How many rows one flush moves at the most: well below D1's limit on one bound value.
const BATCH: i64 = 500;

/// Makes the outbox where the object is new. `AUTOINCREMENT` never gives a sequence twice, even after its row
/// was flushed and deleted: the record is keyed by it.
///
/// # Errors
/// Where the storage refuses.
pub fn create(storage: &dyn ObjectStorage) -> Result<(), Fault> {
    storage
        .run(sql(
            "CREATE TABLE IF NOT EXISTS outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL)",
        ))
        .map(drop)
}

/// Puts records into the outbox, in their order.
///
/// # Errors
/// Where the storage refuses: then none was taken.
pub fn put(storage: &dyn ObjectStorage, records: &[Record]) -> Result<(), Fault> {
    let text = serde_json::to_string(records).map_err(|error| Fault::new("audit record", error))?;
    storage.run(sql("INSERT INTO outbox (record) SELECT value FROM json_each(?1) ORDER BY key").bind(text)).map(drop)
}

/// What one flush moves.
#[derive(Deserialize)]
struct Oldest {
    /// A JSON array, each record with its sequence.
    records: String,
    count: i64,
    last: Option<i64>,
}

/// Moves what the outbox holds to the record, oldest first; tells whether some of it stayed behind.
///
/// A row is deleted after the record has it, so a crash between the two repeats it, and
/// [`audit::append`] ignores what it has.
///
/// # Errors
/// Where either store fails: then nothing is lost, and the flush is to be tried again.
pub async fn flush(storage: &dyn ObjectStorage, database: &dyn Database, subject: &Subject) -> Result<bool, Fault> {
    // The database joins them: each row by itself would cross into WebAssembly.
    let oldest = "SELECT json_group_array(json_set(record, '$.sequence', sequence)) AS records, count(*) AS count,
            max(sequence) AS last
        FROM (SELECT sequence, record FROM outbox ORDER BY sequence LIMIT ?1)";
    let Some(Oldest { records, count, last: Some(last) }) = storage.run(sql(oldest).bind(BATCH))?.first()? else {
        return Ok(false);
    };
    audit::append(database, subject, &records).await?;
    storage.run(sql("DELETE FROM outbox WHERE sequence <= ?1").bind(last))?;
    Ok(count == BATCH)
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::{
        audit::search::{Filter, search},
        governance::audit::{Call, Outcome, Phase},
        identifiers::{ClientId, RequestId},
        platform::{clock::Timestamp, native::database::Sqlite},
    };

    fn record(at: i64) -> Record {
        Record {
            at: Timestamp(at),
            call: Call {
                request_id: RequestId::new("request"),
                client_id: ClientId::new("client"),
                tool: "whoami".into(),
                target: String::new(),
                arguments_digest: "digest".into(),
            },
            phase: Phase::Outcome,
            outcome: Outcome::Succeeded,
            reason: None,
            duration_milliseconds: Some(12),
            upstream_status: None,
        }
    }

    fn person(id: &str) -> Subject {
        Subject::from(id.to_owned())
    }

    fn recorded(database: &Sqlite) -> Vec<i64> {
        block_on(search(database, &Filter::default())).unwrap().entries.iter().map(|entry| entry.at.0).collect()
    }

    #[test]
    fn a_flush_moves_every_record() {
        let (object, database) = (Sqlite::empty(), Sqlite::migrated());
        create(&object).unwrap();
        put(&object, &[record(1)]).unwrap();
        put(&object, &[record(2)]).unwrap();
        assert!(!block_on(flush(&object, &database, &person("user"))).unwrap());
        assert_eq!(recorded(&database), [2, 1]);
    }

    #[test]
    fn a_flush_repeated_after_a_crash_writes_nothing_twice() {
        let (object, database) = (Sqlite::empty(), Sqlite::migrated());
        create(&object).unwrap();
        put(&object, &[record(1)]).unwrap();
        let lost = r#"[{"sequence":1,"at":1,"request_id":"request","client_id":"client","tool":"whoami","target":"",
            "arguments_digest":"digest","phase":"outcome","outcome":"succeeded"}]"#;
        block_on(audit::append(&database, &person("user"), lost)).unwrap();
        block_on(flush(&object, &database, &person("user"))).unwrap();
        assert_eq!(recorded(&database), [1]);
    }

    #[test]
    fn a_sequence_is_never_given_twice() {
        let (object, database) = (Sqlite::empty(), Sqlite::migrated());
        create(&object).unwrap();
        for at in 1..=3 {
            put(&object, &[record(at)]).unwrap();
            block_on(flush(&object, &database, &person("user"))).unwrap();
        }
        assert_eq!(recorded(&database), [3, 2, 1]);
    }

    #[test]
    fn what_the_record_did_not_take_stays() {
        let (object, broken) = (Sqlite::empty(), Sqlite::empty());
        create(&object).unwrap();
        put(&object, &[record(1)]).unwrap();
        assert!(block_on(flush(&object, &broken, &person("user"))).is_err());
        let database = Sqlite::migrated();
        block_on(flush(&object, &database, &person("user"))).unwrap();
        assert_eq!(recorded(&database), [1]);
    }

    #[test]
    fn two_users_with_the_same_sequence_are_both_on_record() {
        let database = Sqlite::migrated();
        for user in ["one", "other"] {
            let object = Sqlite::empty();
            create(&object).unwrap();
            put(&object, &[record(1)]).unwrap();
            block_on(flush(&object, &database, &person(user))).unwrap();
        }
        assert_eq!(recorded(&database).len(), 2);
    }
}
