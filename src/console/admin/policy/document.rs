//! The whole access policy as a document: to read any revision of it, and to make a new one.

use maud::{Markup, html};

use super::{DOCUMENT, POLICY, TITLE, dry_run, refusal};
use crate::{
    console::{access, not_found, page, text::moment},
    context::Context,
    governance::{
        access_policy::AccessPolicy,
        policy_revision::Revision,
        policy_revisions::{self, Change},
    },
    identity::browser::Browser,
    platform::{
        Fault,
        http::{Request, Response},
    },
};

/// `GET /admin/policy/document`: the latest revision, or the one of `?revision=`.
pub async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let latest = policy_revisions::latest(context).await?;
        let wanted = request.query().get("revision").and_then(|number| number.parse::<i64>().ok());
        match wanted.filter(|number| *number != latest.number) {
            None => Ok(content(context, &browser, &latest, true, None)),
            Some(number) => match policy_revisions::at(context, number).await? {
                Some(revision) => Ok(content(context, &browser, &revision, false, None)),
                None => not_found(context, request).await,
            },
        }
    })
    .await
}

/// `POST /admin/policy/document`: keeps what was written as the next revision.
pub async fn keep(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let latest = policy_revisions::latest(context).await?;
        let text = form.get("document").unwrap_or_default();
        let saw = form.get("revision").and_then(|number| number.parse().ok()).unwrap_or(latest.number);
        let refused = |problems: &[String]| {
            content(context, &browser, &latest, true, Some(Draft { text, below: refusal(problems), is_refused: true }))
        };
        let policy = match AccessPolicy::parse(text) {
            Ok(policy) => policy,
            Err(problem) => return Ok(refused(&[problem])),
        };
        if form.get("act") == Some("try") {
            return Ok(match policy_revisions::check(context, policy).await? {
                Ok(draft) => {
                    let outcome = dry_run::run(context, draft).await?;
                    content(
                        context,
                        &browser,
                        &latest,
                        true,
                        Some(Draft { text, below: outcome.told(), is_refused: false }),
                    )
                }
                Err(problems) => refused(&policy_revisions::in_words(&problems)),
            });
        }
        let summary = form.get("summary").map(str::trim).filter(|summary| !summary.is_empty());
        let change = Change { by: &browser.person.id, saw, summary: summary.unwrap_or("Changed the document") };
        let named = policy.named_beyond(&latest.policy);
        match policy_revisions::keep(context, &change, policy).await?.problems() {
            Some(problems) => Ok(refused(&problems)),
            None => super::answer_to_change(context, &browser, &named).await,
        }
    })
    .await
}

/// What was written, and was not kept.
struct Draft<'a> {
    text: &'a str,
    /// What is said of it.
    below: Markup,
    is_refused: bool,
}

fn content(
    context: &Context,
    browser: &Browser,
    revision: &Revision,
    is_latest: bool,
    draft: Option<Draft<'_>>,
) -> Response {
    let kept = serde_json::to_string_pretty(&revision.policy.without_ids()).unwrap_or_default();
    let text = draft.as_ref().map_or(kept.as_str(), |draft| draft.text);
    let markup = html! {
        h1 { "The access policy as a document" }
        p.lead {
            @if revision.number == 0 { "Nobody has changed the policy yet: it is empty." } @else {
                "Revision " (revision.number)
                @if let Some(at) = revision.made_at { ", " (moment(at)) }
                @if let Some(by) = &revision.made_by { " by " (by) }
                ": " (revision.summary)
            }
        }
        @if let Some(draft) = &draft { (draft.below) }
        @if is_latest { (form(context, browser, revision, text)) } @else { pre tabindex="0" { (text) } }
        p { a href=(POLICY) { "Back to access" } }
    };
    let mut response = page::page(context, Some(browser), TITLE, &markup);
    if draft.is_some_and(|draft| draft.is_refused) {
        response.status = 400;
    }
    response
}

fn form(context: &Context, browser: &Browser, revision: &Revision, text: &str) -> Markup {
    html! {
        form.entry method="post" action=(DOCUMENT) {
            (page::form_fields(context, browser, DOCUMENT))
            input type="hidden" name="revision" value=(revision.number);
            div {
                label for="document" { "Toolsets, profiles and rules, in JSON" }
                textarea id="document" name="document" rows="24" spellcheck="false" { (text) }
            }
            div {
                label for="summary" { "What do you change?" }
                input id="summary" name="summary" type="text" maxlength="300" autocomplete="off";
            }
            div.actions {
                button type="submit" name="act" value="try" { "Try it on the last days" }
                button.primary type="submit" name="act" value="keep" { "Keep it as the next revision" }
            }
        }
    }
}
