//! Responses of clients to requests of ours, on their way from the isolate they were posted to, to the one that waits.

use std::time::Duration;

use serde::Deserialize;

use crate::platform::{Fault, clock::Timestamp, database::sql, object::ObjectStorage};

/// How long a response is kept once nobody waits for it any more.
const LIFE: Duration = Duration::from_mins(5);

/// How many are kept: a client responds to what it was asked, and is not asked more at a time.
const MOST: i64 = 64;

/// Makes the table where it is not there yet: few clients are ever asked.
fn create(storage: &dyn ObjectStorage) -> Result<(), Fault> {
    let table =
        "CREATE TABLE IF NOT EXISTS responses (id TEXT PRIMARY KEY, response TEXT NOT NULL, expires INTEGER NOT NULL)";
    storage.run(sql(table)).map(drop)
}

/// Keeps a response. A second one to the same request is none. Where there are many, the oldest go.
///
/// # Errors
/// Where the storage refuses.
pub fn put(storage: &dyn ObjectStorage, id: &str, response: &str, now: Timestamp) -> Result<(), Fault> {
    create(storage)?;
    storage.run(sql("DELETE FROM responses WHERE expires <= ?1").bind(now))?;
    let insert = sql("INSERT OR IGNORE INTO responses (id, response, expires) VALUES (?1, ?2, ?3)");
    storage.run(insert.bind(id).bind(response).bind(now + LIFE))?;
    let keep = sql("DELETE FROM responses WHERE rowid IN (
        SELECT rowid FROM responses ORDER BY rowid DESC LIMIT -1 OFFSET ?1)");
    storage.run(keep.bind(MOST)).map(drop)
}

/// Forgets them all: nobody is to wait for them any more.
///
/// # Errors
/// Where the storage refuses.
pub fn delete_all(storage: &dyn ObjectStorage) -> Result<(), Fault> {
    create(storage)?;
    storage.run(sql("DELETE FROM responses")).map(drop)
}

/// Takes the response to that request, where it has come.
///
/// # Errors
/// Where the storage refuses.
pub fn take(storage: &dyn ObjectStorage, id: &str) -> Result<Option<String>, Fault> {
    #[derive(Deserialize)]
    struct Row {
        response: String,
    }
    create(storage)?;
    let rows = storage.run(sql("DELETE FROM responses WHERE id = ?1 RETURNING response").bind(id))?;
    Ok(rows.first::<Row>()?.map(|row| row.response))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::native::database::Sqlite;

    #[test]
    fn the_oldest_go_where_a_client_responds_to_more_than_it_was_asked() {
        let storage = Sqlite::empty();
        for number in 0..=MOST {
            put(&storage, &number.to_string(), "yes", Timestamp(number)).unwrap();
        }
        assert_eq!(take(&storage, "0").unwrap(), None);
        assert_eq!(take(&storage, "1").unwrap().as_deref(), Some("yes"));
    }
}
