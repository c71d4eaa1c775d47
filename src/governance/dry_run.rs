//! What an access policy would have done with calls of the past, as far as the log tells what they were about.

use std::rc::Rc;

use super::{
    access_policy::AccessPolicy,
    attributes::Attributes,
    decision::{Verdict, decide},
    facts::{Caller, Extent, Facts, Resource},
    named_paths,
    policy::PolicySnapshot,
    taint::TaintLevel,
};
use crate::{
    catalog::{
        lookup::{self, MissingFact},
        operation::Class,
    },
    identifiers::{ClientId, Subject},
    platform::clock::Timestamp,
    providers::Site,
    settings::Settings,
    tools::{self, Source, Tool},
};

/// Calls of one caller, through one client, of one tool, about the same.
#[derive(Debug, Clone)]
pub struct PastCalls {
    pub subject: Subject,
    pub client: ClientId,
    pub attributes: Attributes,
    pub tool: String,
    /// As the log has it: `acme/backend`, or the key of a space.
    pub resource: Option<String>,
    pub calls: u64,
    /// When the last of them was made.
    pub at: Timestamp,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Runs,
    Held,
    Stopped,
    /// It would be held or stopped where its client had read text from outside, which the log does not tell.
    Tainted,
    /// It would be held or stopped for some of what it may have been about, such as a branch, a file or a page, which the log does not tell.
    Unclear,
}

impl Fate {
    const fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Allowed | Verdict::ScopeTooSmall => Self::Runs,
            Verdict::ApprovalNeeded(_) => Self::Held,
            Verdict::Denied(_) => Self::Stopped,
        }
    }

    /// What is said of calls that it befalls.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Runs => "would run",
            Self::Held => "would be held for an approval",
            Self::Stopped => "would not run",
            Self::Unclear => {
                "would be held or would not run on some branches, files or pages, which the log does not tell"
            }
            Self::Tainted => "would be held or would not run where their client had read text from outside",
        }
    }
}

/// Calls that a draft would have treated otherwise.
#[derive(Debug, Clone)]
pub struct Difference {
    pub past: PastCalls,
    pub then: Fate,
    /// What settles it in the draft.
    pub because: String,
}

/// The calls that the draft would have treated otherwise than the policy in force, the most frequent first; and how many
/// calls were looked at.
pub fn differences(
    settings: &Settings,
    policy: &PolicySnapshot,
    draft: AccessPolicy,
    past: Vec<PastCalls>,
) -> (Vec<Difference>, u64) {
    let draft = policy.clone().with_access(draft);
    let calls = past.iter().map(|past| past.calls).sum();
    let mut differences: Vec<_> = past
        .into_iter()
        .filter_map(|past| {
            let tool = tools::find(&past.tool)?;
            let facts = facts(settings, &past, &tool);
            let (now, _) = fate(policy, &facts);
            let (then, because) = fate(&draft, &facts);
            (now != then).then_some(Difference { past, then, because })
        })
        .collect();
    differences.sort_by_key(|difference| std::cmp::Reverse(difference.past.calls));
    (differences, calls)
}

/// What becomes of a call, and what settles it.
fn fate(policy: &PolicySnapshot, facts: &Facts<'_>) -> (Fate, String) {
    let clean = decide(policy, facts);
    let tainted = decide(policy, &facts.clone().tainted(TaintLevel::Elsewhere));
    match (Fate::of(&clean.verdict), Fate::of(&tainted.verdict)) {
        (Fate::Held | Fate::Stopped, _) if !clean.access.missing_facts.is_empty() => (Fate::Unclear, clean.to_string()),
        (Fate::Runs, Fate::Held | Fate::Stopped) => (Fate::Tainted, tainted.to_string()),
        (fate, _) => (fate, clean.to_string()),
    }
}

fn facts<'a>(settings: &Settings, past: &'a PastCalls, tool: &'a Rc<Tool>) -> Facts<'a> {
    let PastCalls { subject, client, attributes, at, .. } = past;
    let caller = Caller { subject, client, attributes, permitted: Some(Class::Destructive), now: *at };
    let site = tool.provider.map(Site::main);
    let names = past.resource.as_deref().map(|text| text.split_once('/').unwrap_or((text, "")));
    let is_of_spaces = tool.provider.is_some_and(|provider| provider.limit.has("space"));
    let container = names.map(|(container, _)| container.to_owned());
    let (workspace, space) = if is_of_spaces { (None, container) } else { (container, None) };
    let extent = match (site, &workspace, &space) {
        (None, ..) => Extent::Nothing,
        (_, None, None) => Extent::Place,
        _ => Extent::Named,
    };
    let repository = names.map(|(_, repository)| repository.to_owned()).filter(|name| !name.is_empty());
    let target = past.resource.clone().unwrap_or_default();
    let Source::Operation(operation) = tool.source;
    let is_missing = |fact: &MissingFact| match fact {
        MissingFact::Path => named_paths::parameters(operation).next().is_some(),
        fact => lookup::may_tell(*fact, operation),
    };
    let missing_facts = MissingFact::ALL.into_iter().filter(is_missing).collect();
    let resource = Resource { workspace, repository, space, missing_facts, target, ..Resource::at(site, extent) };
    Facts { resource: Some(resource), ..Facts::of_entry(settings, caller, tool) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{governance::attributes::Groups, identifiers::UserId, settings};

    fn past(tool: &str, resource: &str, calls: u64) -> PastCalls {
        let groups = Groups { names: Vec::new(), complete: true };
        PastCalls {
            subject: Subject::Person(UserId::new("alice")),
            client: ClientId::new("editor"),
            attributes: Attributes { roles: Vec::new(), groups },
            tool: tool.to_owned(),
            resource: Some(resource.to_owned()),
            calls,
            at: Timestamp(0),
        }
    }

    #[test]
    fn what_a_draft_would_have_treated_otherwise_is_told_the_most_frequent_first() {
        let draft = json!({"rules": [
            {"name": "no backend", "then": "block",
             "resources": [{"site": "bitbucket", "workspace": "acme", "repository": "backend"}]},
            {"name": "after strangers", "tools": {"names": ["bitbucket_update_pull_request"]}, "then": "block", "taint": "any"},
            {"name": "merges", "tools": {"names": ["bitbucket_merge_pull_request"]}, "then": "approve"},
            {"name": "main", "tools": {"names": ["bitbucket_decline_pull_request"]}, "then": "block",
             "resources": [{"site": "bitbucket", "workspace": "acme", "repository": "*", "branch": "main"}]},
        ]});
        let draft = serde_json::from_value(draft).unwrap();
        let calls = vec![
            past("bitbucket_get_repository", "acme/backend", 3),
            past("bitbucket_get_repository", "acme/website", 9),
            past("bitbucket_merge_pull_request", "acme/website", 5),
            past("bitbucket_update_pull_request", "acme/website", 1),
            past("bitbucket_decline_pull_request", "acme/website", 2),
            past("a_tool_that_is_gone", "acme/backend", 1),
        ];
        let (found, looked_at) = differences(&settings::for_tests(), &PolicySnapshot::approving_all(), draft, calls);
        let found: Vec<_> = found.iter().map(|one| (one.past.calls, one.then, one.because.as_str())).collect();
        assert_eq!(looked_at, 21);
        assert_eq!(
            found,
            [
                (5, Fate::Held, "the rule merges, policy version 1"),
                (3, Fate::Stopped, "the rule no backend, policy version 1"),
                (2, Fate::Unclear, "the rule main, policy version 1"),
                (1, Fate::Tainted, "the rule after strangers, policy version 1"),
            ]
        );
    }
}
