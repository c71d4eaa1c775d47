//! Approvals on record. Each change replaces a row that still is what was decided on, by one statement.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    ApprovalRule,
    lifecycle::{ApprovableCall, Approval, State},
    series::{Offer, Series},
};
use crate::{
    context::Context,
    crypto::{
        authenticator::Table,
        random,
        seal::{Purpose, Sealer},
    },
    identifiers::{ClientId, Subject, UserId},
    platform::{
        Fault,
        cap::Cap,
        clock::Timestamp,
        database::{Database, Rows, sql},
        expiry::{DAY, Expiry},
        json,
    },
};

/// The table, and what its authentication is over: whatever an approver sees before they open it, and whatever the approval
/// admits.
pub const APPROVALS: Table = Table {
    name: "approvals",
    columns: &[
        "id",
        "subject",
        "client_id",
        "call_digest",
        "observed",
        "tool",
        "target",
        "rule",
        "approvers",
        "state",
        "approved_by",
        "reason",
        "ends_at",
        "likeness",
        "series_minutes",
        "series_ends_at",
    ],
};

/// How long an approval is shown after it is over.
pub const SHOWN: Expiry = Expiry::after(DAY.saturating_mul(7), "DELETE FROM approvals WHERE ends_at <= ?1");

/// Whoever asks for more has their oldest forgotten.
const CAP: Cap = Cap::new(
    64,
    "DELETE FROM approvals WHERE rowid IN (
        SELECT rowid FROM approvals WHERE subject = ?1 ORDER BY rowid DESC LIMIT -1 OFFSET ?2)",
);

/// How many are listed at the most.
pub const MOST_LISTED: usize = 100;

/// What an approver reads before they decide. It is kept sealed: arguments and previews are what people work on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Why the rule is there, as its administrators say.
    pub sentence: String,
    /// Each argument with its value, in the order of the operation's parameters.
    pub arguments: Vec<(String, String)>,
    /// The arguments as they would be sent again, for a client that lets a task wait for them; none where they are long, or
    /// hold what nobody is shown again.
    #[serde(default)]
    pub call: Option<Map<String, Value>>,
    /// What the call is about, as its requester may read it: a stranger's text.
    pub preview: Option<String>,
    /// Where its grant lately read text from outside of the organisation, as a person reads it.
    #[serde(default)]
    pub read_before: Vec<String>,
    /// What approvers may let through beside the call, if anything.
    #[serde(default)]
    pub offer: Option<Offer>,
    /// Within how many minutes whoever decides has to have signed in, if that matters.
    #[serde(default)]
    pub fresh_sign_in_minutes: Option<u32>,
}

impl Contents {
    /// Where a key that sealed them is gone, or somebody else wrote them: nobody decides without a sign-in of just now.
    fn unreadable() -> Self {
        Self { fresh_sign_in_minutes: Some(1), ..Self::default() }
    }
}

/// An approval that is asked for.
pub struct Asked<'a> {
    pub approval: Approval,
    pub rule: &'a ApprovalRule,
    pub tool: &'a str,
    pub target: &'a str,
    /// What moved since an earlier approval of the same call.
    pub reason: &'a str,
    pub contents: &'a Contents,
}

/// An approval as it is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    pub approval: Approval,
    pub tool: String,
    pub target: String,
    /// The name of the rule that asks for it.
    pub rule: String,
    /// Why it was denied, or what moved.
    pub reason: String,
    pub asked_at: Timestamp,
    pub changed_at: Timestamp,
    pub denied_by: Option<UserId>,
    /// What its requester is called, where they are a person.
    pub requester: Option<String>,
    contents: String,
    mac: String,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    subject: Subject,
    client_id: ClientId,
    call_digest: String,
    observed: Option<String>,
    tool: String,
    target: String,
    rule: String,
    approvers: u8,
    state: State,
    approved_by: String,
    reason: String,
    ends_at: Timestamp,
    likeness: String,
    series_minutes: u32,
    series_ends_at: Timestamp,
    mac: String,
    contents: String,
    asked_at: Timestamp,
    changed_at: Timestamp,
    denied_by: Option<UserId>,
    requester: Option<String>,
}

impl Entry {
    fn of(row: Row) -> Result<Self, Fault> {
        let approved_by = json::from_str(&row.approved_by).map_err(|error| Fault::new("approval", error))?;
        let call = ApprovableCall { subject: row.subject, client: row.client_id, digest: row.call_digest };
        let Row { observed, approvers, state, ends_at, .. } = row;
        let series = Series { likeness: row.likeness, minutes: row.series_minutes, ends_at: row.series_ends_at };
        Ok(Self {
            approval: Approval { call, observed, approvers, state, approved_by, ends_at, series },
            id: row.id,
            tool: row.tool,
            target: row.target,
            rule: row.rule,
            reason: row.reason,
            asked_at: row.asked_at,
            changed_at: row.changed_at,
            denied_by: row.denied_by,
            requester: row.requester,
            contents: row.contents,
            mac: row.mac,
        })
    }

    /// What an approver reads before they decide; nothing where a key that sealed it is gone.
    pub fn contents(&self, sealer: &Sealer) -> Contents {
        let opened = sealer.open(&self.contents, &place(&self.id));
        opened.and_then(|json| json::from_str(json.expose()).ok()).unwrap_or_else(Contents::unreadable)
    }

    /// The authentication of its row.
    fn authentication(&self, context: &Context) -> String {
        let Self { id, approval, tool, target, rule, reason, .. } = self;
        let Approval { call, observed, approvers, state, ends_at, series, .. } = approval;
        let ApprovableCall { subject, client, digest } = call;
        let values: [Value; 16] = [
            json!(id),
            json!(subject),
            json!(client),
            json!(digest),
            json!(observed),
            json!(tool),
            json!(target),
            json!(rule),
            json!(approvers),
            json!(state.name()),
            json!(self.approvers_json()),
            json!(reason),
            json!(ends_at),
            json!(series.likeness),
            json!(series.minutes),
            json!(series.ends_at),
        ];
        context.settings.authenticator().row(&APPROVALS, &values)
    }

    fn approvers_json(&self) -> String {
        json!(self.approval.approved_by).to_string()
    }
}

/// The place that the contents of an approval are sealed at.
fn place(id: &str) -> String {
    format!("approvals/{id}/contents")
}

fn read(context: &Context, rows: Rows) -> Result<Vec<Entry>, Fault> {
    let rows = context.settings.authenticator().authentic(&APPROVALS, rows);
    rows.all::<Row>()?.into_iter().map(Entry::of).collect()
}

/// Puts on record that an approval is asked for; gives the one that is pending where the same call asked at the same time.
///
/// # Errors
/// Where the record cannot be written.
pub async fn ask(context: &Context, asked: Asked<'_>) -> Result<Entry, Fault> {
    let Asked { approval, rule, tool, target, reason, contents } = asked;
    let (id, now) = (random::identifier()?, context.platform.clock.now());
    let contents = serde_json::to_string(contents).map_err(|error| Fault::new("approval", error))?;
    let contents = context.settings.sealer(Purpose::Approvals).seal(&contents, &place(&id))?;
    let mut entry = Entry {
        id,
        approval,
        tool: tool.to_owned(),
        target: target.to_owned(),
        rule: rule.name.clone(),
        reason: reason.to_owned(),
        asked_at: now,
        changed_at: now,
        denied_by: None,
        requester: None,
        contents,
        mac: String::new(),
    };
    entry.mac = entry.authentication(context);
    let Approval { call, observed, approvers, state, ends_at, .. } = &entry.approval;
    // One that is over keeps no other from being asked for.
    let over = sql("DELETE FROM approvals
         WHERE subject = ?1 AND client_id = ?2 AND call_digest = ?3 AND state = 'pending' AND ends_at <= ?4")
    .bind(&call.subject)
    .bind(&call.client)
    .bind(&call.digest)
    .bind(now);
    let insert =
        sql("INSERT INTO approvals (id, subject, client_id, call_digest, observed, tool, target, rule, approvers,
             state, approved_by, reason, ends_at, mac, contents, asked_at, changed_at, likeness)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?16, ?17)
         ON CONFLICT DO NOTHING")
        .bind(&entry.id)
        .bind(&call.subject)
        .bind(&call.client)
        .bind(&call.digest)
        .bind(observed.clone())
        .bind(tool)
        .bind(target)
        .bind(&rule.name)
        .bind(i64::from(*approvers))
        .bind(state.name())
        .bind(entry.approvers_json())
        .bind(reason)
        .bind(*ends_at)
        .bind(&entry.mac)
        .bind(&entry.contents)
        .bind(now)
        .bind(&entry.approval.series.likeness);
    let results = context.platform.database.batch(vec![over, insert, CAP.keep(&call.subject)]).await?;
    if results.get(1).is_some_and(|inserted| inserted.changes > 0) {
        return Ok(entry);
    }
    let pending = latest(context, &entry.approval.call).await?;
    pending.ok_or_else(|| Fault::new("approval", "another one was asked for and is not there"))
}

/// The latest approval of a call.
///
/// # Errors
/// Where the record cannot be read.
pub async fn latest(context: &Context, call: &ApprovableCall) -> Result<Option<Entry>, Fault> {
    let query = sql("SELECT approvals.*, users.name AS requester
         FROM approvals LEFT JOIN users ON users.id = approvals.subject
         WHERE approvals.subject = ?1 AND client_id = ?2 AND call_digest = ?3
         ORDER BY asked_at DESC, approvals.rowid DESC LIMIT 1")
    .bind(&call.subject)
    .bind(&call.client)
    .bind(&call.digest);
    Ok(read(context, context.platform.database.run(query).await?)?.into_iter().next())
}

/// The approval of that id.
///
/// # Errors
/// Where the record cannot be read.
pub async fn find(context: &Context, id: &str) -> Result<Option<Entry>, Fault> {
    let query = sql("SELECT approvals.*, users.name AS requester
         FROM approvals LEFT JOIN users ON users.id = approvals.subject
         WHERE approvals.id = ?1")
    .bind(id);
    Ok(read(context, context.platform.database.run(query).await?)?.into_iter().next())
}

/// Those that wait for approvers, the one that waits longest first.
///
/// # Errors
/// Where the record cannot be read.
pub async fn pending(context: &Context) -> Result<Vec<Entry>, Fault> {
    let query = sql("SELECT approvals.*, users.name AS requester
         FROM approvals LEFT JOIN users ON users.id = approvals.subject
         WHERE state = 'pending' AND ends_at > ?1 ORDER BY asked_at LIMIT ?2")
    .bind(context.platform.clock.now())
    .bind(limit());
    read(context, context.platform.database.run(query).await?)
}

/// Those that a person's own calls asked for, the latest first.
///
/// # Errors
/// Where the record cannot be read.
pub async fn of_person(context: &Context, person: &UserId) -> Result<Vec<Entry>, Fault> {
    let query = sql("SELECT approvals.*, users.name AS requester
         FROM approvals LEFT JOIN users ON users.id = approvals.subject
         WHERE approvals.subject = ?1 ORDER BY asked_at DESC LIMIT ?2")
    .bind(person)
    .bind(limit());
    read(context, context.platform.database.run(query).await?)
}

/// Those whose series are in force: all of them, or those that let calls of that likeness through.
///
/// # Errors
/// Where the record cannot be read.
pub async fn in_series(context: &Context, likeness: Option<&str>) -> Result<Vec<Entry>, Fault> {
    let query = sql("SELECT approvals.*, users.name AS requester
         FROM approvals LEFT JOIN users ON users.id = approvals.subject
         WHERE series_ends_at > 0 AND series_ends_at > ?1 AND likeness = COALESCE(?2, likeness)
         ORDER BY series_ends_at LIMIT ?3")
    .bind(context.platform.clock.now())
    .bind(likeness)
    .bind(limit());
    read(context, context.platform.database.run(query).await?)
}

fn limit() -> i64 {
    i64::try_from(MOST_LISTED).unwrap_or(i64::MAX)
}

/// Whether approvers can still decide on the approval of that id.
///
/// # Errors
/// Where the record cannot be read.
pub async fn is_pending(database: &dyn Database, id: &str, now: Timestamp) -> Result<bool, Fault> {
    let query = sql("SELECT 1 FROM approvals WHERE id = ?1 AND state = 'pending' AND ends_at > ?2");
    Ok(!database.run(query.bind(id).bind(now)).await?.rows.is_empty())
}

/// Replaces an approval by what was decided, where it still is what that was decided on; gives it as it is then.
///
/// # Errors
/// Where the record cannot be written.
pub async fn replace(
    context: &Context,
    entry: &Entry,
    next: Approval,
    reason: &str,
    denied_by: Option<&UserId>,
) -> Result<Option<Entry>, Fault> {
    let now = context.platform.clock.now();
    let mut replaced = Entry {
        approval: next,
        reason: reason.to_owned(),
        changed_at: now,
        denied_by: denied_by.cloned(),
        ..entry.clone()
    };
    replaced.mac = replaced.authentication(context);
    // The authentication is over all that was decided on: while it stands there, nothing has changed.
    let update = sql("UPDATE approvals SET state = ?3, approved_by = ?4, reason = ?5, ends_at = ?6, mac = ?7,
             changed_at = ?8, denied_by = ?9, likeness = ?10, series_minutes = ?11, series_ends_at = ?12
         WHERE id = ?1 AND mac = ?2 RETURNING id")
    .bind(&entry.id)
    .bind(&entry.mac)
    .bind(replaced.approval.state.name())
    .bind(replaced.approvers_json())
    .bind(reason)
    .bind(replaced.approval.ends_at)
    .bind(&replaced.mac)
    .bind(now)
    .bind(denied_by.map(UserId::as_str))
    .bind(&replaced.approval.series.likeness)
    .bind(i64::from(replaced.approval.series.minutes))
    .bind(replaced.approval.series.ends_at);
    let changed = !context.platform.database.run(update).await?.rows.is_empty();
    Ok(changed.then_some(replaced))
}

#[cfg(test)]
mod tests;
