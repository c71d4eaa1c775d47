//! Effective rights: what somebody may do to something through a client, and why. The answer is the decision's own.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::{RIGHTS, TITLE};
use crate::{
    catalog::{arguments, operation::Class},
    console::{
        access,
        admin::filter,
        page,
        text::{Tone, badge},
    },
    context::Context,
    governance::{
        access_request::ACCESS_PAGE,
        decision::{Decision, Verdict, decide},
        facts::{Caller, Facts},
        snapshot_cache,
        taint::TaintLevel,
    },
    identifiers::{ClientId, Subject},
    identity::{browser::Browser, claimed},
    platform::{
        Fault,
        http::{Form, Request, Response},
        json,
    },
    tools::{self, Source},
};

/// `GET /admin/rights`.
pub async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let form = request.query();
        let answer = match form.get("person").filter(|person| !person.is_empty()) {
            None => None,
            Some(person) => Some(answer(context, person, &form).await?),
        };
        Ok(content(context, &browser, &form, answer.as_ref()))
    })
    .await
}

/// What the question came to.
enum Outcome {
    /// The decision, and that on a grant which read text from outside, where it is another.
    Decided(Box<(String, Decision, Option<Decision>)>),
    /// There is no such person or tool, or the arguments are none of it.
    NoQuestion(String),
}

async fn answer(context: &Context, username: &str, form: &Form) -> Result<Outcome, Fault> {
    let Some((id, attributes)) = claimed::attributes_by_name(context, username).await? else {
        return Ok(Outcome::NoQuestion(format!("Nobody who has signed in has the user name {username}.")));
    };
    let name = form.get("tool").unwrap_or_default().trim();
    let Some(tool) = tools::find(name) else {
        return Ok(Outcome::NoQuestion(format!("There is no tool {name}.")));
    };
    let Source::Operation(operation) = tool.source;
    let given: Map<String, Value> = match form.get("arguments").map(str::trim).filter(|text| !text.is_empty()) {
        None => Map::new(),
        Some(text) => match json::from_str(text) {
            Ok(given) => given,
            Err(error) => return Ok(Outcome::NoQuestion(format!("The arguments are no object in JSON: {error}."))),
        },
    };
    let policy = snapshot_cache::current(context).await?;
    let (subject, client) = (Subject::Person(id), ClientId::new(form.get("client").unwrap_or_default()));
    let now = context.platform.clock.now();
    let caller = Caller {
        subject: &subject,
        client: &client,
        attributes: &attributes,
        permitted: Some(Class::Destructive),
        now,
    };
    let facts = match given.is_empty() && operation.call.is_some() {
        true => Facts::of_entry(&context.settings, caller, &tool),
        false => match arguments::validate(operation, &given) {
            Ok(arguments) => Facts::of_call(&context.settings, caller, &tool, &arguments),
            Err(problem) => return Ok(Outcome::NoQuestion(problem.to_string())),
        },
    };
    let decision = decide(&policy, &facts);
    let tainted = decide(&policy, &facts.tainted(TaintLevel::Elsewhere));
    let tainted = Some(tainted).filter(|tainted| *tainted != decision);
    Ok(Outcome::Decided(Box::new((tool.name.to_string(), decision, tainted))))
}

fn content(context: &Context, browser: &Browser, form: &Form, answer: Option<&Outcome>) -> Response {
    let value = |name: &str| form.get(name);
    let fields = [
        filter::field("person", "User name", "text", value("person")),
        filter::field("tool", "Tool", "text", value("tool")),
        filter::field(
            "arguments",
            "Arguments, in JSON; without any, whether the tool is listed",
            "text",
            value("arguments"),
        ),
        filter::field("client", "Client id", "text", value("client")),
    ];
    let markup = html! {
        h1 { "What may somebody do, and why?" }
        p.lead { "The answer is that of the decision which every call is put to, by the groups that the person had last." }
        (filter::form(RIGHTS, "Ask what somebody may do", "Ask", &fields))
        @if let Some(answer) = answer { section.card role="status" { (told(answer)) } }
    };
    page::page(context, Some(browser), TITLE, &markup)
}

fn verdict(decision: &Decision) -> (Tone, &'static str) {
    match decision.verdict {
        Verdict::Allowed => (Tone::Good, "It runs"),
        Verdict::ScopeTooSmall => (Tone::Waiting, "It needs a larger scope"),
        Verdict::ApprovalNeeded(_) => (Tone::Waiting, "It waits for an approver"),
        Verdict::Denied(_) => (Tone::Bad, "It does not run"),
    }
}

fn told(answer: &Outcome) -> Markup {
    let (tool, decision, tainted) = match answer {
        Outcome::NoQuestion(words) => return html! { p { (words) } },
        Outcome::Decided(decided) => &**decided,
    };
    let (tone, word) = verdict(decision);
    let sentence = match &decision.verdict {
        Verdict::Allowed | Verdict::ScopeTooSmall => String::new(),
        Verdict::ApprovalNeeded(rule) => rule.reason.to_string(),
        Verdict::Denied(denial) => decision.sentence(denial, tool, ACCESS_PAGE),
    };
    let within = decision.access.within.words();
    let remarks = decision.remarks();
    let looked_up: Vec<_> = decision.access.missing_facts.iter().map(|fact| fact.words()).collect();
    html! {
        h2 { (badge(tone, word)) " " (tool) }
        dl.facts {
            dt { "Settled by" } dd { (decision) }
            @if !sentence.is_empty() { dt { "What the caller is told" } dd { (sentence) } }
            @if !within.is_empty() { dt { "Kept within" } dd { (within) } }
            @if !looked_up.is_empty() {
                dt { "Looked up at the call" } dd { (looked_up.join(", ")) ", on which the decision depends" }
            }
            @if let Some(tainted) = tainted {
                @let (tone, word) = verdict(tainted);
                dt { "After text from outside" } dd { (badge(tone, word)) " " (tainted) }
            }
            @if !remarks.is_empty() { dt { "Rules that it met" } dd { (remarks) } }
        }
    }
}
