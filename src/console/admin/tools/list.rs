//! The list of tools, narrowed and grouped.

use std::collections::HashMap;

use maud::{Markup, html};

use super::{
    DECIDE_MANY, DEFAULT,
    narrowed::{Narrowed, area_name, class_in_words},
    parts::{changes_table, class_badge, decision_form, state_badge, tone},
    tool_page,
};
use crate::{
    catalog::{
        area,
        operation::{Area, Class},
    },
    console::{
        page,
        text::{badge, description, moment},
    },
    context::Context,
    governance::{
        definition_changes::Change,
        policy::State,
        tool_decisions::{self, ToolDecision},
        tool_policy::ToolDefault,
    },
    identity::browser::Browser,
    tools,
};

/// What changed in each tool since it was approved, by its name.
type Changes = HashMap<String, Option<Vec<Change>>>;

/// Tools of one area and class.
struct Group<'a> {
    area: Option<&'static Area>,
    class: Class,
    decisions: Vec<&'a ToolDecision>,
}

/// The groups that there are tools for, in the order of the areas.
fn groups<'a>(decisions: &[&'a ToolDecision]) -> Vec<Group<'a>> {
    let areas = [None].into_iter().chain(area::all().map(Some));
    let of = |area: Option<&'static Area>, class| {
        let decisions: Vec<_> = decisions
            .iter()
            .filter(|decision| decision.tool.area() == area && decision.tool.class == class)
            .copied()
            .collect();
        Group { area, class, decisions }
    };
    let all = areas.flat_map(|area| Class::ALL.map(|class| of(area, class)));
    all.filter(|group| !group.decisions.is_empty()).collect()
}

/// The list as it is shown to somebody.
pub struct List<'a> {
    pub context: &'a Context,
    pub browser: &'a Browser,
    pub narrowed: &'a Narrowed,
    pub changes: &'a Changes,
}

impl List<'_> {
    pub fn content(&self, decisions: &[ToolDecision], default: ToolDefault) -> Markup {
        let pending = tool_decisions::pending(decisions).count();
        let shown: Vec<_> = decisions.iter().filter(|decision| self.narrowed.admits(decision)).collect();
        let (all, everything) = (decisions.iter().collect::<Vec<_>>(), Narrowed::default());
        html! {
            h1 { "Tools" }
            p.lead {
                "What AI clients may call. A tool that is new, or whose definition changed, waits for you: until then no \
                 client sees it. Decisions reach everybody within five seconds."
            }
            @if pending > 0 {
                div.note.waiting {
                    p { strong { (pending) @if pending == 1 { " tool waits" } @else { " tools wait" } " for approval." } }
                    (self.many(&all, &everything, State::Approved, "Approve all pending", ""))
                }
            }
            (self.narrowed.form())
            p { (shown.len()) " of " (decisions.len()) " tools" }
            @if shown.len() < decisions.len() && !shown.is_empty() {
                div.actions {
                    @for (state, verb) in [
                        (State::Approved, "Approve"), (State::Disabled, "Disable"), (State::Pending, "Reopen"),
                    ] {
                        @let count = concerned(&shown, state).count();
                        @if count > 0 {
                            (self.many(&shown, self.narrowed, state, &format!("{verb} {count} listed"), ""))
                        }
                    }
                }
            }
            @for group in &groups(&shown) { (self.section(group)) }
            (self.default_form(default))
        }
    }

    /// The button that decides on all of these which the decision would change, and which that filter admits.
    fn many(&self, listed: &[&ToolDecision], filter: &Narrowed, state: State, label: &str, of: &str) -> Markup {
        let seen = tools::digest_of(concerned(listed, state).map(|decision| &*decision.tool));
        html! {
            form method="post" action=(DECIDE_MANY) {
                (page::form_fields(self.context, self.browser, DECIDE_MANY))
                (filter.fields())
                input type="hidden" name="seen" value=(seen);
                button.primary[state == State::Approved && of.is_empty()].danger[state == State::Disabled] type="submit"
                    name="state" value=(state.name()) aria-label=[(!of.is_empty()).then(|| format!("{label}: {of}"))] {
                    (label)
                }
            }
        }
    }

    fn section(&self, group: &Group<'_>) -> Markup {
        let Group { area, class, decisions } = group;
        let pending = concerned(decisions, State::Approved).count();
        let provider = decisions.first().and_then(|decision| decision.tool.provider).map(|provider| provider.name);
        let title = match (area, provider) {
            (Some(area), Some(provider)) => format!("{provider}: {}", area.title),
            _ => "Postern".to_owned(),
        };
        let id = format!("tools-{}-{}", area_name(*area), class.name());
        let of = format!("{title}, {}", class.name());
        html! {
            section {
                h2 id=(id) { (title) " " (badge(tone(*class), class_in_words(*class))) }
                @if pending > 0 {
                    @let group = self.narrowed.to_group(*area, *class);
                    div.actions {
                        (self.many(decisions, &group, State::Approved, &format!("Approve {pending} pending"), &of))
                    }
                }
                div.table tabindex="0" role="region" aria-labelledby=(id) {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Tool" }
                                th scope="col" { "State" }
                                th scope="col" { "Decision" }
                            }
                        }
                        tbody { @for decision in decisions { (self.row(decision)) } }
                    }
                }
            }
        }
    }

    fn row(&self, decision: &ToolDecision) -> Markup {
        let tool = &decision.tool;
        html! {
            tr {
                th.wide scope="row" {
                    a href=(tool_page::address(&tool.name)) { (tool.title) } " " code.fine { (tool.name) }
                    @if decision.classification != decision.catalogued { " " (class_badge(decision)) }
                    p.fine { (description(&tool.description)) }
                    @if let Some(changed) = self.changes.get(&*tool.name) {
                        details { summary { "What changed since it was approved" } (changes_table(changed.as_deref())) }
                    }
                }
                td {
                    (state_badge(decision))
                    @if let Some((who, when)) = &decision.decided {
                        div.fine { "by " (who) } div.fine { (moment(*when)) }
                    }
                }
                td { (decision_form(self.context, self.browser, self.narrowed, decision)) }
            }
        }
    }

    fn default_form(&self, default: ToolDefault) -> Markup {
        html! {
            section.card {
                h2 { "Tools that nobody has decided on" }
                form method="post" action=(DEFAULT) {
                    (page::form_fields(self.context, self.browser, DEFAULT))
                    fieldset {
                        legend { "What becomes of them" }
                        @for (choice, words) in DEFAULTS {
                            label.choice {
                                input type="radio" name="default" value=(choice.name()) checked[choice == default];
                                span { (words) }
                            }
                        }
                    }
                    div.actions { button type="submit" { "Set the default" } }
                }
                p.fine {
                    "A tool whose definition changed counts as one that nobody has decided on. Postern cannot run it as it \
                     was approved before, since a release has each tool in one form: it runs as it is now, or not at all."
                }
            }
        }
    }
}

const DEFAULTS: [(ToolDefault, &str); 2] = [
    (ToolDefault::ReviewEverything, "Each waits for an administrator"),
    (
        ToolDefault::ApproveReads,
        "Those that only read, and are not sensitive, are approved by themselves; all others wait",
    ),
];

/// Those of the listed tools that the decision would change.
fn concerned<'a>(listed: &'a [&'a ToolDecision], state: State) -> impl Iterator<Item = &'a ToolDecision> {
    listed.iter().copied().filter(move |decision| tool_decisions::is_concerned(decision, state))
}
