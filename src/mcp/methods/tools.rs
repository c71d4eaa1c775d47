//! `tools/call`, the same in every protocol era: the way of one call.

mod site;
mod tool_call;

use serde_json::{Map, Value};
use site::{Addressed, NoSite};
use tool_call::ToolCall;

use crate::{
    audit::{self, Kind, Outcome},
    authorization::principal::Principal,
    catalog::{arguments::validate, completion::Listing},
    connections::elicitation,
    context::Context,
    mcp::{
        messages::answer::{Answer, LinkStatus},
        transport::notifier::Notifier,
    },
    platform::Fault,
    session::{commands::Refusal, in_flight},
    tools::{self, Source, Tool},
    upstream::{self, Wanted},
};

/// Calls a tool.
///
/// # Errors
/// Where Postern itself failed; the caller is told no more than the request id.
pub async fn call(
    context: &Context,
    principal: &Principal,
    name: &str,
    arguments: &Map<String, Value>,
    notifier: &Notifier,
) -> Result<Answer<String>, Fault> {
    Ok(execute(context, principal, name, arguments, Wanted::Text, notifier).await?.map(|answer| answer.text))
}

/// Lists the values of a column. Without an account of their own nobody is asked to connect one.
///
/// # Errors
/// As [`call`].
pub async fn list_column(
    context: &Context,
    principal: &Principal,
    listing: &Listing,
    notifier: &Notifier,
) -> Result<Answer<upstream::Answer>, Fault> {
    let Listing { operation, arguments, column } = listing;
    execute(context, principal, operation.name, arguments, Wanted::Column(column), notifier).await
}

/// The one way of a call, whatever it is for.
async fn execute(
    context: &Context,
    principal: &Principal,
    name: &str,
    arguments: &Map<String, Value>,
    wanted: Wanted,
    notifier: &Notifier,
) -> Result<Answer<upstream::Answer>, Fault> {
    let Some(tool) = tools::find(name) else { return Ok(Answer::Unknown) };
    let Source::Operation(operation) = tool.source;
    let Addressed { site, arguments } = match site::address(context, principal, operation, arguments).await? {
        Ok(addressed) => addressed,
        Err(NoSite::Refused(refusal)) => {
            record_refusal(context, principal, &tool, refusal.reason(), "");
            return Ok(Answer::Failed(refusal.sentence(operation)));
        }
        Err(NoSite::NotCharged(refusal)) => {
            record_refusal(context, principal, &tool, refusal.reason(), "");
            return Ok(not_charged(&tool, refusal));
        }
    };
    let arguments = match validate(operation, &arguments) {
        Ok(arguments) => match site {
            Some(site) => arguments.at(site),
            None => arguments,
        },
        Err(problem) => return Ok(Answer::Failed(problem.to_string())),
    };
    let arguments = match context.settings.reach.admit(operation, arguments) {
        Ok(arguments) => arguments,
        Err(refusal) => {
            let said = refusal.to_string();
            record_refusal(context, principal, &tool, "outside of what Postern is limited to", &said);
            return Ok(Answer::Failed(said));
        }
    };
    let (bytes, clock) = (upstream::most_bytes(operation), &*context.platform.clock);
    let Some(_in_flight) = in_flight::enter(&principal.subject, bytes, clock).await else {
        record_refusal(context, principal, &tool, "too many calls under way at once", arguments.target());
        return Ok(Answer::Failed(format!(
            "`{}` did not run: too many calls of yours are under way at once (at most {}, and fewer that read long \
             texts). Wait for some of them to end, then call it again.",
            tool.name,
            in_flight::MOST_CALLS
        )));
    };
    ToolCall::new(context, principal, &tool, operation, &arguments, wanted).run(notifier).await
}

/// The answer to a call that its caller's Session object did not charge.
fn not_charged<T>(tool: &Tool, refusal: Refusal) -> Answer<T> {
    match refusal {
        Refusal::GrantEnded => Answer::GrantEnded,
        Refusal::RateLimited { retry_after_milliseconds } => Answer::Failed(format!(
            "`{}` did not run: you have made too many calls in a short time. Wait {} s, then call it again.",
            tool.name,
            retry_after_milliseconds.div_ceil(1000)
        )),
    }
}

/// Records a call that did not come as far as its admission. What repeats is counted: `reason` is none of the caller's
/// making, or no two of theirs would be the same.
fn record_refusal(context: &Context, principal: &Principal, tool: &Tool, reason: &str, target: &str) {
    let Principal { subject, client, grant, .. } = principal;
    let call = audit::event(context, Kind::Call).of(subject.clone()).client(client).grant(grant).tool(&tool.name);
    audit::gather(context, call.target(target).ending(Outcome::Denied).because(reason));
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
            LinkStatus::Connected
        }
        Some(elicitation::Status::Failed) => LinkStatus::Failed,
        Some(elicitation::Status::Connected) | None => LinkStatus::Ended,
    })
}
