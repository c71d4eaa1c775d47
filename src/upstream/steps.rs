//! What is asked before a request, and how the end of what it began is waited for.

use std::{borrow::Cow, slice, time::Duration};

use url::Url;

use super::{
    Failure,
    exchange::Exchange,
    markup, projection,
    request::{Found, Inputs, look_up},
};
use crate::{
    catalog::{
        arguments::{ArgumentProblem, Arguments},
        operation::{Call, Find, Kind, Operation, Passage, Poll, Read, Resolve, Step, Task, Which},
        uri_template,
        value::{self, Value},
    },
    platform::fetch::InboundResponse,
    untrusted,
};

/// In characters, of why something failed.
const LONGEST_REASON: usize = 300;

/// What the steps before the request find, in their order.
///
/// # Errors
/// As [`Exchange::send`], and where an answer does not hold what was looked for.
pub async fn before(
    exchange: Exchange<'_>,
    operation: &Operation,
    call: &Call,
    arguments: &Arguments,
) -> Result<Found, Failure> {
    let mut found = Found::new();
    for step in call.before {
        let inputs = Inputs { operation, arguments, found: &found };
        let more = match step {
            Step::Read(step) => read(exchange, inputs, step).await?,
            Step::Resolve(step) => resolve(exchange, inputs, step).await?,
            Step::Which(step) => which(exchange, inputs, step).await?,
            Step::Passage(step) => passage(exchange, inputs, step).await?,
        };
        found.extend(more);
    }
    Ok(found)
}

/// What one look-up finds.
///
/// # Errors
/// As [`before`].
pub async fn read(exchange: Exchange<'_>, inputs: Inputs<'_>, step: &Read) -> Result<Found, Failure> {
    let response = exchange.read(look_up(step.path, step.query, inputs, exchange.base_url)).await?;
    step.finds.iter().map(|find| pick(find, &response)).collect()
}

/// A value that was looked for, if it looks as it must: nothing else gets into a request.
fn pick(find: &Find, response: &InboundResponse) -> Result<(&'static str, Value), Failure> {
    let unreadable = Failure::Unreadable { status: response.status };
    let Ok(text) = projection::record(&response.body, slice::from_ref(&find.field), "") else { return Err(unreadable) };
    let text = text.into_iter().next().unwrap_or_default();
    if text.is_empty() && find.kind != Kind::Verbatim {
        return Err(Failure::NotFound { message: String::new() });
    }
    value::read(find.kind, &text.into()).map(|value| (find.field.name, value)).ok_or(unreadable)
}

/// What kind of thing an argument names.
async fn which(exchange: Exchange<'_>, inputs: Inputs<'_>, step: &Which) -> Result<Found, Failure> {
    let known = |kind: &str| vec![(step.name, Value::Text(kind.to_owned()))];
    if inputs.arguments.get(step.argument).is_none() {
        let other = step.or.filter(|(argument, _)| inputs.arguments.get(argument).is_some());
        return Ok(known(other.map_or_else(|| step.kinds.first().copied().unwrap_or_default(), |(_, kind)| kind)));
    }
    let mut failure = Failure::NotFound { message: String::new() };
    for kind in step.kinds {
        let tried = vec![("kind", Value::Text((*kind).to_owned()))];
        match exchange.read(look_up(step.path, &[], Inputs { found: &tried, ..inputs }, exchange.base_url)).await {
            Ok(_) => return Ok(known(kind)),
            Err(Failure::NotFound { message }) => failure = Failure::NotFound { message },
            Err(other) => return Err(other),
        }
    }
    Err(failure)
}

/// How often a passage occurs, which must be once.
async fn passage(exchange: Exchange<'_>, inputs: Inputs<'_>, step: &Passage) -> Result<Found, Failure> {
    let Some(wanted) = inputs.arguments.text(step.argument) else { return Ok(Found::new()) };
    let response = exchange.read(look_up(step.path, step.query, inputs, exchange.base_url)).await?;
    let storage = projection::value(&response.body, &step.text).unwrap_or_default();
    let times = markup::occurrences(&storage, &wanted);
    if times != 1 {
        return Err(Failure::Argument(ArgumentProblem::Passage { name: step.argument, times }));
    }
    let (count, index) = step.finds;
    Ok(vec![(count, Value::Integer(1)), (index, Value::Integer(0))])
}

/// The commits that ambiguous references name: those with a slash, which the path of a request cannot hold.
async fn resolve(exchange: Exchange<'_>, inputs: Inputs<'_>, step: &Resolve) -> Result<Found, Failure> {
    let given = inputs.arguments.text(step.argument).filter(|given| given.contains('/'));
    let Some(given) = given else { return Ok(Found::new()) };
    let mut commits = Vec::new();
    for reference in given.split("..") {
        commits.push(if reference.contains('/') {
            commit(exchange, inputs, step, reference).await?.into()
        } else {
            Cow::Borrowed(reference)
        });
    }
    Ok(vec![(step.argument, Value::Text(commits.join("..")))])
}

async fn commit(
    exchange: Exchange<'_>,
    inputs: Inputs<'_>,
    step: &Resolve,
    reference: &str,
) -> Result<String, Failure> {
    let named = vec![("ref", Value::Text(reference.to_owned()))];
    let mut failure = Failure::NotFound { message: String::new() };
    for path in step.paths {
        match exchange.read(look_up(path, &[], Inputs { found: &named, ..inputs }, exchange.base_url)).await {
            Ok(response) => {
                let hash = projection::value(&response.body, &step.hash);
                return match hash.and_then(|hash| value::read(Kind::Commit, &hash.into())) {
                    Some(Value::Text(hash)) => Ok(hash),
                    _ => Err(Failure::Unreadable { status: response.status }),
                };
            }
            Err(Failure::NotFound { message }) => failure = Failure::NotFound { message },
            Err(other) => return Err(other),
        }
    }
    Err(failure)
}

/// Waits for the end of what the provider has begun, and gives its answer.
///
/// # Errors
/// [`Failure::NotDone`] where it failed. Whatever else keeps its end from being known leaves a write with an unknown
/// outcome, so that nothing makes it begin again.
pub async fn after(
    exchange: Exchange<'_>,
    inputs: Inputs<'_>,
    poll: &Poll,
    begun: InboundResponse,
) -> Result<InboundResponse, Failure> {
    let writes = inputs.operation.writes();
    let unknown = |failure| if writes { Failure::UnknownOutcome { status: Some(begun.status) } } else { failure };
    let task = task(exchange, poll, &begun).ok_or_else(|| unknown(Failure::Preparing))?;
    let found: Found = inputs.found.iter().cloned().chain([task]).collect();
    for _ in 0..poll.at_most {
        exchange.context.platform.clock.sleep(Duration::from_secs(poll.every.into())).await;
        let request = look_up(poll.path, &[], Inputs { found: &found, ..inputs }, exchange.base_url);
        match exchange.read(request).await {
            Ok(response) => {
                let state = projection::value(&response.body, &poll.state).unwrap_or_default();
                if poll.done.contains(&state.as_str()) {
                    return Ok(response);
                }
                if poll.failed.contains(&state.as_str()) {
                    let reason = projection::value(&response.body, &poll.reason).unwrap_or_default();
                    return Err(Failure::NotDone { message: untrusted::label(&reason, LONGEST_REASON) });
                }
            }
            // The provider says so in place of a state.
            Err(Failure::Refused { message, .. } | Failure::Conflict { message }) => {
                return Err(Failure::NotDone { message });
            }
            Err(failure) => return Err(unknown(failure)),
        }
    }
    Err(unknown(Failure::Preparing))
}

/// What identifies the task that was begun.
fn task(exchange: Exchange<'_>, poll: &Poll, begun: &InboundResponse) -> Option<(&'static str, Value)> {
    match &poll.task {
        Task::Body(find) => pick(find, begun).ok(),
        Task::Location(name) => {
            let base = Url::parse(exchange.base_url).ok()?;
            let at = base.join(begun.header("location")?).ok().filter(|at| at.origin() == base.origin())?;
            let path = at.path().strip_prefix(base.path().trim_end_matches('/'))?;
            let values = uri_template::parse(poll.path, path)?;
            let value = values.into_iter().find(|(part, _)| part == name)?.1;
            value::read(Kind::Key, &value.into()).map(|value| (*name, value))
        }
    }
}
