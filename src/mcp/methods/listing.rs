//! The tools that are listed to a principal: those that the policy lets them call.

use std::rc::Rc;

use futures::future::join;
use serde_json::Value;

use crate::{
    audit::{self, Kind, Outcome},
    authorization::{principal::Principal, tokens::scope::Scope},
    catalog::operation::Surface,
    context::Context,
    governance::{
        decision::decide,
        facts::{Caller, Facts},
        policy::PolicySnapshot,
        snapshot_cache,
    },
    platform::Fault,
    session::{
        self,
        commands::{Charge, Listen, NotHeard, Refusal},
        streams::Stream,
    },
    tools::{self, Tool},
};

/// The tools that are listed to this principal, in the order of `tools/list`: resources and prompts follow from them.
///
/// # Errors
/// Where the policy could not be read.
pub async fn tools(context: &Context, principal: &Principal) -> Result<Result<Vec<Rc<Tool>>, Refusal>, Fault> {
    let charge = Charge { grant: principal.grant.clone() };
    let turn = session::turn(context, &principal.subject, charge);
    let (policy, charged) = join(snapshot_cache::current(context), turn).await;
    Ok(match charged? {
        Ok(()) => Ok(visible(context, &*policy?, principal)),
        Err(refusal) => {
            record_refusal(context, principal, "list", refusal);
            Err(refusal)
        }
    })
}

/// Answers a stream that tells of changes: `tools/list` of this moment.
///
/// # Errors
/// Where the policy could not be read.
pub async fn listen(
    context: &Context,
    principal: &Principal,
    stream: Stream,
    opens: bool,
) -> Result<Result<Vec<Value>, NotHeard>, Fault> {
    let listen =
        Listen { grant: principal.grant.clone(), stream, opens, tools: tools::digest(&context.settings.sites) };
    let turn = session::turn(context, &principal.subject, listen);
    let (policy, stays) = join(snapshot_cache::current(context), turn).await;
    Ok(match stays? {
        Ok(()) => {
            let visible = visible(context, &*policy?, principal);
            Ok(visible.iter().map(|tool| tool.definition(&context.settings.sites)).collect())
        }
        Err(why) => {
            if let NotHeard::Refused(refusal) = why {
                record_refusal(context, principal, "listen", refusal);
            }
            Err(why)
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
pub fn caller<'a>(principal: &'a Principal, tool: &Tool) -> Caller<'a> {
    Caller {
        subject: &principal.subject,
        client: &principal.client,
        attributes: &principal.attributes,
        scope_suffices: principal.scopes.permit(Scope::of(tool.class)),
    }
}

fn visible(context: &Context, policy: &PolicySnapshot, principal: &Principal) -> Vec<Rc<Tool>> {
    let facts = |tool| Facts::of_entry(&context.settings, caller(principal, tool), tool);
    let all = tools::all();
    let core = all.iter().filter(|tool| tool.surface == Surface::Core);
    core.filter(|tool| decide(policy, &facts(tool)).is_listed()).cloned().collect()
}
