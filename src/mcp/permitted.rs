//! Which tools a principal may use: what lists, and streams that tell of their changes, follow from.

use serde_json::Value;

use super::listening::Heard;
use crate::{
    authorization::bearer::Principal,
    catalog::{self, operation::Operation},
    governance::decision::Verdict,
    identifiers::GrantId,
    platform::Fault,
    postern::Postern,
    session::{
        self,
        command::{Command, Reply, Tool},
        streams::Stream,
    },
};

/// The operations this principal may use, in catalogue order: whatever is listed follows from them. `None` where
/// the principal's grant has ended.
///
/// # Errors
/// Where the policy could not be read.
pub async fn permitted(postern: &Postern, principal: &Principal) -> Result<Option<Vec<&'static Operation>>, Fault> {
    match decided(postern, principal, |grant, tools| Command::Permitted { grant, tools }).await? {
        Reply::Permitted(verdicts) => Ok(Some(allowed(&verdicts).collect())),
        Reply::GrantEnded => Ok(None),
        _ => Err(Fault::new("session", "an unexpected reply to a listing")),
    }
}

/// What a stream that tells of changes hears: `tools/list` of this moment.
///
/// # Errors
/// Where the policy could not be read.
pub async fn heard(postern: &Postern, principal: &Principal, stream: Stream) -> Result<Heard, Fault> {
    match decided(postern, principal, |grant, tools| Command::Listen { grant, tools, stream }).await? {
        Reply::Permitted(verdicts) => {
            Ok(Heard::List(allowed(&verdicts).map(|operation| definition(&operation)).collect()))
        }
        Reply::GrantEnded => Ok(Heard::GrantEnded),
        Reply::ListenAnew => Ok(Heard::ListenAnew),
        _ => Err(Fault::new("session", "an unexpected reply to a stream")),
    }
}

async fn decided(
    postern: &Postern,
    principal: &Principal,
    command: impl FnOnce(GrantId, Vec<Tool>) -> Command,
) -> Result<Reply, Fault> {
    let tools = catalog::ALL.iter().map(|operation| Tool {
        name: operation.name.to_owned(),
        definition_digest: catalog::schema::digest(operation),
        account: operation.personal_account(),
    });
    session::turn(postern, &principal.subject, command(principal.grant.clone(), tools.collect())).await
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
