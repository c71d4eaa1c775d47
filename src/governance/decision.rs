//! The one decision on whether a tool may run (authorization of a call). Lists, calls, resources, prompts, completions
//! and streams all ask it, so they cannot disagree.

use std::fmt;

use super::{
    facts::{Facts, ToolFacts},
    policy::{PolicySnapshot, State},
};
use crate::{
    catalog::refusal::Sort,
    identifiers::Subject,
    providers::{AccountKind, Accounts},
};

/// The decision on a call, and the ground that it was taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    pub ground: Ground,
    pub policy_version: i64,
}

impl Decision {
    /// Whether the tool is listed: what would run with a larger scope is, since a client asks for that scope when it
    /// calls the tool.
    pub const fn is_listed(&self) -> bool {
        !matches!(self.verdict, Verdict::Denied(_))
    }
}

/// The words for the log and for pages: `the state of the tool (pending), policy version 7`.
impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ground {
            Ground::Stop => formatter.write_str("the stop of all access")?,
            Ground::Tool(state) => write!(formatter, "the state of the tool ({})", state.name())?,
            Ground::Account => formatter.write_str("the accounts that it may work in")?,
            Ground::Scope => formatter.write_str("the scope of the token")?,
        }
        write!(formatter, ", policy version {}", self.policy_version)
    }
}

/// Whether a call may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// The call may run once the client has a larger scope.
    ScopeTooSmall,
    Denied(Denial),
}

/// The fact that settled a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    Stop,
    Tool(State),
    Account,
    Scope,
}

/// Why a call may not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    ToolPending,
    ToolDisabled,
    /// The tool works in the account of a person, and a service has none.
    NeedsPerson,
    /// The tool changes something, and there is only the organisation's account, which is for reading.
    OrganisationReads,
    /// An administrator has stopped everybody's access.
    Stopped,
}

impl Denial {
    /// The reason that the audit has.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ToolPending => "the tool awaits approval",
            Self::ToolDisabled => "the tool is disabled",
            Self::NeedsPerson => "the tool needs a person, and a service called it",
            Self::OrganisationReads => "the organisation's account is for reading alone",
            Self::Stopped => "an administrator has stopped all access",
        }
    }

    /// The sentence for the model: what, why, and who can do something about it.
    pub fn sentence(self, tool: &str) -> String {
        let (cause, next) = match self {
            Self::ToolPending => (
                "is new or has changed, and no administrator of Postern has approved it yet.",
                "ask an administrator to approve it under Tools in the console; do not retry before.",
            ),
            Self::ToolDisabled => (
                "did not run, since an administrator of Postern has disabled it.",
                "ask an administrator if you need it; retrying will not help.",
            ),
            Self::Stopped => (
                "did not run, since an administrator of Postern has stopped all access for now. Nothing is wrong with you \
                 or your client.",
                "ask an administrator when it goes on; retrying before will not help.",
            ),
            Self::NeedsPerson => (
                "works in the account of a person, and this client acts for itself alone (client_credentials).",
                "call it with the token of a client that a person has signed in to.",
            ),
            Self::OrganisationReads => (
                "changes something, and your organisation's account there is for reading alone.",
                "ask an administrator to let it write, under Accounts in the console; retrying before will not help.",
            ),
        };
        Sort::Refused.because(format!("`{tool}` {cause}"), next)
    }
}

/// Decides on a call, or on an entry of a list, by its facts.
pub fn decide(policy: &PolicySnapshot, facts: &Facts<'_>) -> Decision {
    let (ground, verdict) = settle(policy, facts);
    Decision { verdict, ground, policy_version: policy.version }
}

fn settle(policy: &PolicySnapshot, facts: &Facts<'_>) -> (Ground, Verdict) {
    if policy.stopped {
        return (Ground::Stop, Verdict::Denied(Denial::Stopped));
    }
    let state = policy.state(facts.tool.name, facts.tool.definition_digest);
    match state {
        State::Pending => (Ground::Tool(state), Verdict::Denied(Denial::ToolPending)),
        State::Disabled => (Ground::Tool(state), Verdict::Denied(Denial::ToolDisabled)),
        State::Approved if let Some(denial) = without_account(policy, facts) => {
            (Ground::Account, Verdict::Denied(denial))
        }
        State::Approved if !facts.caller.scope_suffices => (Ground::Scope, Verdict::ScopeTooSmall),
        State::Approved => (Ground::Tool(state), Verdict::Allowed),
    }
}

/// Why there is no account at any of its sites that the caller could call it with; `None` where there is one, or they may
/// connect one.
fn without_account(policy: &PolicySnapshot, facts: &Facts<'_>) -> Option<Denial> {
    let ToolFacts { sites, .. } = &facts.tool;
    let (writes, is_service) = (facts.tool.writes(), matches!(facts.caller.subject, Subject::Service(_)));
    let can_call = |accounts: Accounts| accounts.may_run(writes) && !(is_service && accounts.needs_own(writes));
    if sites.is_empty() || sites.iter().any(|(site, kind)| can_call(policy.accounts(*site, *kind))) {
        return None;
    }
    let is_shared = sites.iter().all(|(_, kind)| *kind == AccountKind::Organisation);
    Some(if is_shared { Denial::OrganisationReads } else { Denial::NeedsPerson })
}

#[cfg(test)]
mod tests;
