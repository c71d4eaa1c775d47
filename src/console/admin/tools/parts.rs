//! What both the list and the page of one tool show.

use maud::{Markup, html};

use super::{
    DECIDE,
    narrowed::{Narrowed, class_in_words, state_in_words},
};
use crate::{
    catalog::operation::Class,
    console::{
        page,
        text::{Tone, badge},
    },
    context::Context,
    governance::{definition_changes::Change, policy::State, tool_decisions::ToolDecision},
    identity::browser::Browser,
    tools,
};

/// The buttons that decide on a tool.
pub fn decision_form(context: &Context, browser: &Browser, narrowed: &Narrowed, decision: &ToolDecision) -> Markup {
    let ToolDecision { tool, state: present, .. } = decision;
    let button = |state: State, label: &str| {
        html! {
            button.danger[state == State::Disabled] type="submit" name="state" value=(state.name())
                aria-label=(format!("{label}: {}", tool.title)) { (label) }
        }
    };
    html! {
        form.actions method="post" action=(DECIDE) {
            (page::form_fields(context, browser, DECIDE))
            input type="hidden" name="tool" value=(tool.name);
            (narrowed.fields())
            input type="hidden" name="seen" value=(tools::digest_of([&**tool]));
            @if *present != State::Approved { (button(State::Approved, "Approve")) }
            @if *present != State::Disabled { (button(State::Disabled, "Disable")) }
            @if *present != State::Pending { (button(State::Pending, "Reopen")) }
        }
    }
}

/// What changed, member by member; `None` where the definition of then is not on record.
pub fn changes_table(changes: Option<&[Change]>) -> Markup {
    let Some(changes) = changes else {
        return html! { p.fine { "It was approved by an earlier release, which kept its digest alone: what changed is not known." } };
    };
    let text = |side: &Option<String>, absent: &'static str| {
        html! { @match side { Some(text) => code { (text) }, None => span.fine { (absent) } } }
    };
    html! {
        dl.facts {
            @for Change { member, before, after } in changes {
                dt { code { (member) } }
                dd { "before: " (text(before, "not there")) br; "now: " (text(after, "gone")) }
            }
        }
    }
}

/// The colour of a class.
pub const fn tone(class: Class) -> Tone {
    match class {
        Class::Read => Tone::Plain,
        Class::Write => Tone::Waiting,
        Class::Destructive => Tone::Bad,
    }
}

/// How a tool is classified, where an administrator raised it also that it is.
pub fn class_badge(decision: &ToolDecision) -> Markup {
    let classification = decision.classification;
    html! {
        (badge(tone(classification.class), class_in_words(classification.class)))
        @if classification.is_sensitive { " " (badge(Tone::Plain, "Sensitive")) }
        @if classification != decision.catalogued { " " span.fine { "raised by an administrator" } }
    }
}

pub fn state_badge(decision: &ToolDecision) -> Markup {
    let tone = match decision.state {
        State::Pending => Tone::Waiting,
        State::Approved => Tone::Good,
        State::Disabled => Tone::Bad,
    };
    html! {
        (badge(tone, state_in_words(decision.state)))
        @if decision.state == State::Approved && decision.decided.is_none() { div.fine { "by the default" } }
    }
}
