//! Everybody who has signed in, for administrators.

use maud::{Markup, html};

use super::{filter, locks, reason::LONGEST_REASON};
use crate::{
    console::{
        access, page,
        text::{Tone, badge, moment},
    },
    context::Context,
    governance::locks::LockKind,
    identity::people::{self, Filter, Listed, PAGE, Position},
    platform::{
        Fault,
        http::{Form, Request, Response},
    },
    untrusted,
};

pub const PEOPLE: &str = "/admin/people";

/// How the query says that only those are listed who are disabled.
const DISABLED: &str = "yes";

/// `GET /admin/people?search=&disabled=&after=`: those who signed in last first.
pub async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let filter = narrowed(&request.query());
        let database = &*context.platform.database;
        let people = people::list(database, &filter, context.platform.clock.now()).await?;
        let content = content(&filter, &people);
        Ok(page::page(context, Some(&browser), "People", &content))
    })
    .await
}

fn narrowed(query: &Form) -> Filter {
    Filter {
        text: filter::text(query, "search"),
        disabled: filter::text(query, "disabled").is_some(),
        after: query.get("after").and_then(|after| after.parse().ok()),
    }
}

/// The address of the people who come after that one.
fn next(filter: &Filter, last: &Listed) -> String {
    let narrowed = [("search", filter.text.as_deref()), ("disabled", filter.disabled.then_some(DISABLED))];
    filter::next(PEOPLE, &narrowed, &Position::from(last).to_string())
}

/// The address of one person's page.
pub fn address(person: &Listed) -> String {
    format!("{PEOPLE}/{}", person.id)
}

fn content(filter: &Filter, people: &[Listed]) -> Markup {
    let is_full = i64::try_from(people.len()).is_ok_and(|length| length >= PAGE);
    html! {
        h1 { "People" }
        p.lead { "Everybody who has signed in, with the roles and groups that your identity provider named last." }
        (filter_form(filter))
        @if people.is_empty() {
            section.card { p { "Nobody matches. " a href=(PEOPLE) { "Show everybody" } } }
        } @else {
            div.table tabindex="0" role="region" aria-labelledby="people-caption" {
                table {
                    caption id="people-caption" { "Those who signed in last come first. Names are as the identity provider told them." }
                    thead {
                        tr {
                            th scope="col" { "Person" }
                            th scope="col" { "Roles and groups" }
                            th scope="col" { "Last sign-in" }
                            th scope="col" { "AI clients" }
                            th scope="col" { "Connections" }
                            th scope="col" { "Access" }
                        }
                    }
                    tbody { @for person in people { (row(person)) } }
                }
            }
            @if let (true, Some(last)) = (is_full, people.last()) {
                p.actions { a.button href=(next(filter, last)) { "More people" } }
            }
        }
        section.card {
            h2 { "In an emergency" }
            p { "Lock all access: no AI client's call runs until you lift the lock, and nothing has ended then." }
            p.actions { a.button href=(locks::address(LockKind::Organisation, "")) { "Lock all access" } }
        }
    }
}

fn filter_form(filter: &Filter) -> Markup {
    let access = [(DISABLED, "Disabled only".to_owned())].into_iter();
    let fields = [
        filter::field("search", "Name or e-mail", "text", filter.text.as_deref()),
        filter::choice("disabled", "Access", "Everybody", access, filter.disabled.then_some(DISABLED)),
    ];
    filter::form(PEOPLE, "Find people", "Find", &fields)
}

fn row(person: &Listed) -> Markup {
    html! {
        tr {
            th scope="row" {
                a href=(address(person)) { (untrusted::label(&person.name, 80)) }
                div.fine { (untrusted::label(&person.username, 80)) }
            }
            td.wide { (claimed(&person.claimed, 8)) }
            td { (moment(person.signed_in_at)) }
            td { (person.clients) }
            td { (person.connections) }
            td { (state(person)) }
        }
    }
}

/// The names that the identity provider claimed, at most so many.
pub fn claimed(names: &[String], most: usize) -> Markup {
    html! {
        ul.chips {
            @for name in names.iter().take(most) { li { (untrusted::label(name, 60)) } }
            @if names.len() > most { li { "and " (names.len() - most) " more" } }
        }
    }
}

pub fn state(person: &Listed) -> Markup {
    html! {
        @match &person.disabled {
            Some(disabled) => {
                (badge(Tone::Bad, "Disabled"))
                @if let Some(reason) = &disabled.reason { div.fine { (untrusted::label(reason, LONGEST_REASON)) } }
            }
            None => (badge(Tone::Good, "Enabled")),
        }
    }
}
