//! The policy as one compiled snapshot: which definitions of which tools were approved, what the organisation's accounts
//! may do, and what is locked.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{
    access_policy::{Access, AccessInForce, AccessPolicy, Profile},
    access_request::record as access_requests,
    facts::{Caller, Facts, ToolFacts},
    locks::{self, Locks},
    organisation_account::{self, OrganisationAccount},
    policy_revision,
    tool_policy::{self, Classification, ToolPolicy},
};
use crate::{
    crypto::authenticator::{Authenticator, Table},
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, Rows, Statement, sql},
    },
    providers::{AccountKind, Accounts, Provider, Site},
    settings::sites::Sites,
};

/// The state of a tool: what an administrator decided on its definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has decided on this definition yet: it may not run.
    Pending,
    Approved,
    Disabled,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Disabled => "disabled",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Disabled].into_iter().find(|state| state.name() == name)
    }
}

/// The table of decisions: what was decided, and on which definition of which tool.
pub const TOOLS: Table = Table { name: "tools", columns: &["name", "state", "definition_digest"] };

/// The decisions among rows: those that an administrator took, and whatever disables a tool or has it wait.
pub fn decided(authenticator: &Authenticator, rows: Rows) -> Rows {
    authenticator
        .authentic_or(&TOOLS, rows, |row| row.get("state").is_some_and(|state| state != State::Approved.name()))
}

/// One version of the policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySnapshot {
    pub version: i64,
    pub locks: Locks,
    /// The state of each tool that was decided on, and the digest of the definition which that is of.
    pub(super) tools: HashMap<String, (State, String)>,
    /// The organisation's accounts of which an administrator has set something.
    #[serde(default)]
    pub(super) organisation: Vec<OrganisationAccount>,
    /// What holds for tools beside the decision on each.
    pub tool_policy: ToolPolicy,
    /// Whom what is granted, and what is blocked or held.
    #[serde(default)]
    pub(super) access: AccessInForce,
}

/// Makes the policy a new version, in one transaction with what changes it: every isolate asks for the version.
pub(super) fn next_version() -> Statement {
    sql("UPDATE policy SET version = version + 1")
}

#[derive(Deserialize)]
struct PolicyRow {
    version: i64,
}

#[derive(Deserialize)]
struct ToolRow {
    name: String,
    state: State,
    definition_digest: String,
}

impl PolicySnapshot {
    /// Reads the policy in one transaction and one round trip, unless the version in force is the one that is `known`:
    /// then `None`.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub async fn load(
        database: &dyn Database,
        authenticator: &Authenticator,
        known: Option<i64>,
        now: Timestamp,
    ) -> Result<Option<Self>, Fault> {
        let version = sql("SELECT version FROM policy");
        let tools = sql("SELECT name, state, definition_digest, mac FROM tools
            WHERE (SELECT version FROM policy) IS NOT ?1");
        let statements = vec![
            version,
            tools.bind(known),
            organisation_account::query(known),
            locks::query(known),
            tool_policy::settings_query(known),
            tool_policy::classifications_query(known),
            policy_revision::query(known),
            access_requests::query(known, now),
        ];
        let mut results = database.batch(statements).await?.into_iter();
        let policy = results.next().unwrap_or_default().first::<PolicyRow>()?;
        let policy = policy.ok_or_else(|| Fault::new("policy", "the record has no policy version"))?;
        if known == Some(policy.version) {
            return Ok(None);
        }
        let rows = decided(authenticator, results.next().unwrap_or_default()).all::<ToolRow>()?;
        Ok(Some(Self {
            version: policy.version,
            tools: rows.into_iter().map(|row| (row.name, (row.state, row.definition_digest))).collect(),
            organisation: organisation_account::read(authenticator, results.next().unwrap_or_default())?
                .map(|entry| entry.account)
                .collect(),
            locks: Locks::of(locks::read(authenticator, results.next().unwrap_or_default())?),
            tool_policy: ToolPolicy {
                default: tool_policy::read_default(authenticator, results.next().unwrap_or_default())?,
                classifications: tool_policy::read_classifications(results.next().unwrap_or_default())?,
            },
            access: AccessInForce::new(
                policy_revision::read(authenticator, results.next().unwrap_or_default())?
                    .map(|revision| revision.policy)
                    .unwrap_or_default(),
                access_requests::in_force(authenticator, results.next().unwrap_or_default())?,
            ),
        }))
    }

    /// What the access policy says of a call, or of a tool that is only listed.
    pub fn access(&self, facts: &Facts<'_>) -> Access {
        self.access.access(facts, &|tool| self.tool_policy.classification_of(tool).class)
    }

    /// The document that it is decided by.
    pub const fn access_policy(&self) -> &AccessPolicy {
        self.access.policy()
    }

    /// The access profiles that a person may ask for.
    pub fn requestable(&self, caller: &Caller<'_>) -> Vec<&Profile> {
        self.access.requestable(caller, &|tool| self.tool_policy.classification_of(tool).class)
    }

    /// The most minutes for which a person may override profiles and rules; `None` where they may not.
    pub fn break_glass_minutes(&self, caller: &Caller<'_>) -> Option<u32> {
        self.access.break_glass_minutes(caller, &|tool| self.tool_policy.classification_of(tool).class)
    }

    /// Whether what is decided may depend on what a grant read before.
    pub fn names_taint(&self) -> bool {
        self.access.names_taint()
    }

    /// What administrators have set of the organisation's account at that site.
    pub fn organisation_account(&self, site: Site) -> Option<&OrganisationAccount> {
        self.organisation.iter().find(|account| account.site == site)
    }

    /// Whose accounts calls at a site work in, where it is of that kind by the settings.
    pub fn accounts(&self, site: Site, by_settings: AccountKind) -> Accounts {
        let account = self.organisation_account(site);
        let has_credential = account.is_some_and(|account| account.credential.is_some());
        Accounts {
            kind: if has_credential { by_settings.with_organisation() } else { by_settings },
            organisation_writes: account.is_some_and(|account| account.may_write),
        }
    }

    /// Whose accounts calls at a provider work in, whichever of its sites they are for. Where these differ, it is what
    /// its calls may work in.
    pub fn accounts_of(&self, sites: &Sites, provider: &'static Provider) -> Accounts {
        let mut all = sites.of(provider).map(|site| self.accounts(site, sites.accounts(site)));
        let first = all.next().unwrap_or_default();
        let organisation_writes = |accounts: Accounts| accounts.organisation_writes;
        if all.clone().all(|accounts| accounts == first) {
            return first;
        }
        let organisation_writes = organisation_writes(first) || all.any(organisation_writes);
        Accounts { kind: AccountKind::Either, organisation_writes }
    }

    /// The same with a rule that sends the calls of that tool to approval.
    #[cfg(test)]
    pub fn with_approval_rule(self, tool: &str, rule: &super::approval::ApprovalRule) -> Self {
        let rule = serde_json::json!({
            "name": rule.name, "reason": rule.sentence, "approvers": rule.approvers, "then": "approve",
            "tools": {"names": [tool]}, "fresh_sign_in_minutes": rule.fresh_sign_in_minutes,
            "longest_minutes": rule.longest_minutes,
        });
        let rules = serde_json::from_value(rule).into_iter().collect();
        self.with_access(AccessPolicy { rules, ..AccessPolicy::default() })
    }

    /// The state of a tool's definition. One that nobody decided on, and one that has changed since it was approved, is as
    /// the default says; a disabled one stays disabled, and one that was reopened pending, however it changes.
    pub fn state(&self, tool: &ToolFacts<'_>) -> State {
        match self.tools.get(tool.name) {
            Some((state @ (State::Disabled | State::Pending), _)) => *state,
            Some((State::Approved, digest)) if digest == tool.definition_digest => State::Approved,
            _ if self.tool_policy.approves(tool) => State::Approved,
            _ => State::Pending,
        }
    }

    /// How a tool is classified.
    pub fn classification(&self, tool: &ToolFacts<'_>) -> Classification {
        self.tool_policy.classification(tool)
    }

    /// The same with one lock more.
    #[cfg(test)]
    #[must_use]
    pub fn with_lock(mut self, kind: locks::LockKind, name: &str) -> Self {
        let target = locks::Target { kind, name: name.to_owned() };
        let (reason, by) = (Some("a leak".to_owned()), Some("ada".to_owned()));
        self.locks.0.push(locks::Lock { target, reason, by });
        self
    }

    /// The same where an administrator lets calls change things in the organisation's name, at every main site.
    #[cfg(test)]
    pub fn with_organisation_writes(mut self) -> Self {
        let of_site = |provider: &&'static Provider| {
            let site = Site::main(provider);
            OrganisationAccount { may_write: true, ..OrganisationAccount::unset(site) }
        };
        self.organisation = crate::providers::ALL.iter().map(of_site).collect();
        self
    }

    /// A policy in which every tool is approved.
    #[cfg(any(test, feature = "fuzzing"))]
    pub fn approving_all() -> Self {
        let approve = |tool: &std::rc::Rc<crate::tools::Tool>| {
            (tool.name.to_string(), (State::Approved, tool.definition_digest().to_owned()))
        };
        Self { version: 1, tools: crate::tools::all().iter().map(approve).collect(), ..Self::default() }
    }

    /// The same where people have that access for a time.
    #[cfg(test)]
    #[must_use]
    pub fn with_temporary(self, temporary: Vec<super::access_policy::TemporaryAccess>) -> Self {
        let access = AccessInForce::new(self.access_policy().clone(), temporary);
        Self { access, ..self }
    }

    /// The same with that access policy.
    #[must_use]
    pub fn with_access(self, access: AccessPolicy) -> Self {
        Self { access: self.access.under(access), ..self }
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::{platform::native::database::Sqlite, settings};

    #[test]
    fn a_policy_whose_version_is_known_is_not_read_again() {
        let (database, settings) = (Sqlite::migrated(), settings::for_tests());
        let load =
            |known| block_on(PolicySnapshot::load(&database, settings.authenticator(), known, Timestamp(0))).unwrap();
        let loaded = load(None).expect("a policy");
        assert_eq!(load(Some(loaded.version)), None);
        assert_eq!(load(Some(loaded.version - 1)), Some(loaded));
    }
}
