//! The reason that an administrator gives for an act.

use maud::{Markup, html};

use crate::{console::page::Problem, platform::http::Form, untrusted};

/// The longest reason that is kept.
pub const LONGEST_REASON: usize = 300;

/// What was written as the reason, if anything was.
pub fn read(form: &Form) -> Option<String> {
    let reason = untrusted::label(form.get("reason").unwrap_or_default(), LONGEST_REASON);
    (!reason.is_empty()).then_some(reason)
}

/// The field for a reason; `id` is its own on the page.
pub fn field(id: &str) -> Markup {
    html! {
        div {
            label for=(id) { "Reason" }
            input id=(id) name="reason" required maxlength=(LONGEST_REASON) autocomplete="off";
        }
    }
}

/// The way back from a problem.
pub fn back(path: &str) -> Markup {
    html! { a.button href=(path) { "Back" } }
}

pub const NO_REASON: Problem<'_> = Problem {
    status: 400,
    title: "Nothing was done",
    explanation: "It needs a reason, for those who will ask why.",
    next_step: "Go back and write one in a few words.",
};
