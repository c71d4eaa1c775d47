//! Calls that were let run and whose ends nobody recorded. An isolate that dies takes the ends of reads with it; each
//! person's Session object knows how many calls it let run, and hands that on to here.

use serde::Deserialize;

use super::{
    delivery::{Admission, Unused},
    event::Event,
    kind::{Kind, Outcome},
};
use crate::{
    identifiers::{ClientId, RequestId, Subject},
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, sql},
        object::ObjectStorage,
    },
};

/// Makes the tables where the object is new.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn create(storage: &dyn ObjectStorage) -> Result<(), Fault> {
    let tables = [
        "CREATE TABLE IF NOT EXISTS admissions (id TEXT PRIMARY KEY, subject TEXT NOT NULL, client_id TEXT NOT NULL,
            at INTEGER NOT NULL, calls INTEGER NOT NULL, due INTEGER NOT NULL)",
        "CREATE TABLE IF NOT EXISTS given_back (admission TEXT NOT NULL, id TEXT NOT NULL, calls INTEGER NOT NULL,
            due INTEGER NOT NULL, PRIMARY KEY (admission, id)) WITHOUT ROWID",
        // Earlier releases knew of one lease of each admission.
        "DROP TABLE IF EXISTS unused",
    ];
    tables.into_iter().try_for_each(|table| storage.run(sql(table)).map(drop))
}

/// Notes calls that were let run, and how many of them will not be made.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn put(
    storage: &dyn ObjectStorage,
    admissions: &[Admission],
    unused: &[Unused],
    due: Timestamp,
) -> Result<(), Fault> {
    let text = |rows: serde_json::Result<String>| rows.map_err(|error| Fault::new("audit admission", error));
    if !admissions.is_empty() {
        let insert = "INSERT INTO admissions (id, subject, client_id, at, calls, due)
            SELECT value ->> 'id', value ->> 'subject', value ->> 'client_id', value ->> 'at', value ->> 'calls', ?2
            FROM json_each(?1) WHERE true ON CONFLICT (id) DO NOTHING";
        storage.run(sql(insert).bind(text(serde_json::to_string(admissions))?).bind(due))?;
    }
    if !unused.is_empty() {
        let insert = "INSERT INTO given_back (admission, id, calls, due)
            SELECT value ->> 'admission', value ->> 'id', value ->> 'calls', ?2
            FROM json_each(?1) WHERE true ON CONFLICT (admission, id) DO NOTHING";
        storage.run(sql(insert).bind(text(serde_json::to_string(unused))?).bind(due))?;
    }
    Ok(())
}

/// When the first of them is missed.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn due(storage: &dyn ObjectStorage) -> Result<Option<Timestamp>, Fault> {
    #[derive(Deserialize)]
    struct Due {
        due: Option<Timestamp>,
    }
    Ok(storage.run(sql("SELECT min(due) AS due FROM admissions"))?.first::<Due>()?.and_then(|first| first.due))
}

#[derive(Deserialize)]
struct Due {
    id: String,
    subject: Subject,
    client_id: ClientId,
    calls: i64,
}

#[derive(Deserialize)]
struct Settled {
    id: String,
    calls: i64,
}

/// The calls that are missed by now, an event for each admission of theirs. Forgets those that were counted.
///
/// # Errors
/// Where a store fails: then nothing is forgotten.
pub(super) async fn missed(
    storage: &dyn ObjectStorage,
    database: &dyn Database,
    now: Timestamp,
) -> Result<Vec<Event>, Fault> {
    // Of a person's admissions of the same time the events are read once.
    let query = "SELECT id, subject, client_id, calls - COALESCE(
            (SELECT sum(calls) FROM given_back WHERE admission = admissions.id), 0) AS calls
        FROM admissions WHERE due <= ?1 ORDER BY due, id LIMIT 500";
    let due = storage.run(sql(query).bind(now))?.all::<Due>()?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let asked =
        "SELECT json_group_array(json_object('id', id, 'subject', subject, 'from', at, 'until', due)) AS admissions
        FROM (SELECT * FROM admissions WHERE due <= ?1 ORDER BY due, id LIMIT 500)";
    #[derive(Deserialize)]
    struct Asked {
        admissions: String,
    }
    let Some(Asked { admissions }) = storage.run(sql(asked).bind(now))?.first::<Asked>()? else {
        return Ok(Vec::new());
    };
    let count = "SELECT value ->> 'id' AS id, count(events.position) AS calls FROM json_each(?1)
        LEFT JOIN events INDEXED BY events_by_person ON events.person = value ->> 'subject'
            AND events.at >= value ->> 'from' AND events.at < value ->> 'until' AND events.phase = 'outcome'
            AND events.admission = value ->> 'id'
        GROUP BY 1";
    let settled = database.run(sql(count).bind(&admissions)).await?.all::<Settled>()?;
    let settled = |id: &str| settled.iter().find(|settled| settled.id == id).map_or(0, |settled| settled.calls);
    let events = due.iter().filter_map(|admission| {
        let missed = u32::try_from(admission.calls - settled(&admission.id)).ok().filter(|missed| *missed > 0)?;
        Some(Event {
            count: missed,
            client_id: Some(admission.client_id.clone()),
            outcome: Outcome::Unknown,
            ..Event::new(Kind::Unaccounted, &RequestId::new(&admission.id), now).of(admission.subject.clone())
        })
    });
    let events = events.collect();
    let forget = "DELETE FROM admissions WHERE id IN (SELECT value ->> 'id' FROM json_each(?1))";
    storage.run(sql(forget).bind(&admissions))?;
    let forget = "DELETE FROM given_back WHERE due <= ?1 AND admission NOT IN (SELECT id FROM admissions)";
    storage.run(sql(forget).bind(now))?;
    Ok(events)
}
