//! What approvers let through for a time, beside the one call that they looked at: the form for it, and how far it goes.

use maud::{Markup, html};

use super::{page, text::moment};
use crate::{
    context::Context,
    governance::approval::{lifecycle::Approval, record::Contents, series::Offer},
    identity::browser::Browser,
    platform::{clock::Timestamp, http::Form},
    untrusted,
};

/// The decision on a call that is one on calls like it too.
pub(super) const LIKE: &str = "approve_like";

/// How many minutes the form proposes at the most.
const PROPOSED_MINUTES: u32 = 30;

/// For how many minutes the form says, as far as the rule lets approvers.
pub(super) fn minutes(form: &Form, contents: &Contents) -> Option<u32> {
    let longest = contents.offer.as_ref()?.longest_minutes.max(1);
    let said: u32 = form.get("minutes").and_then(|text| text.trim().parse().ok()).unwrap_or(1);
    Some(said.clamp(1, longest))
}

/// What an approval lets through beside its call, or would; nothing where that is nothing.
pub(super) fn extent(approval: &Approval, now: Timestamp) -> Option<Markup> {
    let series = &approval.series;
    match (series.is_in_force(now), series.minutes) {
        (true, _) => Some(html! { "Calls like it until " (moment(series.ends_at)) }),
        (false, minutes) if minutes > 0 && approval.is_pending(now) => {
            Some(html! { "Calls like it for " (minutes) " minutes, once another approver agrees to that" })
        }
        _ => None,
    }
}

/// The form that approves the call of that id and title, and with it whatever is like it; where it is sent.
pub(super) fn form(
    context: &Context,
    browser: &Browser,
    (id, title): (&str, &str),
    offer: &Offer,
    action: &str,
) -> Markup {
    let Offer { resource, longest_minutes } = offer;
    html! {
        section.card {
            h2 { "Or approve calls like it, for a time" }
            p {
                "This call, and whatever else the same AI client does with " strong { (title) } " on "
                code { (untrusted::label(resource, 200)) } " until then."
            }
            p.note.warning { "Each of those calls has arguments, and is of a state, that you have not seen." }
            form.entry method="post" action=(action) {
                (page::form_fields(context, browser, action))
                input type="hidden" name="approval" value=(id);
                div {
                    label for="minutes" { "For how many minutes, at most " (longest_minutes) "?" }
                    input id="minutes" name="minutes" type="number" min="1" max=(longest_minutes)
                        value=(longest_minutes.min(&PROPOSED_MINUTES)) required;
                }
                div.actions { button type="submit" name="decision" value=(LIKE) { "Approve calls like it" } }
            }
        }
    }
}
