//! Rules: what becomes of a call that was granted.

use serde::{Deserialize, Serialize};

use super::{
    hours::Hours, pattern::Matches, resource::ResourceCondition, subject::SubjectSelector, tools::ToolSelection,
};
use crate::{
    catalog::lookup::MissingFact,
    governance::{facts::Resource, taint::TaintLevel},
    identifiers::ClientId,
    platform::clock::Timestamp,
};

/// For how many minutes at the most approvers may let calls to come through: a day.
pub const MOST_SERIES_MINUTES: u32 = 24 * 60;

/// What becomes of a call that it fits. All of its conditions have to hold; one that names nothing always does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<SubjectSelector>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<ClientId>,
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub tools: ToolSelection,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceCondition>,
    /// It holds in these hours alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// It holds outside of these hours alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_hours: Option<Hours>,
    /// It holds for a grant that is tainted so alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taint: Option<TaintCondition>,
    /// It holds for a pull request alone that a merge check of its provider's advises against merging.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub failing_checks: bool,
    pub then: Effect,
    /// How many people have to approve a call that it holds: one or two.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub approvers: u8,
    /// Whoever approves has to have signed in at the identity provider within so many minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_sign_in_minutes: Option<u32>,
    /// For how many minutes at the most approvers may let through, beside a call that it holds, those to come that are like
    /// it. Where nothing is said, each is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_minutes: Option<u32>,
    /// What it would do is put on record, and not done.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub observe: bool,
    /// Why, for whoever is stopped by it, and for the log.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Rule {
    /// Whether merge checks fail, where it is for those alone.
    pub(super) fn fits_checks(&self, resource: Option<&Resource>) -> Matches {
        match resource {
            _ if !self.failing_checks => Matches::Yes,
            Some(resource) if !resource.failing_checks.is_empty() => Matches::Yes,
            Some(resource) if !resource.missing_facts.contains(&MissingFact::FailingChecks) => Matches::No,
            _ => Matches::Perhaps,
        }
    }

    /// Whether that moment is one of its hours.
    pub(super) fn holds_at(&self, now: Timestamp) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.contain(now))
            && self.outside_hours.as_ref().is_none_or(|hours| !hours.contain(now))
    }
}

/// How a grant is tainted: by text that it read from outside of the organisation, lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaintCondition {
    /// Wherever it read that.
    Any,
    /// Where it read that, the call does not go: it goes to another workspace, space, site or provider.
    Elsewhere,
}

impl TaintCondition {
    pub const ALL: [Self; 2] = [Self::Any, Self::Elsewhere];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Elsewhere => "elsewhere",
        }
    }

    /// Whether a grant that is tainted so is one of these.
    pub fn fits(self, level: TaintLevel) -> bool {
        match self {
            Self::Any => level > TaintLevel::Clean,
            Self::Elsewhere => level == TaintLevel::Elsewhere,
        }
    }
}

const fn one() -> u8 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls it with")]
const fn is_one(approvers: &u8) -> bool {
    *approvers == 1
}

/// What a rule does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It runs, whatever later rules say.
    Allow,
    /// It runs, and an alert goes on record.
    Alert,
    /// It does not run.
    Block,
    /// It runs once an approver has said yes to this very call.
    Approve,
}

impl Effect {
    pub const ALL: [Self; 4] = [Self::Allow, Self::Alert, Self::Block, Self::Approve];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Alert => "alert",
            Self::Block => "block",
            Self::Approve => "approve",
        }
    }

    /// Whether a call that it may fit has to be taken for one that it fits: it takes something away, and nobody gets
    /// around it by naming a thing in another way.
    pub const fn restricts(self) -> bool {
        matches!(self, Self::Block | Self::Approve)
    }
}
