//! The calls of the last days in groups that are alike, for whoever asks what another policy would have done.

use serde::Deserialize;

use crate::{
    identifiers::ClientId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, sql},
    },
};

/// Calls of one caller, through one client, of one tool, about the same.
#[derive(Debug, Deserialize)]
pub struct AlikeCalls {
    /// A person or a service, as events name them.
    pub person: String,
    pub client_id: ClientId,
    pub tool: String,
    pub resource: Option<String>,
    pub calls: u64,
    /// When the last of them was made.
    pub at: Timestamp,
}

/// How many of the latest events are looked at: what a search of the log costs at most, ten times.
const MOST_EVENTS: i64 = 20_000;

/// How many groups are told of, those with the most calls first.
const MOST_GROUPS: i64 = 500;

/// The calls since then in groups, as far as the latest events go.
///
/// # Errors
/// Where the record cannot be read.
pub async fn since(database: &dyn Database, since: Timestamp) -> Result<Vec<AlikeCalls>, Fault> {
    let query = sql("SELECT person, client_id, tool, resource, SUM(count) AS calls, MAX(at) AS at FROM (
             SELECT person, client_id, tool, resource, count, at FROM events
             WHERE kind = 'call' AND phase = 'outcome' AND at > ?1 ORDER BY at DESC LIMIT ?2)
         WHERE person IS NOT NULL AND client_id IS NOT NULL AND tool IS NOT NULL
         GROUP BY 1, 2, 3, 4 ORDER BY calls DESC LIMIT ?3");
    database.run(query.bind(since).bind(MOST_EVENTS).bind(MOST_GROUPS)).await?.all()
}
