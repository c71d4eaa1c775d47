//! Access for a time: what people may ask for and have, and what administrators see of everybody.

use std::rc::Rc;

use maud::{Markup, html};

use super::{
    access,
    admin::{
        policy::profile_sentence,
        reason::{self, NO_REASON, back},
    },
    page::{self, Problem},
    text::{Tone, badge, moment},
};
use crate::{
    catalog::operation::Class,
    context::Context,
    governance::{
        access_policy::{AccessPolicy, Granting, Profile, RequestableAccess},
        access_request::{
            ACCESS_PAGE,
            lifecycle::{AccessRequest, CannotEnd, State},
            record::{self, Entry},
        },
        access_requests::{self, NotMade},
        attributes::{Attributes, Role},
        facts::Caller,
        policy::PolicySnapshot,
        snapshot_cache,
    },
    identifiers::{ClientId, Subject},
    identity::{browser::Browser, claimed},
    platform::{
        Fault,
        clock::Timestamp,
        http::{Form, Request, Response},
    },
    untrusted,
};

const BREAK_GLASS: &str = "/access/break-glass";
const END: &str = "/access/end";
const TITLE: &str = "Your access";

/// `GET /access`.
pub(super) async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::signed_in(context, request, async |browser| {
        let own = record::of_person(context, &browser.person.id).await?;
        let all = match browser.person.is(Role::Administrator) {
            true => Some(record::live(context).await?),
            false => None,
        };
        let person = Asking::of(context, &browser).await?;
        let glass = person
            .break_glass_minutes()
            .map(|minutes| Glass { minutes, is_fresh: access::has_just_signed_in(context, request, &browser) });
        let shown = Shown { own: &own, all: all.as_deref(), glass };
        let content = content(context, &browser, &person.requestable(), &person.policy, &shown);
        Ok(page::page(context, Some(&browser), TITLE, &content))
    })
    .await
}

/// `POST /access`: asks for an access profile.
pub(super) async fn ask(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, form| {
        let refuse = |problem| Ok(page::problem_with(context, Some(&browser), problem, &back(ACCESS_PAGE)));
        let person = Asking::of(context, &browser).await?;
        let name = form.get("profile").unwrap_or_default();
        let Some(profile) = person.requestable().into_iter().find(|profile| profile.name == name).cloned() else {
            return refuse(&NOT_REQUESTABLE);
        };
        let Some(reason) = reason::read(&form) else { return refuse(&NO_REASON) };
        let request = AccessRequest::new(
            browser.person.id.clone(),
            RequestableAccess::Profile(profile.name.clone()),
            minutes(&form, profile.most_minutes()),
            profile.granting == Granting::OnApproval,
            context.platform.clock.now(),
        );
        made(context, &browser, request, &reason).await
    })
    .await
}

/// `POST /access/break-glass`: overrides access profiles and rules for a time.
pub(super) async fn break_glass(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, form| {
        let refuse = |problem, way_on: &Markup| Ok(page::problem_with(context, Some(&browser), problem, way_on));
        let person = Asking::of(context, &browser).await?;
        let Some(most) = person.break_glass_minutes() else { return refuse(&NOT_REQUESTABLE, &back(ACCESS_PAGE)) };
        if !access::has_just_signed_in(context, request, &browser) {
            return refuse(&NOT_FRESH, &access::sign_in_anew(ACCESS_PAGE));
        }
        let Some(reason) = reason::read(&form) else { return refuse(&NO_REASON, &back(ACCESS_PAGE)) };
        let minutes = minutes(&form, most);
        let (person, now) = (browser.person.id.clone(), context.platform.clock.now());
        let request = AccessRequest::new(person, RequestableAccess::BreakGlass, minutes, false, now);
        made(context, &browser, request, &reason).await
    })
    .await
}

/// Makes a request, and answers the form that asked for it.
async fn made(context: &Context, browser: &Browser, request: AccessRequest, reason: &str) -> Result<Response, Fault> {
    let problem = match access_requests::make(context, request, browser.ended_before, reason).await? {
        Ok(_) => return Ok(page::see_other(ACCESS_PAGE)),
        Err(NotMade::Already) => &ALREADY,
        Err(NotMade::TooMany) => &TOO_MANY,
    };
    Ok(page::problem_with(context, Some(browser), problem, &back(ACCESS_PAGE)))
}

fn minutes(form: &Form, most: u32) -> u32 {
    form.get("minutes").and_then(|minutes| minutes.trim().parse().ok()).unwrap_or(1).clamp(1, most)
}

/// `POST /access/end`: withdraws a request, or takes back what it gave.
pub(super) async fn end(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, form| {
        let refuse = |problem| Ok(page::problem_with(context, Some(&browser), problem, &back(ACCESS_PAGE)));
        let Some(entry) = record::find(context, form.get("request").unwrap_or_default()).await? else {
            return refuse(&NO_SUCH_REQUEST);
        };
        let (by, is_administrator) = (&browser.person.id, browser.person.is(Role::Administrator));
        match access_requests::end(context, entry, by, is_administrator).await? {
            Ok(()) | Err(CannotEnd::Over) => Ok(page::see_other(ACCESS_PAGE)),
            Err(CannotEnd::NotTheirs) => refuse(&NO_SUCH_REQUEST),
        }
    })
    .await
}

/// Somebody who asks, as decisions see them.
struct Asking {
    policy: Rc<PolicySnapshot>,
    subject: Subject,
    attributes: Attributes,
    now: Timestamp,
}

impl Asking {
    async fn of(context: &Context, browser: &Browser) -> Result<Self, Fault> {
        let person = &browser.person.id;
        Ok(Self {
            policy: snapshot_cache::current(context).await?,
            subject: Subject::Person(person.clone()),
            attributes: claimed::attributes(context, person).await?,
            now: context.platform.clock.now(),
        })
    }

    fn requestable(&self) -> Vec<&Profile> {
        self.policy.requestable(&self.caller(&ClientId::new("")))
    }

    fn break_glass_minutes(&self) -> Option<u32> {
        self.policy.break_glass_minutes(&self.caller(&ClientId::new("")))
    }

    fn caller<'a>(&'a self, client: &'a ClientId) -> Caller<'a> {
        let Self { subject, attributes, now, .. } = self;
        Caller { subject, client, attributes, permitted: Some(Class::Read), now: *now }
    }
}

/// What of people's access is looked up for the page.
struct Shown<'a> {
    own: &'a [Entry],
    /// Of everybody, where an administrator reads it.
    all: Option<&'a [Entry]>,
    /// Where its reader may break the glass.
    glass: Option<Glass>,
}

/// For how long at most somebody may break the glass, and whether they have signed in just now.
struct Glass {
    minutes: u32,
    is_fresh: bool,
}

fn content(
    context: &Context,
    browser: &Browser,
    requestable: &[&Profile],
    policy: &PolicySnapshot,
    shown: &Shown<'_>,
) -> Markup {
    let Shown { own, all, glass } = shown;
    html! {
        h1 { (TITLE) }
        p.lead {
            "Some access is given for a time alone, to whoever asks and says what for. It ends by itself, and everything \
             about it is on record."
        }
        section.card {
            h2 { "Ask for access" }
            @if requestable.is_empty() {
                p { "There is nothing that you could ask for. What your AI clients may do at all times needs no asking." }
            } @else {
                (form(context, browser, requestable, policy.access_policy()))
            }
        }
        @if let Some(glass) = glass { (glass_form(context, browser, glass)) }
        section {
            h2 id="own" { "What you asked for" }
            @if own.is_empty() { p { "Nothing in the last days." } } @else { (table(context, browser, "own", own)) }
        }
        @if let Some(all) = all {
            section {
                h2 id="all" { "What everybody has or waits for" }
                @if all.is_empty() {
                    p { "Nobody has access for a time, and nobody waits for it." }
                } @else {
                    (table(context, browser, "all", all))
                }
            }
        }
    }
}

fn form(context: &Context, browser: &Browser, requestable: &[&Profile], policy: &AccessPolicy) -> Markup {
    let longest = requestable.iter().map(|profile| profile.most_minutes()).max();
    html! {
        form.entry method="post" action=(ACCESS_PAGE) {
            (page::form_fields(context, browser, ACCESS_PAGE))
            fieldset {
                legend { "What do you need?" }
                @for (index, profile) in requestable.iter().enumerate() {
                    label.choice {
                        input type="radio" name="profile" value=(profile.name) required checked[index == 0];
                        span {
                            strong { (profile.name) } ", for at most " (profile.most_minutes()) " minutes"
                            @if profile.granting == Granting::OnApproval { ", once an approver says yes" }
                            div.fine { (profile_sentence(profile, &policy.toolsets)) }
                        }
                    }
                }
            }
            (minutes_field("minutes", longest))
            (reason::field("what-for"))
            button.primary type="submit" { "Ask for it" }
        }
    }
}

fn minutes_field(id: &str, longest: Option<u32>) -> Markup {
    let value = longest.map_or(60, |longest| longest.min(60));
    html! {
        div {
            label for=(id) { "For how many minutes?" }
            input id=(id) name="minutes" type="number" min="1" max=[longest] value=(value) required;
        }
    }
}

fn glass_form(context: &Context, browser: &Browser, glass: &Glass) -> Markup {
    html! {
        section.card {
            h2 { "Break the glass" }
            p {
                "In an emergency, for at most " (glass.minutes) " minutes: no access profile and no rule stops your AI clients, \
                 and nobody is asked to approve. Locks hold, and tools that are not approved do not run. It raises an alert, \
                 and every call is marked."
            }
            @if glass.is_fresh {
                form.entry method="post" action=(BREAK_GLASS) {
                    (page::form_fields(context, browser, BREAK_GLASS))
                    (minutes_field("glass-minutes", Some(glass.minutes)))
                    (reason::field("emergency"))
                    button.danger type="submit" { "Break the glass" }
                }
            } @else {
                (access::needs_fresh_sign_in(ACCESS_PAGE))
            }
        }
    }
}

fn table(context: &Context, browser: &Browser, labelled_by: &str, entries: &[Entry]) -> Markup {
    let now = context.platform.clock.now();
    let is_own = |entry: &Entry| entry.request.person == browser.person.id;
    html! {
        div.table tabindex="0" role="region" aria-labelledby=(labelled_by) {
            table {
                thead {
                    tr {
                        th scope="col" { "Access" }
                        th scope="col" { "What for" }
                        th scope="col" { "State" }
                        th scope="col" { "Decision" }
                    }
                }
                tbody {
                    @for entry in entries {
                        tr {
                            th scope="row" {
                                (entry.request.access.words())
                                @if !is_own(entry) { div.fine { (who(entry)) } }
                            }
                            td.wide { (entry.reason) div.fine { (moment(entry.asked_at)) } }
                            td { (state(entry, now)) }
                            td {
                                @if !entry.request.is_over(now) {
                                    form.actions method="post" action=(END) {
                                        (page::form_fields(context, browser, END))
                                        input type="hidden" name="request" value=(entry.id);
                                        button.danger type="submit"
                                            aria-label=(format!("End: {}, {}", entry.request.access.words(), who(entry))) {
                                            "End"
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn who(entry: &Entry) -> String {
    untrusted::label(entry.name.as_deref().unwrap_or(entry.request.person.as_str()), 80)
}

fn state(entry: &Entry, now: Timestamp) -> Markup {
    let AccessRequest { state, ends_at, minutes, .. } = &entry.request;
    html! {
        @match state {
            State::Pending if now < *ends_at => {
                (badge(Tone::Waiting, "Waits for an approver"))
                div.fine { "for " (minutes) " minutes" }
            }
            State::Pending => (badge(Tone::Plain, "Nobody decided")),
            State::Granted if now < *ends_at => { (badge(Tone::Good, "Yours")) div.fine { "until " (moment(*ends_at)) } }
            State::Granted | State::Ended => { (badge(Tone::Plain, "Over")) div.fine { (moment(*ends_at)) } }
            State::Denied => { (badge(Tone::Bad, "Denied")) div.fine { (entry.answer) } }
        }
    }
}

const NOT_REQUESTABLE: Problem<'_> = Problem {
    status: 404,
    title: "Nothing was asked for",
    explanation: "There is no access profile of that name that you could ask for.",
    next_step: "Choose one from the list.",
};
const NOT_FRESH: Problem<'_> = Problem {
    status: 403,
    title: "Nothing was overridden",
    explanation: "Whoever breaks the glass has to have signed in just now, and your sign-in was longer ago.",
    next_step: "Sign in anew, then do it at once.",
};
const ALREADY: Problem<'_> = Problem {
    status: 409,
    title: "Nothing was asked for",
    explanation: "You have this access, or have asked for it already.",
    next_step: "See below what you have. End it first if you need it for longer.",
};
const TOO_MANY: Problem<'_> = Problem {
    status: 429,
    title: "Nothing was asked for",
    explanation: "You have asked for access twenty times within a day.",
    next_step: "Ask an administrator for an access profile that you have at all times.",
};
pub(super) const NO_SUCH_REQUEST: Problem<'_> = Problem {
    status: 404,
    title: "There is no such request",
    explanation: "It was never made, is another person's, or was over long enough ago to be forgotten.",
    next_step: "Look at the list.",
};
