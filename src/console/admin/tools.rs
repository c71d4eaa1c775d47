//! Which tools exist: an administrator decides on each definition.

use maud::{Markup, html};

use crate::{
    catalog::operation::Class,
    console::{
        access,
        page::{self, Problem},
        text::{Tone, badge, description, moment},
    },
    context::Context,
    governance::{
        policy::State,
        tool_decisions::{self, DecisionResult, ToolDecision},
    },
    identity::browser::Browser,
    platform::{
        Fault,
        http::{Request, Response},
    },
    tools,
};

const TOOLS: &str = "/admin/tools";
const DECIDE: &str = "/admin/tools/decide";
const APPROVE_PENDING: &str = "/admin/tools/approve-pending";

/// `GET /admin/tools`.
pub async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let decisions = tool_decisions::list(context).await?;
        Ok(page::page(context, Some(&browser), "Tools", &content(context, &browser, &decisions)))
    })
    .await
}

/// `POST /admin/tools/decide`.
pub async fn decide(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let tool = form.get("tool").and_then(tools::find);
        let state = form.get("state").and_then(State::parse).filter(|state| *state != State::Pending);
        let (Some(tool), Some(state)) = (tool, state) else {
            return Ok(page::problem(context, Some(&browser), &NO_SUCH_DECISION));
        };
        let saw = form.get("seen").unwrap_or_default();
        let decided = tool_decisions::decide(context, &browser.person.id, &tool, state, saw).await?;
        Ok(answer(context, &browser, decided))
    })
    .await
}

/// `POST /admin/tools/approve-pending`.
pub async fn approve_pending(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let saw = form.get("seen").unwrap_or_default();
        let decided = tool_decisions::approve_pending(context, &browser.person.id, saw).await?;
        Ok(answer(context, &browser, decided))
    })
    .await
}

fn answer(context: &Context, browser: &Browser, result: DecisionResult) -> Response {
    match result {
        DecisionResult::Done => page::see_other(TOOLS),
        DecisionResult::NotAsSeen => {
            let again = html! { a.button.primary href=(TOOLS) { "See the tools as they are" } };
            page::problem_with(context, Some(browser), &NOT_AS_SEEN, &again)
        }
    }
}

const NOT_AS_SEEN: Problem<'_> = Problem {
    status: 409,
    title: "Nothing was approved",
    explanation: "What would be approved is not what you saw: a tool was defined anew, or other tools wait by now.",
    next_step: "Look at the list as it is and decide there.",
};

const NO_SUCH_DECISION: Problem<'_> = Problem {
    status: 400,
    title: "Nothing was decided",
    explanation: "There is no such tool any more, or no such decision.",
    next_step: "Open the list of tools again and decide there.",
};

fn content(context: &Context, browser: &Browser, decisions: &[ToolDecision]) -> Markup {
    let pending: Vec<_> = tool_decisions::pending(decisions).collect();
    html! {
        h1 { "Tools" }
        p.lead {
            "What AI clients may call. A tool that is new, or whose definition changed, waits for you: until then no \
             client sees it. Decisions reach everybody within five seconds."
        }
        @if !pending.is_empty() {
            form.note.waiting method="post" action=(APPROVE_PENDING) {
                (page::form_fields(context, browser, APPROVE_PENDING))
                input type="hidden" name="seen" value=(tools::digest_of(pending.iter().copied()));
                p { strong { (pending.len()) @if pending.len() == 1 { " tool waits" } @else { " tools wait" } " for approval." } }
                button.primary type="submit" name="decision" value="approve" { "Approve all pending" }
            }
        }
        div.table tabindex="0" role="region" aria-labelledby="tools-caption" {
            table {
                caption id="tools-caption" { (decisions.len()) " tools" }
                thead {
                    tr {
                        th scope="col" { "Tool" }
                        th scope="col" { "Does" }
                        th scope="col" { "State" }
                        th scope="col" { "Decision" }
                    }
                }
                tbody { @for decision in decisions { (row(context, browser, decision)) } }
            }
        }
    }
}

fn row(context: &Context, browser: &Browser, decision: &ToolDecision) -> Markup {
    let ToolDecision { tool, state: present, decided } = decision;
    html! {
        tr {
            th.wide scope="row" {
                (tool.title) " " code.fine { (tool.name) }
                p.fine { (description(&tool.description)) }
            }
            td { (class(tool.class)) }
            td {
                (state(*present))
                @if let Some((who, when)) = decided { div.fine { "by " (who) } div.fine { (moment(*when)) } }
            }
            td {
                form.actions method="post" action=(DECIDE) {
                    (page::form_fields(context, browser, DECIDE))
                    input type="hidden" name="tool" value=(tool.name);
                    input type="hidden" name="seen" value=(tools::digest_of([&**tool]));
                    @if *present != State::Approved {
                        (button(&tool.title, State::Approved, "Approve"))
                    }
                    @if *present != State::Disabled {
                        (button(&tool.title, State::Disabled, "Disable"))
                    }
                }
            }
        }
    }
}

fn button(title: &str, state: State, label: &str) -> Markup {
    html! {
        button.danger[state == State::Disabled] type="submit" name="state" value=(state.name())
            aria-label=(format!("{label}: {title}")) { (label) }
    }
}

fn class(class: Class) -> Markup {
    match class {
        Class::Read => badge(Tone::Plain, "Reads"),
        Class::Write => badge(Tone::Waiting, "Writes"),
        Class::Destructive => badge(Tone::Bad, "Destroys"),
    }
}

fn state(state: State) -> Markup {
    match state {
        State::Pending => badge(Tone::Waiting, "Pending"),
        State::Approved => badge(Tone::Good, "Approved"),
        State::Disabled => badge(Tone::Bad, "Disabled"),
    }
}
