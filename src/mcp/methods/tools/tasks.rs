//! Calls that wait for approval as tasks of a client: what is kept of one with its approval is all that there is of it.

use std::time::Duration;

use super::tool_call::{denial, link};
use crate::{
    authorization::principal::Principal,
    catalog::refusal::Sort,
    context::Context,
    crypto::seal::Purpose,
    governance::approval::{
        acts,
        lifecycle::{APPROVED_FOR, Approval, PENDING_FOR, State},
        record::{self, Entry},
    },
    mcp::messages::task::{Status, Task},
    platform::{Fault, clock::Timestamp},
    session::in_flight,
};

const NOT_DECIDED: &str = "Nobody decided on the call in time, so nothing was done.";
const NOT_MADE: &str = "The call was approved and not asked for in time, so nothing was done.";
const WITHDRAWN: &str = "The request for approval was withdrawn, and nothing was done.";

/// For how long a client may ask after a task.
pub const LIFE: Duration = PENDING_FOR;

/// The caller's own task of that id.
///
/// # Errors
/// Where the record cannot be read.
pub async fn find(context: &Context, principal: &Principal, id: &str) -> Result<Option<Task>, Fault> {
    let Some(entry) = own(context, principal, id).await? else { return Ok(None) };
    let contents = entry.contents(context.settings.sealer(Purpose::Approvals));
    let now = context.platform.clock.now();
    let Some(arguments) = contents.call else { return Ok(None) };
    let status = match next(&entry.approval, entry.asked_at, entry.changed_at, now) {
        Next::Wait => Status::Waiting(link(context, &entry, &contents.sentence)),
        Next::Work => Status::Working,
        Next::Call => Status::Ready { tool: entry.tool.clone(), arguments, is_made: false },
        Next::Repeat => Status::Ready { tool: entry.tool.clone(), arguments, is_made: true },
        Next::Refuse => Status::NotDone(Sort::NotRun.because(
            format!("`{}` was approved, but {}.", entry.tool, entry.reason),
            "call it again, which asks for another approval.",
        )),
        Next::Deny => Status::NotDone(denial(&entry)),
        Next::Fail => Status::NotDone(Sort::NotRun.because(
            format!("the approved call of `{}` was let through once, and changed nothing.", entry.tool),
            "call it again, which asks for another approval.",
        )),
        Next::Cancel(why) => Status::Cancelled(why),
        Next::Forget => return Ok(None),
    };
    Ok(Some(Task { id: entry.id, created_at: entry.asked_at, updated_at: entry.changed_at, status }))
}

/// Takes back the request for approval that the caller's own task waits for; false where there is no such task.
///
/// # Errors
/// Where the record cannot be read or written.
pub async fn cancel(context: &Context, principal: &Principal, id: &str) -> Result<bool, Fault> {
    let Some(entry) = own(context, principal, id).await? else { return Ok(false) };
    acts::withdraw(context, &entry).await?;
    Ok(true)
}

async fn own(context: &Context, principal: &Principal, id: &str) -> Result<Option<Entry>, Fault> {
    let is_own = |entry: &Entry| {
        let call = &entry.approval.call;
        call.subject == principal.subject && call.client == principal.client
    };
    Ok(record::find(context, id).await?.filter(is_own))
}

/// What comes next of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Wait,
    Work,
    Call,
    /// It was made: its answer is what is kept of that.
    Repeat,
    /// What it is bound to had moved.
    Refuse,
    Deny,
    Fail,
    Cancel(&'static str),
    Forget,
}

/// Decides by its approval alone: what was let through is never called again, and nothing asks for another approval by itself.
fn next(approval: &Approval, asked_at: Timestamp, changed_at: Timestamp, now: Timestamp) -> Next {
    let is_over = approval.is_over(now);
    match approval.state {
        _ if now.since(asked_at) >= LIFE + APPROVED_FOR => Next::Forget,
        State::Pending if is_over => Next::Cancel(NOT_DECIDED),
        State::Pending => Next::Wait,
        State::Approved if is_over => Next::Cancel(NOT_MADE),
        State::Approved => Next::Call,
        State::Used if now.since(changed_at) < in_flight::LONGEST => Next::Work,
        State::Used | State::Done => Next::Repeat,
        State::Drifted => Next::Refuse,
        State::Denied => Next::Deny,
        State::Failed => Next::Fail,
        State::Withdrawn => Next::Cancel(WITHDRAWN),
    }
}

#[cfg(test)]
mod tests;
