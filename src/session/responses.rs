//! Responses of clients to requests of ours, on their way from the isolate they were posted to, to the one that waits.

use std::time::Duration;

use serde::Deserialize;

use crate::platform::{Fault, clock::Timestamp, database::sql, object::ObjectStorage};

/// How long a response is kept that nobody waits for any more.
const LIFE: Duration = Duration::from_mins(5);

/// Makes the table where it is not there yet: few clients are ever asked.
fn create(storage: &dyn ObjectStorage) -> Result<(), Fault> {
    let table =
        "CREATE TABLE IF NOT EXISTS responses (id TEXT PRIMARY KEY, response TEXT NOT NULL, expires INTEGER NOT NULL)";
    storage.run(sql(table)).map(drop)
}

/// Keeps a response. A second one to the same request is none.
///
/// # Errors
/// Where the storage refuses.
pub fn put(storage: &dyn ObjectStorage, id: &str, response: &str, now: Timestamp) -> Result<(), Fault> {
    create(storage)?;
    storage.run(sql("DELETE FROM responses WHERE expires <= ?1").bind(now))?;
    let insert = sql("INSERT OR IGNORE INTO responses (id, response, expires) VALUES (?1, ?2, ?3)");
    storage.run(insert.bind(id).bind(response).bind(now + LIFE)).map(drop)
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
