//! Which tools a principal may use: what lists, and streams that tell of their changes, follow from.

use serde_json::{Value, json};

use super::{jsonrpc::Error, listening::Heard};
use crate::{
    authorization::principal::Principal,
    catalog::{self, operation::Operation},
    context::Context,
    governance::decision::Verdict,
    identifiers::GrantId,
    platform::Fault,
    session::{
        self,
        command::{Command, Reply, Tool},
        streams::Stream,
    },
};

/// What comes of asking what may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permitted<T> {
    These(T),
    /// The principal's grant has ended.
    GrantEnded,
    /// Too much was asked for in a short time.
    TooMany {
        retry_after_milliseconds: u64,
    },
}

impl<T> Permitted<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Permitted<U> {
        match self {
            Self::These(these) => Permitted::These(change(these)),
            Self::GrantEnded => Permitted::GrantEnded,
            Self::TooMany { retry_after_milliseconds } => Permitted::TooMany { retry_after_milliseconds },
        }
    }
}

/// The words for who asked for too much, and the error of methods that have none of their own.
pub fn too_many(retry_after_milliseconds: u64) -> Error {
    let seconds = retry_after_milliseconds.div_ceil(1000);
    Error::new(Error::TOO_MANY, format!("too many requests in a short time; wait {seconds} s, then ask again"))
        .with_data(json!({ "retryAfterSeconds": seconds }))
}

/// The operations this principal may use, in catalogue order: whatever is listed follows from them.
///
/// # Errors
/// Where the policy could not be read.
pub async fn permitted(context: &Context, principal: &Principal) -> Result<Permitted<Vec<&'static Operation>>, Fault> {
    match decided(context, principal, |grant, tools| Command::Permitted { grant, tools }).await? {
        Reply::Permitted(verdicts) => Ok(Permitted::These(allowed(&verdicts).collect())),
        Reply::GrantEnded => Ok(Permitted::GrantEnded),
        Reply::RateLimited { retry_after_milliseconds } => Ok(Permitted::TooMany { retry_after_milliseconds }),
        _ => Err(Fault::new("session", "an unexpected reply to a listing")),
    }
}

/// What a stream that tells of changes hears: `tools/list` of this moment.
///
/// # Errors
/// Where the policy could not be read.
pub async fn heard(context: &Context, principal: &Principal, stream: Stream, opens: bool) -> Result<Heard, Fault> {
    match decided(context, principal, |grant, tools| Command::Listen { grant, tools, stream, opens }).await? {
        Reply::Permitted(verdicts) => {
            Ok(Heard::List(allowed(&verdicts).map(|operation| definition(&operation)).collect()))
        }
        Reply::GrantEnded => Ok(Heard::GrantEnded),
        Reply::ListenAnew => Ok(Heard::ListenAnew),
        Reply::RateLimited { retry_after_milliseconds } => Ok(Heard::TooMany { retry_after_milliseconds }),
        _ => Err(Fault::new("session", "an unexpected reply to a stream")),
    }
}

async fn decided(
    context: &Context,
    principal: &Principal,
    command: impl FnOnce(GrantId, Vec<Tool>) -> Command,
) -> Result<Reply, Fault> {
    let tools = catalog::ALL.iter().map(|operation| Tool {
        name: operation.name.to_owned(),
        definition_digest: catalog::schema::digest(operation),
        account: operation.personal_account(),
    });
    session::turn(context, &principal.subject, command(principal.grant.clone(), tools.collect())).await
}

/// The operations of which the verdict is so; there is one verdict for each, in catalogue order.
fn allowed(verdicts: &[Verdict]) -> impl Iterator<Item = &'static Operation> {
    catalog::ALL
        .iter()
        .zip(verdicts)
        .filter(|(_, verdict)| **verdict == Verdict::Allowed)
        .map(|(operation, _)| *operation)
}

/// The definition of a tool, as `tools/list` has it.
pub fn definition(operation: &&'static Operation) -> Value {
    catalog::schema::definition(operation)
}
