//! Events of some kinds in the order in which they came to the record, for whoever is told of each of them.

use serde::Deserialize;
use serde_json::json;

use super::kind::{Kind, Outcome};
use crate::platform::{
    Fault,
    clock::Timestamp,
    database::{Database, Rows, sql},
};

/// An event that somebody is told of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Notable {
    /// Where it is in the record: later ones have larger positions, whenever they happened.
    pub position: i64,
    pub request_id: String,
    pub phase: String,
    pub part: String,
    pub at: Timestamp,
    pub kind: Kind,
    pub outcome: Outcome,
    pub person_name: Option<String>,
    pub actor_name: Option<String>,
    pub client_name: Option<String>,
    pub tool: Option<String>,
    pub target: Option<String>,
    pub reason: Option<String>,
    pub state_after: Option<String>,
}

/// How many positions are looked at, and how many events are given, at the most.
const MOST_POSITIONS: i64 = 5_000;
const MOST_EVENTS: i64 = 20;

/// Some events, and how far the record was looked through for them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub events: Vec<Notable>,
    /// The position up to which there are no others.
    pub until: i64,
}

/// The first events of those kinds after a position.
///
/// # Errors
/// Where the record cannot be read.
pub async fn after(database: &dyn Database, position: i64, kinds: &[Kind]) -> Result<Found, Fault> {
    let events =
        sql("SELECT position, request_id, phase, part, at, kind, outcome, person_name, actor_name, client_name, tool,
             target, reason, state_after
         FROM events WHERE position > ?1 AND position <= ?1 + ?2 AND kind IN (SELECT value FROM json_each(?3))
         ORDER BY position LIMIT ?4")
        .bind(position)
        .bind(MOST_POSITIONS)
        .bind(json!(kinds).to_string())
        .bind(MOST_EVENTS);
    let mut results = database.batch(vec![events, last()]).await?.into_iter();
    let events = results.next().unwrap_or_default().all::<Notable>()?;
    let end = read_last(results.next().unwrap_or_default())?;
    let until = match events.last() {
        Some(last) if events.len() >= usize::try_from(MOST_EVENTS).unwrap_or(usize::MAX) => last.position,
        _ => end.min(position.saturating_add(MOST_POSITIONS)).max(position),
    };
    Ok(Found { events, until })
}

/// The position of the last event on record.
///
/// # Errors
/// Where the record cannot be read.
pub async fn end(database: &dyn Database) -> Result<i64, Fault> {
    read_last(database.run(last()).await?)
}

fn last() -> crate::platform::database::Statement {
    sql("SELECT MAX(position) AS position FROM events")
}

fn read_last(rows: Rows) -> Result<i64, Fault> {
    #[derive(Deserialize)]
    struct Last {
        position: Option<i64>,
    }
    Ok(rows.first::<Last>()?.and_then(|last| last.position).unwrap_or_default())
}
