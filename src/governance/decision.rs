//! The one decision on whether a tool may run (authorization of a call). Lists, calls, resources, prompts, completions
//! and streams all ask it, so they cannot disagree.

use std::{fmt, rc::Rc};

use super::{
    access_policy::{Access, Effect, Grant, RuleInForce},
    facts::{Facts, ToolFacts},
    locks::{Lock, LockKind},
    policy::{PolicySnapshot, State},
};
use crate::{
    catalog::{operation::Class, refusal::Sort},
    identifiers::Subject,
    providers::{AccountKind, Accounts},
    tools::Gate,
};

/// The decision on a call, and the ground that it was taken on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    pub ground: Ground,
    pub policy_version: i64,
    /// What the access policy says of it.
    pub access: Access,
}

impl Decision {
    /// Whether the tool is listed: what would run with a larger scope is, since a client asks for that scope when it
    /// calls the tool, and so is what would run with an approval.
    pub const fn is_listed(&self) -> bool {
        !matches!(self.verdict, Verdict::Denied(_))
    }

    /// What the log has to say of the rules that a call met, beside the one that stopped it.
    pub fn remarks(&self) -> String {
        let broken = self.access.break_glass.iter().map(|over| match over.as_str() {
            "" => BREAK_GLASS.to_owned(),
            over => format!("{BREAK_GLASS} over {over}"),
        });
        let observed = self.access.observed.iter().map(|rule| format!("observed rule {rule}"));
        let passed = self.access.rule.iter().filter(|rule| !rule.then.restricts());
        let met = passed.map(|rule| format!("rule {}: {}", rule.name, rule.then.name()));
        broken.chain(observed).chain(met).collect::<Vec<_>>().join("; ")
    }
}

impl Decision {
    /// The sentence for the model whose call was denied. Where an access profile could be asked for, it names that and the
    /// page where the person asks.
    pub fn sentence(&self, denial: &Denial, tool: &str, page: &str) -> String {
        let Some(profile) = &self.access.requestable else { return denial.sentence(tool) };
        let ask = format!("have your person ask for the access profile \u{201c}{profile}\u{201d} at {page}");
        match denial {
            Denial::NotGranted => Sort::Refused.because(
                format!("`{tool}` is in no access profile of yours now."),
                format!("{ask}, then call it again."),
            ),
            Denial::GrantedElsewhere(within) => Sort::Refused.because(
                format!("`{tool}` may be called by you on these alone: {within}."),
                format!("call it on one of them, or {ask}."),
            ),
            denial => denial.sentence(tool),
        }
    }
}

/// The words for the log and for pages: `the state of the tool (pending), policy version 7`.
impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ground {
            Ground::Lock(kind) => formatter.write_str(kind.reason())?,
            Ground::Tool(state) => write!(formatter, "the state of the tool ({})", state.name())?,
            Ground::Account => formatter.write_str("the accounts that it may work in")?,
            Ground::Gate => formatter.write_str("the gate that it came through")?,
            Ground::Scope => formatter.write_str("the scope of the token")?,
            Ground::Profiles => match &self.access.grant {
                Grant::By(names) => write!(formatter, "the access profile {}", names.join(", "))?,
                _ => formatter.write_str("the access profiles of the caller")?,
            },
            Ground::BreakGlass => formatter.write_str(BREAK_GLASS)?,
            Ground::Rule => match &self.access.rule {
                Some(rule) => write!(formatter, "the rule {}", rule.name)?,
                None => formatter.write_str("a rule")?,
            },
        }
        write!(formatter, ", policy version {}", self.policy_version)
    }
}

/// What calls are marked with that were made by an override of profiles and rules.
const BREAK_GLASS: &str = "break-glass";

/// Whether a call may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// The call may run once the client has a larger scope.
    ScopeTooSmall,
    /// The call may run once an approver has said yes to it, because of this rule.
    ApprovalNeeded(RuleInForce),
    Denied(Denial),
}

/// The fact that settled a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    Lock(LockKind),
    Tool(State),
    Account,
    Gate,
    Scope,
    /// What the caller's access profiles grant.
    Profiles,
    Rule,
    /// The caller's override of profiles and rules.
    BreakGlass,
}

impl Ground {
    /// Whether what a call is about could have settled it otherwise.
    const fn is_of_access(self) -> bool {
        match self {
            Self::Lock(_) | Self::Account | Self::Gate | Self::Scope => false,
            Self::Tool(state) => matches!(state, State::Approved),
            Self::Profiles | Self::Rule | Self::BreakGlass => true,
        }
    }
}

/// Why a call may not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    ToolPending,
    ToolDisabled,
    /// The tool works in the account of a person, and a service has none.
    NeedsPerson,
    /// The tool changes something, and there is only the organisation's account, which is for reading.
    OrganisationReads,
    /// Nothing is set up by which anybody could reach its sites.
    NoAccount,
    /// No access profile of the caller has the tool.
    NotGranted,
    /// The access profiles of the caller have the tool on these things alone.
    GrantedElsewhere(String),
    /// A rule blocks it.
    Blocked {
        rule: Rc<str>,
        reason: Rc<str>,
    },
    /// The tool is classified as of that class, and came through the gate of another.
    OtherGate(Class),
    /// An administrator has locked something that the call needs.
    Locked(LockKind),
}

impl Denial {
    /// The reason that the audit has.
    pub fn reason(&self) -> String {
        let words = match self {
            Self::ToolPending => "the tool awaits approval",
            Self::ToolDisabled => "the tool is disabled",
            Self::NeedsPerson => "the tool needs a person, and a service called it",
            Self::OrganisationReads => "the organisation's account is for reading alone",
            Self::NoAccount => "no account is set up",
            Self::NotGranted => "no access profile grants the tool",
            Self::GrantedElsewhere(_) => "no access profile grants the tool on this",
            Self::Blocked { rule, .. } => return format!("the rule {rule} blocks it"),
            Self::OtherGate(_) => "the tool is of another class than the gate",
            Self::Locked(kind) => kind.reason(),
        };
        words.to_owned()
    }

    /// The sentence for the model: what, why, and who can do something about it. The policy's own lock says more.
    pub fn sentence(&self, tool: &str) -> String {
        let (cause, next) = match self {
            Self::ToolPending => (
                "is new or has changed, and no administrator of Postern has approved it yet.",
                "ask an administrator to approve it under Tools in the console; do not retry before.",
            ),
            Self::ToolDisabled => (
                "did not run, since an administrator of Postern has disabled it.",
                "ask an administrator if you need it; retrying will not help.",
            ),
            Self::OtherGate(class) => {
                let cause = format!("`{tool}` did not run, since an administrator of Postern classified it as more.");
                return Sort::Refused.because(cause, format!("call it through `{}`.", Gate::of(*class).name()));
            }
            Self::Locked(kind) => return Lock::unexplained(*kind).sentence(tool),
            Self::NeedsPerson => (
                "works in the account of a person, and this client acts for itself alone (client_credentials).",
                "call it with the token of a client that a person has signed in to.",
            ),
            Self::OrganisationReads => (
                "changes something, and your organisation's account there is for reading alone.",
                "ask an administrator to let it write, under Accounts in the console; retrying before will not help.",
            ),
            Self::NoAccount => (
                "works at a site that Postern has no account for yet.",
                "ask an administrator to enter a credential under Accounts in the console; retrying before will not help.",
            ),
            Self::NotGranted => (
                "is in no access profile of yours, or not at this hour.",
                "ask an administrator of Postern for a profile that has it; retrying will not help.",
            ),
            Self::GrantedElsewhere(within) => {
                let cause = format!("may be called by you on these alone: {within}.");
                let next = "call it on one of them, or ask an administrator of Postern for a profile with more.";
                return Sort::Refused.because(format!("`{tool}` {cause}"), next);
            }
            Self::Blocked { rule, reason } => {
                let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
                let cause = format!("is blocked by your organisation's rule \u{201c}{rule}\u{201d}{reason}.");
                let next = "ask an administrator of Postern if you need it; retrying will not help.";
                return Sort::Refused.because(format!("`{tool}` {cause}"), next);
            }
        };
        Sort::Refused.because(format!("`{tool}` {cause}"), next)
    }
}

/// Decides on a call, or on an entry of a list, by its facts.
pub fn decide(policy: &PolicySnapshot, facts: &Facts<'_>) -> Decision {
    let mut access = policy.access(facts);
    let (ground, verdict) = settle(policy, facts, &access);
    if !ground.is_of_access() {
        access.missing_facts.clear();
    }
    Decision { verdict, ground, policy_version: policy.version, access }
}

fn settle(policy: &PolicySnapshot, facts: &Facts<'_>, access: &Access) -> (Ground, Verdict) {
    if let Some(lock) = policy.locks.stopping(facts) {
        let kind = lock.target.kind;
        return (Ground::Lock(kind), Verdict::Denied(Denial::Locked(kind)));
    }
    let (state, class) = (policy.state(&facts.tool), policy.classification(&facts.tool).class);
    match state {
        State::Pending => return (Ground::Tool(state), Verdict::Denied(Denial::ToolPending)),
        State::Disabled => return (Ground::Tool(state), Verdict::Denied(Denial::ToolDisabled)),
        State::Approved => {}
    }
    if let Some(denial) = without_account(policy, facts, class) {
        return (Ground::Account, Verdict::Denied(denial));
    }
    if facts.gate.is_some_and(|gate| gate != class) {
        return (Ground::Gate, Verdict::Denied(Denial::OtherGate(class)));
    }
    match &access.grant {
        Grant::Missing => return (Ground::Profiles, Verdict::Denied(Denial::NotGranted)),
        Grant::Elsewhere(within) => {
            return (Ground::Profiles, Verdict::Denied(Denial::GrantedElsewhere(within.clone())));
        }
        Grant::Open | Grant::By(_) | Grant::BreakGlass => {}
    }
    let rule = access.rule.as_ref();
    if let Some(RuleInForce { name, reason, then: Effect::Block, .. }) = rule {
        let denial = Denial::Blocked { rule: Rc::clone(name), reason: Rc::clone(reason) };
        return (Ground::Rule, Verdict::Denied(denial));
    }
    if facts.caller.permitted < Some(class) {
        return (Ground::Scope, Verdict::ScopeTooSmall);
    }
    match rule {
        Some(rule) if rule.then == Effect::Approve => (Ground::Rule, Verdict::ApprovalNeeded(rule.clone())),
        Some(_) => (Ground::Rule, Verdict::Allowed),
        None if access.break_glass.is_some() => (Ground::BreakGlass, Verdict::Allowed),
        None if access.grant != Grant::Open => (Ground::Profiles, Verdict::Allowed),
        None => (Ground::Tool(state), Verdict::Allowed),
    }
}

/// Why there is no account at any of its sites that the caller could call it with; `None` where there is one, or they may
/// connect one.
fn without_account(policy: &PolicySnapshot, facts: &Facts<'_>, class: Class) -> Option<Denial> {
    let ToolFacts { sites, .. } = &facts.tool;
    let (writes, is_service) = (class != Class::Read, matches!(facts.caller.subject, Subject::Service(_)));
    let can_call = |accounts: Accounts| accounts.may_run(writes) && !(is_service && accounts.needs_own(writes));
    if sites.is_empty() || sites.iter().any(|(site, kind)| can_call(policy.accounts(*site, *kind))) {
        return None;
    }
    let are_all = |kind| sites.iter().all(|(site, set)| policy.accounts(*site, *set).kind == kind);
    Some(if are_all(AccountKind::Missing) {
        Denial::NoAccount
    } else if are_all(AccountKind::Organisation) {
        Denial::OrganisationReads
    } else {
        Denial::NeedsPerson
    })
}

#[cfg(test)]
mod tests;
