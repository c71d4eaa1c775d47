//! What a call leaves on record.

use serde::{Deserialize, Serialize};

pub use crate::audit::{Call, Outcome, Phase};
use crate::{
    audit::{Event, store},
    identifiers::Subject,
    platform::{Fault, clock::Timestamp, database::Database},
};

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub at: Timestamp,
    #[serde(flatten)]
    pub call: Call,
    pub phase: Phase,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub duration_milliseconds: Option<i64>,
    pub upstream_status: Option<i64>,
}

impl Record {
    /// A row that says no more than that.
    pub const fn new(at: Timestamp, call: Call, phase: Phase, outcome: Outcome) -> Self {
        Self { at, call, phase, outcome, reason: None, duration_milliseconds: None, upstream_status: None }
    }

    /// The event that it is. `part` is what tells it from others of its request.
    fn event(self, subject: &Subject, part: String) -> Event {
        Event {
            outcome: self.outcome,
            reason: self.reason,
            duration_milliseconds: self.duration_milliseconds,
            upstream_status: self.upstream_status,
            ..Event::call(subject, self.call, self.phase, part, self.at)
        }
    }
}

/// A record of one subject's outbox, with its number there.
#[derive(Deserialize)]
struct Numbered {
    sequence: i64,
    #[serde(flatten)]
    record: Record,
}

/// Writes rows of one subject's outbox: a JSON array of records, each with its `sequence`. Rows that are there
/// already stay as they are, so that a repeated flush writes nothing twice.
///
/// # Errors
/// Where the record cannot be written; then none was.
pub async fn append(database: &dyn Database, subject: &Subject, records: &str) -> Result<(), Fault> {
    let fault = |error: serde_json::Error| Fault::new("audit record", error);
    let records: Vec<Numbered> = serde_json::from_str(records).map_err(fault)?;
    let events =
        records.into_iter().map(|Numbered { sequence, record }| record.event(subject, format!("{subject} {sequence}")));
    let events: Vec<Event> = events.collect();
    store::append(database, &serde_json::to_string(&events).map_err(fault)?).await
}
