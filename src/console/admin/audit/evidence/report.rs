//! What of an evidence pack people read: a page with each event in a sentence, and what the files are.

use maud::{DOCTYPE, html};

use super::super::story;
use crate::{
    audit::{Outcome, controls::Bundle, proof::Proof, search::Entry},
    console::text::moment,
};

/// The page, as far as it has come.
#[derive(Default)]
pub(super) struct Report {
    events: String,
    revisions: String,
    /// What its events support.
    supports: Vec<&'static Bundle>,
}

impl Report {
    pub(super) fn add(&mut self, entry: &Entry, proof: Proof) {
        for bundle in entry.supports() {
            if !self.supports.contains(bundle) {
                self.supports.push(bundle);
            }
        }
        let supports = entry.supports().iter().map(|bundle| bundle.title).collect::<Vec<_>>().join(", ");
        let row = html! {
            tr {
                td { (moment(entry.at)) }
                td { (entry.sentence()) }
                td { (entry.rule().unwrap_or_default()) }
                td { (supports) }
                td { (story::words(proof)) }
                td { (entry.request_id) @if let (Some(shard), Some(sequence)) = (&entry.shard, entry.sequence) { ", " (shard) " " (sequence) } }
            }
        };
        self.events.push_str(&row.into_string());
    }

    /// Tells of a revision of the access policy, whose document is in a file of its own.
    pub(super) fn revision(&mut self, number: i64, summary: &str) {
        let item = html! { li { "Revision " (number) ": " (summary) } };
        self.revisions.push_str(&item.into_string());
    }

    /// The whole page. `about` is what is said of the pack as a whole.
    pub(super) fn page(&self, about: &str, proven: &[(Proof, usize)], last: Option<&Entry>) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    title { "Evidence from the audit log" }
                    style { "body{font:14px sans-serif;margin:2em}td,th{padding:.2em .6em;text-align:left;vertical-align:top}pre{white-space:pre-wrap}" }
                }
                body {
                    h1 { "Evidence from the audit log" }
                    pre { (about) }
                    h2 { "Are these events as they were recorded?" }
                    ul { @for (proof, count) in proven { li { (count) ": " (story::words(*proof)) } } }
                    p {
                        @match last {
                            Some(last) => {
                                "The whole log was verified last on " (moment(last.at)) ": "
                                @if last.outcome == Outcome::Succeeded { "whole" } @else { "not whole" }
                                " (" (last.reason.as_deref().unwrap_or_default()) ")."
                            }
                            None => "Nobody has verified the whole log yet, so it is not known whether events were taken out.",
                        }
                    }
                    h2 { "Access policy at that time" }
                    ul { (maud::PreEscaped(&self.revisions)) }
                    h2 id="controls" { "Controls that this supports" }
                    (story::table(&self.supports.iter().collect::<Vec<_>>()))
                    h2 { "Events, the newest first" }
                    table {
                        thead {
                            tr { th { "When" } th { "What" } th { "Rule" } th { "Supports" } th { "Link" } th { "Request, and place in the log" } }
                        }
                        tbody { (maud::PreEscaped(&self.events)) }
                    }
                }
            }
        };
        page.into_string()
    }
}

/// What is said of a pack as a whole, in plain text.
pub(super) fn about(narrowed: &[(&str, Option<&str>)], rest: Option<&str>, public_url: &str) -> String {
    let chosen: Vec<String> =
        narrowed.iter().filter_map(|(name, value)| Some(format!("{name}: {}", (*value)?))).collect();
    let chosen = if chosen.is_empty() { "everything".to_owned() } else { chosen.join(", ") };
    let more = rest.map_or_else(
        || "It has all that matched.".to_owned(),
        |rest| format!("It has not all that matched: the older ones are in the pack at {public_url}{rest}"),
    );
    format!(
        "What the audit log of {public_url} has of: {chosen}.\n{more}\n\n\
         report.html        each event in a sentence, the newest first\n\
         events/            the events as they are recorded, as NDJSON and as CSV\n\
         approvals.ndjson   those of them that an approval is about\n\
         policy/            the access policy as it was then, a file for each revision\n\
         verification.json  which events fit their links, and the last verification of the whole log\n\n\
         An event that fits its link is as the log took it in. That none was taken out is what a verification of the whole log \
         says: {public_url}/admin/audit/verify, or `cargo xtask verify-audit`.\n\
         Controls are supported by what is here, never met by it alone.\n"
    )
}
