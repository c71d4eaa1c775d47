//! An administrator's decisions on tools.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::json;

use super::{
    policy::{State, TOOLS, decided},
    snapshot_cache,
};
use crate::{
    audit::{self, Kind},
    catalog::{self, operation::Operation},
    context::Context,
    crypto::digest,
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
    },
};

/// A tool of the catalogue and what was decided of it.
pub struct Tool {
    pub operation: &'static Operation,
    pub state: State,
    /// The username of who decided, and when.
    pub decided: Option<(String, Timestamp)>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    state: State,
    definition_digest: String,
    decided_by: Option<String>,
    decided_at: Timestamp,
}

/// Every tool of the catalogue, in its order.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(context: &Context) -> Result<Vec<Tool>, Fault> {
    let rows = context
        .platform
        .database
        .run(sql("SELECT tools.name, state, definition_digest, tools.mac, users.username AS decided_by, decided_at
             FROM tools LEFT JOIN users ON users.id = decided_by"))
        .await?;
    let rows = decided(context.settings.authenticator(), rows).all::<Row>()?;
    let mut rows: HashMap<String, Row> = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
    Ok(catalog::ALL
        .iter()
        .map(|operation| match rows.remove(operation.name) {
            Some(row)
                if row.state == State::Disabled || row.definition_digest == catalog::schema::digest(operation) =>
            {
                let decided = row.decided_by.map(|username| (username, row.decided_at));
                Tool { operation, state: row.state, decided }
            }
            _ => Tool { operation, state: State::Pending, decided: None },
        })
        .collect())
}

/// What an administrator saw of these tools: another text once one of them is defined otherwise, or another set of them
/// is meant.
pub fn seen<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> String {
    let digests: Vec<String> = operations.into_iter().map(catalog::schema::digest).collect();
    digest::sha256(&digests.join(" "))
}

/// The tools among these that nobody has decided on.
pub fn pending(tools: &[Tool]) -> impl Iterator<Item = &'static Operation> {
    tools.iter().filter(|tool| tool.state == State::Pending).map(|tool| tool.operation)
}

/// What became of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    Done,
    /// What would be approved is not what the administrator saw; nothing was decided.
    NotAsSeen,
}

/// Decides on a tool. An approval is of what the administrator has [`seen`]; taking away needs no such care. Reaches every
/// session within 5 seconds.
///
/// # Errors
/// Where the record cannot be written.
pub async fn decide(
    context: &Context,
    by: &UserId,
    operation: &Operation,
    state: State,
    saw: &str,
) -> Result<Decided, Fault> {
    if state == State::Approved && saw != seen([operation]) {
        return Ok(Decided::NotAsSeen);
    }
    write(context, by, &[operation], state).await?;
    Ok(Decided::Done)
}

/// Approves every tool that is pending, if those are the ones that the administrator has [`seen`].
///
/// # Errors
/// Where the record cannot be written.
pub async fn approve_pending(context: &Context, by: &UserId, saw: &str) -> Result<Decided, Fault> {
    let tools = list(context).await?;
    let pending: Vec<&Operation> = pending(&tools).collect();
    if saw != seen(pending.iter().copied()) {
        return Ok(Decided::NotAsSeen);
    }
    write(context, by, &pending, State::Approved).await?;
    Ok(Decided::Done)
}

async fn write(context: &Context, by: &UserId, operations: &[&Operation], state: State) -> Result<(), Fault> {
    let (authenticator, now) = (context.settings.authenticator(), context.platform.clock.now());
    let before: HashMap<&str, State> =
        list(context).await?.into_iter().map(|tool| (tool.operation.name, tool.state)).collect();
    let mut statements: Vec<Statement> = operations
        .iter()
        .map(|operation| {
            let digest = catalog::schema::digest(operation);
            let mac = authenticator.row(&TOOLS, &[json!(operation.name), json!(state.name()), json!(digest)]);
            sql("INSERT INTO tools (name, state, definition_digest, decided_by, decided_at, mac)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (name) DO UPDATE SET state = excluded.state, definition_digest = excluded.definition_digest,
                     decided_by = excluded.decided_by, decided_at = excluded.decided_at, mac = excluded.mac")
            .bind(operation.name)
            .bind(state.name())
            .bind(digest)
            .bind(by)
            .bind(now)
            .bind(mac)
        })
        .collect();
    statements.push(sql("UPDATE policy SET version = version + 1"));
    context.platform.database.batch(statements).await?;
    snapshot_cache::forget();
    let events = operations.iter().map(|operation| {
        let was = before.get(operation.name).copied().unwrap_or(State::Pending);
        audit::event(context, Kind::ToolDecided).by(by).tool(operation.name).changing(was.name(), state.name())
    });
    audit::record_all(context, events.collect()).await;
    Ok(())
}
