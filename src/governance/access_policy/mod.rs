//! The access policy: which of the approved tools whom is granted, on what, and which calls are blocked, reported or held
//! for an approval. One document, which administrators change as a whole, so that each of its revisions is a policy that
//! somebody has seen.
//!
//! An empty one lets everybody call every approved tool. With profiles in it, nobody runs what no profile grants them;
//! rules then decide on what is granted.

mod compiled;
mod evaluation;
mod existence;
mod hours;
mod in_force;
mod path;
mod pattern;
mod profile;
mod resource;
mod rule;
mod subject;
mod temporary;
mod tools;
mod validation;

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

pub use evaluation::{Access, Grant, RuleInForce};
pub use existence::NamedThing;
pub use hours::Hours;
pub use in_force::AccessInForce;
pub use pattern::Pattern;
pub use profile::{BreakGlass, Granting, Profile, Toolset};
pub use resource::{ResourceCondition, Within};
pub use rule::{Effect, Rule, TaintCondition};
pub use subject::SubjectSelector;
pub use temporary::{RequestableAccess, TemporaryAccess};
pub use tools::ToolSelection;
pub use validation::{Known, Problem};

use crate::{identifiers::UserId, platform::json};

/// One revision of the access policy. Its text is the same in TOML, in which organisations review it, and in JSON, in which
/// it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessPolicy {
    /// Groups of the identity provider that nobody who has signed in is in yet. Others need not be named here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Whom the user names in the document mean. Set when it is kept, so that a name which is given to somebody else later
    /// gives them nothing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, UserId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub toolsets: Vec<Toolset>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<Profile>,
    /// In their order: the first that fits a call decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Who may override profiles and rules for a time, with a reason, after they have signed in anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlass>,
    /// Where whoever can write, comment or open a pull request belongs to the organisation: what is read there counts as
    /// its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted: Vec<ResourceCondition>,
    /// Accounts at providers, by their Atlassian account ids, whose comments count as the organisation's own wherever they
    /// are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_accounts: Vec<String>,
    /// How long a grant is tainted by what it read from outside; an hour where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taint_minutes: Option<u32>,
}

impl AccessPolicy {
    /// The longest text of one that is kept, in bytes: some thousand profiles and rules.
    pub const MOST_BYTES: usize = 1_000_000;

    /// The policy that a JSON text is.
    ///
    /// # Errors
    /// Why it is none. A list is none either, though serde would take one for the members in their order: an empty one
    /// would be the policy that lets everybody call everything.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.trim_start().starts_with('{') {
            return Err("it is no JSON object".to_owned());
        }
        json::from_str(text).map_err(|error| error.to_string())
    }

    /// The document as people write it: whom its names mean is set anew with each revision.
    #[must_use]
    pub fn without_ids(&self) -> Self {
        Self { people: BTreeMap::default(), ..self.clone() }
    }

    /// How long a taint lasts where the document does not say it, and at the most, in minutes.
    const TAINT_MINUTES: u32 = 60;
    const MOST_TAINT_MINUTES: u32 = 7 * 24 * 60;

    /// How long a grant is tainted by what it read from outside.
    pub fn taint_life(&self) -> Duration {
        Duration::from_mins(u64::from(self.taint_minutes.unwrap_or(Self::TAINT_MINUTES)))
    }

    /// Every subject that it names.
    pub fn subjects(&self) -> impl Iterator<Item = &SubjectSelector> {
        let of_profiles = self.profiles.iter().flat_map(|profile| &profile.subjects);
        let of_break_glass = self.break_glass.iter().flat_map(|break_glass| &break_glass.subjects);
        of_profiles.chain(self.rules.iter().flat_map(|rule| &rule.subjects)).chain(of_break_glass)
    }
}

/// Whether a member has its default, and need not be written.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests;
