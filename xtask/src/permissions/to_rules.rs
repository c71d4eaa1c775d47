//! The rules that a permission file comes to. Whoever is asked is another person here: an approver, not whoever sits before
//! the agent.

use anyhow::Result;
use std::fmt::Write as _;

use super::{
    Agent,
    agent_file::{AgentFile, Verdict, fits},
    catalogue::{Class, Tool},
};

/// The tool that only looks others up, and runs nothing.
const FIND: &str = "postern_find";

/// What a rule does that stands for a verdict.
const fn effect(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Ask => "approve",
        Verdict::Deny => "block",
    }
}

/// The rules as TOML, the strictest first, and what they do not say.
pub(super) fn rules(file: &AgentFile, tools: &[Tool], agent: &Agent, name: &str) -> Result<(String, Vec<String>)> {
    let full = |tool: &str| agent.form.full_name(&agent.server, tool);
    let verdict = |tool: &Tool| file.verdict(&full(&tool.name), &full(tool.class.gate()));
    let verdicts: Vec<_> = tools.iter().map(verdict).collect();
    let mut rules = Vec::new();
    for wanted in Verdict::ALL.into_iter().rev() {
        let having: Vec<_> =
            tools.iter().zip(&verdicts).filter(|(_, one)| **one == Some(wanted)).map(|(tool, _)| tool).collect();
        if having.is_empty() {
            continue;
        }
        let mut rule = toml::Table::new();
        rule.insert("name".to_owned(), format!("{name}: {}", wanted.name()).into());
        rule.insert("subjects".to_owned(), agent.subjects.clone().into());
        if !agent.clients.is_empty() {
            rule.insert("clients".to_owned(), agent.clients.clone().into());
        }
        if having.len() < tools.len() {
            rule.insert("tools".to_owned(), selection(tools, &having).into());
        }
        rule.insert("then".to_owned(), effect(wanted).into());
        rules.push(toml::Value::from(rule));
    }
    let mut left = file.left.clone();
    left.extend(unheard(file, tools, &full));
    let unnamed = verdicts.iter().filter(|verdict| verdict.is_none()).count();
    if unnamed > 0 {
        left.push(format!("{unnamed} of {} tools that the file says nothing of: they get no rule", tools.len()));
    }
    if verdicts.contains(&Some(Verdict::Ask)) {
        left.push("who is asked: in the agent the person before it, by these rules an approver".to_owned());
    }
    let mut text = String::new();
    if !rules.is_empty() {
        let mut document = toml::Table::new();
        document.insert("rules".to_owned(), rules.into());
        write!(
            text,
            "\n# Below the organisation's own rules, which then decide first.\n{}",
            toml::to_string_pretty(&document)?
        )?;
    }
    Ok((text, left))
}

/// Which tools a rule names: classes of which it has all, and the others by their names.
fn selection(tools: &[Tool], having: &[&Tool]) -> toml::Table {
    let is_whole = |class: &Class| tools.iter().filter(|tool| tool.class == *class).all(|tool| having.contains(&tool));
    let classes: Vec<_> = Class::ALL.into_iter().filter(is_whole).collect();
    let others = having.iter().filter(|tool| !classes.contains(&tool.class));
    let names: Vec<_> = others.map(|tool| tool.name.clone()).collect();
    let mut selection = toml::Table::new();
    if !names.is_empty() {
        selection.insert("names".to_owned(), names.into());
    }
    if !classes.is_empty() {
        let names: Vec<_> = classes.into_iter().map(Class::name).collect();
        selection.insert("classes".to_owned(), names.into());
    }
    selection
}

/// The entries that come to no rule, or to less than they say.
fn unheard(file: &AgentFile, tools: &[Tool], full: &dyn Fn(&str) -> String) -> Vec<String> {
    let gates = Class::ALL.map(|class| full(class.gate()));
    let mut unheard = Vec::new();
    let (all, find) = (full("*"), full(FIND));
    for entry in &file.entries {
        let pattern = &entry.pattern;
        let fitting = tools.iter().filter(|tool| fits(pattern, &full(&tool.name))).count();
        let is_ours = fitting > 0 || gates.iter().any(|gate| fits(pattern, gate));
        let names_server = all.strip_suffix('*').is_some_and(|server| pattern.starts_with(server));
        if *pattern == find {
            unheard.push(format!("{pattern}: it only looks tools up, which no rule is about"));
        } else if !is_ours && names_server {
            unheard.push(format!("{pattern}: Postern has no such tool"));
        } else if fitting > 0 && fitting < tools.len() && pattern.contains(['*', '?']) {
            unheard.push(format!("{pattern}: the {fitting} tools that it names today, not those that come later"));
        }
    }
    unheard
}
