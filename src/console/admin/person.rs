//! One person, for administrators: what they have, and its end.

use maud::{Markup, html};

use super::{
    locks,
    people::{self as list, PEOPLE},
    reason::{self, NO_REASON, back},
};
use crate::{
    audit::{self, Kind},
    authorization::grants::{self, GrantSummary},
    connections::accounts::{self, Account},
    console::{
        access, connections,
        page::{self, Problem},
        text::moment,
    },
    context::Context,
    governance::{
        lock_decisions,
        locks::{Entry, LockKind},
    },
    identifiers::UserId,
    identity::{
        browser::Browser,
        deprovisioning,
        people::{self, Listed},
    },
    platform::{
        Fault,
        http::{Form, Request, Response},
        log::Level,
    },
    route,
    session::person_endings::Disabling,
    untrusted,
};

const END: &str = "/admin/people/end";
const DISABLE: &str = "/admin/people/disable";
const ENABLE: &str = "/admin/people/enable";

/// `GET /admin/people/{id}`.
pub async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    let id = route::segment(request, 3);
    access::administrator(context, request, async |browser| {
        let Some(person) = find(context, id).await? else {
            return Ok(page::problem_with(context, Some(&browser), &NOBODY, &back(PEOPLE)));
        };
        let grants = grants::list(context, &person.id).await?;
        let accounts = accounts::list(context, &person.id).await?;
        let ended = request.query().get("ended").is_some();
        let locks = lock_decisions::list(context).await?;
        let has = Possessions { grants: &grants, accounts: &accounts, lock: lock_of(&locks, &person) };
        let content = content(context, &browser, &person, &has, ended);
        Ok(page::page(context, Some(&browser), "Person", &content))
    })
    .await
}

/// `POST /admin/people/end`: answers when everything is over.
pub async fn end(context: &Context, request: &Request) -> Result<Response, Fault> {
    of_somebody(context, request, async |browser, person, _| {
        record(context, &browser, &person, Kind::AccessEnded, "ended by an administrator").await;
        deprovisioning::end_person(context, &person.id, "ended by an administrator").await?;
        Ok(page::see_other(&format!("{}?ended=yes", list::address(&person))))
    })
    .await
}

/// `POST /admin/people/disable`: answers when everything is over.
pub async fn disable(context: &Context, request: &Request) -> Result<Response, Fault> {
    of_somebody(context, request, async |browser, person, form| {
        let address = list::address(&person);
        if person.id == browser.person.id {
            return Ok(page::problem_with(context, Some(&browser), &YOURSELF, &back(&address)));
        }
        let Some(reason) = reason::read(&form) else {
            return Ok(page::problem_with(context, Some(&browser), &NO_REASON, &back(&address)));
        };
        record(context, &browser, &person, Kind::PersonDisabled, &reason).await;
        let disabling = Disabling { by: browser.person.id.as_str().to_owned(), reason };
        deprovisioning::disable(context, &person.id, disabling).await?;
        Ok(page::see_other(&format!("{address}?ended=yes")))
    })
    .await
}

/// `POST /admin/people/enable`.
pub async fn enable(context: &Context, request: &Request) -> Result<Response, Fault> {
    of_somebody(context, request, async |browser, person, _| {
        record(context, &browser, &person, Kind::PersonEnabled, "").await;
        deprovisioning::enable(context, &person.id).await?;
        Ok(page::see_other(&list::address(&person)))
    })
    .await
}

/// What an administrator's form does to the person that it names.
async fn of_somebody(
    context: &Context,
    request: &Request,
    act: impl AsyncFnOnce(Browser, Listed, Form) -> Result<Response, Fault>,
) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        match find(context, form.get("person").unwrap_or_default()).await? {
            Some(person) => act(browser, person, form).await,
            None => Ok(page::problem_with(context, Some(&browser), &NOBODY, &back(PEOPLE))),
        }
    })
    .await
}

async fn find(context: &Context, id: &str) -> Result<Option<Listed>, Fault> {
    people::find(&*context.platform.database, &UserId::new(id), context.platform.clock.now()).await
}

/// Records what an administrator is about to do to somebody.
async fn record(context: &Context, browser: &Browser, person: &Listed, kind: Kind, reason: &str) {
    let fields = [
        ("administrator", browser.person.id.as_str().into()),
        ("person", person.id.as_str().into()),
        ("what", kind.name().into()),
    ];
    context.log(Level::Info, "access changed by an administrator", &fields);
    let before = if person.disabled.is_some() { "disabled" } else { "enabled" };
    let after = match kind {
        Kind::PersonDisabled => "disabled",
        Kind::PersonEnabled => "enabled",
        _ => before,
    };
    let event = audit::event(context, kind).of(&person.id).by(&browser.person.id).because(reason);
    audit::record(context, event.changing(before, after)).await;
}

const NOBODY: Problem<'_> = Problem {
    status: 404,
    title: "There is nobody of that name",
    explanation: "The person is not on record here.",
    next_step: "Find them in the list of people.",
};
const YOURSELF: Problem<'_> = Problem {
    status: 400,
    title: "Nothing was done",
    explanation: "You cannot disable yourself: nobody else might be left who could enable you.",
    next_step: "Ask another administrator, or end everything of yours instead.",
};

/// What a person has here, and the lock on it.
struct Possessions<'a> {
    grants: &'a [GrantSummary],
    accounts: &'a [Account],
    lock: Option<&'a Entry>,
}

fn lock_of<'a>(locks: &'a [Entry], person: &Listed) -> Option<&'a Entry> {
    let is_theirs =
        |entry: &&Entry| entry.lock.target.kind == LockKind::Person && entry.lock.target.name == person.id.as_str();
    locks.iter().find(is_theirs)
}

fn content(context: &Context, browser: &Browser, person: &Listed, has: &Possessions<'_>, ended: bool) -> Markup {
    let Possessions { grants, accounts, lock } = has;
    html! {
        h1 { (untrusted::label(&person.name, 80)) }
        @if ended && grants.is_empty() {
            p.note role="status" { "Everything is over: no call of this person's AI clients begins any more." }
        }
        section.card {
            dl.facts {
                dt { "User name" } dd { (untrusted::label(&person.username, 80)) }
                @if let Some(email) = &person.email { dt { "E-mail" } dd { (untrusted::label(email, 120)) } }
                dt { "Roles and groups" } dd { (list::claimed(&person.claimed, person.claimed.len())) }
                dt { "Last sign-in" } dd { (moment(person.signed_in_at)) }
                dt { "Browsers" } dd { (person.browsers) " signed in" }
                dt { "Access" }
                dd {
                    (list::state(person))
                    @if let Some(disabled) = &person.disabled {
                        div.fine {
                            (moment(disabled.at))
                            @if let Some(by) = &disabled.by { " by " (untrusted::label(by, 80)) }
                        }
                    }
                }
            }
        }
        div.cards {
            section.card {
                h2 { "AI clients" }
                @if grants.is_empty() { p { "None." } } @else {
                    ul {
                        @for grant in *grants {
                            li {
                                (grant.client_name) ", last used " (moment(grant.used_at)) " "
                                (locks::link(LockKind::Client, grant.client_id.as_str(), &grant.client_name))
                            }
                        }
                    }
                }
            }
            section.card {
                h2 { "Connections" }
                @if accounts.is_empty() { p { "None." } } @else {
                    ul {
                        @for account in *accounts {
                            li {
                                (account.site) ": " (untrusted::label(&account.account_name, 80)) " "
                                (connections::state(context, Some(account)))
                            }
                        }
                    }
                }
            }
        }
        section.card {
            h2 { "Lock" }
            @match lock {
                Some(entry) => {
                    p {
                        strong { "Locked" } " since " (moment(entry.at))
                        @if let Some(reason) = &entry.lock.reason { ": " (untrusted::label(reason, 300)) }
                    }
                    p.actions { a.button href=(locks::LOCKS) { "See all locks" } }
                }
                None => {
                    p {
                        "Stops the calls of this person's AI clients until you lift the lock. Unlike the two below it ends \
                         nothing: they may sign in, and go on where they were."
                    }
                    p.actions { (locks::link(LockKind::Person, person.id.as_str(), &person.name)) }
                }
            }
        }
        (form(context, browser, person, &ENDING))
        @if person.disabled.is_some() { (form(context, browser, person, &ENABLING)) }
        @else if person.id != browser.person.id { (form(context, browser, person, &DISABLING)) }
    }
}

/// Something that an administrator can do to a person, as its form shows it.
struct Act {
    action: &'static str,
    title: &'static str,
    explanation: &'static str,
    asks_reason: bool,
    button: &'static str,
    /// It ends something.
    is_end: bool,
}

const ENDING: Act = Act {
    action: END,
    title: "End everything",
    explanation: "Signs this person out everywhere, ends their AI clients and destroys their connections. They may sign in \
                  and begin anew. It is over when the next page shows; calls that have begun end normally.",
    asks_reason: false,
    button: "End everything of this person",
    is_end: true,
};
const DISABLING: Act = Act {
    action: DISABLE,
    title: "Disable",
    explanation: "Ends everything as above, and lets this person in no more until an administrator enables them.",
    asks_reason: true,
    button: "Disable",
    is_end: true,
};
const ENABLING: Act = Act {
    action: ENABLE,
    title: "Enable",
    explanation: "Lets this person sign in again and begin anew. What has ended stays ended.",
    asks_reason: false,
    button: "Enable",
    is_end: false,
};

fn form(context: &Context, browser: &Browser, person: &Listed, act: &Act) -> Markup {
    html! {
        section.card {
            h2 { (act.title) }
            p { (act.explanation) }
            form method="post" action=(act.action) {
                (page::form_fields(context, browser, act.action))
                input type="hidden" name="person" value=(person.id);
                @if act.asks_reason { (reason::field("reason")) }
                div.actions { button.danger[act.is_end].primary[!act.is_end] type="submit" { (act.button) } }
            }
        }
    }
}
