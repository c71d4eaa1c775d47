//! Decisions of administrators on tools: each definition is approved or disabled, and as the default says until then.

use std::{collections::HashMap, rc::Rc};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    definition_changes::{self, Change},
    facts::ToolFacts,
    policy::{PolicySnapshot, State, TOOLS, decided},
    snapshot_cache,
    tool_policy::{Classification, POLICY_SETTINGS, TOOL_DEFAULT, ToolDefault},
};
use crate::{
    audit::{self, Event, Kind},
    catalog::operation::Class,
    context::Context,
    crypto::digest,
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
        json,
    },
    tools::{self, Tool, digest_of},
};

/// A tool, and what was decided of its definition.
pub struct ToolDecision {
    /// As it is classified.
    pub tool: Rc<Tool>,
    pub classification: Classification,
    /// That of the catalogue.
    pub catalogued: Classification,
    pub state: State,
    /// The username of who decided, and when; `None` where the default says so.
    pub decided: Option<(String, Timestamp)>,
    /// The digest of the definition that was approved, where the present one is another.
    pub approved_before: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    state: State,
    definition_digest: String,
    decided_by: Option<String>,
    decided_at: Timestamp,
}

/// The decision on every tool, in the order of `tools/list`, and the policy that they are of.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(context: &Context) -> Result<(Vec<ToolDecision>, PolicySnapshot), Fault> {
    let policy = on_record(context).await?;
    let rows = context
        .platform
        .database
        .run(sql("SELECT tools.name, state, definition_digest, tools.mac, users.username AS decided_by, decided_at
             FROM tools LEFT JOIN users ON users.id = decided_by"))
        .await?;
    let rows = decided(context.settings.authenticator(), rows).all::<Row>()?;
    let mut rows: HashMap<String, Row> = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
    let decision = |tool: &Rc<Tool>| {
        let facts = ToolFacts::of_tool(tool);
        let row = rows.remove(&*tool.name);
        let is_of_present =
            |row: &Row| row.state != State::Approved || row.definition_digest == tool.definition_digest();
        let (decided, approved_before) = match row {
            Some(row) if is_of_present(&row) => (row.decided_by.map(|username| (username, row.decided_at)), None),
            Some(row) => (None, Some(row.definition_digest)),
            None => (None, None),
        };
        ToolDecision {
            tool: policy.tool_policy.classified(tool),
            classification: policy.classification(&facts),
            catalogued: Classification::of(tool.class, tool.sensitivity),
            state: policy.state(&facts),
            decided,
            approved_before,
        }
    };
    Ok((tools::all().iter().map(decision).collect(), policy))
}

/// The policy as it is on record now.
///
/// # Errors
/// Where the record cannot be read.
pub async fn on_record(context: &Context) -> Result<PolicySnapshot, Fault> {
    let (database, authenticator) = (context.platform.database.as_ref(), context.settings.authenticator());
    let policy = PolicySnapshot::load(database, authenticator, None, context.platform.clock.now()).await?;
    policy.ok_or_else(|| Fault::new("policy", "the record has no policy"))
}

/// What changed in each tool since it was approved, by its name; `None` where the definition of then is not on record.
///
/// # Errors
/// Where the record cannot be read.
pub async fn changes(
    context: &Context,
    decisions: &[ToolDecision],
) -> Result<HashMap<String, Option<Vec<Change>>>, Fault> {
    #[derive(Deserialize)]
    struct Approved {
        name: String,
        definition: String,
    }
    let changed: HashMap<&str, (&Tool, &str)> = decisions
        .iter()
        .filter_map(|decision| Some((&*decision.tool.name, (&*decision.tool, decision.approved_before.as_deref()?))))
        .collect();
    if changed.is_empty() {
        return Ok(HashMap::new());
    }
    let names = json!(changed.keys().collect::<Vec<_>>()).to_string();
    let query = sql("SELECT name, definition FROM tools
        WHERE name IN (SELECT value FROM json_each(?1)) AND definition IS NOT NULL");
    let rows = context.platform.database.run(query.bind(names)).await?.all::<Approved>()?;
    let mut changes: HashMap<String, _> = changed.keys().map(|name| ((*name).to_owned(), None)).collect();
    for Approved { name, definition } in rows {
        let Some((tool, digest)) = changed.get(&*name) else { continue };
        // The digest is authentic, and the definition is by being what it is of.
        if digest::sha256(&definition) == *digest {
            let [before, after] =
                [&definition, &tool.whole_definition()].map(|text| json::from_str::<Value>(text).unwrap_or_default());
            changes.insert(name, Some(definition_changes::between(&before, &after)));
        }
    }
    Ok(changes)
}

/// Whether a decision on many tools changes that one. None approves a tool that was disabled by itself.
pub fn is_concerned(decision: &ToolDecision, state: State) -> bool {
    match state {
        State::Approved => decision.state == State::Pending,
        State::Disabled | State::Pending => decision.state != state,
    }
}

/// The decisions that wait for an administrator.
pub fn pending(decisions: &[ToolDecision]) -> impl Iterator<Item = &ToolDecision> {
    decisions.iter().filter(|decision| decision.state == State::Pending)
}

/// The result of an administrator's attempt to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionResult {
    Done,
    /// What would be decided is not what the administrator saw; nothing was decided.
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
    let (decisions, _) = list(context).await?;
    let decided: Vec<_> = decisions.iter().filter(|decision| decision.tool.name == tool.name).collect();
    write(context, by, &decided, state).await?;
    Ok(DecisionResult::Done)
}

/// Decides on every tool that is meant and would change by it, if those are the ones that the administrator has seen, by
/// [`digest_of`].
///
/// # Errors
/// Where the record cannot be written.
pub async fn decide_many(
    context: &Context,
    by: &UserId,
    is_meant: impl Fn(&ToolDecision) -> bool,
    state: State,
    saw: &str,
) -> Result<DecisionResult, Fault> {
    let (decisions, _) = list(context).await?;
    let is_meant = |decision: &&ToolDecision| is_concerned(decision, state) && is_meant(decision);
    let meant: Vec<_> = decisions.iter().filter(is_meant).collect();
    if saw != digest_of(meant.iter().map(|decision| &*decision.tool)) {
        return Ok(DecisionResult::NotAsSeen);
    }
    write(context, by, &meant, state).await?;
    Ok(DecisionResult::Done)
}

/// Decides what becomes of tools that nobody has decided on.
///
/// # Errors
/// Where the record cannot be written.
pub async fn set_default(context: &Context, by: &UserId, default: ToolDefault) -> Result<(), Fault> {
    let before = on_record(context).await?.tool_policy.default;
    let mac = context.settings.authenticator().row(&POLICY_SETTINGS, &[json!(TOOL_DEFAULT), json!(default.name())]);
    let keep = sql("INSERT INTO policy_settings (name, value, decided_at, decided_by, mac) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, decided_at = excluded.decided_at,
             decided_by = excluded.decided_by, mac = excluded.mac");
    let now = context.platform.clock.now();
    let keep = keep.bind(TOOL_DEFAULT).bind(default.name()).bind(now).bind(by).bind(mac);
    let event = audit::event(context, Kind::ToolDefaultDecided).by(by).changing(before.name(), default.name());
    change(context, vec![keep], vec![event]).await
}

/// Classifies a tool as that, or as what the catalogue says where that is more.
///
/// # Errors
/// Where the record cannot be written.
pub async fn classify(context: &Context, by: &UserId, tool: &Tool, to: Classification) -> Result<(), Fault> {
    let facts = ToolFacts::of_tool(tool);
    let catalogued = Classification::of(tool.class, tool.sensitivity);
    let (before, after) = (on_record(context).await?.classification(&facts), catalogued.raised_to(to));
    let statement = if after == catalogued {
        sql("DELETE FROM tool_classifications WHERE name = ?1").bind(&*tool.name)
    } else {
        let keep = sql("INSERT INTO tool_classifications (name, class, is_sensitive, classified_at, classified_by)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (name) DO UPDATE SET class = excluded.class, is_sensitive = excluded.is_sensitive,
                 classified_at = excluded.classified_at, classified_by = excluded.classified_by");
        let now = context.platform.clock.now();
        keep.bind(&*tool.name).bind(after.class.name()).bind(i64::from(after.is_sensitive)).bind(now).bind(by)
    };
    let event = audit::event(context, Kind::ToolClassified).by(by).tool(&tool.name);
    change(context, vec![statement], vec![event.changing(&in_words(before), &in_words(after))]).await
}

fn in_words(Classification { class, is_sensitive }: Classification) -> String {
    let class: Class = class;
    format!("{}{}", class.name(), if is_sensitive { ", sensitive" } else { "" })
}

async fn write(context: &Context, by: &UserId, decisions: &[&ToolDecision], state: State) -> Result<(), Fault> {
    let (authenticator, now) = (context.settings.authenticator(), context.platform.clock.now());
    let statement = |decision: &&ToolDecision| {
        let (name, digest) = (&*decision.tool.name, decision.tool.definition_digest());
        let mac = authenticator.row(&TOOLS, &[json!(name), json!(state.name()), json!(digest)]);
        sql("INSERT INTO tools (name, state, definition_digest, definition, decided_by, decided_at, mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (name) DO UPDATE SET state = excluded.state, definition_digest = excluded.definition_digest,
                 definition = excluded.definition, decided_by = excluded.decided_by, decided_at = excluded.decided_at,
                 mac = excluded.mac")
        .bind(name)
        .bind(state.name())
        .bind(digest)
        .bind(decision.tool.whole_definition())
        .bind(by)
        .bind(now)
        .bind(mac)
    };
    let event = |decision: &&ToolDecision| {
        let event = audit::event(context, Kind::ToolDecided).by(by).tool(&decision.tool.name);
        event.changing(decision.state.name(), state.name())
    };
    change(context, decisions.iter().map(statement).collect(), decisions.iter().map(event).collect()).await
}

/// Changes the policy, and records what was done.
async fn change(context: &Context, statements: Vec<Statement>, events: Vec<Event>) -> Result<(), Fault> {
    snapshot_cache::change_policy(context, statements).await?;
    audit::record_all(context, events).await;
    Ok(())
}

#[cfg(test)]
mod tests;
