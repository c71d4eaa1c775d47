//! Several calls that read, side by side: each is decided on, admitted and put on record by itself, under the id of the
//! one request. The first of an account makes the hop, and brings a lease for those after it.

use std::rc::Rc;

use futures::future::join_all;
use serde_json::{Map, Value};

use super::{
    Origin, Prepared, prepare, too_many_under_way,
    tool_call::{Settled, ToolCall},
};
use crate::{
    catalog::operation::{Budget, allot},
    mcp::{messages::answer::Answer, transport::notifier::Notifier},
    platform::{Fault, log::Level},
    session::in_flight::{self, Load, MOST_BYTES},
    tools::{Source, Tool},
    upstream::{self, Wanted, tokens},
};

/// One of the calls.
pub struct Part {
    pub tool: Rc<Tool>,
    pub arguments: Map<String, Value>,
}

type Ended = Answer<upstream::Answer>;

/// Runs the calls, and gives what became of each, in their order. What becomes of one changes nothing for another.
///
/// # Errors
/// Where the caller's accounts could not be looked at.
pub async fn run(origin: Origin<'_>, parts: &[Part], notifier: &Notifier) -> Result<Vec<Ended>, Fault> {
    let mut prepared = Vec::with_capacity(parts.len());
    for Part { tool, arguments } in parts {
        prepared.push(prepare(origin, tool, arguments).await?);
    }
    let ready: Vec<(&Part, Result<Prepared, Ended>)> = parts.iter().zip(prepared).collect();
    let mut answers = Vec::with_capacity(parts.len());
    let mut rest = ready.as_slice();
    let mut left = Budget::of_parts(parts.len());
    while !rest.is_empty() {
        let (now, later) = rest.split_at(wave(rest.iter().map(|(part, _)| bytes(part))));
        let ended = side_by_side(origin, now, left / rest.len(), notifier).await;
        let texts = within(ended, left * now.len() / rest.len());
        left = left.saturating_sub(texts.iter().map(length).sum());
        answers.extend(texts);
        rest = later;
    }
    Ok(answers)
}

/// Answers that have so many tokens together.
fn within(mut ended: Vec<Answer<Settled<'_>>>, tokens: usize) -> Vec<Ended> {
    let needs = ended.iter_mut().map(|answer| match answer {
        Answer::Complete(settled) => settled.lengthen(),
        _ => 0,
    });
    let allotted = allot(&needs.collect::<Vec<_>>(), tokens);
    ended.into_iter().zip(allotted).map(|(answer, tokens)| answer.map(|settled| settled.within(tokens))).collect()
}

fn length(answer: &Ended) -> usize {
    match answer {
        Answer::Complete(upstream::Answer { text, .. }) | Answer::Failed(text) | Answer::Missing(text) => {
            tokens::estimate(text)
        }
        _ => 0,
    }
}

fn bytes(part: &Part) -> usize {
    let Source::Operation(operation) = part.tool.source;
    upstream::most_bytes(operation)
}

/// How many of the next calls may run at once, by what they may read; one at the least.
fn wave(bytes: impl Iterator<Item = usize>) -> usize {
    let mut reading = 0;
    let fits = bytes.take_while(|bytes| {
        reading += bytes;
        reading <= MOST_BYTES
    });
    fits.count().max(1)
}

/// Runs as many calls as may run at once, each of whose answers has so many tokens for a start.
async fn side_by_side<'a>(
    origin: Origin<'a>,
    ready: &'a [(&Part, Result<Prepared, Ended>)],
    share: usize,
    notifier: &Notifier,
) -> Vec<Answer<Settled<'a>>> {
    let Origin { context, principal, .. } = origin;
    let runnable = || ready.iter().filter(|(_, prepared)| prepared.is_ok());
    let load = Load { calls: runnable().count(), bytes: runnable().map(|(part, _)| bytes(part)).sum() };
    let places = in_flight::enter(&principal.subject, load, &*context.platform.clock).await;
    let calls: Vec<Result<ToolCall<'_>, Ended>> = ready
        .iter()
        .map(|(Part { tool, .. }, prepared)| {
            let Source::Operation(operation) = tool.source;
            match prepared {
                Ok(Prepared { arguments, .. }) if places.is_none() => {
                    Err(too_many_under_way(origin, tool, arguments.target()))
                }
                Ok(prepared) => {
                    let call = ToolCall::new(origin, tool, operation, prepared, Wanted::Text);
                    Ok(call.sharing(Budget::share(share)))
                }
                Err(answer) => Err(answer.clone()),
            }
        })
        .collect();
    let accounts: Vec<_> = calls.iter().map(|call| call.as_ref().ok().map(ToolCall::account)).collect();
    let mut admitted = Vec::with_capacity(calls.len());
    let mut without_account = Vec::new();
    for (index, call) in calls.into_iter().enumerate() {
        let call = match call {
            Ok(call) => call,
            Err(answer) => {
                admitted.push(Err(answer));
                continue;
            }
        };
        let account = call.account();
        let known = without_account.iter().find(|(lacking, _)| *lacking == account).filter(|_| call.is_allowed());
        if let Some((_, answer)) = known {
            admitted.push(Err(Ended::clone(answer)));
            continue;
        }
        let ahead = accounts.iter().skip(index + 1).filter(|other| **other == Some(account)).count();
        let call = call.ahead_of(u32::try_from(ahead).unwrap_or_default());
        admitted.push(match call.admit().await {
            Ok(Ok(admission)) => Ok((call, admission)),
            Ok(Err(answer)) => {
                if matches!(&answer, Answer::LinkNeeded(needed) if needed.is_connection()) {
                    without_account.push((account, answer.clone()));
                }
                Err(answer)
            }
            Err(fault) => Err(failed(origin, &fault)),
        });
    }
    let running = admitted.into_iter().map(async |admitted| match admitted {
        Ok((call, admission)) => call
            .send_and_settle(admission, notifier)
            .await
            .unwrap_or_else(|fault| failed(origin, &fault).map(Settled::words)),
        Err(answer) => answer.map(Settled::words),
    });
    join_all(running).await
}

fn failed(origin: Origin<'_>, fault: &Fault) -> Ended {
    let fields = [("subject", fault.subject.into()), ("detail", fault.detail.clone().into())];
    origin.context.log(Level::Error, "a call of several failed", &fields);
    Answer::Failed(format!(
        "Not run: Postern itself failed; the request id is {}. Next: try again.",
        origin.context.request_id
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_calls_run_at_once_as_may_read() {
        assert_eq!(wave([MOST_BYTES / 6; 10].into_iter()), 6);
        assert_eq!(wave([1; 10].into_iter()), 10);
        assert_eq!(wave([MOST_BYTES + 1, 1].into_iter()), 1);
    }
}
