//! Approvals of single calls: the queue of approvers, what one's own calls asked for, and the decision.

use maud::{Markup, html};

use super::{
    access, access_queue,
    approval::{self, APPROVALS, LONGEST_REASON, address, requester, state, title},
    approval_series::{self, LIKE},
    page::{self, Problem},
    provider_page,
    text::moment,
};
use crate::{
    context::Context,
    crypto::seal::Purpose,
    governance::{
        access_request::record as requests,
        approval::{
            acts,
            lifecycle::{CannotDecide, Choice},
            record::{self, Entry},
        },
        attributes::Role,
    },
    identity::browser::Browser,
    platform::{
        Fault,
        http::{Request, Response},
        log::Level,
    },
    route, session, untrusted,
};

const TITLE: &str = "Approvals";
const END: &str = "/approvals/end";

/// `GET /approvals`.
pub(super) async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::signed_in(context, request, async |browser| {
        let person = &browser.person.id;
        let (mut pending, mut asking) = (Vec::new(), html! {});
        if browser.person.is(Role::Approver) {
            asking = access_queue::queue(context, &browser, requests::pending(context).await?).await?;
            pending = record::pending(context).await?;
            pending.retain(|entry| entry.approval.call.subject.person() != Some(person));
        }
        let own = record::of_person(context, person).await?;
        let series = if may_end(&browser) { record::in_series(context, None).await? } else { Vec::new() };
        let series = let_through(context, &browser, &series);
        let content = content(context, &browser, &pending, &html! { (asking) (series) }, &own);
        Ok(page::page(context, Some(&browser), TITLE, &content))
    })
    .await
}

/// `GET /approvals/{id}`.
pub(super) async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    let id = route::segment(request, 2);
    access::signed_in(context, request, async |browser| match find(context, &browser, id).await? {
        Ok(entry) => approval::show(context, request, &browser, &entry).await,
        Err(problem) => Ok(page::problem_with(context, Some(&browser), problem, &back())),
    })
    .await
}

/// `POST /approvals/decide`.
pub(super) async fn decide(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, form| {
        let refuse = |problem| Ok(page::problem_with(context, Some(&browser), problem, &back()));
        let entry = match find(context, &browser, form.get("approval").unwrap_or_default()).await? {
            Ok(entry) => entry,
            Err(problem) => return refuse(problem),
        };
        let reason = untrusted::label(form.get("reason").unwrap_or_default(), LONGEST_REASON);
        let choice = match form.get("decision") {
            Some("approve" | LIKE) => Choice::Approve,
            Some("deny") if reason.is_empty() => return refuse(&NO_REASON),
            Some("deny") => Choice::Deny,
            _ => return refuse(&NO_SUCH_APPROVAL),
        };
        if let Some(minutes) = approval::stale_for(context, request, &browser, &entry) {
            let sign_in =
                html! { a.button.primary href=(access::address_of_fresh_sign_in(&address(&entry), minutes)) { "Sign in anew" } };
            return Ok(page::problem_with(context, Some(&browser), &NOT_FRESH, &sign_in));
        }
        let like_it = match form.get("decision") {
            Some(LIKE) => approval_series::minutes(&form, &entry.contents(context.settings.sealer(Purpose::Approvals))),
            _ => None,
        };
        let (by, is_approver) = (&browser.person.id, browser.person.is(Role::Approver));
        match acts::decide(context, &entry, by, is_approver, choice, like_it, &reason).await? {
            Err(refusal) => refuse(problem(refusal)),
            Ok(entry) => {
                // Whoever cannot be woken looks again by themselves.
                if let Err(fault) = session::wake_holds(context, &entry.approval.call.subject).await {
                    let fields = [("detail", fault.to_string().into())];
                    context.log(Level::Warning, "a call was not told of the decision on it", &fields);
                }
                Ok(page::see_other(&address(&entry)))
            }
        }
    })
    .await
}

/// `POST /approvals/end`: ends what an approval lets through beside its call, at once.
pub(super) async fn end(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, form| {
        if !may_end(&browser) {
            return Ok(page::problem_with(context, Some(&browser), &ENDED_BY_OTHERS, &back()));
        }
        acts::end_series(context, form.get("approval").unwrap_or_default(), &browser.person.id).await?;
        Ok(page::see_other(APPROVALS))
    })
    .await
}

/// Whether somebody may end what approvers let through, and sees all of it.
fn may_end(browser: &Browser) -> bool {
    browser.person.is(Role::Approver) || browser.person.is(Role::Administrator)
}

/// What approvers let through now, for whoever may end it; nothing where there is none.
fn let_through(context: &Context, browser: &Browser, entries: &[Entry]) -> Markup {
    let now = context.platform.clock.now();
    html! {
        @if !entries.is_empty() {
            section {
                h2 { "Let through for a time" }
                @for entry in entries {
                    section.card {
                        p {
                            strong { (requester(entry)) } ": "
                            a href=(address(entry)) { (title(entry)) } ", " (provider_page::target(&context.settings, &entry.target))
                        }
                        p { (approval_series::extent(&entry.approval, now).unwrap_or_default()) ", by the rule " (entry.rule) }
                        form.actions method="post" action=(END) {
                            (page::form_fields(context, browser, END))
                            input type="hidden" name="approval" value=(entry.id);
                            button.danger type="submit" { "End it now" }
                        }
                    }
                }
            }
        }
    }
}

/// The approval of that id, for its requester and for approvers.
async fn find(
    context: &Context,
    browser: &Browser,
    id: &str,
) -> Result<Result<Entry, &'static Problem<'static>>, Fault> {
    let Some(entry) = record::find(context, id).await? else { return Ok(Err(&NO_SUCH_APPROVAL)) };
    let is_own = entry.approval.call.subject.person() == Some(&browser.person.id);
    let may_see = is_own || browser.person.is(Role::Approver);
    Ok(if may_see { Ok(entry) } else { Err(&NOT_FOR_YOU) })
}

fn back() -> Markup {
    html! { a.button href=(APPROVALS) { "See all approvals" } }
}

fn content(context: &Context, browser: &Browser, pending: &[Entry], others: &Markup, own: &[Entry]) -> Markup {
    html! {
        h1 { (TITLE) }
        p.lead {
            "Some calls of AI clients are made only once somebody else has looked at them. What is approved is one call, with \
             exactly its arguments, on what was looked at; or, where the rule lets approvers, calls like it for a time."
        }
        @if browser.person.is(Role::Approver) {
            section {
                h2 id="waiting" { "Waiting for you" }
                @if pending.is_empty() {
                    p { "Nothing waits. Calls that a rule sends to approval show up here." }
                } @else {
                    (table(context, "waiting", pending))
                }
            }
        }
        (others)
        section {
            h2 id="own" { "Your own calls" }
            @if own.is_empty() {
                p { "None of your AI clients' calls has needed approval in the last days." }
            } @else {
                (table(context, "own", own))
            }
        }
    }
}

fn table(context: &Context, labelled_by: &str, entries: &[Entry]) -> Markup {
    let now = context.platform.clock.now();
    html! {
        div.table tabindex="0" role="region" aria-labelledby=(labelled_by) {
            table {
                thead {
                    tr {
                        th scope="col" { "Call" }
                        th scope="col" { "Who asks" }
                        th scope="col" { "Rule" }
                        th scope="col" { "State" }
                    }
                }
                tbody {
                    @for entry in entries {
                        tr {
                            th.wide scope="row" {
                                a href=(address(entry)) { (title(entry)) }
                                div.fine { (provider_page::target(&context.settings, &entry.target)) }
                            }
                            td { (requester(entry)) div.fine { (moment(entry.asked_at)) } }
                            td { (entry.rule) }
                            td { (state(entry, now)) }
                        }
                    }
                }
            }
        }
    }
}

/// Why a person cannot decide, as a page.
const fn problem(refusal: CannotDecide) -> &'static Problem<'static> {
    match refusal {
        CannotDecide::OwnCall => &OWN_CALL,
        CannotDecide::NotAnApprover => &NOT_FOR_YOU,
        CannotDecide::NotPending => &DECIDED,
        CannotDecide::ApprovedAlready => &APPROVED_ALREADY,
    }
}

const NO_SUCH_APPROVAL: Problem<'_> = Problem {
    status: 404,
    title: "There is no such call",
    explanation: "It was never asked for, or was over long enough ago to be forgotten. The audit log has what became of it.",
    next_step: "Look at the list of what waits.",
};
const NOT_FOR_YOU: Problem<'_> = Problem {
    status: 403,
    title: "This is for approvers",
    explanation: "The call is another person's, and your account does not have the approver's role in your organisation's \
                  identity provider.",
    next_step: "Ask whoever manages accounts for the role, then sign out and in again.",
};
const ENDED_BY_OTHERS: Problem<'_> = Problem {
    status: 403,
    title: "This is for approvers and administrators",
    explanation: "What approvers let through for a time is ended by any of them, or by an administrator.",
    next_step: "Ask one of them to end it.",
};
const OWN_CALL: Problem<'_> = Problem {
    status: 403,
    title: "This is your own call",
    explanation: "Nobody decides on their own call, whatever their role.",
    next_step: "Ask another approver.",
};
const DECIDED: Problem<'_> = Problem {
    status: 409,
    title: "Nothing was decided",
    explanation: "The call was decided on meanwhile, or its time is over.",
    next_step: "Open it again to see what became of it.",
};
const APPROVED_ALREADY: Problem<'_> = Problem {
    status: 409,
    title: "You have approved it already",
    explanation: "The rule asks for more than one person, and you are one of them.",
    next_step: "Another approver has to look at it.",
};
const NOT_FRESH: Problem<'_> = Problem {
    status: 403,
    title: "Nothing was decided",
    explanation: "The rule that stopped this call asks for a sign-in of just now, and yours was longer ago.",
    next_step: "Sign in anew: you come back to the call.",
};
const NO_REASON: Problem<'_> = Problem {
    status: 400,
    title: "Nothing was decided",
    explanation: "A denial needs a reason: the person and their AI client are told it.",
    next_step: "Go back and write a few words.",
};
