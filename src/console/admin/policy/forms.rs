//! The forms that grant something, and that add a rule.

use maud::{Markup, html};

use super::{Changed, GRANT, RULE};
use crate::{
    catalog::{operation::Preset, preset},
    console::page,
    context::Context,
    governance::{
        access_policy::{
            AccessPolicy, Effect, Granting, Hours, Profile, ResourceCondition, Rule, SubjectSelector, TaintCondition,
            ToolSelection, Toolset,
        },
        policy_revision::Revision,
    },
    identity::browser::Browser,
    platform::http::Form,
    providers::Site,
};

/// The choice of a toolset that is in the document already: its name after this.
const KEPT: &str = "toolset:";

/// What the form takes for a sign-in of just now.
const FRESH_MINUTES: u32 = 10;

/// For how long approvers may let calls through, where the form says that they may.
const SERIES_MINUTES: u32 = 60;

/// What rules do, for people.
const EFFECTS: [(Effect, &str); 4] = [
    (Effect::Approve, "Hold it until an approver says yes"),
    (Effect::Block, "Block it"),
    (Effect::Alert, "Let it run, and report it"),
    (Effect::Allow, "Let it run, whatever the rules below say"),
];

/// How profiles come to be granted, for people.
const GRANTINGS: [(Granting, &str); 3] = [
    (Granting::Automatic, "They have it"),
    (Granting::OnRequest, "They have it for a time once they ask and say what for"),
    (Granting::OnApproval, "They have it for a time once they ask and an approver says yes"),
];

/// When a rule holds, for people, as the end of a sentence.
pub(super) const fn taint_words(taint: TaintCondition) -> &'static str {
    match taint {
        TaintCondition::Any => "after text from outside of the organisation was read",
        TaintCondition::Elsewhere => "after text from outside of the organisation was read elsewhere",
    }
}

/// Adds an access profile, with the toolset that it grants if that is not there yet.
pub(super) fn grant(form: &Form, mut policy: AccessPolicy) -> Changed {
    let mut problems = Vec::new();
    let subjects = listed(form.get("subjects"), &mut problems);
    let resources = lines(form.get("resources"), &mut problems);
    let until = match form.get("until").unwrap_or_default() {
        "" => None,
        day => day.to_owned().try_into().map_err(|problem| problems.push(problem)).ok(),
    };
    let granting = form.get("granting").and_then(|name| Granting::ALL.into_iter().find(|one| one.name() == name));
    let longest_minutes = match form.get("minutes").map(str::trim).unwrap_or_default() {
        "" => None,
        text => text.parse().map_err(|_| problems.push(format!("`{text}` is no number of minutes"))).ok(),
    };
    let name = toolset(form, &mut policy, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let profile = Profile {
        name: named(form, || format!("{} for {}", name, form.get("subjects").unwrap_or_default().trim())),
        subjects,
        toolsets: vec![name],
        resources,
        until,
        granting: granting.unwrap_or_default(),
        longest_minutes,
        ..Profile::default()
    };
    let summary = format!("Added the profile {}", profile.name);
    policy.profiles.push(profile);
    Ok((policy, summary))
}

/// Adds a rule below the others.
pub(super) fn add_rule(form: &Form, mut policy: AccessPolicy) -> Changed {
    let mut problems = Vec::new();
    let subjects = listed(form.get("subjects"), &mut problems);
    let resources = lines(form.get("resources"), &mut problems);
    let tools = selection(form, &policy, &mut problems);
    let then = form.get("then").and_then(|name| Effect::ALL.into_iter().find(|effect| effect.name() == name));
    let Some(then) = then.filter(|_| problems.is_empty()) else {
        if then.is_none() {
            problems.push("choose what happens then".to_owned());
        }
        return Err(problems);
    };
    let what = form.get("tools").and_then(preset::find).map_or("calls", |preset| preset.name);
    let rule = Rule {
        name: named(form, || format!("{what}: {}", then.name())),
        subjects,
        clients: Vec::new(),
        tools,
        resources,
        hours: None,
        taint: form.get("taint").and_then(|name| TaintCondition::ALL.into_iter().find(|one| one.name() == name)),
        failing_checks: form.get("checks").is_some(),
        outside_hours: form.get("office").map(|_| Hours::office()),
        then,
        approvers: if form.get("two").is_some() { 2 } else { 1 },
        fresh_sign_in_minutes: form.get("fresh").filter(|_| then == Effect::Approve).map(|_| FRESH_MINUTES),
        longest_minutes: form.get("series").filter(|_| then == Effect::Approve).map(|_| SERIES_MINUTES),
        observe: form.get("observe").is_some(),
        reason: form.get("reason").unwrap_or_default().trim().to_owned(),
    };
    let summary = format!("Added the rule {}", rule.name);
    policy.rules.push(rule);
    Ok((policy, summary))
}

fn named(form: &Form, otherwise: impl FnOnce() -> String) -> String {
    match form.get("name").map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => otherwise().chars().take(80).collect::<String>().trim().to_owned(),
    }
}

/// Subjects, with commas or lines between them.
fn listed(text: Option<&str>, problems: &mut Vec<String>) -> Vec<SubjectSelector> {
    let texts = text.unwrap_or_default().split([',', '\n']).map(str::trim).filter(|text| !text.is_empty());
    let read = texts.filter_map(|text| match SubjectSelector::try_from(text.to_owned()) {
        Ok(subject) => Some(subject),
        Err(problem) => {
            problems.push(problem.to_string());
            None
        }
    });
    read.collect()
}

/// Resources, one a line.
pub(super) fn lines(text: Option<&str>, problems: &mut Vec<String>) -> Vec<ResourceCondition> {
    let texts = text.unwrap_or_default().lines().map(str::trim).filter(|text| !text.is_empty());
    let read = texts.filter_map(|text| match text.parse() {
        Ok(condition) => Some(condition),
        Err(problem) => {
            problems.push(format!("{problem}"));
            None
        }
    });
    read.collect()
}

fn of_preset(preset: &Preset) -> ToolSelection {
    match preset.operations {
        [] => ToolSelection::of_classes(preset.classes),
        names => ToolSelection::named(names),
    }
}

/// What the form chose of the tools.
fn selection(form: &Form, policy: &AccessPolicy, problems: &mut Vec<String>) -> ToolSelection {
    let chosen = form.get("tools").unwrap_or_default();
    let kept = chosen.strip_prefix(KEPT).and_then(|name| policy.toolsets.iter().find(|set| set.name == name));
    let names: Vec<&str> =
        form.get("names").unwrap_or_default().split([',', ' ', '\n', '\r']).filter(|name| !name.is_empty()).collect();
    match (kept, preset::find(chosen)) {
        _ if !names.is_empty() => ToolSelection::named(&names),
        (Some(toolset), _) => toolset.tools.clone(),
        (None, Some(preset)) => of_preset(preset),
        (None, None) => {
            problems.push("choose some tools, or name them".to_owned());
            ToolSelection::default()
        }
    }
}

/// The name of the toolset that the form chose, which is in the document from now on.
fn toolset(form: &Form, policy: &mut AccessPolicy, problems: &mut Vec<String>) -> String {
    let tools = selection(form, policy, problems);
    if let Some(toolset) = policy.toolsets.iter().find(|toolset| toolset.tools == tools) {
        return toolset.name.clone();
    }
    let chosen = form.get("tools").and_then(preset::find).filter(|preset| of_preset(preset) == tools);
    let name =
        chosen.map_or_else(|| tools.names.join(", ").chars().take(60).collect(), |preset| preset.name.to_owned());
    let name = match policy.toolsets.iter().any(|toolset| toolset.name == name) {
        true => format!("{name} ({})", policy.toolsets.len() + 1),
        false => name,
    };
    policy.toolsets.push(Toolset { name: name.clone(), tools, ..Toolset::default() });
    name
}

/// The form that grants something.
pub(super) fn of_grant(context: &Context, browser: &Browser, latest: &Revision, form: Option<&Form>) -> Markup {
    let entered = Entered {
        form: form.filter(|form| form.get("subjects").is_some() && form.get("then").is_none()),
        prefix: "grant",
    };
    html! {
        section.card {
            h2 { "Grant something" }
            form.entry method="post" action=(GRANT) {
                (page::form_fields(context, browser, GRANT))
                input type="hidden" name="revision" value=(latest.number);
                (entered.text("subjects", "Whom? everyone, group:NAME, role:approver, person:USERNAME, service:CLIENT_ID; commas between several"))
                (entered.tools(&latest.policy, "Which tools do they get?", "Or these tools, by their names"))
                (entered.area("resources", &format!("On what? One a line: {}. Anything where this is empty", examples(context))))
                (entered.input("until", "Until which day? Without one it does not end", "date"))
                (choices("granting", "How do they get it?", entered.value("granting"), &GRANTINGS.map(|(one, words)| (one.name(), words))))
                (entered.input("minutes", "For how many minutes at most, where they ask for it? 480 where this is empty", "number"))
                (entered.text("name", "Name of the profile; it gets one by itself"))
                button.primary type="submit" { "Grant it" }
            }
        }
    }
}

/// The form that adds a rule.
pub(super) fn of_rule(context: &Context, browser: &Browser, latest: &Revision, form: Option<&Form>) -> Markup {
    let entered = Entered { form: form.filter(|form| form.get("then").is_some()), prefix: "rule" };
    html! {
        section.card {
            h2 { "Add a rule" }
            form.entry method="post" action=(RULE) {
                (page::form_fields(context, browser, RULE))
                input type="hidden" name="revision" value=(latest.number);
                (entered.tools(&latest.policy, "Which calls is it about?", "Or calls of these tools, by their names"))
                (entered.area("resources", &format!("Where? One a line: {}. Anywhere where this is empty", examples(context))))
                (entered.text("subjects", "Whose calls? Everyone's where this is empty"))
                (choices("then", "What happens then", entered.value("then"), &EFFECTS.map(|(one, words)| (one.name(), words))))
                div {
                    label for="rule-taint" { "Only after its AI client read something? What is from outside is said below" }
                    select id="rule-taint" name="taint" {
                        option value="" { "Whatever was read before" }
                        @for taint in TaintCondition::ALL {
                            option value=(taint.name()) selected[entered.value("taint") == taint.name()] {
                                "Only " (taint_words(taint))
                            }
                        }
                    }
                }
                label.choice {
                    input type="checkbox" name="checks" checked[!entered.value("checks").is_empty()];
                    span { "Only of pull requests whose merge checks fail, also where the provider merely warns" }
                }
                label.choice {
                    input type="checkbox" name="two" checked[!entered.value("two").is_empty()];
                    span { "Two people have to approve what is held" }
                }
                label.choice {
                    input type="checkbox" name="fresh" checked[!entered.value("fresh").is_empty()];
                    span { "Whoever approves has to have signed in within " (FRESH_MINUTES) " minutes" }
                }
                label.choice {
                    input type="checkbox" name="series" checked[!entered.value("series").is_empty()];
                    span { "Approvers may let calls like it through for " (SERIES_MINUTES) " minutes" }
                }
                label.choice {
                    input type="checkbox" name="office" checked[!entered.value("office").is_empty()];
                    span { "Only outside of office hours (Monday to Friday, 08:00 to 18:00 UTC; other hours in the document)" }
                }
                label.choice {
                    input type="checkbox" name="observe" checked[!entered.value("observe").is_empty()];
                    span { "Only observe: what it would do goes on record, and is not done" }
                }
                (entered.text("reason", "Why? Whoever is stopped reads it"))
                (entered.text("name", "Name of the rule; it gets one by itself"))
                button.primary type="submit" { "Add the rule" }
            }
        }
    }
}

/// A choice of one of a few, of which the first is chosen by itself.
fn choices(name: &str, legend: &str, chosen: &str, all: &[(&str, &str)]) -> Markup {
    html! {
        fieldset {
            legend { (legend) }
            @for (index, (value, words)) in all.iter().enumerate() {
                label.choice {
                    input type="radio" name=(name) value=(value) required
                        checked[chosen == *value || (chosen.is_empty() && index == 0)];
                    span { (words) }
                }
            }
        }
    }
}

/// How the things of each site are written.
pub(super) fn examples(context: &Context) -> String {
    let example = |site: Site| match site.provider.limit.has("space") {
        true => format!("{site} KEY under PAGE labelled LABEL"),
        false => format!("{site} WORKSPACE/REPOSITORY in PROJECT at BRANCH path PATH"),
    };
    context.settings.sites.all().map(example).collect::<Vec<_>>().join(", or ")
}

/// What was entered into a form that was not kept.
struct Entered<'a> {
    form: Option<&'a Form>,
    /// Of the ids of this form's fields.
    prefix: &'a str,
}

impl Entered<'_> {
    fn value(&self, name: &str) -> &str {
        self.form.and_then(|form| form.get(name)).unwrap_or_default()
    }

    fn input(&self, name: &str, label: &str, kind: &str) -> Markup {
        let id = format!("{}-{name}", self.prefix);
        html! {
            div {
                label for=(id) { (label) }
                input id=(id) name=(name) type=(kind) autocomplete="off" spellcheck="false" value=(self.value(name));
            }
        }
    }

    fn text(&self, name: &str, label: &str) -> Markup {
        self.input(name, label, "text")
    }

    fn area(&self, name: &str, label: &str) -> Markup {
        let id = format!("{}-{name}", self.prefix);
        html! {
            div {
                label for=(id) { (label) }
                textarea id=(id) name=(name) rows="3" spellcheck="false" { (self.value(name)) }
            }
        }
    }

    fn tools(&self, policy: &AccessPolicy, label: &str, by_name: &str) -> Markup {
        let chosen = self.value("tools");
        let id = format!("{}-tools", self.prefix);
        html! {
            div {
                label for=(id) { (label) }
                select id=(id) name="tools" {
                    @for preset in preset::all() {
                        option value=(preset.id) selected[chosen == preset.id] { (preset.name) }
                    }
                    @for toolset in policy.toolsets.iter().filter(|set| preset::all().all(|one| one.name != set.name)) {
                        @let value = format!("{KEPT}{}", toolset.name);
                        option value=(value) selected[chosen == value] { (toolset.name) }
                    }
                }
            }
            (self.text("names", by_name))
        }
    }
}
