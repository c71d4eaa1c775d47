//! The access policy as decisions ask it.

use std::cell::OnceCell;

use serde::{Deserialize, Serialize};

use super::{AccessPolicy, compiled::Compiled, evaluation::Access};
use crate::{catalog::operation::Class, governance::facts::Facts, tools::Tool};

/// An access policy that is made ready to decide by when the first call asks it. What it is made into follows from it, so
/// two are alike whose policies are.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccessInForce {
    policy: AccessPolicy,
    #[serde(skip)]
    compiled: OnceCell<Compiled>,
}

impl From<AccessPolicy> for AccessInForce {
    fn from(policy: AccessPolicy) -> Self {
        Self { policy, compiled: OnceCell::new() }
    }
}

impl Clone for AccessInForce {
    fn clone(&self) -> Self {
        self.policy.clone().into()
    }
}

impl PartialEq for AccessInForce {
    fn eq(&self, other: &Self) -> bool {
        self.policy == other.policy
    }
}

impl Eq for AccessInForce {}

impl AccessInForce {
    /// What it says of a call, or of a tool that is only listed. `class` is what each tool counts as.
    pub fn access(&self, facts: &Facts<'_>, class: &dyn Fn(&Tool) -> Class) -> Access {
        let AccessPolicy { profiles, rules, .. } = &self.policy;
        if profiles.is_empty() && rules.is_empty() {
            return Access::open();
        }
        self.compiled.get_or_init(|| Compiled::of(&self.policy, class)).access(facts)
    }
}
