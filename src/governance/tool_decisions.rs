//! Decisions of administrators on tools: each definition is approved or disabled, and pending until then.

use std::{collections::HashMap, rc::Rc};

use serde::Deserialize;
use serde_json::json;

use super::{
    policy::{State, TOOLS, decided, next_version},
    snapshot_cache,
};
use crate::{
    audit::{self, Kind},
    context::Context,
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
    },
    tools::{self, Tool, digest_of},
};

/// A tool, and what was decided of its definition.
pub struct ToolDecision {
    pub tool: Rc<Tool>,
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

/// The decision on every tool, in the order of `tools/list`.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(context: &Context) -> Result<Vec<ToolDecision>, Fault> {
    let rows = context
        .platform
        .database
        .run(sql("SELECT tools.name, state, definition_digest, tools.mac, users.username AS decided_by, decided_at
             FROM tools LEFT JOIN users ON users.id = decided_by"))
        .await?;
    let rows = decided(context.settings.authenticator(), rows).all::<Row>()?;
    let mut rows: HashMap<String, Row> = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
    Ok(tools::all()
        .iter()
        .map(|tool| match rows.remove(&*tool.name) {
            Some(row) if row.state == State::Disabled || row.definition_digest == tool.definition_digest() => {
                let decided = row.decided_by.map(|username| (username, row.decided_at));
                ToolDecision { tool: Rc::clone(tool), state: row.state, decided }
            }
            _ => ToolDecision { tool: Rc::clone(tool), state: State::Pending, decided: None },
        })
        .collect())
}

/// The tools among these that nobody has decided on.
pub fn pending(decisions: &[ToolDecision]) -> impl Iterator<Item = &Tool> {
    decisions.iter().filter(|decision| decision.state == State::Pending).map(|decision| &*decision.tool)
}

/// The result of an administrator's attempt to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionResult {
    Done,
    /// What would be approved is not what the administrator saw; nothing was decided.
    NotAsSeen,
}

/// Decides on a tool. An approval is of what the administrator has seen, by [`digest_of`]; taking away needs no such
/// care. Reaches every session within 5 seconds.
///
/// # Errors
/// Where the record cannot be written.
pub async fn decide(
    context: &Context,
    by: &UserId,
    tool: &Tool,
    state: State,
    saw: &str,
) -> Result<DecisionResult, Fault> {
    if state == State::Approved && saw != digest_of([tool]) {
        return Ok(DecisionResult::NotAsSeen);
    }
    write(context, by, &[tool], state).await?;
    Ok(DecisionResult::Done)
}

/// Approves every tool that is pending and meant, if those are the ones that the administrator has seen, by [`digest_of`].
///
/// # Errors
/// Where the record cannot be written.
pub async fn approve_pending(
    context: &Context,
    by: &UserId,
    is_meant: impl Fn(&Tool) -> bool,
    saw: &str,
) -> Result<DecisionResult, Fault> {
    let decisions = list(context).await?;
    let pending: Vec<&Tool> = pending(&decisions).filter(|tool| is_meant(tool)).collect();
    if saw != digest_of(pending.iter().copied()) {
        return Ok(DecisionResult::NotAsSeen);
    }
    write(context, by, &pending, State::Approved).await?;
    Ok(DecisionResult::Done)
}

async fn write(context: &Context, by: &UserId, tools: &[&Tool], state: State) -> Result<(), Fault> {
    let (authenticator, now) = (context.settings.authenticator(), context.platform.clock.now());
    let decisions = list(context).await?;
    let before: HashMap<&str, State> =
        decisions.iter().map(|decision| (&*decision.tool.name, decision.state)).collect();
    let mut statements: Vec<Statement> = tools
        .iter()
        .map(|tool| {
            let (name, digest) = (&*tool.name, tool.definition_digest());
            let mac = authenticator.row(&TOOLS, &[json!(name), json!(state.name()), json!(digest)]);
            sql("INSERT INTO tools (name, state, definition_digest, decided_by, decided_at, mac)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (name) DO UPDATE SET state = excluded.state, definition_digest = excluded.definition_digest,
                     decided_by = excluded.decided_by, decided_at = excluded.decided_at, mac = excluded.mac")
            .bind(name)
            .bind(state.name())
            .bind(digest)
            .bind(by)
            .bind(now)
            .bind(mac)
        })
        .collect();
    statements.push(next_version());
    context.platform.database.batch(statements).await?;
    snapshot_cache::forget();
    let events = tools.iter().map(|tool| {
        let was = before.get(&*tool.name).copied().unwrap_or(State::Pending);
        audit::event(context, Kind::ToolDecided).by(by).tool(&tool.name).changing(was.name(), state.name())
    });
    audit::record_all(context, events.collect()).await;
    Ok(())
}
