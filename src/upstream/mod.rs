//! One request to a provider, and its answer made fit for a model: projected, converted, cut, or a failure
//! in words.

mod answer;
mod bounds;
mod build;
mod credential;
pub mod cursor;
mod cut;
mod diff;
pub mod editing;
mod edits;
mod excerpt;
mod exchange;
mod failure;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz_assertions;
mod line_diff;
mod log;
pub mod markdown;
mod markup;
mod masking;
mod moment;
mod names;
mod projection;
mod quota;
pub mod request;
mod rows;
mod sections;
mod spent_quotas;
mod steps;
mod storage;
mod text;
pub mod tokens;
mod undo;

pub use credential::Credential;
pub use failure::Failure;
pub use quota::Quota;
pub use rows::RowFilter;

use futures::future::{join, join_all};

use crate::{
    catalog::{
        arguments::Arguments,
        operation::{Answer as Kept, AnswerPart, Binding, Bounds, Call, Operation, PARTS},
        value::Value,
    },
    context::Context,
    identifiers::Subject,
    platform::{Fault, fetch::InboundResponse, log::Level},
    providers::SiteSettings,
    untrusted,
};
use answer::Shaping;
use cursor::Position;
use exchange::Exchange;
use request::{Found, Inputs};
use steps::Waited;

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
    /// What the provider says is left of its quota.
    pub quota: Option<Quota>,
}

/// How much a call of this operation reads of one answer, in bytes.
pub fn most_bytes(operation: &Operation) -> usize {
    let of_call = |call: &Call| request::most_bytes(call) + call.parts.len() * request::PART_LIMIT / 2;
    operation.calls().map(of_call).max().unwrap_or(0)
}

/// One call of an operation that a provider answers. Its cursors are for this subject alone.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub context: &'a Context,
    pub subject: &'a Subject,
    pub operation: &'a Operation,
    pub arguments: &'a Arguments,
    pub wanted: Wanted,
    /// Decides on each row before it is written.
    pub filter: &'a dyn RowFilter,
    pub credential: &'a Credential,
    /// Hears how far it is where its end is waited for.
    pub progress: &'a dyn Fn(&str),
}

/// Reads at that path of a credential's site, to find out what the provider says of the credential.
///
/// # Errors
/// Where the site is not set up.
pub async fn probe(
    context: &Context,
    credential: &Credential,
    path: &str,
) -> Result<Result<InboundResponse, Failure>, Fault> {
    let site = credential.site();
    let base_url = &context.settings.sites.get(site)?.base_url;
    let exchange = Exchange { context, site, base_url, credential };
    Ok(exchange.read(request::look_up_id(&format!("/{path}"), "", base_url)).await)
}

/// Runs an operation: its request, with the steps before and after it.
///
/// # Errors
/// [`Failure::Unauthorized`] where a refreshed credential may help; all others are final for this call.
pub async fn run(ask: Ask<'_>) -> Result<Answer, Failure> {
    let result = attempt(ask).await;
    if let Err(Failure::Fault(fault)) = &result {
        ask.context.log(Level::Error, "a provider could not be asked", &[("fault", fault.to_string().into())]);
    }
    result
}

/// What an approval of this call is bound to, as the provider says it now; `None` where the arguments say it all.
///
/// # Errors
/// As [`run`].
#[cfg_attr(not(test), allow(dead_code, reason = "approvals of single calls read it once there are any"))]
pub async fn binding(
    context: &Context,
    operation: &Operation,
    arguments: &Arguments,
    credential: &Credential,
) -> Result<Option<String>, Failure> {
    let Some(Binding { read, field }) = &operation.approval_binding else { return Ok(None) };
    call_of(operation, arguments)?;
    let exchange = exchange(context, arguments, credential)?;
    let found = steps::read(exchange, Inputs { operation, arguments, found: &Found::new() }, read).await?;
    Ok(found.iter().find(|(name, _)| name == field).map(|(_, value)| value.text().into_owned()))
}

fn call_of<'o>(operation: &'o Operation, arguments: &Arguments) -> Result<&'o Call, Failure> {
    let own = || Failure::Fault(Fault::new("upstream", "an operation of Postern's own was sent upstream"));
    arguments.call_of(operation).ok_or_else(own)
}

/// The exchange with the site that the credential is of. A call that was decided on for another one is never sent.
fn exchange<'a>(
    context: &'a Context,
    arguments: &Arguments,
    credential: &'a Credential,
) -> Result<Exchange<'a>, Failure> {
    let site = credential.site();
    if arguments.site() != Some(site) {
        let detail = format!("a call met the credential of another site, {site}");
        return Err(Failure::Fault(Fault::new("upstream", detail)));
    }
    let settings = context.settings.sites.get(site).map_err(Failure::Fault)?;
    let base_url = credential.base_url().unwrap_or(&settings.base_url);
    Ok(Exchange { context, site, base_url, credential })
}

async fn attempt(ask: Ask<'_>) -> Result<Answer, Failure> {
    let Ask { context, subject, operation, arguments, wanted, filter, credential, progress } = ask;
    let call = call_of(operation, arguments)?;
    let exchange = exchange(context, arguments, credential)?;
    let base_url = exchange.base_url;
    let keys = &context.settings.signing_keys;
    let position =
        arguments.cursor().map(|cursor| cursor::open(keys, subject, operation, arguments, &cursor)).transpose()?;
    if let Bounds::Places(located) = &call.bounds {
        bounds::keep_within(exchange, filter, located, arguments).await?;
    }
    let found = steps::before(exchange, operation, call, arguments).await?;
    let inputs = Inputs { operation, arguments, found: &found };
    let edit = match call.edit {
        None => None,
        Some(edit) => {
            let text = edits::read(exchange, inputs, edit).await?;
            let change = edits::change(exchange, inputs, edit, &text).await?;
            if edits::is_only_checked(arguments) {
                let text = edits::checked(arguments.target(), &text, &change);
                return Ok(Answer { text, goes_on: false, status: None, quota: None });
            }
            Some((edit, text, change))
        }
    };
    let found = match &edit {
        None => found,
        Some((_, text, change)) => found.into_iter().chain(text.written(&change.storage)).collect(),
    };
    let inputs = Inputs { operation, arguments, found: &found };
    let page = match &position {
        Some(Position::Page { query, .. }) => Some(query.as_str()),
        _ => None,
    };
    let wanted_parts = parts(call, arguments, wanted);
    let main = async {
        let range = || log::range(position.as_ref());
        match &call.answer {
            Kept::Build(kept) if arguments.get(kept.step).is_some() => {
                exchange.read(request::log(kept.log, inputs, base_url, range())).await
            }
            answer => {
                let mut request = request::build(call, inputs, base_url, page);
                if matches!(answer, Kept::Log) {
                    request.headers.push(range());
                }
                exchange.send(request, operation.class).await
            }
        }
    };
    let reads = wanted_parts.iter().map(|part| exchange.read(request::build_part(part, inputs, base_url)));
    let (main, reads) = join(main, join_all(reads)).await;
    let mut response = match (main, &edit) {
        (Err(Failure::Conflict { .. }), Some((edit, text, change))) => {
            return Err(edits::conflict(exchange, inputs, edit, text, change).await);
        }
        (main, _) => main?,
    };
    let quota = Quota::of(&response, context.platform.clock.now());
    let parts: Vec<_> = wanted_parts.into_iter().zip(reads).collect();
    if let Some(poll) = call.after.as_ref().filter(|_| response.status == 202) {
        response = match steps::after(exchange, inputs, poll, response, progress).await? {
            Waited::Ended(response) => response,
            Waited::StillRunning => {
                let text = format!(
                    "Still running: {} goes on with {} by itself. Do not repeat it: {}.",
                    exchange.site.title(),
                    arguments.target(),
                    call.when_unknown
                );
                return Ok(Answer { text, goes_on: false, status: Some(202), quota });
            }
        };
    }
    let mut shaping = Shaping {
        subject,
        operation,
        call,
        arguments,
        base_url,
        web_base: credential
            .base_url()
            .and(context.settings.sites.get(exchange.site).ok())
            .and_then(SiteSettings::web_base),
        keys,
        position: position.as_ref(),
        directory: false,
        filter,
        found: &found,
        names: Vec::new(),
        parts: &parts,
        masks: context.settings.masks_credentials,
    };
    shaping.names = names::look_up(exchange, call, &response.body).await;
    if let Kept::Source(tree) = &call.answer {
        shaping.directory = match shaping.is_directory(&response, tree) {
            Some(known) => known,
            None => {
                let request = request::build(call, inputs, base_url, Some(tree.description));
                shaping.describes_directory(&exchange.read(request).await?, tree)
            }
        };
    }
    if let Kept::Build(kept) = &call.answer
        && arguments.get(kept.step).is_none()
    {
        let steps = build::steps(exchange, inputs, kept).await?;
        return Ok(Answer {
            text: shaping.build(&response, kept, &steps)?,
            goes_on: false,
            status: Some(response.status),
            quota,
        });
    }
    let (mut text, goes_on) = match wanted {
        Wanted::Text => (framed(call, inputs, shaping.text(&response)?, &response.body), false),
        Wanted::Column(name) => shaping.column(&response, name)?,
    };
    if let Some((_, before, change)) = &edit {
        edits::push_report(&mut text, before, change);
    }
    Ok(Answer { text, goes_on, status: Some(response.status), quota })
}

/// The parts of the answer that the call wants.
fn parts(call: &Call, arguments: &Arguments, wanted: Wanted) -> Vec<&'static AnswerPart> {
    let named = match arguments.get(PARTS) {
        Some(Value::List(named)) => Some(named),
        _ => None,
    };
    let is_wanted = |part: &&AnswerPart| match named {
        Some(named) => named.iter().any(|name| name.text() == part.name),
        None => !part.on_request,
    };
    call.parts.iter().filter(|_| wanted == Wanted::Text).filter(is_wanted).collect()
}

/// The text of an answer, below what was written about, and above what takes it back.
fn framed(call: &Call, inputs: Inputs<'_>, text: String, body: &[u8]) -> String {
    let echo = call.echo.and_then(|name| inputs.found.iter().find(|(found, _)| *found == name));
    let undo = call.undo.as_ref().and_then(|undo| undo::line(undo, inputs, body));
    let mut framed = text;
    if let Some((name, value)) = echo {
        framed.push_str(&format!("\n{name}:\n"));
        let mut prose = String::new();
        untrusted::push_prose(&mut prose, &value.text());
        untrusted::push_fenced(&mut framed, &prose);
        framed.truncate(framed.trim_end().len());
    }
    if let Some(undo) = undo {
        framed.push('\n');
        framed.push_str(&undo);
    }
    framed
}

#[cfg(test)]
mod contract;
#[cfg(test)]
mod tests;
