//! What is locked, for administrators: the list, a new lock, and the end of one.

use maud::{Markup, html};

use super::{
    filter,
    reason::{self, NO_REASON, back},
};
use crate::{
    authorization::{clients, locking},
    console::{
        access,
        page::{self, Problem},
        text::moment,
    },
    context::Context,
    governance::{
        lock_decisions,
        locks::{Entry, LockKind, Target},
    },
    identifiers::{ClientId, UserId},
    identity::{
        browser::Browser,
        people::{self, Filter},
    },
    platform::{
        Fault,
        http::{Form, Request, Response},
    },
    providers::{self, Site},
    tools, untrusted,
};

pub const LOCKS: &str = "/admin/locks";
const LIFT: &str = "/admin/locks/lift";
const TITLE: &str = "Locks";

/// What an administrator may lock, and what people call it.
struct Lockable {
    target: Target,
    label: String,
}

/// `GET /admin/locks?kind=&name=`: what is locked; and where the query names something, the form that locks it.
pub async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let query = request.query();
        let chosen = match query.get("kind") {
            Some(_) => Some(find(context, &query).await?),
            None => None,
        };
        let entries = lock_decisions::list(context).await?;
        let content = content(context, &browser, &entries, chosen.as_ref().map(Option::as_ref));
        Ok(page::page(context, Some(&browser), TITLE, &content))
    })
    .await
}

/// `POST /admin/locks`: answers when no call begins any more that the lock stops.
pub async fn lock(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let Some(Lockable { target, label }) = find(context, &form).await? else {
            return Ok(page::problem_with(context, Some(&browser), &NOTHING_OF_THAT_NAME, &back(LOCKS)));
        };
        let Some(reason) = reason::read(&form) else {
            let here = address(target.kind, &target.name);
            return Ok(page::problem_with(context, Some(&browser), &NO_REASON, &back(&here)));
        };
        locking::lock(context, &browser.person.id, &target, &label, &reason).await?;
        Ok(page::see_other(LOCKS))
    })
    .await
}

/// `POST /admin/locks/lift`. One that is not there any more is as good as lifted.
pub async fn lift(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        if let Some(kind) = form.get("kind").and_then(LockKind::parse) {
            let target = Target { kind, name: form.get("name").unwrap_or_default().to_owned() };
            lock_decisions::lift(context, &browser.person.id, &target).await?;
        }
        Ok(page::see_other(LOCKS))
    })
    .await
}

const NOTHING_OF_THAT_NAME: Problem<'_> = Problem {
    status: 404,
    title: "Nothing was locked",
    explanation: "There is nothing of that name to lock.",
    next_step: "Choose what to lock on its own page, or by its id.",
};

/// The address of the form that locks it.
pub fn address(kind: LockKind, name: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("{LOCKS}?{}", query.append_pair("kind", kind.name()).append_pair("name", name).finish())
}

/// The link to the form that locks it. `label` tells the link from others of the page.
pub fn link(kind: LockKind, name: &str, label: &str) -> Markup {
    html! { a.button href=(address(kind, name)) aria-label=(format!("Lock: {label}")) { "Lock" } }
}

/// What a form means, by an id or by a name that is one's own; `None` where there is none of that name.
async fn find(context: &Context, form: &Form) -> Result<Option<Lockable>, Fault> {
    let Some(kind) = form.get("kind").and_then(LockKind::parse) else { return Ok(None) };
    let name = form.get("name").unwrap_or_default().trim();
    let found = match kind {
        LockKind::Organisation => Some((String::new(), "All access".to_owned())),
        LockKind::Provider => providers::find(name).map(|provider| (provider.id.to_owned(), provider.name.to_owned())),
        LockKind::Site => Site::parse(name)
            .filter(|site| context.settings.sites.get(*site).is_ok())
            .map(|site| (site.to_string(), site.title())),
        LockKind::Tool => tools::find(name).map(|tool| (tool.name.to_string(), tool.title.to_string())),
        LockKind::Client => find_client(context, name).await?,
        LockKind::Person => find_person(context, name).await?,
    };
    Ok(found.map(|(name, label)| Lockable { target: Target { kind, name }, label }))
}

/// A client by its id. One that is not on record yet can be locked before it comes.
async fn find_client(context: &Context, id: &str) -> Result<Option<(String, String)>, Fault> {
    if id.is_empty() {
        return Ok(None);
    }
    let client = clients::find(context, &ClientId::new(id)).await?;
    Ok(Some((id.to_owned(), client.map_or_else(|| untrusted::label(id, 80), |client| client.name.clone()))))
}

/// A person by their id or user name.
async fn find_person(context: &Context, name: &str) -> Result<Option<(String, String)>, Fault> {
    let (database, now) = (&*context.platform.database, context.platform.clock.now());
    let by_id = people::find(database, &UserId::new(name), now).await?;
    let found = match by_id {
        Some(person) => Some(person),
        None => {
            let filter = Filter { text: Some(name.to_owned()), ..Filter::default() };
            people::list(database, &filter, now).await?.into_iter().find(|person| person.username == name)
        }
    };
    Ok(found.map(|person| (person.id.as_str().to_owned(), untrusted::label(&person.name, 80))))
}

/// What a lock of that kind does, for whoever is about to put it on.
const fn effect(kind: LockKind) -> &'static str {
    match kind {
        LockKind::Organisation => {
            "For an emergency: no AI client's call runs any more, and only administrators can sign in."
        }
        LockKind::Provider => "No call to this provider runs any more, whoever makes it, and no list has its tools.",
        LockKind::Site => "No call to this site runs any more, whoever makes it. The provider's other sites go on.",
        LockKind::Tool => "This tool runs for nobody any more, and no list has it. Its approval stays.",
        LockKind::Client => {
            "No call of this AI client runs any more, for anybody who let it in and for the client itself."
        }
        LockKind::Person => {
            "No call of this person's AI clients runs any more. They may sign in and see their pages. To end their \
             access for good, disable them instead: that ends their AI clients and connections, a lock ends nothing."
        }
    }
}

/// When a lock of that kind holds.
const fn moment_of(kind: LockKind) -> &'static str {
    match kind {
        LockKind::Client | LockKind::Person => "It holds when the next page shows, after a second or two.",
        _ => "It holds when the next page shows, after five seconds.",
    }
}

const fn kind_in_words(kind: LockKind) -> &'static str {
    match kind {
        LockKind::Organisation => "All access",
        LockKind::Provider => "Provider",
        LockKind::Site => "Site",
        LockKind::Tool => "Tool",
        LockKind::Client => "AI client",
        LockKind::Person => "Person",
    }
}

fn content(context: &Context, browser: &Browser, entries: &[Entry], chosen: Option<Option<&Lockable>>) -> Markup {
    html! {
        h1 { (TITLE) }
        p.lead {
            "A lock stops calls for now and ends nothing: sign-ins, AI clients and connections stay, and calls go on where \
             they were once you lift it. Whoever is stopped reads your reason."
        }
        @match chosen {
            Some(Some(lockable)) => (lock_form(context, browser, lockable)),
            Some(None) => p.note.warning role="status" { "There is nothing of that name to lock." },
            None => {}
        }
        @if entries.is_empty() {
            section.card { p { "Nothing is locked." } }
        } @else {
            div.table tabindex="0" role="region" aria-labelledby="locks-caption" {
                table {
                    caption id="locks-caption" { "What is locked. Lifted, it goes on within five seconds." }
                    thead {
                        tr {
                            th scope="col" { "What" }
                            th scope="col" { "Reason" }
                            th scope="col" { "Since" }
                            th scope="col" { "Decision" }
                        }
                    }
                    tbody { @for entry in entries { (row(context, browser, entry)) } }
                }
            }
        }
        h2 { "Lock something" }
        (choice_form())
    }
}

fn row(context: &Context, browser: &Browser, entry: &Entry) -> Markup {
    let Target { kind, name } = &entry.lock.target;
    html! {
        tr {
            th scope="row" {
                (untrusted::label(&entry.label, 80))
                div.fine { (kind_in_words(*kind)) @if !name.is_empty() { " " code { (untrusted::label(name, 80)) } } }
            }
            td.wide {
                @match &entry.lock.reason {
                    Some(reason) => (untrusted::label(reason, 300)),
                    None => "None that Postern can vouch for",
                }
            }
            td {
                (moment(entry.at))
                @if let Some(by) = &entry.lock.by { div.fine { "by " (untrusted::label(by, 80)) } }
            }
            td {
                form.actions method="post" action=(LIFT) {
                    (page::form_fields(context, browser, LIFT))
                    (fields(&entry.lock.target))
                    button.primary type="submit" aria-label=(format!("Lift the lock: {}", entry.label)) { "Lift" }
                }
            }
        }
    }
}

fn fields(target: &Target) -> Markup {
    html! {
        input type="hidden" name="kind" value=(target.kind.name());
        input type="hidden" name="name" value=(target.name);
    }
}

fn lock_form(context: &Context, browser: &Browser, lockable: &Lockable) -> Markup {
    let Lockable { target, label } = lockable;
    html! {
        section.card {
            h2 { "Lock: " (label) }
            p { (effect(target.kind)) " " (moment_of(target.kind)) " Calls that have begun end normally." }
            form method="post" action=(LOCKS) {
                (page::form_fields(context, browser, LOCKS))
                (fields(target))
                (reason::field("lock-reason"))
                div.actions {
                    button.danger type="submit" { "Lock now" }
                    a.button href=(LOCKS) { "Do not" }
                }
            }
        }
    }
}

/// The form that leads to the one which locks.
fn choice_form() -> Markup {
    let kinds = LockKind::ALL.into_iter().map(|kind| (kind.name(), kind_in_words(kind).to_owned()));
    filter::form(
        LOCKS,
        "Choose what to lock",
        "Go on",
        &[
            filter::choice_among("kind", "Kind", kinds),
            filter::field("name", "Its name or id (none for all access)", "text", None),
        ],
    )
}
