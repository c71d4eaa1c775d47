//! Which tools exist: an administrator decides on each definition, or on many at once.

mod list;
mod narrowed;
mod parts;
pub mod tool_page;

use maud::html;

use self::{list::List, narrowed::Narrowed};
use crate::{
    console::{
        access,
        page::{self, Problem},
    },
    context::Context,
    governance::{
        policy::State,
        tool_decisions::{self, DecisionResult, ToolDecision},
        tool_policy::ToolDefault,
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
const DECIDE_MANY: &str = "/admin/tools/decide-many";
const DEFAULT: &str = "/admin/tools/default";

/// `GET /admin/tools`.
pub async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let (decisions, policy) = tool_decisions::list(context).await?;
        let changes = tool_decisions::changes(context, &decisions).await?;
        let narrowed = Narrowed::of(&request.query());
        let list = List { context, browser: &browser, narrowed: &narrowed, changes: &changes };
        Ok(page::page(context, Some(&browser), "Tools", &list.content(&decisions, policy.tool_policy.default)))
    })
    .await
}

/// `POST /admin/tools/decide`.
pub async fn decide(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let tool = form.get("tool").and_then(tools::find);
        let (Some(tool), Some(state)) = (tool, form.get("state").and_then(State::parse)) else {
            return Ok(page::problem(context, Some(&browser), &NO_SUCH_DECISION));
        };
        let saw = form.get("seen").unwrap_or_default();
        let decided = tool_decisions::decide(context, &browser.person.id, &tool, state, saw).await?;
        Ok(answer(context, &browser, &Narrowed::of(&form), decided))
    })
    .await
}

/// `POST /admin/tools/decide-many`: on all tools that the form's filter admits, if those are the ones that were seen.
pub async fn decide_many(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let Some(state) = form.get("state").and_then(State::parse) else {
            return Ok(page::problem(context, Some(&browser), &NO_SUCH_DECISION));
        };
        let (saw, meant) = (form.get("seen").unwrap_or_default(), Narrowed::of(&form));
        let is_meant = |decision: &ToolDecision| meant.admits(decision);
        let decided = tool_decisions::decide_many(context, &browser.person.id, is_meant, state, saw).await?;
        Ok(answer(context, &browser, &meant, decided))
    })
    .await
}

/// `POST /admin/tools/default`.
pub async fn set_default(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let Some(default) = form.get("default").and_then(ToolDefault::parse) else {
            return Ok(page::problem(context, Some(&browser), &NO_SUCH_DECISION));
        };
        tool_decisions::set_default(context, &browser.person.id, default).await?;
        Ok(page::see_other(TOOLS))
    })
    .await
}

fn answer(context: &Context, browser: &Browser, narrowed: &Narrowed, result: DecisionResult) -> Response {
    match result {
        DecisionResult::Done => page::see_other(&narrowed.address()),
        DecisionResult::NotAsSeen => {
            let again = html! { a.button.primary href=(TOOLS) { "See the tools as they are" } };
            page::problem_with(context, Some(browser), &NOT_AS_SEEN, &again)
        }
    }
}

const NOT_AS_SEEN: Problem<'_> = Problem {
    status: 409,
    title: "Nothing was decided",
    explanation: "What would be decided is not what you saw: a tool was defined anew, or other tools wait by now.",
    next_step: "Look at the list as it is and decide there.",
};

const NO_SUCH_DECISION: Problem<'_> = Problem {
    status: 400,
    title: "Nothing was decided",
    explanation: "There is no such tool any more, or no such decision.",
    next_step: "Open the list of tools again and decide there.",
};
