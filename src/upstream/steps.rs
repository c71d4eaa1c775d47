//! What is asked before a request, and how the end of what it began is waited for.

use std::{borrow::Cow, slice, time::Duration};

use url::Url;

use super::{
    Failure,
    diff::{Lines, Side},
    exchange::Exchange,
    markup,
    projection::{self, Keep},
    request::{Found, Inputs, look_up, look_up_diff},
};
use crate::{
    catalog::{
        arguments::{ArgumentProblem, Arguments},
        operation::{
            Absent, Call, Default as DefaultArgument, DiffLine, Find, Kind, Operation, Passage, Pick, Poll, Read,
            Resolve, Step, Task, Unmoved, Which,
        },
        uri_template,
        value::{self, DiffLines, Value},
    },
    platform::fetch::InboundResponse,
    untrusted,
};

/// In characters, of why something failed.
const LONGEST_REASON: usize = 300;
/// In characters, of a name in a sentence.
const LONGEST_NAME: usize = 60;

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
            Step::Recall(step) => recall(exchange, inputs, step).await?,
            Step::Resolve(step) => resolve(exchange, inputs, step).await?,
            Step::Which(step) => which(exchange, inputs, step).await?,
            Step::Passage(step) => passage(exchange, inputs, step).await?,
            Step::Unmoved(step) => unmoved(exchange, inputs, step).await?,
            Step::Absent(step) => absent(exchange, inputs, step).await?,
            Step::DiffLine(step) => diff_line(exchange, inputs, step).await?,
            Step::Pick(step) => pick_element(exchange, inputs, step).await?,
            Step::Default(step) => default(exchange, inputs, step).await?,
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
    picked(step, &response)
}

/// What a look-up's answer holds of what it looks for.
///
/// # Errors
/// Where it does not hold it.
pub fn picked(step: &Read, response: &InboundResponse) -> Result<Found, Failure> {
    step.finds.iter().map(|find| pick(find, response)).collect()
}

/// What one look-up finds of what is to be recalled.
async fn recall(exchange: Exchange<'_>, inputs: Inputs<'_>, step: &Read) -> Result<Found, Failure> {
    let response = exchange.read(look_up(step.path, step.query, inputs, exchange.base_url)).await?;
    Ok(step.finds.iter().filter_map(|find| pick(find, &response).ok()).collect())
}

/// What identifies the element that an argument names by its place or its name. Anything else identifies one already.
async fn pick_element(exchange: Exchange<'_>, inputs: Inputs<'_>, step: &Pick) -> Result<Found, Failure> {
    let is_id = |given: &str| given.starts_with('{') && value::read(Kind::Key, &given.into()).is_some();
    let Some(given) = inputs.arguments.text(step.argument).filter(|given| !is_id(given)) else {
        return Ok(Found::new());
    };
    let response = exchange.read(look_up(step.path, step.query, inputs, exchange.base_url)).await?;
    let unreadable = || Failure::Unreadable { status: response.status };
    let table = projection::table(&response.body, &step.elements, &[], exchange.base_url, Keep::default())
        .map_err(|_| unreadable())?;
    let elements: Vec<_> = table.text.lines().skip(1).filter_map(|row| row.split_once('\t')).collect();
    let place = given.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
    let by_name = || elements.iter().find(|(_, name)| name.eq_ignore_ascii_case(&given));
    let Some((id, _)) = place.and_then(|place| elements.get(place)).or_else(by_name) else {
        let given = format!("`{}`", untrusted::label(&given, LONGEST_NAME));
        return Err(ArgumentProblem::Place { name: step.argument, count: elements.len(), given }.into());
    };
    let id = value::read(Kind::Key, &(*id).into()).ok_or_else(unreadable)?;
    Ok(vec![(step.argument, id)])
}

/// What an argument is that the call leaves out.
async fn default(exchange: Exchange<'_>, inputs: Inputs<'_>, step: &DefaultArgument) -> Result<Found, Failure> {
    let is_given = |find: &Find| inputs.arguments.get(find.field.name).is_some();
    if step.read.finds.iter().any(is_given) {
        return Ok(Found::new());
    }
    let found = recall(exchange, inputs, &step.read).await?;
    if found.is_empty() { Err(ArgumentProblem::NoDefault(step.when_none).into()) } else { Ok(found) }
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

/// Ends the call where the commit that was decided on is not the one that is there.
async fn unmoved(exchange: Exchange<'_>, inputs: Inputs<'_>, step: &Unmoved) -> Result<Found, Failure> {
    let found = read(exchange, inputs, step.read).await?;
    let now = found.iter().find(|(name, _)| *name == step.field).map(|(_, value)| value.text()).unwrap_or_default();
    let decided = inputs.arguments.text(step.argument).unwrap_or_default();
    // Providers shorten hashes where they embed them.
    if !decided.is_empty() && (now.starts_with(&*decided) || decided.starts_with(&*now)) && !now.is_empty() {
        return Ok(Found::new());
    }
    let (target, argument) = (inputs.arguments.target(), step.argument);
    Err(Failure::NotSent {
        reason: "moved on since the commit that was decided on",
        sentence: format!(
            "{target} is at commit {now} now, not at {decided}. Read what changed since, then call again with {argument} \
             `{now}` if it is still right."
        ),
    })
}

/// Ends the call where what it would make is there already.
async fn absent(exchange: Exchange<'_>, inputs: Inputs<'_>, step: &Absent) -> Result<Found, Failure> {
    let response = exchange.read(look_up(step.path, step.query, inputs, exchange.base_url)).await?;
    let Some(found) = projection::value(&response.body, &step.field) else { return Ok(Found::new()) };
    let found = untrusted::label(&found, LONGEST_REASON);
    let name = |name: &str| untrusted::label(name, LONGEST_REASON);
    let sentence = inputs.arguments.fill(&step.sentence.replace("{found}", &found), name);
    Err(Failure::NotSent { reason: "it is there already", sentence })
}

/// Ends the call where the diff does not have the lines that it is about; finds their text, and the first of several.
async fn diff_line(exchange: Exchange<'_>, inputs: Inputs<'_>, step: &DiffLine) -> Result<Found, Failure> {
    let Some(wanted) = inputs.arguments.text(step.lines).and_then(|lines| value::diff_lines(&lines)) else {
        return Ok(Found::new());
    };
    let DiffLines { are_old, first, last } = wanted;
    let (side, [name_of_last, name_of_first]) = if are_old { (Side::Old, step.old) } else { (Side::New, step.new) };
    let response = exchange.read(look_up_diff(step.path, step.query, inputs, exchange.base_url)).await?;
    let path = inputs.arguments.text(step.file).unwrap_or_default();
    let diff = String::from_utf8_lossy(&response.body);
    let lines = Lines::of(&diff, &path);
    if let Some(text) = lines.text(side, first, last) {
        let mut found = vec![(step.text, Value::Text(text)), (name_of_last, Value::Integer(last.into()))];
        if first < last {
            found.push((name_of_first, Value::Integer(first.into())));
        }
        return Ok(found);
    }
    let (target, path) = (inputs.arguments.target(), untrusted::label(&path, LONGEST_REASON));
    let sentence = if lines.is_empty() {
        format!("{target} does not change the text of `{path}`. {}", step.when_missing)
    } else {
        let (new, old) = (lines.stretches(Side::New), lines.stretches(Side::Old));
        let new = (!new.is_empty()).then(|| format!("lines {new}"));
        let old = (!old.is_empty()).then(|| format!("removed lines `old` {old}"));
        let has: Vec<_> = [new, old].into_iter().flatten().collect();
        let has = has.join(" and ");
        format!(
            "the diff of {target} does not have `{}` {wanted} of `{path}`. It has {has}. Call again with some of them.",
            step.lines
        )
    };
    Err(Failure::NotSent { reason: "the diff does not have that line", sentence })
}

/// How waiting for something ended.
pub enum Waited {
    Ended(InboundResponse),
    /// It goes on.
    StillRunning,
}

/// Waits for the end of what the provider has begun, says before each look how far it is, and gives the last answer.
///
/// # Errors
/// [`Failure::NotDone`] where it failed. Whatever else keeps its end from being known leaves a write with an unknown
/// outcome, so that nothing makes it begin again.
pub async fn after(
    exchange: Exchange<'_>,
    inputs: Inputs<'_>,
    poll: &Poll,
    begun: InboundResponse,
    progress: &dyn Fn(&str),
) -> Result<Waited, Failure> {
    let writes = inputs.operation.writes();
    let unknown = |failure| if writes { Failure::UnknownOutcome { status: Some(begun.status) } } else { failure };
    let task = task(exchange, poll, &begun).ok_or_else(|| unknown(Failure::Preparing))?;
    let found: Found = inputs.found.iter().cloned().chain([task]).collect();
    for looks in 0..poll.at_most {
        let (site, target) = (exchange.site.title(), inputs.arguments.target());
        progress(&format!("{site} is at work on {target}; looked at {looks} of {} times", poll.at_most));
        exchange.context.platform.clock.sleep(Duration::from_secs(poll.every.into())).await;
        let request = look_up(poll.path, &[], Inputs { found: &found, ..inputs }, exchange.base_url);
        match exchange.read(request).await {
            Ok(response) => {
                let state = projection::value(&response.body, &poll.state).unwrap_or_default();
                if poll.done.contains(&state.as_str()) {
                    return Ok(Waited::Ended(response));
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
    if writes { Ok(Waited::StillRunning) } else { Err(Failure::Preparing) }
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
