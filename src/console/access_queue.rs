//! Access that is asked for, as approvers see it beside calls, and what they decide.

use maud::{Markup, html};

use super::{
    access,
    access_requests::{NO_SUCH_REQUEST, who},
    admin::{
        policy::profile_sentence,
        reason::{self, NO_REASON, back},
    },
    approval::{APPROVALS, decision_forms},
    page::{self, Problem},
    text::moment,
};
use crate::{
    context::Context,
    governance::{
        access_policy::AccessPolicy,
        access_request::record::{self, Entry},
        access_requests,
        approval::lifecycle::{CannotDecide, Choice},
        attributes::Role,
        snapshot_cache,
    },
    identity::browser::Browser,
    platform::{
        Fault,
        http::{Request, Response},
    },
};

const DECIDE: &str = "/access/decide";

/// `POST /access/decide`: an approver's decision on a request.
pub(super) async fn decide(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, form| {
        let refuse = |problem| Ok(page::problem_with(context, Some(&browser), problem, &back(APPROVALS)));
        let Some(entry) = record::find(context, form.get("request").unwrap_or_default()).await? else {
            return refuse(&NO_SUCH_REQUEST);
        };
        let answer = reason::read(&form).unwrap_or_default();
        let choice = match form.get("decision") {
            Some("approve") => Choice::Approve,
            Some("deny") if answer.is_empty() => return refuse(&NO_REASON),
            Some("deny") => Choice::Deny,
            _ => return refuse(&NO_SUCH_REQUEST),
        };
        let (by, is_approver) = (&browser.person.id, browser.person.is(Role::Approver));
        match access_requests::decide(context, entry, by, is_approver, choice, &answer).await? {
            Ok(()) => Ok(page::see_other(APPROVALS)),
            Err(CannotDecide::OwnCall) => refuse(&OWN_REQUEST),
            Err(CannotDecide::NotAnApprover) => refuse(&NOT_FOR_YOU),
            Err(CannotDecide::NotPending | CannotDecide::ApprovedAlready) => refuse(&OVER),
        }
    })
    .await
}

/// What waits for an approver who reads the list of approvals, beside calls.
pub(super) async fn queue(context: &Context, browser: &Browser, mut pending: Vec<Entry>) -> Result<Markup, Fault> {
    pending.retain(|entry| entry.request.person != browser.person.id);
    if pending.is_empty() {
        return Ok(html! {});
    }
    let policy = snapshot_cache::current(context).await?;
    let AccessPolicy { profiles, toolsets, .. } = policy.access_policy();
    let profile =
        |entry: &Entry| profiles.iter().find(|profile| entry.request.access.profile() == Some(profile.name.as_str()));
    Ok(html! {
        section {
            h2 id="asking" { "Access that is asked for" }
            @for entry in &pending {
                section.card {
                    h3 { (entry.request.access.words()) }
                    p {
                        strong { (who(entry)) } " asks to have it for " (entry.request.minutes) " minutes: "
                        (entry.reason) " (" (moment(entry.asked_at)) ")"
                    }
                    @match profile(entry) {
                        Some(profile) => p.fine { (profile_sentence(profile, toolsets)) },
                        None => p.note.warning { "There is no such access profile any more: it would give nothing." },
                    }
                    (decision_forms(context, browser, DECIDE, ("request", &entry.id), "Let them have it",
                        &reason::field(&format!("reason-{}", entry.id))))
                }
            }
        }
    })
}

const OWN_REQUEST: Problem<'_> = Problem {
    status: 403,
    title: "This is your own request",
    explanation: "Nobody decides on what they asked for themselves, whatever their role.",
    next_step: "Ask another approver.",
};
const NOT_FOR_YOU: Problem<'_> = Problem {
    status: 403,
    title: "This is for approvers",
    explanation: "Your account does not have the approver's role in your organisation's identity provider.",
    next_step: "Ask whoever manages accounts for the role, then sign out and in again.",
};
const OVER: Problem<'_> = Problem {
    status: 409,
    title: "Nothing was decided",
    explanation: "The request was decided on meanwhile, or its time is over.",
    next_step: "Look at the list again.",
};
