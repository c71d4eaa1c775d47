//! The tools that a principal may run: those that the policy lets them call. What is listed of them is a view.

use std::rc::Rc;

use futures::future::join;
use serde_json::Value;

use crate::{
    audit::{self, Kind, Outcome},
    authorization::{principal::Principal, tokens::scope::Scope},
    catalog::operation::Class,
    context::Context,
    governance::{
        decision::{Denial, Verdict, decide},
        facts::{Caller, Facts},
        policy::PolicySnapshot,
        snapshot_cache,
    },
    platform::{Fault, clock::Timestamp},
    session::{
        self,
        commands::{Charge, Listen, NotHeard, Refusal},
        streams::Stream,
    },
    tools::{self, Tool, view::View},
};

/// What there is for a principal.
pub struct Offer {
    /// What they may run, in the order of the catalogue: lists, resources and prompts follow from it.
    pub runnable: Vec<Rc<Tool>>,
    /// What they might run, were it approved.
    pub pending: Vec<Rc<Tool>>,
}

/// What there is for this principal; the look at it is charged as a call is.
///
/// # Errors
/// Where the policy could not be read.
pub async fn offer(context: &Context, principal: &Principal) -> Result<Result<Offer, Refusal>, Fault> {
    let charge = Charge { grant: principal.grant.clone() };
    let turn = session::turn(context, &principal.subject, charge);
    let (policy, charged) = join(snapshot_cache::current(context), turn).await;
    Ok(match charged? {
        Ok(()) => Ok(Offer::of(context, &*policy?, principal)),
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
    view: &View,
    stream: Stream,
    opens: bool,
) -> Result<Result<Vec<Value>, NotHeard>, Fault> {
    let listen =
        Listen { grant: principal.grant.clone(), stream, opens, tools: tools::digest(&context.settings.sites) };
    let turn = session::turn(context, &principal.subject, listen);
    let (policy, stays) = join(snapshot_cache::current(context), turn).await;
    Ok(match stays? {
        Ok(()) => {
            let offer = Offer::of(context, &*policy?, principal);
            Ok(view.entries(&context.settings, &offer.runnable))
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
pub fn caller(principal: &Principal, now: Timestamp) -> Caller<'_> {
    let permits = |class: &Class| principal.scopes.permit(Scope::of(*class));
    Caller {
        subject: &principal.subject,
        client: &principal.client,
        attributes: &principal.attributes,
        permitted: Class::ALL.into_iter().filter(permits).max(),
        now,
    }
}

impl Offer {
    fn of(context: &Context, policy: &PolicySnapshot, principal: &Principal) -> Self {
        let mut offer = Self { runnable: Vec::new(), pending: Vec::new() };
        let caller = caller(principal, context.platform.clock.now());
        for tool in tools::all().iter() {
            let facts = Facts::of_entry(&context.settings, caller, tool);
            let decision = decide(policy, &facts);
            if decision.is_listed() {
                offer.runnable.push(policy.tool_policy.classified(tool));
            } else if decision.verdict == Verdict::Denied(Denial::ToolPending) {
                offer.pending.push(policy.tool_policy.classified(tool));
            }
        }
        offer
    }
}
