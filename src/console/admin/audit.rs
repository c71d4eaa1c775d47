//! What happened, for administrators.

use maud::{Markup, html};

use crate::{
    catalog,
    console::{
        access, page,
        text::{Tone, badge, moment},
    },
    context::Context,
    governance::audit::{self, Entry, Filter, Outcome, PAGE, Phase, Position},
    platform::{
        Fault,
        http::{Form, Request, Response},
    },
    untrusted,
};

const AUDIT: &str = "/admin/audit";

/// `GET /admin/audit?user=&tool=&outcome=&after=`: newest first.
pub async fn search(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let filter = filter(&request.query());
        let entries = audit::search(&*context.platform.database, &filter).await?;
        Ok(page::page(context, Some(&browser), "Audit", &content(&filter, &entries)))
    })
    .await
}

/// A parameter that is empty or that nothing can match is none.
fn filter(query: &Form) -> Filter {
    let text = |name: &str| query.get(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    Filter {
        username: text("user"),
        tool: text("tool"),
        outcome: query.get("outcome").and_then(Outcome::parse),
        after: query.get("after").and_then(Position::parse),
    }
}

/// The address of the entries that come after that one.
fn older(filter: &Filter, last: &Position) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let outcome = filter.outcome.map(Outcome::name);
    for (name, value) in [("user", filter.username.as_deref()), ("tool", filter.tool.as_deref()), ("outcome", outcome)]
    {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    format!("{AUDIT}?{}", query.append_pair("after", &last.to_string()).finish())
}

fn content(filter: &Filter, entries: &[Entry]) -> Markup {
    let is_full = i64::try_from(entries.len()).is_ok_and(|length| length >= PAGE);
    html! {
        h1 { "Audit" }
        p.lead { "Every call that was decided on, and how it ended. A call that writes has its intent on record before it is sent." }
        (filter_form(filter))
        @if entries.is_empty() {
            section.card { p { "Nothing matches. " a href=(AUDIT) { "Show everything" } } }
        } @else {
            div.table tabindex="0" role="region" aria-labelledby="audit-caption" {
                table.dense {
                    caption id="audit-caption" {
                        (entries.len()) @if entries.len() == 1 { " entry" } @else { " entries" } ", newest first"
                    }
                    thead {
                        tr {
                            th scope="col" { "When" }
                            th scope="col" { "Who" }
                            th scope="col" { "Call" }
                            th scope="col" { "Outcome" }
                            th scope="col" { "Details" }
                        }
                    }
                    tbody { @for entry in entries { (row(entry)) } }
                }
            }
            @if let (true, Some(last)) = (is_full, entries.last()) {
                p.actions { a.button href=(older(filter, &last.position)) { "Older entries" } }
            }
        }
    }
}

fn filter_form(filter: &Filter) -> Markup {
    html! {
        form.filter method="get" action=(AUDIT) role="search" aria-label="Filter the audit" {
            div {
                label for="user" { "User name" }
                input id="user" name="user" autocomplete="off" value=[filter.username.as_deref()];
            }
            div {
                label for="tool" { "Tool" }
                select id="tool" name="tool" {
                    option value="" { "All tools" }
                    @for operation in catalog::ALL {
                        option value=(operation.name) selected[filter.tool.as_deref() == Some(operation.name)] {
                            (operation.name)
                        }
                    }
                }
            }
            div {
                label for="outcome" { "Outcome" }
                select id="outcome" name="outcome" {
                    option value="" { "All outcomes" }
                    @for outcome in Outcome::ALL {
                        option value=(outcome.name()) selected[filter.outcome == Some(outcome)] { (outcome.name()) }
                    }
                }
            }
            div.actions {
                button.primary type="submit" { "Filter" }
                a.button href=(AUDIT) { "Clear" }
            }
        }
    }
}

fn row(entry: &Entry) -> Markup {
    html! {
        tr {
            td { (moment(entry.position.at)) }
            td { (entry.username) div.fine { "client " code { (entry.client_id) } } }
            td.wide {
                code { (untrusted::label(&entry.tool, 64)) }
                @if entry.phase == Phase::Intent { " " (badge(Tone::Plain, "intent")) }
                div { (untrusted::label(&entry.target, 200)) }
            }
            td {
                (outcome(entry.outcome))
                @if let Some(reason) = &entry.reason { div.fine { (untrusted::label(reason, 200)) } }
            }
            td.fine {
                @if let Some(status) = entry.upstream_status { "status " (status) }
                @if entry.upstream_status.is_some() && entry.duration_milliseconds.is_some() { ", " }
                @if let Some(duration) = entry.duration_milliseconds { (duration) " ms" }
                div { "request " code { (entry.request_id) } }
                div { "arguments " code title="SHA-256 of the canonical arguments" { (entry.arguments_digest.get(..12).unwrap_or_default()) } }
            }
        }
    }
}

fn outcome(outcome: Outcome) -> Markup {
    let tone = match outcome {
        Outcome::Succeeded => Tone::Good,
        Outcome::Failed | Outcome::Denied => Tone::Bad,
        Outcome::Unknown => Tone::Waiting,
        Outcome::Started | Outcome::Cancelled => Tone::Plain,
    };
    badge(tone, outcome.name())
}
