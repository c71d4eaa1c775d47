//! Refusals and alerts that repeat: the first one of a minute is an event of its own, and those after it are counted, so that nobody
//! can fill the log by being refused.

use std::time::Duration;

use serde::Deserialize;

use super::{
    event::Event,
    kind::{Kind, Outcome},
};
use crate::platform::{Fault, clock::Timestamp, database::sql, json, object::ObjectStorage};

const MINUTE: Duration = Duration::from_secs(60);

/// Makes the table where the object is new.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn create(storage: &dyn ObjectStorage) -> Result<(), Fault> {
    let table = "CREATE TABLE IF NOT EXISTS repeated (what TEXT PRIMARY KEY, until INTEGER NOT NULL,
        count INTEGER NOT NULL, event TEXT)";
    storage.run(sql(table)).map(drop)
}

/// What two of them have in common that are one, repeated. What somebody can choose freely, such as what a call is
/// done to, is not part of it.
fn sameness(event: &Event) -> String {
    let person = event.person.as_ref().map(ToString::to_string);
    let client = event.client_id.as_ref().map(ToString::to_string);
    serde_json::json!([event.kind, person, client, event.tool, event.reason]).to_string()
}

/// The event, where it is to be recorded by itself; nothing where it was counted.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn first_of_its_minute(
    storage: &dyn ObjectStorage,
    event: Event,
    now: Timestamp,
) -> Result<Option<Event>, Fault> {
    // Whoever writes what is suspicious fills no log with it either, however often it is read.
    if event.outcome != Outcome::Denied && event.kind != Kind::SuspiciousText {
        return Ok(Some(event));
    }
    let text = serde_json::to_string(&event).map_err(|error| Fault::new("audit event", error))?;
    let same = sameness(&event);
    let count = "UPDATE repeated SET count = count + ?2, event = COALESCE(event, ?3) WHERE what = ?1 AND until > ?4";
    let counted = sql(count).bind(&same).bind(i64::from(event.count)).bind(text).bind(now);
    if storage.run(counted)?.changes > 0 {
        return Ok(None);
    }
    let begin = "INSERT INTO repeated (what, until, count) VALUES (?1, ?2, 0) ON CONFLICT (what) DO NOTHING";
    storage.run(sql(begin).bind(&same).bind(now + MINUTE))?;
    Ok(Some(event))
}

#[derive(Deserialize)]
struct Counted {
    count: u32,
    event: Option<String>,
}

/// The repetitions whose minute is over: one event for those of each kind.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn take_counted(storage: &dyn ObjectStorage, now: Timestamp) -> Result<Vec<Event>, Fault> {
    let over = "DELETE FROM repeated WHERE until <= ?1 RETURNING count, event";
    let counted = storage.run(sql(over).bind(now))?.all::<Counted>()?.into_iter();
    let repeated = counted.filter_map(|Counted { count, event }| Some((count, event?)));
    repeated
        .map(|(count, event)| {
            let event: Event = json::from_str(&event).map_err(|error| Fault::new("audit event", error))?;
            Ok(Event { count, ..event })
        })
        .collect()
}

/// When the first minute is over.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn due(storage: &dyn ObjectStorage) -> Result<Option<Timestamp>, Fault> {
    #[derive(Deserialize)]
    struct Due {
        due: Option<Timestamp>,
    }
    Ok(storage.run(sql("SELECT min(until) AS due FROM repeated"))?.first::<Due>()?.and_then(|first| first.due))
}
