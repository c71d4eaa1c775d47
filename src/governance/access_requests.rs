//! What is done with an access request: it is made, decided on and ended, each with its event in the log.

use super::{
    access_policy::RequestableAccess,
    access_request::{
        lifecycle::{AccessRequest, CannotEnd, State},
        record::{self, Entry, MOST_A_DAY},
    },
    approval::lifecycle::{CannotDecide, Choice},
    notices, snapshot_cache,
};
use crate::{
    audit::{self, Event, Kind},
    context::Context,
    crypto::random,
    identifiers::UserId,
    platform::{Fault, clock::Timestamp, database::Statement, expiry::DAY},
};

/// Why a request was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotMade {
    /// Its person has the access, or has asked for it already.
    Already,
    /// Its person has made too many requests within a day.
    TooMany,
}

fn event(context: &Context, kind: Kind, entry: &Entry) -> Event {
    let event = audit::event(context, kind).of(&entry.request.person).target(entry.request.access.words());
    event.because(&format!("access request {}: {}", entry.id, entry.reason))
}

fn lasting(entry: &Entry) -> String {
    format!("for {} minutes", entry.request.minutes)
}

/// Makes a request of a person whose end was on record as `ended_before` when they were let in. What needs no approver is in
/// force within five seconds.
///
/// # Errors
/// Where the record cannot be read or written.
pub async fn make(
    context: &Context,
    request: AccessRequest,
    ended_before: Timestamp,
    reason: &str,
) -> Result<Result<Entry, NotMade>, Fault> {
    let now = context.platform.clock.now();
    let earlier = record::of_person(context, &request.person).await?;
    if earlier.iter().any(|entry| entry.request.access == request.access && !entry.request.is_over(now)) {
        return Ok(Err(NotMade::Already));
    }
    if earlier.iter().filter(|entry| entry.asked_at > now - DAY).count() >= MOST_A_DAY {
        return Ok(Err(NotMade::TooMany));
    }
    let entry = Entry {
        id: random::identifier()?,
        request,
        reason: reason.to_owned(),
        answer: String::new(),
        asked_at: now,
        name: None,
        mac: String::new(),
    };
    let entry = entry.authenticated(context.settings.authenticator());
    // Of two that were sent at once, one is made, and none after an end of its person.
    let made = keep(context, entry.request.state == State::Granted, entry.insert(ended_before)).await?;
    if !made {
        return Ok(Err(NotMade::Already));
    }
    let kind = match entry.request.access {
        RequestableAccess::BreakGlass => Kind::BreakGlass,
        RequestableAccess::Profile(_) => Kind::AccessRequested,
    };
    audit::record(
        context,
        event(context, kind, &entry).changing(
            "",
            &match entry.request.state {
                State::Granted => lasting(&entry),
                _ => entry.request.state.name().to_owned(),
            },
        ),
    )
    .await;
    notices::delivery::soon(context);
    Ok(Ok(entry))
}

/// Decides on a request as an approver, or says why that person cannot.
///
/// # Errors
/// Where the record cannot be written.
pub async fn decide(
    context: &Context,
    entry: Entry,
    by: &UserId,
    is_approver: bool,
    choice: Choice,
    answer: &str,
) -> Result<Result<(), CannotDecide>, Fault> {
    let next = match entry.request.decide(by, is_approver, choice, context.platform.clock.now()) {
        Ok(next) => next,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(decided) = replace(context, entry, next, answer).await? else { return Ok(Err(CannotDecide::NotPending)) };
    let event = match choice {
        Choice::Approve => {
            event(context, Kind::AccessRequestApproved, &decided).changing("pending", &lasting(&decided))
        }
        Choice::Deny => event(context, Kind::AccessRequestDenied, &decided)
            .because(&format!("access request {}: {answer}", decided.id))
            .changing("pending", "denied"),
    };
    audit::record(context, event.by(by)).await;
    Ok(Ok(()))
}

/// Ends a request, or says why that person cannot. No call begins by it any more within five seconds.
///
/// # Errors
/// Where the record cannot be written.
pub async fn end(
    context: &Context,
    entry: Entry,
    by: &UserId,
    is_administrator: bool,
) -> Result<Result<(), CannotEnd>, Fault> {
    let next = match entry.request.end(by, is_administrator, context.platform.clock.now()) {
        Ok(next) => next,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let before = entry.request.state.name();
    let Some(ended) = replace(context, entry, next, "").await? else { return Ok(Err(CannotEnd::Over)) };
    let event = event(context, Kind::AccessRequestEnded, &ended).changing(before, "ended");
    audit::record(context, if ended.request.person == *by { event } else { event.by(by) }).await;
    Ok(Ok(()))
}

/// Puts a request in the place of what was decided on, if that still is on record.
async fn replace(context: &Context, entry: Entry, next: AccessRequest, answer: &str) -> Result<Option<Entry>, Fault> {
    let is_policy = [&entry.request, &next].iter().any(|request| request.state == State::Granted);
    let replaced = Entry { request: next, answer: answer.to_owned(), ..entry.clone() };
    let replaced = replaced.authenticated(context.settings.authenticator());
    Ok(keep(context, is_policy, replaced.replace(&entry)).await?.then_some(replaced))
}

/// Runs a statement, with a new version of the policy where it changes what is in force. Whether it changed anything.
async fn keep(context: &Context, is_policy: bool, statement: Statement) -> Result<bool, Fault> {
    let statements = vec![statement];
    let written = if is_policy {
        snapshot_cache::change_policy(context, statements).await?
    } else {
        context.platform.database.batch(statements).await?
    };
    Ok(written.first().is_some_and(|rows| rows.changes > 0))
}

#[cfg(test)]
mod tests;
