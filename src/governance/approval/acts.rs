//! What is done with an approval: it is asked for, decided on and used, each with its event in the log.

use super::{
    lifecycle::{Approval, CannotDecide, Choice, OnUse, State},
    record::{self, Asked, Entry},
};
use crate::{
    audit::{self, Event, Kind, Outcome},
    context::Context,
    governance::notices,
    identifiers::UserId,
    platform::Fault,
    upstream::INTO,
};

/// The result of an attempt to use an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Used {
    /// This call, and no other, may be made. The approval is to be told how it ended.
    Once(Box<Entry>),
    /// What it is bound to has moved.
    Drifted,
    /// Another call was quicker, or its time is over.
    NotApproved,
}

/// What the log says of an approval.
pub fn reference(entry: &Entry) -> String {
    format!("approval {}", entry.id)
}

fn event(context: &Context, kind: Kind, entry: &Entry) -> Event {
    let call = &entry.approval.call;
    audit::event(context, kind)
        .of(call.subject.clone())
        .client(&call.client)
        .tool(&entry.tool)
        .target(&entry.target)
        .because(&format!("{}, rule {}", reference(entry), entry.rule))
}

/// Asks for an approval, or finds the one that the same call asked for at the same time.
///
/// # Errors
/// Where the record cannot be written.
pub async fn ask(context: &Context, asked: Asked<'_>) -> Result<Entry, Fault> {
    let entry = record::ask(context, asked).await?;
    audit::record(context, event(context, Kind::ApprovalRequested, &entry)).await;
    notices::delivery::soon(context);
    Ok(entry)
}

/// Decides on a call, or says why that person cannot. Who approves may let through what is like it, for so many minutes.
///
/// # Errors
/// Where the record cannot be read or written.
pub async fn decide(
    context: &Context,
    entry: &Entry,
    by: &UserId,
    is_approver: bool,
    choice: Choice,
    like_it: Option<u32>,
    reason: &str,
) -> Result<Result<Entry, CannotDecide>, Fault> {
    let mut entry = entry.clone();
    // Two approvers may press the button at once: the second decides on what the first has left.
    loop {
        let now = context.platform.clock.now();
        let decided = match like_it.filter(|_| choice == Choice::Approve) {
            Some(minutes) => entry.approval.approve_series(by, is_approver, minutes, now),
            None => entry.approval.decide(by, is_approver, choice, now),
        };
        let next = match decided {
            Ok(next) => next,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (kind, denied_by) = match choice {
            Choice::Approve => (Kind::ApprovalGiven, None),
            Choice::Deny => (Kind::ApprovalDenied, Some(by)),
        };
        let said = if choice == Choice::Deny { reason } else { entry.reason.as_str() };
        if let Some(entry) = record::replace(context, &entry, next, said, denied_by).await? {
            let event = event(context, kind, &entry).by(by);
            let Approval { approved_by, approvers, series, .. } = &entry.approval;
            let mut said = format!("{} of {approvers}", approved_by.len());
            if series.minutes > 0 {
                said += &format!(", and calls like it for {} minutes", series.minutes);
            }
            let event = match choice {
                Choice::Approve => event.changing("", &said),
                Choice::Deny => event.because(&format!("{}: {reason}", reference(&entry))),
            };
            audit::record(context, event).await;
            return Ok(Ok(entry));
        }
        match record::find(context, &entry.id).await? {
            Some(changed) => entry = changed,
            None => return Ok(Err(CannotDecide::NotPending)),
        }
    }
}

/// Uses an approval for a call whose bound state is `observed` now.
///
/// # Errors
/// Where the record cannot be written: then the call is not to be made.
pub async fn use_once(context: &Context, entry: &Entry, observed: Option<&str>) -> Result<Used, Fault> {
    let (next, kind, reason) = match entry.approval.on_use(observed, context.platform.clock.now()) {
        OnUse::Use(next) => (next, Kind::ApprovalUsed, entry.reason.clone()),
        OnUse::Drifted(next) => (next, Kind::ApprovalDrifted, moved(&entry.approval, observed)),
        OnUse::NotApproved => return Ok(Used::NotApproved),
    };
    let Some(entry) = record::replace(context, entry, next, &reason, None).await? else {
        return Ok(Used::NotApproved);
    };
    let event = event(context, kind, &entry);
    if entry.approval.state != State::Drifted {
        audit::record(context, event).await;
        return Ok(Used::Once(Box::new(entry)));
    }
    let before = entry.approval.observed.as_deref().unwrap_or_default();
    audit::record(context, event.ending(Outcome::Denied).changing(before, observed.unwrap_or_default())).await;
    Ok(Used::Drifted)
}

/// Takes back the request for an approval, where nobody has decided on it yet.
///
/// # Errors
/// Where the record cannot be written: then it is as it was.
pub async fn withdraw(context: &Context, entry: &Entry) -> Result<(), Fault> {
    let Some(next) = entry.approval.withdrawn(context.platform.clock.now()) else { return Ok(()) };
    // An approver who was quicker has decided: then nothing is taken back.
    if let Some(entry) = record::replace(context, entry, next, &entry.reason, None).await? {
        audit::record(context, event(context, Kind::ApprovalWithdrawn, &entry)).await;
    }
    Ok(())
}

/// Ends at once what an approval lets through beside its call.
///
/// # Errors
/// Where the record cannot be read or written: then it is as it was.
pub async fn end_series(context: &Context, id: &str, by: &UserId) -> Result<(), Fault> {
    // Its own call may be noted on it meanwhile.
    while let Some(entry) = record::find(context, id).await? {
        let Some(next) = entry.approval.series_ended(context.platform.clock.now()) else { break };
        if let Some(entry) = record::replace(context, &entry, next, &entry.reason, entry.denied_by.as_ref()).await? {
            audit::record(context, event(context, Kind::ApprovalSeriesEnded, &entry).by(by)).await;
            break;
        }
    }
    Ok(())
}

/// Notes how the one call that an approval let through has ended. Where nothing is noted, nobody knows.
///
/// # Errors
/// Where the record cannot be written.
pub async fn end(context: &Context, entry: &Entry, is_done: bool) -> Result<(), Fault> {
    let Some(next) = entry.approval.ended(is_done) else { return Ok(()) };
    record::replace(context, entry, next, &entry.reason, None).await.map(drop)
}

/// What has moved, in words.
pub fn moved(approval: &Approval, observed: Option<&str>) -> String {
    let name = |state: Option<&str>| state.map_or_else(|| "nothing".to_owned(), short);
    format!("it was approved at {}, and is at {} now", name(approval.observed.as_deref()), name(observed))
}

/// A commit as people write it, with the branch that it goes into where there is one; a version as it is.
pub fn short(state: &str) -> String {
    if let Some((commit, branch)) = state.split_once(INTO) {
        return format!("{}{INTO}{branch}", short(commit));
    }
    let is_commit = state.len() >= 40 && state.chars().all(|character| character.is_ascii_hexdigit());
    if is_commit { state.chars().take(12).collect() } else { state.to_owned() }
}
