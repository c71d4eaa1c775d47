//! One tool, for administrators: what changed in it, its decision, how it is classified, and its lock.

use maud::{Markup, html};

use super::{
    TOOLS,
    narrowed::{Narrowed, class_in_words},
    parts::{changes_table, class_badge, decision_form, state_badge},
};
use crate::{
    catalog::operation::Class,
    console::{
        access,
        admin::locks,
        page::{self, Problem},
        text::description,
    },
    context::Context,
    governance::{
        locks::LockKind,
        tool_decisions::{self, ToolDecision},
        tool_policy::Classification,
    },
    identity::browser::Browser,
    platform::{
        Fault,
        http::{Request, Response},
    },
    route, tools,
};

pub const CLASSIFY: &str = "/admin/tools/classify";

/// The address of a tool's page.
pub fn address(name: &str) -> String {
    format!("{TOOLS}/{name}")
}

/// `GET /admin/tools/{tool}`.
pub async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    let name = route::segment(request, 3).to_owned();
    access::administrator(context, request, async |browser| {
        let (decisions, _) = tool_decisions::list(context).await?;
        let of_name: Vec<_> = decisions.into_iter().filter(|decision| decision.tool.name == *name).collect();
        let mut changes = tool_decisions::changes(context, &of_name).await?;
        Ok(match of_name.first() {
            Some(decision) => {
                let changed = changes.remove(&*decision.tool.name);
                let changes = html! { @if let Some(changed) = changed { h2 { "What changed" } (changes_table(changed.as_deref())) } };
                page::page(context, Some(&browser), "Tool", &content(context, &browser, decision, &changes))
            }
            None => page::problem(context, Some(&browser), &NO_SUCH_TOOL),
        })
    })
    .await
}

/// `POST /admin/tools/classify`.
pub async fn classify(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let tool = form.get("tool").and_then(tools::find);
        let (Some(tool), Some(class)) = (tool, form.get("class").and_then(Class::parse)) else {
            return Ok(page::problem(context, Some(&browser), &NO_SUCH_TOOL));
        };
        let to = Classification { class, is_sensitive: form.get("sensitive").is_some() };
        tool_decisions::classify(context, &browser.person.id, &tool, to).await?;
        Ok(page::see_other(&address(&tool.name)))
    })
    .await
}

const NO_SUCH_TOOL: Problem<'_> = Problem {
    status: 404,
    title: "There is no such tool",
    explanation: "It may have gone with a new release, or its class is none.",
    next_step: "Open the list of tools again.",
};

fn content(context: &Context, browser: &Browser, decision: &ToolDecision, changes: &Markup) -> Markup {
    let tool = &decision.tool;
    html! {
        h1 { (tool.title) " " (class_badge(decision)) }
        p { code { (tool.name) } " " (state_badge(decision)) }
        p.lead { (description(&tool.description)) }
        section.card {
            (changes)
            (decision_form(context, browser, &Narrowed::default(), decision))
        }
        (classification_form(context, browser, decision))
        section.card {
            h2 { "Lock" }
            p { "Stops this tool for everybody until you lift the lock. Its approval stays." }
            p.actions { (locks::link(LockKind::Tool, &tool.name, &tool.title)) }
        }
        p.actions { a.button href=(TOOLS) { "All tools" } }
    }
}

fn classification_form(context: &Context, browser: &Browser, decision: &ToolDecision) -> Markup {
    let ToolDecision { tool, classification, catalogued, .. } = decision;
    let classes = Class::ALL.into_iter().filter(|class| *class >= catalogued.class);
    html! {
        section.card {
            h2 { "Classification" }
            p {
                "Decides which scope a client needs, through which gate the tool is called, and whether it can be approved by \
                 itself. It can be raised above what the catalogue says ("
                (class_in_words(catalogued.class)) @if catalogued.is_sensitive { ", sensitive" }
                "), never lowered."
            }
            form method="post" action=(CLASSIFY) {
                (page::form_fields(context, browser, CLASSIFY))
                input type="hidden" name="tool" value=(tool.name);
                fieldset {
                    legend { "Class" }
                    @for class in classes {
                        label.choice {
                            input type="radio" name="class" value=(class.name()) checked[class == classification.class];
                            span { (class_in_words(class)) }
                        }
                    }
                }
                @if catalogued.is_sensitive {
                    input type="hidden" name="sensitive" value="yes";
                } @else {
                    label.choice {
                        input type="checkbox" name="sensitive" value="yes" checked[classification.is_sensitive];
                        span { "Its answers are sensitive" }
                    }
                }
                div.actions { button type="submit" { "Classify" } }
            }
        }
    }
}
