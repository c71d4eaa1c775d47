//! The page of one call that needs approval: who asks for what, why it was stopped, and what happens on yes.

use std::time::Duration;

use maud::{Markup, html};

use super::{
    access,
    admin::audit::story,
    approval_series, page, provider_page,
    text::{Tone, badge, moment},
};
use crate::{
    authorization::clients,
    catalog::operation::Class,
    context::Context,
    crypto::seal::Purpose,
    governance::{
        approval::{
            acts::short,
            lifecycle::{APPROVED_FOR, CannotDecide, State},
            record::{Contents, Entry},
        },
        attributes::Role,
    },
    identifiers::UserId,
    identity::{browser::Browser, fresh_sign_in, people},
    platform::{
        Fault,
        clock::Timestamp,
        http::{Request, Response},
    },
    tools, untrusted,
};

pub(super) const APPROVALS: &str = "/approvals";
const DECIDE: &str = "/approvals/decide";

/// The longest reason that is kept, in characters.
pub(super) const LONGEST_REASON: usize = 300;

/// What of a call is looked up for its page.
struct Shown<'a> {
    entry: &'a Entry,
    contents: Contents,
    client: String,
    approvers: Vec<String>,
    denier: Option<String>,
    /// Whether its reader can decide on it.
    check: Result<(), CannotDecide>,
    /// Within how many minutes they have to have signed in for that, where they have not.
    stale_for: Option<u32>,
    now: Timestamp,
}

/// The page, for its requester or an approver.
pub(super) async fn show(
    context: &Context,
    request: &Request,
    browser: &Browser,
    entry: &Entry,
) -> Result<Response, Fault> {
    let client = clients::find(context, &entry.approval.call.client).await?;
    let mut approvers = Vec::new();
    for approver in &entry.approval.approved_by {
        approvers.push(name(context, approver).await?);
    }
    let denier = match &entry.denied_by {
        Some(denier) => Some(name(context, denier).await?),
        None => None,
    };
    let (person, now) = (&browser.person, context.platform.clock.now());
    let shown = Shown {
        entry,
        contents: entry.contents(context.settings.sealer(Purpose::Approvals)),
        client: client.map_or_else(|| "an AI client".to_owned(), |client| client.name.clone()),
        approvers,
        denier,
        check: entry.approval.check(&person.id, person.is(Role::Approver), now),
        stale_for: stale_for(context, request, browser, entry),
        now,
    };
    Ok(page::page(context, Some(browser), "Approval of a call", &content(context, browser, &shown)))
}

/// Within how many minutes whoever decides on that call has to have signed in, where this browser's sign-in is older.
pub(super) fn stale_for(context: &Context, request: &Request, browser: &Browser, entry: &Entry) -> Option<u32> {
    let minutes = entry.contents(context.settings.sealer(Purpose::Approvals)).fresh_sign_in_minutes?;
    let within = Duration::from_secs(u64::from(minutes) * 60);
    (!fresh_sign_in::is_fresh(context, request, browser, within)).then_some(minutes)
}

async fn name(context: &Context, user: &UserId) -> Result<String, Fault> {
    let platform = &context.platform;
    let found = people::find(platform.database.as_ref(), user, platform.clock.now()).await?;
    Ok(found.map_or_else(|| user.to_string(), |person| person.name))
}

fn content(context: &Context, browser: &Browser, shown: &Shown<'_>) -> Markup {
    let Shown { entry, contents, check, .. } = shown;
    let is_own = *check == Err(CannotDecide::OwnCall);
    html! {
        p { a href=(APPROVALS) { "All approvals" } }
        h1 { (title(entry)) " " (state(entry, context.platform.clock.now())) }
        p.lead {
            strong { (requester(entry)) } " asks, through " strong { (shown.client) } ", to do this once: "
            (provider_page::target(&context.settings, &entry.target)) "."
        }
        @if let Some(story) = story::address(&entry.target).filter(|_| browser.person.is(Role::Administrator)) {
            p { a href=(story) { "What happened to it before" } }
        }
        (facts(shown))
        @match check {
            Ok(()) => @match shown.stale_for {
                None => (decision(context, browser, shown)),
                Some(minutes) => section.card {
                    h2 { "Your decision" }
                    p { "The rule asks for a sign-in within the last " (minutes) " minutes. You come back here." }
                    p.actions {
                        a.button.primary href=(access::address_of_fresh_sign_in(&address(entry), minutes)) { "Sign in anew" }
                    }
                },
            },
            Err(CannotDecide::OwnCall) if entry.approval.is_pending(context.platform.clock.now()) => {
                p.note { "This is your own call, so another person decides on it. Your AI client goes on, or calls again, \
                          once they have." }
            }
            Err(CannotDecide::ApprovedAlready) => {
                p.note { "You have approved it. The rule asks for more than one person, so it waits for another." }
            }
            Err(_) => {}
        }
        h2 { "Arguments" }
        div.table tabindex="0" role="region" aria-label="Arguments" {
            table {
                thead { tr { th scope="col" { "Argument" } th scope="col" { "Value" } } }
                tbody {
                    @for (name, value) in &contents.arguments {
                        tr { th scope="row" { code { (name) } } td { div.preview { (prose(value)) } } }
                    }
                }
            }
        }
        // What its requester may not read through a tool, they do not read here.
        @if !is_own {
            h2 { "What it is about" }
            @match &contents.preview {
                Some(preview) => {
                    p.fine { "As it was when the call was made. Texts of others: they may say anything." }
                    pre.preview tabindex="0" aria-label="What the call is about" { (prose(preview)) }
                }
                None => p { "The arguments say it all, or it could not be read: look at it yourself before you decide." },
            }
        }
    }
}

fn prose(text: &str) -> String {
    let mut clean = String::new();
    untrusted::push_prose(&mut clean, text);
    clean
}

fn facts(shown: &Shown<'_>) -> Markup {
    let Shown { entry, contents, approvers, denier, .. } = shown;
    let approval = &entry.approval;
    html! {
        dl.facts {
            dt { "Operation" } dd { (title(entry)) " " (class(entry)) div.fine { code { (entry.tool) } } }
            dt { "Stopped by" } dd { strong { (entry.rule) } ": " (contents.sentence) }
            dt { "Approvals" }
            dd {
                (approvers.len()) " of " (approval.approvers)
                @if !approvers.is_empty() { ": " (approvers.join(", ")) }
            }
            @if !contents.read_before.is_empty() {
                dt { "Read before, from outside" }
                dd {
                    @for place in &contents.read_before { div { code { (untrusted::label(place, 200)) } } }
                    div.fine { "and this call goes to " code { (untrusted::label(&entry.target, 200)) } "." }
                }
            }
            @if let Some(extent) = approval_series::extent(approval, shown.now) { dt { "Beside it" } dd { (extent) } }
            @if let Some(observed) = &approval.observed { dt { "Looked at" } dd { code { (short(observed)) } } }
            dt { "Asked" } dd { (moment(entry.asked_at)) }
            @match approval.state {
                State::Pending | State::Approved => { dt { "Ends" } dd { (moment(approval.ends_at)) } }
                State::Denied => {
                    dt { "Denied" }
                    dd {
                        (moment(entry.changed_at))
                        @if let Some(denier) = denier { " by " (denier) }
                        ": " (untrusted::label(&entry.reason, LONGEST_REASON))
                    }
                }
                State::Used => { dt { "Let through" } dd { (moment(entry.changed_at)) ". Nothing says how the call ended." } }
                State::Done | State::Failed => { dt { "Ended" } dd { (moment(entry.changed_at)) } }
                State::Withdrawn => { dt { "Withdrawn" } dd { (moment(entry.changed_at)) } }
                State::Drifted => { dt { "Moved" } dd { (untrusted::label(&entry.reason, LONGEST_REASON)) } }
            }
            @if approval.state == State::Pending && !entry.reason.is_empty() {
                dt { "Asked anew" } dd { (untrusted::label(&entry.reason, LONGEST_REASON)) }
            }
        }
    }
}

pub(super) fn address(entry: &Entry) -> String {
    format!("{APPROVALS}/{}", entry.id)
}

/// The call's operation, in the words that people read.
pub(super) fn title(entry: &Entry) -> String {
    tools::find(&entry.tool).map_or_else(|| entry.tool.clone(), |tool| tool.title.to_string())
}

pub(super) fn requester(entry: &Entry) -> String {
    entry.requester.clone().unwrap_or_else(|| entry.approval.call.subject.to_string())
}

pub(super) fn state(entry: &Entry, now: Timestamp) -> Markup {
    let (tone, word) = match entry.approval.state {
        State::Pending if entry.approval.is_over(now) => (Tone::Plain, "Expired"),
        State::Pending => (Tone::Waiting, "Waiting"),
        State::Approved if entry.approval.is_over(now) => (Tone::Plain, "Approved, not used"),
        State::Approved => (Tone::Good, "Approved"),
        State::Denied => (Tone::Bad, "Denied"),
        State::Used => (Tone::Waiting, "Approved, outcome unknown"),
        State::Done => (Tone::Good, "Approved and made"),
        State::Failed => (Tone::Plain, "Approved, changed nothing"),
        State::Drifted => (Tone::Bad, "Moved since"),
        State::Withdrawn => (Tone::Plain, "Withdrawn"),
    };
    badge(tone, word)
}

fn class(entry: &Entry) -> Markup {
    match tools::find(&entry.tool).map(|tool| tool.class) {
        Some(Class::Read) => badge(Tone::Plain, "Reads"),
        Some(Class::Write) => badge(Tone::Waiting, "Writes"),
        Some(Class::Destructive) => badge(Tone::Bad, "Destroys"),
        None => html! {},
    }
}

fn decision(context: &Context, browser: &Browser, shown: &Shown<'_>) -> Markup {
    let entry = shown.entry;
    let minutes = APPROVED_FOR.as_secs() / 60;
    let is_last = shown.approvers.len() + 1 >= usize::from(entry.approval.approvers);
    html! {
        section.card {
            h2 { "Your decision" }
            p {
                "If you approve"
                @if !is_last { " and another approver does" }
                ", the call may be made once within " (minutes) " minutes, with exactly these arguments, in the name of "
                (requester(entry)) "."
                @if entry.approval.observed.is_some() { " If what you see here has moved by then, it is not made." }
            }
            (decision_forms(context, browser, DECIDE, ("approval", &entry.id), "Approve once", &html! {
                div {
                    label for="reason" { "Reason, which the person and their AI client are told" }
                    input id="reason" name="reason" required maxlength=(LONGEST_REASON) autocomplete="off";
                }
            }))
        }
        @if let Some(offer) = shown.contents.offer.as_ref().filter(|_| entry.approval.series.is_offered()) {
            (approval_series::form(context, browser, (&entry.id, &title(entry)), offer, DECIDE))
        }
    }
}

/// The two forms of an approver: to say yes to what the hidden field names, or no with a reason.
pub(super) fn decision_forms(
    context: &Context,
    browser: &Browser,
    action: &str,
    (name, id): (&str, &str),
    yes: &str,
    reason: &Markup,
) -> Markup {
    html! {
        form.entry method="post" action=(action) {
            (page::form_fields(context, browser, action))
            input type="hidden" name=(name) value=(id);
            div.actions { button.primary type="submit" name="decision" value="approve" { (yes) } }
        }
        form.entry method="post" action=(action) {
            (page::form_fields(context, browser, action))
            input type="hidden" name=(name) value=(id);
            (reason)
            button.danger type="submit" name="decision" value="deny" { "Deny" }
        }
    }
}
