//! A series: what approvers let through beside the one call that they looked at, the calls to come that are like it, until a
//! time. Pure, as the life of the approval is that it belongs to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::platform::clock::Timestamp;

/// What approvers of a call may let through beside it, as their page says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The resource, as people read it.
    pub resource: String,
    /// For how many minutes at the most, by the rule.
    pub longest_minutes: u32,
}

/// A series, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// A digest of all that its calls have in common: whose they are, by which grant, the tool with its definition, the
    /// resource, and the rule with its terms. Empty where none may begin.
    pub likeness: String,
    /// For how long it is, the least that one of its approvers said; 0 where none has yet.
    pub minutes: u32,
    /// When it ends by itself, once enough people have agreed to it.
    pub ends_at: Timestamp,
}

impl Default for Series {
    fn default() -> Self {
        Self { likeness: String::new(), minutes: 0, ends_at: Timestamp(0) }
    }
}

impl Series {
    /// One that nobody has agreed to yet.
    pub fn offered(likeness: String) -> Self {
        Self { likeness, ..Self::default() }
    }

    /// Whether approvers may let anything through: one who approves the call alone ends that.
    pub const fn is_offered(&self) -> bool {
        !self.likeness.is_empty()
    }

    /// The same once an approver has agreed to it for so long.
    pub(super) fn agreed(self, minutes: u32) -> Self {
        let minutes = if self.minutes == 0 { minutes } else { self.minutes.min(minutes) };
        Self { minutes, ..self }
    }

    /// The same once as many have agreed to it as the rule asks for.
    pub(super) fn begun(self, now: Timestamp) -> Self {
        if self.likeness.is_empty() || self.minutes == 0 {
            return Self::default();
        }
        Self { ends_at: now + Duration::from_mins(u64::from(self.minutes)), ..self }
    }

    /// Whether it lets calls through.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.is_offered() && now < self.ends_at
    }
}

#[cfg(test)]
mod tests;
