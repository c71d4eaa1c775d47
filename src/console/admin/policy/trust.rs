//! Whose texts are the organisation's own, and what is proposed to hold calls after others were read.

use maud::{Markup, html};

use super::{
    Changed, RULE, TRUST,
    forms::{examples, lines},
};
use crate::{
    console::page,
    context::Context,
    governance::{
        access_policy::{AccessPolicy, Effect, TaintCondition},
        policy_revision::Revision,
    },
    identity::browser::Browser,
    platform::http::Form,
};

/// Says whose texts are the organisation's own.
pub(super) fn change(form: &Form, mut policy: AccessPolicy) -> Changed {
    let mut problems = Vec::new();
    policy.trusted = lines(form.get("trusted"), &mut problems);
    policy.trusted_accounts = form
        .get("accounts")
        .unwrap_or_default()
        .split([',', ' ', '\n', '\r'])
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect();
    policy.taint_minutes = match form.get("minutes").map(str::trim).unwrap_or_default() {
        "" => None,
        minutes => minutes.parse().map_err(|_| problems.push("minutes are a number".to_owned())).ok(),
    };
    if problems.is_empty() { Ok((policy, "Changed whose texts are trusted".to_owned())) } else { Err(problems) }
}

/// What is trusted, and the form that changes it.
pub(super) fn card(context: &Context, browser: &Browser, latest: &Revision, form: Option<&Form>) -> Markup {
    let policy = &latest.policy;
    let entered = |name: &str, kept: String| {
        let form = form.filter(|form| form.get("trusted").is_some());
        form.and_then(|form| form.get(name)).map_or(kept, str::to_owned)
    };
    let trusted: Vec<String> = policy.trusted.iter().map(ToString::to_string).collect();
    html! {
        section.card {
            h2 { "Text from outside" }
            p {
                "A comment, page or file of somebody who does not belong to the organisation may tell an AI client what to do. \
                 Rules can hold or block what a client does after it read one. Text counts as your own where the \
                 provider says that its one author is a user and no guest, and where you say so here; all other text is from \
                 outside."
            }
            @if policy.rules.iter().all(|rule| rule.taint.is_none()) { (proposal(context, browser, latest)) }
            form.entry method="post" action=(TRUST) {
                (page::form_fields(context, browser, TRUST))
                input type="hidden" name="revision" value=(latest.number);
                div {
                    label for="trusted" { "Where do none but your own people write, comment or open pull requests? One a line: " (examples(context)) }
                    textarea id="trusted" name="trusted" rows="3" spellcheck="false" { (entered("trusted", trusted.join("\n"))) }
                }
                div {
                    label for="accounts" { "Whose comments are your own wherever they are? Atlassian account ids" }
                    textarea id="accounts" name="accounts" rows="3" spellcheck="false" { (entered("accounts", policy.trusted_accounts.join("\n"))) }
                }
                div {
                    label for="minutes" { "For how many minutes does a reading count? 60 where this is empty" }
                    input id="minutes" name="minutes" type="number" min="1" max="10080"
                        value=(entered("minutes", policy.taint_minutes.map(|minutes| minutes.to_string()).unwrap_or_default()));
                }
                button.primary type="submit" { "Keep it" }
            }
        }
    }
}

/// The rule that most organisations begin with.
fn proposal(context: &Context, browser: &Browser, latest: &Revision) -> Markup {
    let fields = [
        ("tools", "changing"),
        ("taint", TaintCondition::Any.name()),
        ("then", Effect::Approve.name()),
        ("name", "Writes after text from outside"),
        ("reason", "Somebody looks whether a text told the client to do this."),
    ];
    html! {
        form method="post" action=(RULE) {
            (page::form_fields(context, browser, RULE))
            input type="hidden" name="revision" value=(latest.number);
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button type="submit" { "Hold every change after text from outside was read" }
        }
    }
}
