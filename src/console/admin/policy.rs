//! The access policy: whom what is granted, what is blocked, reported or held, and how that came to be.

mod changes;
pub mod document;
pub(in crate::console) mod dry_run;
pub(in crate::console) mod existence;
mod forms;
pub mod rights;
mod trust;

use maud::{Markup, html};

use crate::{
    console::{
        access,
        admin::tokens::TOKENS,
        page,
        text::{Tone, badge, moment},
    },
    context::Context,
    governance::{
        access_policy::{
            AccessPolicy, Effect, Granting, NamedThing, Profile, ResourceCondition, Rule, SubjectSelector,
            ToolSelection, Toolset,
        },
        policy_revision::Revision,
        policy_revisions::{self, Change},
    },
    identity::browser::Browser,
    platform::{
        Fault,
        http::{Form, Request, Response},
    },
};

pub const POLICY: &str = "/admin/policy";
const GRANT: &str = "/admin/policy/grant";
const RULE: &str = "/admin/policy/rule";
const TRUST: &str = "/admin/policy/trust";
const CHANGE: &str = "/admin/policy/change";
const DOCUMENT: &str = "/admin/policy/document";
const RIGHTS: &str = "/admin/rights";
const TITLE: &str = "Access";

/// `GET /admin/policy`.
pub async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        overview(context, &browser, ChangeResult::NoChange, None).await
    })
    .await
}

/// `POST /admin/policy/grant`: adds an access profile.
pub async fn grant(context: &Context, request: &Request) -> Result<Response, Fault> {
    changed(context, request, forms::grant).await
}

/// `POST /admin/policy/rule`: adds a rule, below the others.
pub async fn add_rule(context: &Context, request: &Request) -> Result<Response, Fault> {
    changed(context, request, forms::add_rule).await
}

/// `POST /admin/policy/trust`: says whose texts are the organisation's own.
pub async fn trust(context: &Context, request: &Request) -> Result<Response, Fault> {
    changed(context, request, trust::change).await
}

/// `POST /admin/policy/change`: moves a rule or takes something away.
pub async fn change(context: &Context, request: &Request) -> Result<Response, Fault> {
    changed(context, request, changes::apply).await
}

/// A policy that an administrator makes of the latest one, and what they changed, in a sentence.
type Changed = Result<(AccessPolicy, String), Vec<String>>;

/// What an administrator's form makes of the revision that they saw.
async fn changed(
    context: &Context,
    request: &Request,
    make: fn(&Form, AccessPolicy) -> Changed,
) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let latest = policy_revisions::latest(context).await?;
        let before = latest.policy.clone();
        let saw = form.get("revision").and_then(|number| number.parse().ok()).unwrap_or(latest.number);
        let (policy, summary) = match make(&form, latest.policy) {
            Ok(made) => made,
            Err(problems) => return overview(context, &browser, ChangeResult::Refused(&problems), Some(&form)).await,
        };
        let change = Change { by: &browser.person.id, saw, summary: &summary };
        let named = policy.named_beyond(&before);
        if let Some(problems) = policy_revisions::keep(context, &change, policy).await?.problems() {
            return overview(context, &browser, ChangeResult::Refused(&problems), Some(&form)).await;
        }
        answer_to_change(context, &browser, &named).await
    })
    .await
}

/// The answer once a policy is kept that names these things newly. That nobody knows of some is said where others are missing
/// alone: else whoever has no account of their own at a provider would be warned with each change.
async fn answer_to_change(context: &Context, browser: &Browser, named: &[NamedThing]) -> Result<Response, Fault> {
    let remarks = existence::remarks(context, &browser.person.id, named).await;
    if remarks.missing.is_empty() {
        return Ok(page::see_other(POLICY));
    }
    overview(context, browser, ChangeResult::Kept(&remarks.sentences()), None).await
}

/// What became of the change that a form asked for.
#[derive(Clone, Copy)]
enum ChangeResult<'a> {
    NoChange,
    /// Why nothing was changed.
    Refused(&'a [String]),
    /// What there is to say of what was kept.
    Kept(&'a [String]),
}

/// The page, with what became of the change that `form` asks for.
async fn overview(
    context: &Context,
    browser: &Browser,
    result: ChangeResult<'_>,
    form: Option<&Form>,
) -> Result<Response, Fault> {
    let revisions = policy_revisions::list(context).await?;
    let none = Revision::none();
    let latest = revisions.first().unwrap_or(&none);
    let content = html! {
        h1 { (TITLE) }
        p.lead {
            "Who may call which of the approved tools, on what; and what is blocked, reported or held for an approval. \
             Changes reach everybody within five seconds."
        }
        @match result {
            ChangeResult::NoChange => {}
            ChangeResult::Refused(problems) => (refusal(problems)),
            ChangeResult::Kept(remarks) => (note("The change was kept.", remarks)),
        }
        (granted(context, browser, latest))
        (forms::of_grant(context, browser, latest, form))
        (ruled(context, browser, latest))
        (forms::of_rule(context, browser, latest, form))
        (trust::card(context, browser, latest, form))
        (history(&revisions))
    };
    let mut response = page::page(context, Some(browser), TITLE, &content);
    if matches!(result, ChangeResult::Refused(_)) {
        response.status = 400;
    }
    Ok(response)
}

fn refusal(problems: &[String]) -> Markup {
    note("Nothing was changed.", problems)
}

fn note(said: &str, sentences: &[String]) -> Markup {
    html! {
        div.note.warning role="alert" {
            p { strong { (said) } }
            ul { @for sentence in sentences { li { (sentence) } } }
        }
    }
}

fn granted(context: &Context, browser: &Browser, latest: &Revision) -> Markup {
    let AccessPolicy { profiles, toolsets, .. } = &latest.policy;
    html! {
        section.card {
            h2 { "Access profiles" }
            @if profiles.is_empty() {
                p {
                    "There are none, so everybody may call whatever is approved, wherever their accounts reach. With the first \
                     profile that ends: then nobody runs what no profile grants them."
                }
            } @else {
                ul.entries {
                    @for profile in profiles {
                        li {
                            h3 { (profile.name) }
                            p { (profile_sentence(profile, toolsets)) }
                            div.actions { (act(context, browser, latest, "remove-profile", &profile.name, "Take away", true)) }
                        }
                    }
                }
            }
            @if let Some(break_glass) = &latest.policy.break_glass {
                p {
                    strong { (whom(&break_glass.subjects)) } " may break the glass, for at most " (break_glass.most_minutes())
                    " minutes: profiles and rules do not stop them then."
                }
            }
            p { a href=(RIGHTS) { "What may somebody do, and why?" } }
        }
    }
}

fn ruled(context: &Context, browser: &Browser, latest: &Revision) -> Markup {
    let rules = &latest.policy.rules;
    html! {
        section.card {
            h2 { "Rules" }
            @if rules.is_empty() {
                p { "There are none: what is granted runs." }
            } @else {
                p { "The first rule that fits a call decides." }
                ol.entries {
                    @for (index, rule) in rules.iter().enumerate() {
                        li {
                            h3 { (rule.name) " " (effect(rule)) }
                            p { (rule_sentence(rule)) }
                            div.actions {
                                @if index > 0 { (act(context, browser, latest, "rule-up", &rule.name, "Move up", false)) }
                                @if rule.observe {
                                    (act(context, browser, latest, "enforce", &rule.name, "Enforce", false))
                                } @else {
                                    (act(context, browser, latest, "observe", &rule.name, "Only observe", false))
                                }
                                (act(context, browser, latest, "remove-rule", &rule.name, "Take away", true))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn history(revisions: &[Revision]) -> Markup {
    html! {
        section.card {
            h2 { "Revisions" }
            @if revisions.is_empty() { p { "Nobody has changed the policy yet." } }
            ul.entries {
                @for revision in revisions {
                    li {
                        a href=(format!("{DOCUMENT}?revision={}", revision.number)) { "Revision " (revision.number) }
                        ", " @if let Some(at) = revision.made_at { (moment(at)) }
                        @if let Some(by) = &revision.made_by { " by " (by) }
                        ": " (revision.summary)
                    }
                }
            }
            p { a href=(DOCUMENT) { "The whole policy as a document" } }
            p { a href=(TOKENS) { "Tokens for programs that apply it" } }
        }
    }
}

/// A button that does something with what has that name.
fn act(
    context: &Context,
    browser: &Browser,
    latest: &Revision,
    act: &str,
    name: &str,
    label: &str,
    takes_away: bool,
) -> Markup {
    html! {
        form method="post" action=(CHANGE) {
            (page::form_fields(context, browser, CHANGE))
            input type="hidden" name="revision" value=(latest.number);
            input type="hidden" name="name" value=(name);
            button.danger[takes_away] type="submit" name="act" value=(act) aria-label=(format!("{label}: {name}")) { (label) }
        }
    }
}

fn effect(rule: &Rule) -> Markup {
    let tone = match rule.then {
        _ if rule.observe => Tone::Plain,
        Effect::Allow => Tone::Good,
        Effect::Alert | Effect::Approve => Tone::Waiting,
        Effect::Block => Tone::Bad,
    };
    let word = rule.then.name();
    html! { (badge(tone, &if rule.observe { format!("{word}, observed") } else { word.to_owned() })) }
}

fn whom(subjects: &[SubjectSelector]) -> String {
    let words = subjects.iter().map(|subject| match subject {
        SubjectSelector::Everyone => "everyone".to_owned(),
        SubjectSelector::Group(name) => format!("the group {name}"),
        SubjectSelector::Role(role) => format!("whoever is {}", role.name()),
        SubjectSelector::Person(name) => name.clone(),
        SubjectSelector::Service(client) => format!("the service {client}"),
    });
    let words: Vec<_> = words.collect();
    if words.is_empty() { "Everyone".to_owned() } else { words.join(", ") }
}

pub(in crate::console) fn profile_sentence(profile: &Profile, toolsets: &[Toolset]) -> Markup {
    let tools =
        |name: &String| toolsets.iter().find(|toolset| toolset.name == *name).map(|set| tools_words(&set.tools));
    html! {
        "For " strong { (whom(&profile.subjects)) } ": "
        @for (index, name) in profile.toolsets.iter().enumerate() {
            @if index > 0 { ", " }
            strong { (name) } @if let Some(tools) = tools(name) { " (" (tools) ")" }
        }
        (conditions(&profile.resources, "anything that their accounts reach"))
        @if profile.granting != Granting::Automatic {
            ", for at most " (profile.most_minutes()) " minutes once they ask"
            @if profile.granting == Granting::OnApproval { " and an approver says yes" }
        }
        @if !profile.clients.is_empty() { ", through " (profile.clients.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")) }
        @if profile.hours.is_some() { ", in its hours" }
        @if let Some(day) = profile.until { ", until " (String::from(day)) }
        "."
    }
}

fn rule_sentence(rule: &Rule) -> Markup {
    html! {
        (whom(&rule.subjects)) ": " (tools_words(&rule.tools))
        (conditions(&rule.resources, "anything"))
        @if let Some(taint) = rule.taint { ", " (forms::taint_words(taint)) }
        @if rule.failing_checks { ", where merge checks fail" }
        @if rule.hours.is_some() { ", in its hours" }
        @if rule.outside_hours.is_some() { ", outside of its hours" }
        "."
        @if let Some(minutes) = rule.fresh_sign_in_minutes { " Whoever approves has signed in within " (minutes) " minutes." }
        @if let Some(minutes) = rule.longest_minutes {
            " Approvers may let such calls through for at most " (minutes) " minutes."
        }
        @if !rule.reason.is_empty() { " Why: " (rule.reason) }
    }
}

fn conditions(resources: &[ResourceCondition], anything: &str) -> Markup {
    html! {
        ", on "
        @if resources.is_empty() { (anything) }
        @for (index, resource) in resources.iter().enumerate() {
            @if index > 0 { ", " }
            code { (resource.words()) }
        }
    }
}

fn tools_words(tools: &ToolSelection) -> String {
    let classes = tools.classes.iter().map(|class| class.name().to_owned());
    let others = tools.providers.iter().chain(&tools.areas).chain(&tools.names).cloned();
    let words: Vec<String> = classes.chain(others).collect();
    match words.as_slice() {
        [] => "every tool".to_owned(),
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first}, {second}, {third} and {} more", rest.len())
        }
        words => words.join(", "),
    }
}
