//! One request to a provider, and its answer made fit for a model: projected, converted, cut, or a failure
//! in words.

mod answer;
mod credential;
pub mod cursor;
mod cut;
mod exchange;
mod failure;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzed;
pub mod markdown;
mod markup;
mod moment;
mod projection;
pub mod request;
mod text;

pub use credential::Credential;
pub use failure::Failure;

use crate::{
    catalog::{
        arguments::Arguments,
        operation::{Answer as Kept, Bounds, Call, InSpace, Operation, Resolve},
        reach::Realm,
    },
    context::Context,
    identifiers::Subject,
    platform::{Fault, log::Level},
    providers::Provider,
};
use answer::Shaping;
use cursor::Position;
use request::Resolved;

/// What of an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All that is kept, as a model reads it.
    Text,
    /// The values of one column of a list.
    Column(&'static str),
}

/// What a provider answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Of a column, a value a line.
    pub text: String,
    /// Of a column: the list has another page.
    pub goes_on: bool,
    /// The provider's status, 2xx; `None` where Postern answered by itself.
    pub status: Option<u16>,
}

/// How much a call of this operation reads of one answer, in bytes.
pub fn most_bytes(operation: &Operation) -> usize {
    operation.call.as_ref().map_or(0, request::most_bytes)
}

/// Runs an operation that a provider answers: one request, with a look-up before it where an argument is
/// ambiguous. Its cursors are for this subject alone.
///
/// # Errors
/// [`Failure::Unauthorized`] where a refreshed credential may help; all others are final for this call.
pub async fn run(
    context: &Context,
    subject: &Subject,
    operation: &Operation,
    arguments: &Arguments,
    wanted: Wanted,
    credential: &Credential,
) -> Result<Answer, Failure> {
    let result = attempt(context, subject, operation, arguments, wanted, credential).await;
    if let Err(Failure::Fault(fault)) = &result {
        context.log(Level::Error, "a provider could not be asked", &[("fault", fault.to_string().into())]);
    }
    result
}

async fn attempt(
    context: &Context,
    subject: &Subject,
    operation: &Operation,
    arguments: &Arguments,
    wanted: Wanted,
    credential: &Credential,
) -> Result<Answer, Failure> {
    let Some(call) = &operation.call else {
        return Err(Failure::Fault(Fault::new("upstream", "an operation of Postern's own was sent upstream")));
    };
    let base_url = context.settings.site(call.provider).map_err(Failure::Fault)?.base_url.as_str();
    let keys = &context.settings.signing_keys;
    let position =
        arguments.cursor().map(|cursor| cursor::open(keys, subject, operation, arguments, &cursor)).transpose()?;
    let hash = look_up(context, operation, call, arguments, base_url, credential).await?;
    let resolved = hash.as_ref().map(|(argument, hash)| Resolved { argument, value: hash });
    let page = match &position {
        Some(Position::Page(query)) => Some(query.as_str()),
        _ => None,
    };
    let request = request::build(operation, call, arguments, base_url, resolved, page);
    let response = exchange::send(context, call.provider, base_url, request, credential).await?;
    let mut shaping = Shaping {
        subject,
        operation,
        call,
        arguments,
        base_url,
        keys,
        position: position.as_ref(),
        directory: false,
        reach: &context.settings.reach,
    };
    if let Bounds::InSpace(place) = &call.bounds {
        keep_within(context, call.provider, base_url, place, &response.body, credential).await?;
    }
    if let Kept::Source(tree) = &call.answer {
        shaping.directory = match shaping.is_directory(&response, tree) {
            Some(known) => known,
            None => {
                let request = request::build(operation, call, arguments, base_url, resolved, Some(tree.description));
                let description = exchange::send(context, call.provider, base_url, request, credential).await?;
                shaping.describes_directory(&description, tree)
            }
        };
    }
    let (text, goes_on) = match wanted {
        Wanted::Text => (shaping.text(&response)?, false),
        Wanted::Column(name) => shaping.column(&response, name)?,
    };
    Ok(Answer { text, goes_on, status: Some(response.status) })
}

/// Asks in which space an answer lies, where Postern is limited to some.
async fn keep_within(
    context: &Context,
    provider: &'static Provider,
    base_url: &str,
    place: &InSpace,
    answer: &[u8],
    credential: &Credential,
) -> Result<(), Failure> {
    let reach = &context.settings.reach;
    if !reach.is_limited(Realm::Spaces) {
        return Ok(());
    }
    let value = |body: &[u8], field| projection::record(body, field, base_url).ok().and_then(|mut found| found.pop());
    let id = value(answer, place.id).filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()));
    let key = match id {
        Some(id) => {
            let request = request::look_up_id(place.path, &id, base_url);
            value(&exchange::send(context, provider, base_url, request, credential).await?.body, place.key)
        }
        None => None,
    };
    let is_within = key.is_some_and(|key| reach.permits(Realm::Spaces, &key));
    if is_within { Ok(()) } else { Err(Failure::OutOfReach(reach.refusal(Realm::Spaces, None))) }
}

/// The commit that an ambiguous reference names: one with a slash, which the path of a request cannot hold.
async fn look_up(
    context: &Context,
    operation: &Operation,
    call: &Call,
    arguments: &Arguments,
    base_url: &str,
    credential: &Credential,
) -> Result<Option<(&'static str, String)>, Failure> {
    let Some(Resolve { argument, paths, hash }) = &call.resolve else { return Ok(None) };
    if !arguments.text(argument).is_some_and(|reference| reference.contains('/')) {
        return Ok(None);
    }
    let mut failure = Failure::NotFound { message: String::new() };
    for path in *paths {
        let request = request::look_up(operation, path, arguments, base_url);
        match exchange::send(context, call.provider, base_url, request, credential).await {
            Ok(response) => {
                let found = projection::record(&response.body, hash, base_url).ok().and_then(|mut found| found.pop());
                let is_hash = |hash: &String| hash.len() >= 7 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
                let found = found.filter(is_hash).ok_or(Failure::Unreadable { status: response.status })?;
                return Ok(Some((argument, found)));
            }
            Err(Failure::NotFound { message }) => failure = Failure::NotFound { message },
            Err(other) => return Err(other),
        }
    }
    Err(failure)
}

#[cfg(test)]
mod contract;
#[cfg(test)]
mod tests;
