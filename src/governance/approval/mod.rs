//! Approval of a single call: a rule of the policy sends the call to a person other than its caller, and what they approve
//! is that call alone, on what they saw.
//!
//! [`lifecycle`] decides, and knows of nothing else. [`record`] keeps approvals, and changes each by one conditional
//! statement. [`acts`] is what is done with one, with its events in the log. Where the rule lets approvers, they let calls
//! to come through beside it: that is its [`series`].

pub mod acts;
pub mod lifecycle;
pub mod record;
pub mod series;

use serde::{Deserialize, Serialize};

use super::access_policy::RuleInForce;

/// A rule that sends a call to approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRule {
    pub name: String,
    /// Why it is there, in a sentence for the caller and the approvers.
    pub sentence: String,
    /// How many people have to approve.
    pub approvers: u8,
    /// Within how many minutes they have to have signed in, if that matters.
    pub fresh_sign_in_minutes: Option<u32>,
    /// For how many minutes approvers may let through what is like the call, if at all.
    pub longest_minutes: Option<u32>,
}

/// What callers and approvers are told where the rule itself does not say why it is there.
const NO_REASON: &str = "such calls need the word of another person.";

impl ApprovalRule {
    /// The rule that held a call.
    pub fn of(rule: &RuleInForce) -> Self {
        let sentence = if rule.reason.is_empty() { NO_REASON } else { &rule.reason };
        let RuleInForce { name, approvers, fresh_sign_in_minutes, longest_minutes, .. } = rule;
        Self {
            name: name.to_string(),
            sentence: sentence.to_owned(),
            approvers: *approvers,
            fresh_sign_in_minutes: *fresh_sign_in_minutes,
            longest_minutes: *longest_minutes,
        }
    }
}
