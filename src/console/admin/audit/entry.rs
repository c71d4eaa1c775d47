//! One event as a row of the page.

use maud::{Markup, html};

use super::{AUDIT, story};
use crate::{
    audit::{Kind, Outcome, Phase, search::Entry},
    console::text::{Tone, badge, moment},
    untrusted,
};

/// A text that a stranger may have chosen.
fn label(text: &str) -> String {
    untrusted::label(text, 200)
}

pub(super) fn row(entry: &Entry) -> Markup {
    html! {
        tr {
            td { (moment(entry.at)) }
            td { (who(entry)) }
            td.wide { (what(entry)) }
            td {
                (outcome(entry.outcome))
                @if let Some(reason) = &entry.reason { div.fine { (label(reason)) } }
            }
            td.fine { (details(entry)) }
        }
    }
}

fn who(entry: &Entry) -> Markup {
    html! {
        @match (&entry.person, &entry.person_name) {
            (Some(person), name) => {
                a href=(format!("{AUDIT}?person={person}")) { (label(name.as_ref().unwrap_or(person))) }
            }
            (None, Some(name)) => (label(name)),
            (None, None) => "nobody known",
        }
        @if let (Some(issuer), Some(subject)) = (&entry.person_issuer, &entry.person_subject) {
            div.fine { code { (label(subject)) } " at " (label(issuer)) }
        }
        @if let Some(actor) = &entry.actor {
            div.fine { "by " (label(entry.actor_name.as_ref().unwrap_or(actor))) }
        }
        @if let Some(client) = &entry.client_id {
            div.fine { "client " (entry.client_name.as_deref().map(label).unwrap_or_default()) " " code { (label(client)) } }
        }
    }
}

fn what(entry: &Entry) -> Markup {
    html! {
        @if entry.kind != Kind::Call { span { (entry.kind.name().replace('_', " ")) } " " }
        @if let Some(tool) = &entry.tool { code { (untrusted::label(tool, 64)) } }
        @if entry.phase == Phase::Intent { " " (badge(Tone::Plain, "intent")) }
        @if entry.count != 1 { " ×" (entry.count) }
        @if let Some(target) = &entry.target {
            div {
                @match entry.story.as_ref().and_then(|_| story::address(target)) {
                    Some(address) => a href=(address) { (label(target)) },
                    None => (label(target)),
                }
            }
        }
        @if let Some(account) = entry.account_words() { div.fine { "in " (account) } }
        @if let Some(before) = &entry.state_before { div.fine { "before: " (label(before)) } }
        @if let Some(after) = &entry.state_after { div.fine { "after: " (label(after)) } }
    }
}

fn details(entry: &Entry) -> Markup {
    html! {
        @if let Some(status) = entry.upstream_status { "status " (status) }
        @if entry.upstream_status.is_some() && entry.duration_milliseconds.is_some() { ", " }
        @if let Some(duration) = entry.duration_milliseconds { (duration) " ms" }
        div { "request " code { (label(&entry.request_id)) } }
        @if let Some(digest) = entry.arguments_digest.as_deref().filter(|digest| !digest.is_empty()) {
            div { "arguments " code title="SHA-256 of the canonical arguments" { (digest.get(..12).unwrap_or(digest)) } }
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
