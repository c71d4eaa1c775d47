//! The search of the log, a page at a time, the newest first. Whatever is looked for, a page costs at most about two
//! thousand rows read: one index gives the candidates in their order, so many of them at the most, and what else is looked
//! for is compared with each.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::kind::{Kind, Outcome};
use crate::{
    audit::event::Phase,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, Statement, sql},
    },
};

/// What to look for; an absent part matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub kind: Option<Kind>,
    /// The id of a person, or of a service.
    pub person: Option<String>,
    /// The name of a client, as it was then.
    pub client: Option<String>,
    pub tool: Option<String>,
    pub resource: Option<String>,
    /// The key of a thing: its whole story.
    pub story: Option<String>,
    pub outcome: Option<Outcome>,
    pub from: Option<Timestamp>,
    /// Up to, and not at.
    pub until: Option<Timestamp>,
    /// Events that come after this one: the way to the next page.
    pub after: Option<Position>,
}

/// Where an event stands among all: the moment alone would not do, for many may be of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Position {
    pub at: Timestamp,
    pub position: i64,
}

impl Position {
    /// Reads what [`Position`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, position) = text.split_once('.')?;
        Some(Self { at: Timestamp(at.parse().ok()?), position: position.parse().ok()? })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.at.0, self.position)
    }
}

/// One event as an administrator reads it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    pub at: Timestamp,
    pub position: i64,
    pub request_id: String,
    pub phase: Phase,
    pub kind: Kind,
    pub outcome: Outcome,
    pub count: i64,
    pub person: Option<String>,
    pub person_issuer: Option<String>,
    pub person_subject: Option<String>,
    pub person_name: Option<String>,
    pub actor: Option<String>,
    pub actor_name: Option<String>,
    pub client_id: Option<String>,
    pub client_name: Option<String>,
    pub tool: Option<String>,
    pub target: Option<String>,
    pub story: Option<String>,
    pub reason: Option<String>,
    pub state_before: Option<String>,
    pub state_after: Option<String>,
    pub arguments_digest: Option<String>,
    pub duration_milliseconds: Option<i64>,
    pub upstream_status: Option<i64>,
    pub shard: Option<String>,
    pub epoch: Option<i64>,
    pub sequence: Option<i64>,
    pub account: Option<String>,
}

/// What one page of a search holds.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub entries: Vec<Entry>,
    /// Where the next page begins; nothing where there is none.
    pub next: Option<Position>,
    /// How many bytes the whole database holds, where it tells.
    pub database_size: Option<u64>,
}

/// How many entries a page holds at the most.
pub const PAGE: usize = 100;

/// How many candidates one page looks at at the most. Each costs up to two rows: its entry of the index and its own.
const CANDIDATES: i64 = 600;

/// The statements for candidates of one index: the page, and where the last of its candidates stands.
struct Candidates {
    page: &'static str,
    last: &'static str,
}

macro_rules! candidates {
    ($index:literal, $condition:literal) => {
        Candidates {
            page: concat!(
                "SELECT at, position, request_id, phase, kind, outcome, count, person, person_issuer, person_subject,
                    person_name, actor, actor_name, client_id, client_name, tool, target, story, reason, state_before,
                    state_after, arguments_digest, duration_milliseconds, upstream_status, shard, epoch, sequence, account
                FROM (SELECT * FROM events INDEXED BY ",
                $index,
                " WHERE ",
                $condition,
                " AND at >= ?2 AND (at, position) < (?3, ?4) ORDER BY at DESC, position DESC LIMIT ?5)
                WHERE (?6 IS NULL OR kind = ?6) AND (?7 IS NULL OR person = ?7) AND (?8 IS NULL OR client_name = ?8)
                    AND (?9 IS NULL OR tool = ?9) AND (?10 IS NULL OR resource = ?10) AND (?11 IS NULL OR outcome = ?11)
                LIMIT ?12"
            ),
            last: concat!(
                "SELECT at, position FROM events INDEXED BY ",
                $index,
                " WHERE ",
                $condition,
                " AND at >= ?2 AND (at, position) < (?3, ?4) ORDER BY at DESC, position DESC LIMIT 1 OFFSET ?5"
            ),
        }
    };
}

const BY_TIME: Candidates = candidates!("events_by_time", "(?1 IS NULL)");
const BY_PERSON: Candidates = candidates!("events_by_person", "person = ?1");
const BY_CLIENT: Candidates = candidates!("events_by_client", "client_name = ?1");
const BY_TOOL: Candidates = candidates!("events_by_tool", "tool = ?1");
const BY_STORY: Candidates = candidates!("events_by_story", "story = ?1");
const BY_RESOURCE: Candidates = candidates!("events_by_resource", "resource = ?1");
const BY_KIND: Candidates = candidates!("events_by_kind", "kind = ?1 AND kind <> 'call'");
const BY_OUTCOME: Candidates =
    candidates!("events_by_outcome", "outcome = ?1 AND outcome <> 'succeeded' AND outcome <> 'started'");

impl Filter {
    /// The index whose candidates are likely to be the fewest, and the value that it is searched for. What is true of most
    /// events has no index.
    fn candidates(&self) -> (Candidates, Option<String>) {
        let text = |value: &Option<String>| value.clone();
        let rare_kind = self.kind.filter(|kind| *kind != Kind::Call).map(|kind| kind.name().to_owned());
        let rare_outcome = self
            .outcome
            .filter(|outcome| !matches!(outcome, Outcome::Succeeded | Outcome::Started))
            .map(|outcome| outcome.name().to_owned());
        let choices = [
            (BY_STORY, text(&self.story)),
            (BY_RESOURCE, text(&self.resource)),
            (BY_KIND, rare_kind),
            (BY_PERSON, text(&self.person)),
            (BY_OUTCOME, rare_outcome),
            (BY_CLIENT, text(&self.client)),
            (BY_TOOL, text(&self.tool)),
        ];
        choices.into_iter().find(|(_, value)| value.is_some()).unwrap_or((BY_TIME, None))
    }

    /// Binds what both statements have in common.
    fn range(&self, text: &'static str, value: Option<&str>, limit: i64) -> Statement {
        // Before everything at that moment.
        let end = self.until.map(|until| Position { at: until, position: i64::MIN });
        let after = self.after.into_iter().chain(end).min_by_key(|position| (position.at, position.position));
        // D1 binds numbers as doubles, which are exact up to 2^53.
        let furthest = Position { at: Timestamp(1 << 52), position: 0 };
        let Position { at, position } = after.unwrap_or(furthest);
        sql(text).bind(value).bind(self.from.unwrap_or(Timestamp(0))).bind(at).bind(position.max(0)).bind(limit)
    }
}

/// Somebody whom a search may mean.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Namesake {
    pub id: String,
    pub username: String,
}

/// The people of that user name now, or of that id.
///
/// # Errors
/// Where the database cannot be read.
pub async fn people(database: &dyn Database, name_or_id: &str) -> Result<Vec<Namesake>, Fault> {
    let query = "SELECT id, username FROM users WHERE username = ?1 OR id = ?1 ORDER BY id LIMIT 20";
    database.run(sql(query).bind(name_or_id)).await?.all()
}

/// One page of what matches, the newest first. It may hold few entries, or none, and still have a next one: then so many
/// candidates were looked at as one page may cost.
///
/// # Errors
/// Where the log cannot be read.
pub async fn search(database: &dyn Database, filter: &Filter) -> Result<Page, Fault> {
    let (candidates, value) = filter.candidates();
    let statement = filter
        .range(candidates.page, value.as_deref(), CANDIDATES)
        .bind(filter.kind.map(Kind::name))
        .bind(filter.person.as_deref())
        .bind(filter.client.as_deref())
        .bind(filter.tool.as_deref())
        .bind(filter.resource.as_deref())
        .bind(filter.outcome.map(Outcome::name))
        .bind(i64::try_from(PAGE).unwrap_or(i64::MAX));
    let rows = database.run(statement).await?;
    let database_size = rows.size;
    let entries = rows.all::<Entry>()?;
    let next = if entries.len() == PAGE {
        entries.last().map(|last| Position { at: last.at, position: last.position })
    } else {
        let last = filter.range(candidates.last, value.as_deref(), CANDIDATES - 1);
        database.run(last).await?.first::<Position>()?
    };
    Ok(Page { entries, next, database_size })
}

/// How many calls were refused since then.
///
/// # Errors
/// Where the record cannot be read.
pub async fn refused_calls(database: &dyn Database, since: Timestamp) -> Result<i64, Fault> {
    #[derive(Deserialize)]
    struct Sum {
        calls: i64,
    }
    let sum = sql("SELECT COALESCE(SUM(count), 0) AS calls FROM events
        WHERE outcome = 'denied' AND outcome <> 'succeeded' AND outcome <> 'started' AND at >= ?1 AND kind = 'call'");
    Ok(database.run(sum.bind(since)).await?.first::<Sum>()?.map_or(0, |sum| sum.calls))
}

#[cfg(test)]
mod tests;
