//! The record of what happened.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    identifiers::{ClientId, RequestId, Subject},
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, sql},
    },
};

/// Whether a row was written before a call or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Intent,
    Outcome,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Of an intent: it is about to be sent.
    Started,
    Succeeded,
    Failed,
    /// Postern did not let it run.
    Denied,
    /// It was sent, and nobody knows whether it took effect.
    Unknown,
    /// The client hung up before its answer came.
    Cancelled,
}

impl Outcome {
    pub const ALL: [Self; 6] =
        [Self::Started, Self::Succeeded, Self::Failed, Self::Denied, Self::Unknown, Self::Cancelled];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::Unknown => "unknown",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// What a call is, before and after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    pub request_id: RequestId,
    pub client_id: ClientId,
    pub tool: String,
    /// What it is done to, from the arguments: `acme/backend#7`.
    pub target: String,
    /// SHA-256 of the canonical arguments: proves them without keeping them.
    pub arguments_digest: String,
}

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
}

/// Writes rows of one subject's outbox: a JSON array of records, each with its `sequence`. Rows that are there
/// already stay as they are, so that a repeated flush writes nothing twice.
///
/// # Errors
/// Where the record cannot be written; then none was.
pub async fn append(database: &dyn Database, subject: &Subject, records: &str) -> Result<(), Fault> {
    database
        .run(
            sql("INSERT OR IGNORE INTO audit (user_id, sequence, at, request_id, client_id, tool, phase, outcome, reason,
                     target, arguments_digest, duration_milliseconds, upstream_status)
                 SELECT ?1, value ->> 'sequence', value ->> 'at', value ->> 'request_id', value ->> 'client_id',
                     value ->> 'tool', value ->> 'phase', value ->> 'outcome', value ->> 'reason', value ->> 'target',
                     value ->> 'arguments_digest', value ->> 'duration_milliseconds', value ->> 'upstream_status'
                 FROM json_each(?2)")
            .bind(subject)
            .bind(records),
        )
        .await
        .map(drop)
}

/// What to look for; an absent part matches everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub username: Option<String>,
    pub tool: Option<String>,
    pub outcome: Option<Outcome>,
    /// Rows that come after this one: the way to the next page.
    pub after: Option<Position>,
}

/// Where a row stands among all rows. The moment alone would not do: many calls may end in one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Position {
    pub at: Timestamp,
    pub user_id: String,
    pub sequence: i64,
}

impl Position {
    /// Reads what [`Position`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        Some(Self {
            at: Timestamp(parts.next()?.parse().ok()?),
            sequence: parts.next()?.parse().ok()?,
            user_id: parts.next()?.to_owned(),
        })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.at.0, self.sequence, self.user_id)
    }
}

/// One row as an administrator reads it.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    #[serde(flatten)]
    pub position: Position,
    pub username: String,
    pub client_id: String,
    pub tool: String,
    pub phase: Phase,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub target: String,
    pub arguments_digest: String,
    pub duration_milliseconds: Option<i64>,
    pub upstream_status: Option<i64>,
    pub request_id: String,
}

/// How many entries one search returns at the most.
pub const PAGE: i64 = 100;

/// The newest entries that match, newest first.
///
/// # Errors
/// Where the record cannot be read.
pub async fn search(database: &dyn Database, filter: &Filter) -> Result<Vec<Entry>, Fault> {
    database
        .run(
            sql("SELECT audit.at, audit.user_id, audit.sequence, COALESCE(users.username, audit.user_id) AS username, audit.client_id, audit.tool,
                     audit.phase, audit.outcome, audit.reason, audit.target, audit.arguments_digest,
                     audit.duration_milliseconds, audit.upstream_status, audit.request_id
                 FROM audit LEFT JOIN users ON users.id = audit.user_id OR users.former_id = audit.user_id
                 WHERE (?1 IS NULL OR COALESCE(users.username, audit.user_id) = ?1) AND (?2 IS NULL OR audit.tool = ?2)
                     AND (?3 IS NULL OR audit.outcome = ?3) AND (?4 IS NULL OR (audit.at, audit.user_id, audit.sequence) < (?4, ?5, ?6))
                 ORDER BY audit.at DESC, audit.user_id DESC, audit.sequence DESC LIMIT ?7")
            .bind(filter.username.as_deref())
            .bind(filter.tool.as_deref())
            .bind(filter.outcome.map(Outcome::name))
            .bind(filter.after.as_ref().map(|position| position.at))
            .bind(filter.after.as_ref().map(|position| position.user_id.as_str()))
            .bind(filter.after.as_ref().map(|position| position.sequence))
            .bind(PAGE),
        )
        .await?
        .all()
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::platform::native::database::Sqlite;

    /// Two users' rows of one moment, more than fit a page.
    fn busy_moment() -> Sqlite {
        let database = Sqlite::migrated();
        for (user, length) in [("one", PAGE), ("other", PAGE / 2)] {
            let row = |sequence: i64| {
                serde_json::json!({
                    "sequence": sequence, "at": 5, "request_id": format!("{user}-{sequence}"), "client_id": "client",
                    "tool": "whoami", "phase": "outcome", "outcome": "succeeded", "target": "", "arguments_digest": "",
                })
            };
            let rows: serde_json::Value = (1..=length).map(row).collect();
            block_on(append(&database, &Subject::from(user.to_owned()), &rows.to_string())).unwrap();
        }
        database
    }

    #[test]
    fn pages_lose_nothing_though_many_rows_are_of_one_moment() {
        let database = busy_moment();
        let first = block_on(search(&database, &Filter::default())).unwrap();
        let after = Position::parse(&first.last().unwrap().position.to_string());
        let second = block_on(search(&database, &Filter { after, ..Filter::default() })).unwrap();
        let seen: std::collections::BTreeSet<String> =
            first.iter().chain(&second).map(|entry| entry.request_id.clone()).collect();
        assert_eq!(i64::try_from(seen.len()), Ok(PAGE + PAGE / 2));
        assert_eq!(second.len(), first.len() / 2, "and nothing is shown twice");
    }

    #[test]
    fn a_position_that_is_none_is_not_read() {
        for text in ["", "5", "5.1", "x.1.user", "5.x.user"] {
            assert_eq!(Position::parse(text), None, "{text}");
        }
    }
}
