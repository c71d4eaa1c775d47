//! Access requests on record. Each change replaces a row that still is what was decided on, by one statement.

use serde::Deserialize;
use serde_json::{Value, json};

use super::lifecycle::{AccessRequest, State};
use crate::{
    context::Context,
    crypto::authenticator::{Authenticator, Table},
    governance::access_policy::{RequestableAccess, TemporaryAccess},
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Rows, Statement, sql},
        expiry::{DAY, Expiry},
    },
};

/// The table, and what its authentication is over: whatever an approver sees, and whatever the request admits.
pub const ACCESS_REQUESTS: Table = Table {
    name: "access_requests",
    columns: &["id", "person", "profile", "minutes", "reason", "state", "decided_by", "answer", "ends_at"],
};

/// How long a request is shown after it is over.
pub const SHOWN: Expiry = Expiry::after(DAY.saturating_mul(7), "DELETE FROM access_requests WHERE ends_at <= ?1");

/// How many requests a person makes in a day at the most. More are refused.
pub const MOST_A_DAY: usize = 20;

/// How many are in force at once at the most, and how many are listed.
const MOST_IN_FORCE: i64 = 2000;
const MOST_LISTED: i64 = 100;

/// A request as it is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    pub request: AccessRequest,
    /// What the access is for, in its person's words.
    pub reason: String,
    /// Why it was denied.
    pub answer: String,
    pub asked_at: Timestamp,
    /// What its person is called.
    pub name: Option<String>,
    pub(in crate::governance) mac: String,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    person: UserId,
    profile: Option<String>,
    minutes: u32,
    reason: String,
    state: State,
    decided_by: Option<UserId>,
    answer: String,
    ends_at: Timestamp,
    mac: String,
    asked_at: Timestamp,
    #[serde(default)]
    name: Option<String>,
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        let access = row.profile.map_or(RequestableAccess::BreakGlass, RequestableAccess::Profile);
        let Row { person, minutes, state, decided_by, ends_at, .. } = row;
        Self {
            request: AccessRequest { person, access, minutes, state, decided_by, ends_at },
            id: row.id,
            reason: row.reason,
            answer: row.answer,
            asked_at: row.asked_at,
            name: row.name,
            mac: row.mac,
        }
    }
}

impl Entry {
    /// The same with the authentication of its row.
    pub(in crate::governance) fn authenticated(mut self, authenticator: &Authenticator) -> Self {
        let AccessRequest { person, access, minutes, state, decided_by, ends_at } = &self.request;
        let values: [Value; 9] = [
            json!(self.id),
            json!(person),
            json!(access.profile()),
            json!(minutes),
            json!(self.reason),
            json!(state.name()),
            json!(decided_by),
            json!(self.answer),
            json!(ends_at),
        ];
        self.mac = authenticator.row(&ACCESS_REQUESTS, &values);
        self
    }

    /// The statement that puts it on record, unless its person has the like already or made too many requests, is disabled, or
    /// their access has ended since it was `ended_before`.
    pub(in crate::governance) fn insert(&self, ended_before: Timestamp) -> Statement {
        let AccessRequest { person, access, minutes, state, ends_at, .. } = &self.request;
        sql("INSERT INTO access_requests (id, person, profile, minutes, reason, state, answer, ends_at, mac, asked_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, '', ?7, ?8, ?9
             WHERE (SELECT COUNT(*) FROM access_requests WHERE person = ?2 AND asked_at > ?10) < ?11
                 AND NOT EXISTS (SELECT 1 FROM access_requests WHERE person = ?2 AND profile IS ?3
                     AND state IN ('pending', 'granted') AND ends_at > ?9)
                 AND EXISTS (SELECT 1 FROM users WHERE id = ?2 AND disabled_at IS NULL AND ended_before = ?12)")
        .bind(&self.id)
        .bind(person)
        .bind(access.profile())
        .bind(i64::from(*minutes))
        .bind(&self.reason)
        .bind(state.name())
        .bind(*ends_at)
        .bind(&self.mac)
        .bind(self.asked_at)
        .bind(self.asked_at - DAY)
        .bind(i64::try_from(MOST_A_DAY).unwrap_or(i64::MAX))
        .bind(ended_before)
    }

    /// The statement that puts it in the place of `before`, where that still is on record.
    pub(in crate::governance) fn replace(&self, before: &Self) -> Statement {
        let AccessRequest { state, decided_by, ends_at, .. } = &self.request;
        // The authentication is over all that was decided on: while it stands there, nothing has changed.
        sql("UPDATE access_requests SET state = ?3, decided_by = ?4, answer = ?5, ends_at = ?6, mac = ?7
             WHERE id = ?1 AND mac = ?2")
        .bind(&before.id)
        .bind(&before.mac)
        .bind(state.name())
        .bind(decided_by.as_ref().map(UserId::as_str))
        .bind(&self.answer)
        .bind(*ends_at)
        .bind(&self.mac)
    }
}

/// Asks for requests, with the names of their people.
macro_rules! requests {
    ($which:literal) => {
        sql(concat!(
            "SELECT access_requests.*, users.name FROM access_requests LEFT JOIN users ON users.id = person ",
            $which
        ))
    };
}

/// Asks for what is in force, unless the version of the policy is the one that is `known`.
pub fn query(known: Option<i64>, now: Timestamp) -> Statement {
    sql("SELECT * FROM access_requests WHERE state = 'granted' AND ends_at > ?2
             AND (SELECT version FROM policy) IS NOT ?1
         ORDER BY ends_at DESC LIMIT ?3")
    .bind(known)
    .bind(now)
    .bind(MOST_IN_FORCE)
}

/// The access that people have for a time, of the answer to [`query`].
///
/// # Errors
/// Where a row cannot be read.
pub fn in_force(authenticator: &Authenticator, rows: Rows) -> Result<Vec<TemporaryAccess>, Fault> {
    let entries = read(authenticator, rows)?.into_iter();
    Ok(entries
        .map(|Entry { request: AccessRequest { person, access, ends_at, .. }, .. }| TemporaryAccess {
            person,
            access,
            until: ends_at,
        })
        .collect())
}

fn read(authenticator: &Authenticator, rows: Rows) -> Result<Vec<Entry>, Fault> {
    let rows = authenticator.authentic(&ACCESS_REQUESTS, rows);
    Ok(rows.all::<Row>()?.into_iter().map(Entry::from).collect())
}

async fn find_all(context: &Context, query: Statement) -> Result<Vec<Entry>, Fault> {
    read(context.settings.authenticator(), context.platform.database.run(query).await?)
}

/// The request of that id.
///
/// # Errors
/// Where the record cannot be read.
pub async fn find(context: &Context, id: &str) -> Result<Option<Entry>, Fault> {
    Ok(find_all(context, requests!("WHERE access_requests.id = ?1").bind(id)).await?.pop())
}

/// The latest requests of that person.
///
/// # Errors
/// Where the record cannot be read.
pub async fn of_person(context: &Context, person: &UserId) -> Result<Vec<Entry>, Fault> {
    let query = requests!("WHERE person = ?1 ORDER BY asked_at DESC LIMIT ?2");
    find_all(context, query.bind(person).bind(MOST_LISTED)).await
}

/// What is in force and what waits, of everybody, the latest first.
///
/// # Errors
/// Where the record cannot be read.
pub async fn live(context: &Context) -> Result<Vec<Entry>, Fault> {
    let query = requests!("WHERE state IN ('pending', 'granted') AND ends_at > ?1 ORDER BY asked_at DESC LIMIT ?2");
    find_all(context, query.bind(context.platform.clock.now()).bind(MOST_LISTED)).await
}

/// What waits for approvers, the one that waits longest first.
///
/// # Errors
/// Where the record cannot be read.
pub async fn pending(context: &Context) -> Result<Vec<Entry>, Fault> {
    let query = requests!("WHERE state = 'pending' AND ends_at > ?1 ORDER BY asked_at LIMIT ?2");
    find_all(context, query.bind(context.platform.clock.now()).bind(MOST_LISTED)).await
}
