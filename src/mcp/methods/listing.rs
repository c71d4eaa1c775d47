//! What is listed to a principal: the operations that the policy lets them call.

use futures_util::future::join;
use serde_json::Value;

use crate::{
    audit::{self, Kind, Outcome},
    authorization::{principal::Principal, tokens::scope::Scope},
    catalog::{self, operation::Operation, schema},
    context::Context,
    governance::{
        decision::decide,
        facts::{Caller, Facts},
        policy::PolicySnapshot,
        snapshot_cache,
    },
    mcp::backend::{ListAnswer, ListenAnswer},
    platform::Fault,
    session::{
        self,
        commands::{Charge, Listen, NotHeard, Refusal},
        streams::Stream,
    },
};

/// The operations that are listed to this principal, in catalogue order: tools, resources and prompts follow from them.
///
/// # Errors
/// Where the policy could not be read.
pub async fn operations(
    context: &Context,
    principal: &Principal,
) -> Result<ListAnswer<Vec<&'static Operation>>, Fault> {
    let charge = Charge { grant: principal.grant.clone() };
    let turn = session::turn(context, &principal.subject, charge);
    let (policy, charged) = join(snapshot_cache::current(context), turn).await;
    Ok(match charged? {
        Ok(()) => ListAnswer::Entries(visible(context, &*policy?, principal).collect()),
        Err(refusal) => {
            record_refusal(context, principal, "list", refusal);
            match refusal {
                Refusal::GrantEnded => ListAnswer::GrantEnded,
                Refusal::RateLimited { retry_after_milliseconds } => ListAnswer::TooMany { retry_after_milliseconds },
            }
        }
    })
}

/// What a stream that tells of changes hears: `tools/list` of this moment.
///
/// # Errors
/// Where the policy could not be read.
pub async fn listen(
    context: &Context,
    principal: &Principal,
    stream: Stream,
    opens: bool,
) -> Result<ListenAnswer, Fault> {
    let listen = Listen { grant: principal.grant.clone(), stream, opens, catalogue: schema::catalogue_digest() };
    let turn = session::turn(context, &principal.subject, listen);
    let (policy, stays) = join(snapshot_cache::current(context), turn).await;
    Ok(match stays? {
        Ok(()) => {
            ListenAnswer::List(visible(context, &*policy?, principal).map(|operation| definition(&operation)).collect())
        }
        Err(NotHeard::ListenAnew) => ListenAnswer::ListenAnew,
        Err(NotHeard::Refused(refusal)) => {
            record_refusal(context, principal, "listen", refusal);
            match refusal {
                Refusal::GrantEnded => ListenAnswer::GrantEnded,
                Refusal::RateLimited { retry_after_milliseconds } => ListenAnswer::TooMany { retry_after_milliseconds },
            }
        }
    })
}

/// Records that a request which calls no tool was refused. What repeats is counted.
fn record_refusal(context: &Context, principal: &Principal, target: &str, refusal: Refusal) {
    let Principal { subject, client, grant, .. } = principal;
    let refused = audit::event(context, Kind::Request).of(subject.clone()).client(client).grant(grant).target(target);
    audit::gather(context, refused.ending(Outcome::Denied).because(refusal.reason()));
}

/// Who calls, as decisions see them.
pub fn caller<'a>(principal: &'a Principal, operation: &Operation) -> Caller<'a> {
    Caller {
        subject: &principal.subject,
        client: &principal.client,
        scope_suffices: principal.scopes.permit(Scope::of(operation.class)),
    }
}

fn visible(
    context: &Context,
    policy: &PolicySnapshot,
    principal: &Principal,
) -> impl Iterator<Item = &'static Operation> {
    let facts = |operation| Facts::of_entry(&context.settings, caller(principal, operation), operation);
    catalog::ALL.iter().copied().filter(move |operation| decide(policy, &facts(operation)).is_listed())
}

/// The definition of a tool, as `tools/list` has it.
pub fn definition(operation: &&'static Operation) -> Value {
    schema::definition(operation)
}
