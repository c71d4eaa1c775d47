//! `tools/call`, the same in every protocol era: the way of one call.

mod batch;
mod site;
pub mod tasks;
mod tool_call;

use std::cell::OnceCell;

use serde_json::{Map, Value};
use site::{Addressed, NoSite};
use tool_call::ToolCall;

pub use batch::{Part, run as run_batch};

use crate::{
    audit::{self, Kind, Outcome},
    authorization::principal::Principal,
    catalog::{
        arguments::{Arguments, validate},
        completion::Listing,
        refusal::Sort,
    },
    connections::elicitation,
    context::Context,
    governance::{approval::record, limits::Limits},
    mcp::{
        messages::answer::{Answer, LinkStatus},
        transport::notifier::Notifier,
    },
    platform::Fault,
    session::{
        commands::Refusal,
        in_flight::{self, Load},
    },
    tools::{self, Gate, Source, Tool},
    upstream::{self, Wanted},
};

/// Calls a tool by its name, for its text.
///
/// # Errors
/// As [`call_tool`].
#[cfg(test)]
pub async fn call(
    origin: Origin<'_>,
    name: &str,
    arguments: &Map<String, Value>,
    notifier: &Notifier,
) -> Result<Answer<String>, Fault> {
    let Some(tool) = tools::find(name) else { return Ok(Answer::Unknown) };
    Ok(call_tool(origin, &tool, arguments, notifier).await?.map(|answer| answer.text))
}

/// Calls a tool that was found.
///
/// # Errors
/// Where Postern itself failed; the caller is told no more than the request id.
pub async fn call_tool(
    origin: Origin<'_>,
    tool: &Tool,
    arguments: &Map<String, Value>,
    notifier: &Notifier,
) -> Result<Answer<upstream::Answer>, Fault> {
    execute(origin, tool, arguments, Wanted::Text, notifier).await
}

/// Lists the values of a column. Without an account of their own nobody is asked to connect one.
///
/// # Errors
/// As [`call_tool`].
pub async fn list_column(
    context: &Context,
    principal: &Principal,
    listing: &Listing,
    notifier: &Notifier,
) -> Result<Answer<upstream::Answer>, Fault> {
    let Listing { operation, arguments, column } = listing;
    let Some(tool) = tools::find(operation.name) else { return Ok(Answer::Unknown) };
    execute(Origin::direct(context, principal), &tool, arguments, Wanted::Column(column), notifier).await
}

/// Whence a call comes.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    pub context: &'a Context,
    pub principal: &'a Principal,
    /// The gate that it came through.
    pub via: Option<Gate>,
    /// The idempotency key that its client gave it.
    pub key: Option<&'a str>,
    /// It is only answered as the first call under its key was.
    pub only_repeats: bool,
}

impl<'a> Origin<'a> {
    /// A call by the name of its tool, without an idempotency key.
    pub const fn direct(context: &'a Context, principal: &'a Principal) -> Self {
        Self { context, principal, via: None, key: None, only_repeats: false }
    }

    /// A reason for the audit, which also has the gate.
    fn because(self, reason: &str) -> String {
        match (self.via, reason) {
            (None, reason) => reason.to_owned(),
            (Some(gate), "") => format!("via {}", gate.name()),
            (Some(gate), reason) => format!("{reason}; via {}", gate.name()),
        }
    }
}

/// The one way of a call, whatever it is for.
async fn execute(
    origin: Origin<'_>,
    tool: &Tool,
    arguments: &Map<String, Value>,
    wanted: Wanted,
    notifier: &Notifier,
) -> Result<Answer<upstream::Answer>, Fault> {
    let prepared = match prepare(origin, tool, arguments).await? {
        Ok(prepared) => prepared,
        Err(answer) => return Ok(answer),
    };
    let Source::Operation(operation) = tool.source;
    let load = Load { calls: 1, bytes: upstream::most_bytes(operation) };
    let clock = &*origin.context.platform.clock;
    let Some(_in_flight) = in_flight::enter(&origin.principal.subject, load, clock).await else {
        return Ok(too_many_under_way(origin, tool, prepared.arguments.target()));
    };
    ToolCall::new(origin, tool, operation, &prepared, wanted).run(notifier).await
}

/// What a call is made of: its arguments, and what its decision limits them to.
struct Prepared {
    arguments: Arguments,
    /// Set once it is decided on, where there is anything that it has to be kept within.
    limits: OnceCell<Limits>,
}

/// Finds out where a call goes and reads its arguments; else the answer to it.
async fn prepare<T>(
    origin: Origin<'_>,
    tool: &Tool,
    arguments: &Map<String, Value>,
) -> Result<Result<Prepared, Answer<T>>, Fault> {
    let Origin { context, principal, .. } = origin;
    let Source::Operation(operation) = tool.source;
    let Addressed { site, arguments } = match site::address(context, principal, operation, arguments).await? {
        Ok(addressed) => addressed,
        Err(NoSite::Refused(refusal)) => {
            record_refusal(origin, tool, refusal.reason(), "");
            return Ok(Err(Answer::Failed(refusal.sentence(operation))));
        }
        Err(NoSite::NotCharged(refusal)) => {
            record_refusal(origin, tool, refusal.reason(), "");
            return Ok(Err(not_charged(tool, refusal)));
        }
    };
    let arguments = match validate(operation, &arguments) {
        Ok(arguments) => match site {
            Some(site) => arguments.at(site),
            None => arguments,
        },
        Err(problem) => return Ok(Err(Answer::Failed(format!("{}: {problem}", Sort::NotRun)))),
    };
    let admitted = context.settings.reach.admit(operation, arguments);
    Ok(admitted.map(|arguments| Prepared { arguments, limits: OnceCell::new() }).map_err(|refusal| {
        let said = refusal.to_string();
        record_refusal(origin, tool, "outside of what Postern is limited to", &said);
        Answer::Failed(said)
    }))
}

fn too_many_under_way<T>(origin: Origin<'_>, tool: &Tool, target: &str) -> Answer<T> {
    record_refusal(origin, tool, "too many calls under way at once", target);
    Answer::Failed(format!(
        "Not run: too many calls of yours are under way at once, `{}` among them (at most {}, and fewer that read long \
         texts). Next: wait for some of them to end, then call it again.",
        tool.name,
        in_flight::MOST_CALLS
    ))
}

/// The answer to a call that its caller's Session object did not charge.
fn not_charged<T>(tool: &Tool, refusal: Refusal) -> Answer<T> {
    match refusal {
        Refusal::GrantEnded => Answer::GrantEnded,
        Refusal::RateLimited { retry_after_milliseconds } => Answer::Failed(format!(
            "Not run: you have made too many calls in a short time. Next: wait {1} s, then call `{0}` again.",
            tool.name,
            retry_after_milliseconds.div_ceil(1000)
        )),
    }
}

/// Records a call that did not come as far as its admission. What repeats is counted: `reason` is none of the caller's
/// making, or no two of theirs would be the same.
fn record_refusal(origin: Origin<'_>, tool: &Tool, reason: &str, target: &str) {
    let Origin { context, principal: Principal { subject, client, grant, .. }, .. } = origin;
    let call = audit::event(context, Kind::Call).of(subject.clone()).client(client).grant(grant).tool(&tool.name);
    audit::gather(context, call.target(target).ending(Outcome::Denied).because(&origin.because(reason)));
}

/// What became of the link that an earlier call handed to this principal. It is told once that an account was
/// connected, so that a call which is sent twice runs once.
///
/// # Errors
/// Where the record could not be read or written.
pub async fn link_status(context: &Context, principal: &Principal, elicitation_id: &str) -> Result<LinkStatus, Fault> {
    let found = elicitation::find(context, elicitation_id).await?;
    let own =
        found.filter(|found| principal.subject.person() == Some(&found.user_id) && found.client_id == principal.client);
    Ok(match own.map(|found| found.status) {
        Some(elicitation::Status::Pending) => LinkStatus::Pending,
        Some(elicitation::Status::Connected) if elicitation::spend(context, elicitation_id).await? => {
            LinkStatus::Settled
        }
        Some(elicitation::Status::Failed) => LinkStatus::Failed,
        Some(elicitation::Status::Connected) | None => LinkStatus::Ended,
    })
}

/// Whether somebody has decided on a call that waits for approval. The call finds out by itself what was decided.
///
/// # Errors
/// Where the record could not be read.
pub async fn approval_status(context: &Context, id: &str) -> Result<LinkStatus, Fault> {
    let platform = &context.platform;
    let pending = record::is_pending(platform.database.as_ref(), id, platform.clock.now()).await?;
    Ok(if pending { LinkStatus::Pending } else { LinkStatus::Settled })
}
