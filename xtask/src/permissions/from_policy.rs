//! What the rules of a policy come to for one person and client, tool by tool. What holds under conditions that no agent's
//! file can say is left to Postern, which decides on every call whatever the agent does.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Agent,
    agent_file::{Permission, Verdict},
    catalogue::{Class, Tool},
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Policy {
    toolsets: Vec<Toolset>,
    profiles: Vec<Profile>,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Toolset {
    name: String,
    #[serde(default)]
    tools: Selection,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Selection {
    names: Vec<String>,
    classes: Vec<Class>,
    providers: Vec<String>,
    areas: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    subjects: Vec<String>,
    toolsets: Vec<String>,
    #[serde(default)]
    clients: Vec<String>,
    #[serde(default)]
    granting: Option<String>,
    #[serde(default)]
    hours: Option<Value>,
    #[serde(default)]
    until: Option<Value>,
}

#[derive(Deserialize)]
struct Rule {
    name: String,
    #[serde(default)]
    subjects: Vec<String>,
    #[serde(default)]
    clients: Vec<String>,
    #[serde(default)]
    tools: Selection,
    then: Effect,
    #[serde(default)]
    observe: bool,
    /// Its conditions, and whatever else it says.
    #[serde(flatten)]
    more: serde_json::Map<String, Value>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Effect {
    Allow,
    Alert,
    Block,
    Approve,
}

impl Effect {
    const fn verdict(self) -> Verdict {
        match self {
            Self::Allow | Self::Alert => Verdict::Allow,
            Self::Approve => Verdict::Ask,
            Self::Block => Verdict::Deny,
        }
    }
}

impl Selection {
    /// As the policy reads it: what it names, and what is of its classes, providers and areas alike.
    fn contains(&self, tool: &Tool) -> bool {
        let Self { names, classes, providers, areas } = self;
        if names.contains(&tool.name) {
            return true;
        }
        if classes.is_empty() && providers.is_empty() && areas.is_empty() {
            return names.is_empty();
        }
        let is_of = |selected: &[String], of: &Option<String>| {
            selected.is_empty() || of.as_ref().is_some_and(|of| selected.contains(of))
        };
        (classes.is_empty() || classes.contains(&tool.class))
            && is_of(providers, &tool.provider)
            && is_of(areas, &tool.area)
    }
}

/// Members of a rule under which it holds for some of the calls of a tool alone.
const CONDITIONS: [&str; 5] = ["resources", "hours", "outside_hours", "taint", "failing_checks"];

impl Rule {
    fn conditions(&self) -> Vec<&'static str> {
        CONDITIONS.into_iter().filter(|member| self.more.contains_key(*member)).collect()
    }
}

/// Whether a profile's people, or a rule's, are those of the agent.
fn selects(subjects: &[String], agent: &Agent) -> bool {
    subjects.iter().any(|one| one == "everyone" || agent.subjects.contains(one))
}

fn is_through(clients: &[String], agent: &Agent) -> bool {
    clients.is_empty() || clients.iter().any(|client| agent.clients.contains(client))
}

/// Whether profiles grant a tool.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Granted {
    No,
    /// In hours, for a time, or once somebody asks.
    Sometimes,
    Yes,
}

impl Policy {
    fn granted(&self, tool: &Tool, agent: &Agent) -> Granted {
        if self.profiles.is_empty() {
            return Granted::Yes;
        }
        let has = |profile: &&Profile| {
            let named = self.toolsets.iter().filter(|toolset| profile.toolsets.contains(&toolset.name));
            selects(&profile.subjects, agent)
                && is_through(&profile.clients, agent)
                && named.into_iter().any(|toolset| toolset.tools.contains(tool))
        };
        let how = |profile: &Profile| {
            let is_automatic = profile.granting.as_deref().is_none_or(|granting| granting == "automatic");
            let is_always = is_automatic && profile.hours.is_none() && profile.until.is_none();
            if is_always { Granted::Yes } else { Granted::Sometimes }
        };
        self.profiles.iter().filter(has).map(how).max().unwrap_or(Granted::No)
    }

    /// What the first rule says that is of every call of the tool; nothing where none is.
    fn ruled(&self, tool: &Tool, agent: &Agent) -> Option<Verdict> {
        let mut fitting = self.rules.iter().filter(|rule| {
            let is_of = rule.subjects.is_empty() || selects(&rule.subjects, agent);
            is_of && is_through(&rule.clients, agent) && rule.tools.contains(tool)
        });
        let decisive = fitting.find(|rule| !rule.observe && rule.conditions().is_empty());
        decisive.map(|rule| rule.then.verdict())
    }
}

/// What becomes of each tool that the policy says something of, with the gates through which tools are called, and what that
/// leaves out.
pub(super) fn permissions(policy: &Value, agent: &Agent, tools: &[Tool]) -> Result<(Vec<Permission>, Vec<String>)> {
    let policy: Policy = serde_json::from_value(policy.clone()).context("it is no access policy")?;
    let (mut left, mut sometimes) = (Vec::new(), 0_usize);
    let mut verdict = |tool: &Tool| match policy.granted(tool, agent) {
        Granted::No => Some(Verdict::Deny),
        Granted::Sometimes => {
            sometimes += 1;
            None
        }
        Granted::Yes => policy.ruled(tool, agent),
    };
    let verdicts: Vec<_> = tools.iter().map(|tool| (tool, verdict(tool))).collect();
    let mut said: Vec<_> = verdicts
        .iter()
        .filter_map(|(tool, verdict)| Some(Permission { tool: tool.name.clone(), verdict: (*verdict)? }))
        .collect();
    for class in Class::ALL {
        let of_class = || verdicts.iter().filter(|(tool, _)| tool.class == class).map(|(_, verdict)| *verdict);
        let first = of_class().next().flatten();
        let verdict = match first {
            Some(first) if of_class().all(|one| one == Some(first)) => Some(first),
            // Through the gate an agent cannot tell its tools apart.
            _ => of_class().any(|one| one > Some(Verdict::Allow)).then_some(Verdict::Ask),
        };
        said.extend(verdict.map(|verdict| Permission { tool: class.gate().to_owned(), verdict }));
    }
    for rule in
        policy.rules.iter().filter(|rule| !rule.observe && (rule.subjects.is_empty() || selects(&rule.subjects, agent)))
    {
        let conditions = rule.conditions();
        if !conditions.is_empty() {
            left.push(format!("the rule {}, which is on {}", rule.name, conditions.join(", ")));
        }
        if !rule.clients.is_empty() && agent.clients.is_empty() {
            left.push(format!("the rule {}, which is for some clients: say --client", rule.name));
        }
    }
    if sometimes > 0 {
        left.push(format!("{sometimes} tools that profiles grant in hours, for a time, or to whoever asks"));
    }
    Ok((said, left))
}
