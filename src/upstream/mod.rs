//! One request to a provider, and its answer made fit for a model: projected, converted, cut, or a failure
//! in words.

mod answer;
mod bounds;
mod build;
mod credential;
pub mod cursor;
mod cut;
mod diff;
mod each;
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
mod provenance;
mod quota;
mod received;
pub mod request;
mod rows;
mod sections;
mod spent_quotas;
mod steps;
mod storage;
pub mod suspicious;
mod text;
pub mod tokens;
mod undo;
mod whereabouts;

pub use credential::Credential;
pub use failure::Failure;
pub use provenance::{Authors, Counts, Provenance, Standing};
pub use quota::{LowQuota, Quota};
pub use received::Received;
pub use rows::{RowDetail, RowFilter};
pub use whereabouts::{Wanted as WantedPlaces, Whereabouts, locate};

use futures::future::{join, join_all};
use url::Url;

use crate::{
    catalog::{
        arguments::Arguments,
        operation::{Answer as Kept, AnswerPart, Bounds, Call, Operation, PARTS, Read, Tree},
        value::Value,
    },
    context::Context,
    crypto::digest,
    identifiers::Subject,
    platform::{Fault, fetch::InboundResponse, log::Level},
};
use cursor::Position;
use exchange::Exchange;
use received::Response;
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
    /// Whose texts it shows; `None` where it shows none of others.
    pub authors: Option<Box<Authors>>,
    /// Whence those texts come, once that is judged.
    pub provenance: Option<Box<Provenance>>,
}

impl Answer {
    /// Words of Postern's own.
    pub const fn words(text: String) -> Self {
        Self { text, goes_on: false, status: None, quota: None, authors: None, provenance: None }
    }

    /// Whether something was left out, which the first line says.
    pub fn is_cut(&self) -> bool {
        self.text.lines().next().is_some_and(|first| first.contains(answer::CUT))
    }
}

/// How much a call of this operation reads of one answer, in bytes.
pub fn most_bytes(operation: &Operation) -> usize {
    let of_each = |call: &Call| call.each.map_or(0, |_| each::MOST_BYTES);
    let of_parts = |call: &Call| call.parts.len() * request::PART_LIMIT / 2;
    let of_call = |call: &Call| request::most_bytes(call) + of_parts(call) + of_each(call);
    operation.calls().map(of_call).max().unwrap_or(0)
}

/// One call of an operation that a provider answers. Its cursors are for this subject alone.
#[derive(Clone, Copy)]
pub struct Ask<'a, 'c> {
    pub context: &'a Context,
    pub subject: &'a Subject,
    pub operation: &'a Operation,
    pub arguments: &'a Arguments,
    pub wanted: Wanted,
    /// Decides on each row before it is written.
    pub filter: &'a dyn RowFilter,
    pub credential: &'c Credential,
    /// Hears how far it is where its end is waited for.
    pub progress: &'c dyn Fn(&str),
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
    let base_url = credential.base_url().unwrap_or(&context.settings.sites.get(site)?.base_url);
    let exchange = Exchange { context, site, base_url, credential };
    Ok(exchange.read(request::look_up_id(&format!("/{path}"), "", base_url)).await)
}

/// Reads what a credential's site tells everybody at that address of its own host.
///
/// # Errors
/// Where the site is not set up.
pub async fn read_openly(
    context: &Context,
    credential: &Credential,
    path: &str,
) -> Result<Result<InboundResponse, Failure>, Fault> {
    let site = credential.site();
    let base_url = &context.settings.sites.get(site)?.base_url;
    let url = Url::parse(base_url).and_then(|base| base.join(&format!("/{path}")));
    let url = url.map_err(|error| Fault::new("provider URL", error))?;
    let exchange = Exchange { context, site, base_url, credential };
    Ok(exchange.read(request::look_up_id(url.as_str(), "", "")).await)
}

/// Runs an operation: its request, with the steps before and after it. An answer of any length is made of what comes back.
///
/// # Errors
/// [`Failure::Unauthorized`] where a refreshed credential may help; all others are final for this call.
pub async fn run<'a>(ask: Ask<'a, '_>) -> Result<Received<'a>, Failure> {
    let result = attempt(ask).await;
    if let Err(Failure::Fault(fault)) = &result {
        ask.context.log(Level::Error, "a provider could not be asked", &[("fault", fault.to_string().into())]);
    }
    result
}

/// Between a commit and the branch that it goes into.
pub const INTO: &str = " into ";

/// What an approval of this call is bound to, as the provider says it now; `None` where the arguments say it all.
///
/// # Errors
/// As [`run`].
pub async fn binding(
    context: &Context,
    operation: &Operation,
    arguments: &Arguments,
    credential: &Credential,
) -> Result<Option<String>, Failure> {
    let states: Vec<String> = match operation.approval_binding {
        Some(read) => {
            let found = find(context, operation, arguments, read, credential).await?;
            found.iter().map(|(_, value)| value.text().into_owned()).collect()
        }
        None if operation.writes() => {
            whereabouts::states(exchange(context, arguments, credential)?, operation, arguments).await?
        }
        None => Vec::new(),
    };
    let short = |state: String| if state.len() > LONGEST_STATE { digest::sha256_hex(&state) } else { state };
    let states: Vec<_> = states.into_iter().map(short).collect();
    Ok((!states.is_empty()).then(|| states.join(INTO)))
}

/// Of what an approval is bound to, in bytes: of a longer text, such as a draft's, it is the digest.
const LONGEST_STATE: usize = 300;

/// What one look-up finds of what a call names.
///
/// # Errors
/// As [`run`], and where the answer does not hold what is looked for.
pub async fn find(
    context: &Context,
    operation: &Operation,
    arguments: &Arguments,
    read: &Read,
    credential: &Credential,
) -> Result<Found, Failure> {
    call_of(operation, arguments)?;
    let exchange = exchange(context, arguments, credential)?;
    steps::read(exchange, Inputs { operation, arguments, found: &Found::new() }, read).await
}

/// Looks up what a call looks up before its request, and sends no request: what would end it there ends it here.
///
/// # Errors
/// As [`run`].
pub async fn look_up(ask: Ask<'_, '_>) -> Result<(), Failure> {
    let Ask { context, operation, arguments, filter, credential, .. } = ask;
    let call = call_of(operation, arguments)?;
    let exchange = exchange(context, arguments, credential)?;
    if let Bounds::Places(located) = &call.bounds {
        bounds::keep_within(exchange, filter, located, arguments).await?;
    }
    steps::before(exchange, operation, call, arguments).await.map(drop)
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

/// The call's own words, where nothing is left to be asked of the provider.
fn words<'a>(text: String, status: Option<u16>) -> Received<'a> {
    Received::Words(Answer { status, ..Answer::words(text) })
}

async fn attempt<'a>(ask: Ask<'a, '_>) -> Result<Received<'a>, Failure> {
    let Ask { context, subject, operation, arguments, wanted, filter, credential, progress } = ask;
    let call = call_of(operation, arguments)?;
    let exchange = exchange(context, arguments, credential)?;
    let keys = &context.settings.signing_keys;
    let position =
        arguments.cursor().map(|cursor| cursor::open(keys, subject, operation, arguments, &cursor)).transpose()?;
    if let Bounds::Places(located) = &call.bounds {
        bounds::keep_within(exchange, filter, located, arguments).await?;
    }
    let mut found = steps::before(exchange, operation, call, arguments).await?;
    let edit = match call.edit {
        None => None,
        Some(edit) => {
            Some(edits::Prepared::read(exchange, Inputs { operation, arguments, found: &found }, edit).await?)
        }
    };
    if let Some(edit) = &edit {
        if edits::is_only_checked(arguments) {
            let checked = Answer::words(edit.checked(arguments.target()));
            return Ok(Received::Words(Answer { authors: Some(Box::new(Authors::anybody())), ..checked }));
        }
        found.extend(edit.written());
    }
    let inputs = Inputs { operation, arguments, found: &found };
    let wanted_parts = parts(call, arguments, wanted);
    let reads = wanted_parts.iter().map(|part| exchange.read(request::build_part(part, inputs, exchange.base_url)));
    let (sent, reads) = join(send(exchange, call, inputs, position.as_ref()), join_all(reads)).await;
    let response = match (sent, &edit) {
        (Err(Failure::Conflict { .. }), Some(edit)) => return Err(edit.conflict(exchange, inputs).await),
        (sent, _) => sent?,
    };
    let response = match call.after.as_ref().filter(|_| response.status == 202) {
        None => response,
        Some(poll) => match steps::after(exchange, inputs, poll, response, progress).await? {
            Waited::Ended(response) => response,
            Waited::StillRunning => return Ok(words(still_running(exchange, call, arguments), Some(202))),
        },
    };
    let names = names::look_up(exchange, call, &response.body).await;
    let directory = match &call.answer {
        Kept::Source(tree) => is_directory(exchange, call, inputs, &response, position.as_ref(), tree).await?,
        _ => false,
    };
    let steps = match &call.answer {
        Kept::Build(kept) if arguments.get(kept.step).is_none() => Some(build::steps(exchange, inputs, kept).await?),
        _ => None,
    };
    Ok(Received::Response(Box::new(Response {
        context,
        subject,
        operation,
        call,
        arguments,
        wanted,
        filter,
        base_url: exchange.base_url.to_owned(),
        has_base_of_its_own: credential.base_url().is_some(),
        position,
        parts: wanted_parts.into_iter().zip(reads).collect(),
        found,
        names,
        directory,
        steps,
        edit,
        response,
    })))
}

/// Sends the request of the call itself.
async fn send(
    exchange: Exchange<'_>,
    call: &Call,
    inputs: Inputs<'_>,
    position: Option<&Position>,
) -> Result<InboundResponse, Failure> {
    let base_url = exchange.base_url;
    match &call.answer {
        Kept::Build(kept) if inputs.arguments.get(kept.step).is_some() => {
            exchange.read(request::log(kept.log, inputs, base_url, log::range(position))).await
        }
        answer => {
            let page = match position {
                Some(Position::Page { query, .. }) => Some(query.as_str()),
                _ => None,
            };
            if let (Some(each), Kept::Rows(rows)) = (call.each, answer) {
                return each::send(exchange, call, (each, rows), inputs, page).await;
            }
            let mut request = request::build(call, inputs, base_url, page);
            if matches!(answer, Kept::Log) {
                request.headers.push(log::range(position));
            }
            exchange.send(request, inputs.operation.class).await
        }
    }
}

fn still_running(exchange: Exchange<'_>, call: &Call, arguments: &Arguments) -> String {
    format!(
        "Still running: {} goes on with {} by itself. Do not repeat it: {}.",
        exchange.site.title(),
        arguments.target(),
        call.when_unknown
    )
}

/// Whether what came back is the listing of a directory, of which the provider is asked where it may be a file as well.
async fn is_directory(
    exchange: Exchange<'_>,
    call: &Call,
    inputs: Inputs<'_>,
    response: &InboundResponse,
    position: Option<&Position>,
    tree: &Tree,
) -> Result<bool, Failure> {
    if let Some(known) = answer::is_directory(inputs.arguments, position, response, tree, exchange.base_url) {
        return Ok(known);
    }
    let request = request::build(call, inputs, exchange.base_url, Some(tree.description));
    Ok(answer::describes_directory(&exchange.read(request).await?, tree))
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

#[cfg(test)]
mod contract;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
