//! The access policy as decisions ask it.

use std::cell::OnceCell;

use serde::{Deserialize, Serialize};

use super::{AccessPolicy, Profile, TemporaryAccess, compiled::Compiled, evaluation::Access};
use crate::{
    catalog::operation::Class,
    governance::facts::{Caller, Facts},
    tools::Tool,
};

/// An access policy, with the access that people have for a time, made ready to decide by when the first call asks it. What
/// it is made into follows from these, so two are alike whose policies and people are.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct AccessInForce {
    policy: AccessPolicy,
    temporary: Vec<TemporaryAccess>,
    #[serde(skip)]
    compiled: OnceCell<Compiled>,
    #[serde(skip)]
    names_taint: OnceCell<bool>,
}

impl From<AccessPolicy> for AccessInForce {
    fn from(policy: AccessPolicy) -> Self {
        Self::new(policy, Vec::new())
    }
}

impl Clone for AccessInForce {
    fn clone(&self) -> Self {
        Self::new(self.policy.clone(), self.temporary.clone())
    }
}

impl PartialEq for AccessInForce {
    fn eq(&self, other: &Self) -> bool {
        (&self.policy, &self.temporary) == (&other.policy, &other.temporary)
    }
}

impl Eq for AccessInForce {}

impl AccessInForce {
    pub const fn new(policy: AccessPolicy, temporary: Vec<TemporaryAccess>) -> Self {
        Self { policy, temporary, compiled: OnceCell::new(), names_taint: OnceCell::new() }
    }

    /// The same access for a time under another policy.
    pub fn under(&self, policy: AccessPolicy) -> Self {
        Self::new(policy, self.temporary.clone())
    }

    /// The document.
    pub const fn policy(&self) -> &AccessPolicy {
        &self.policy
    }

    /// Whether what is decided may depend on what a grant read before.
    pub fn names_taint(&self) -> bool {
        // Every call asks, some more than once, and there may be hundreds of rules.
        *self.names_taint.get_or_init(|| self.policy.rules.iter().any(|rule| rule.taint.is_some()))
    }

    /// What it says of a call, or of a tool that is only listed. `class` is what each tool counts as.
    pub fn access(&self, facts: &Facts<'_>, class: &dyn Fn(&Tool) -> Class) -> Access {
        let AccessPolicy { profiles, rules, .. } = &self.policy;
        if profiles.is_empty() && rules.is_empty() {
            return Access::open();
        }
        self.compiled(class).access(facts)
    }

    /// The access profiles that a caller may ask for.
    pub fn requestable(&self, caller: &Caller<'_>, class: &dyn Fn(&Tool) -> Class) -> Vec<&Profile> {
        self.compiled(class).requestable(caller)
    }

    /// The most minutes for which a caller may override profiles and rules; `None` where they may not.
    pub fn break_glass_minutes(&self, caller: &Caller<'_>, class: &dyn Fn(&Tool) -> Class) -> Option<u32> {
        let break_glass = self.policy.break_glass.as_ref()?;
        self.compiled(class).may_break_glass(caller).then(|| break_glass.most_minutes())
    }

    fn compiled(&self, class: &dyn Fn(&Tool) -> Class) -> &Compiled {
        self.compiled.get_or_init(|| Compiled::of(&self.policy, &self.temporary, class))
    }
}
