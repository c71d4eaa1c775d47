//! Which tools exist: an administrator decides on each definition.

use maud::{Markup, html};

use super::filter;
use crate::{
    catalog::{
        area,
        operation::{Area, Class},
    },
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
        http::{Form, Request, Response},
    },
    tools::{self, Tool},
};

const TOOLS: &str = "/admin/tools";
const DECIDE: &str = "/admin/tools/decide";
const APPROVE_PENDING: &str = "/admin/tools/approve-pending";
/// What the list is narrowed by.
const WORDS: &str = "words";

/// `GET /admin/tools`.
pub async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let decisions = tool_decisions::list(context).await?;
        let narrowed = Narrowed::of(&request.query());
        Ok(page::page(context, Some(&browser), "Tools", &content(context, &browser, &narrowed, &decisions)))
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
        Ok(answer(context, &browser, &Narrowed::of(&form), decided))
    })
    .await
}

/// `POST /admin/tools/approve-pending`: all of them, or those of one area and class.
pub async fn approve_pending(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let saw = form.get("seen").unwrap_or_default();
        let (area, class) = (form.get("area"), form.get("class"));
        let is_meant = |tool: &Tool| {
            area.is_none_or(|area| area == area_name(tool.area()))
                && class.is_none_or(|class| class == class_name(tool.class))
        };
        let decided = tool_decisions::approve_pending(context, &browser.person.id, is_meant, saw).await?;
        Ok(answer(context, &browser, &Narrowed::of(&form), decided))
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

/// What the list is narrowed to: tools that have all of these words in their name, title or description.
struct Narrowed {
    words: Option<String>,
}

impl Narrowed {
    fn of(form: &Form) -> Self {
        Self { words: filter::text(form, WORDS) }
    }

    fn admits(&self, tool: &Tool) -> bool {
        let text = format!("{} {} {}", tool.name, tool.title, tool.description).to_lowercase();
        let words = self.words.iter().flat_map(|words| words.split_whitespace());
        words.map(str::to_lowercase).all(|word| text.contains(&word))
    }

    /// The address of the list, narrowed in the same way.
    fn address(&self) -> String {
        match &self.words {
            None => TOOLS.to_owned(),
            Some(words) => {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                format!("{TOOLS}?{}", query.append_pair(WORDS, words).finish())
            }
        }
    }

    fn field(&self) -> Markup {
        html! { @if let Some(words) = &self.words { input type="hidden" name=(WORDS) value=(words); } }
    }
}

/// Tools of one area and class, which are decided on together.
struct Group<'a> {
    area: Option<&'static Area>,
    class: Class,
    decisions: Vec<&'a ToolDecision>,
}

const CLASSES: [Class; 3] = [Class::Read, Class::Write, Class::Destructive];

/// The name of what Postern answers by itself, where areas are named.
const OWN: &str = "postern";

fn area_name(area: Option<&'static Area>) -> &'static str {
    area.map_or(OWN, |area| area.name)
}

fn class_name(class: Class) -> &'static str {
    match class {
        Class::Read => "read",
        Class::Write => "write",
        Class::Destructive => "delete",
    }
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
    let all = areas.flat_map(|area| CLASSES.map(|class| of(area, class)));
    all.filter(|group| !group.decisions.is_empty()).collect()
}

fn content(context: &Context, browser: &Browser, narrowed: &Narrowed, decisions: &[ToolDecision]) -> Markup {
    let pending: Vec<_> = tool_decisions::pending(decisions).collect();
    let shown: Vec<_> = decisions.iter().filter(|decision| narrowed.admits(&decision.tool)).collect();
    let groups = groups(&shown);
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
        (filter::form(TOOLS, "Narrow the list of tools", "Filter", &[
            filter::field(WORDS, "Words of a tool", "search", narrowed.words.as_deref()),
        ]))
        p { (shown.len()) " of " (decisions.len()) " tools" }
        @for group in &groups { (section(context, browser, narrowed, group)) }
    }
}

fn section(context: &Context, browser: &Browser, narrowed: &Narrowed, group: &Group<'_>) -> Markup {
    let Group { area, class, decisions } = group;
    let pending: Vec<_> = decisions.iter().filter(|decision| decision.state == State::Pending).collect();
    let provider = decisions.first().and_then(|decision| decision.tool.provider).map(|provider| provider.name);
    let title = match (area, provider) {
        (Some(area), Some(provider)) => format!("{provider}: {}", area.title),
        _ => "Postern".to_owned(),
    };
    let id = format!("tools-{}-{}", area_name(*area), class_name(*class));
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) " " (class_badge(*class)) }
            @if !pending.is_empty() {
                form.actions method="post" action=(APPROVE_PENDING) {
                    (page::form_fields(context, browser, APPROVE_PENDING))
                    input type="hidden" name="area" value=(area_name(*area));
                    input type="hidden" name="class" value=(class_name(*class));
                    (narrowed.field())
                    input type="hidden" name="seen"
                        value=(tools::digest_of(pending.iter().map(|decision| &*decision.tool)));
                    button type="submit" name="decision" value="approve"
                        aria-label=(format!("Approve {} pending: {title}, {}", pending.len(), class_name(*class))) {
                        "Approve " (pending.len()) " pending"
                    }
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
                    tbody { @for decision in decisions { (row(context, browser, narrowed, decision)) } }
                }
            }
        }
    }
}

fn row(context: &Context, browser: &Browser, narrowed: &Narrowed, decision: &ToolDecision) -> Markup {
    let ToolDecision { tool, state: present, decided } = decision;
    html! {
        tr {
            th.wide scope="row" {
                (tool.title) " " code.fine { (tool.name) }
                p.fine { (description(&tool.description)) }
            }
            td {
                (state(*present))
                @if let Some((who, when)) = decided { div.fine { "by " (who) } div.fine { (moment(*when)) } }
            }
            td {
                form.actions method="post" action=(DECIDE) {
                    (page::form_fields(context, browser, DECIDE))
                    input type="hidden" name="tool" value=(tool.name);
                    (narrowed.field())
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

fn class_badge(class: Class) -> Markup {
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
