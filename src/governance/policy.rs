//! The policy as the record holds it: which definitions of which tools were approved.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    decision::{self, Denial, State, Verdict},
    tools,
};
use crate::{
    catalog::operation::Provider,
    crypto::authenticator::Authenticator,
    identifiers::Subject,
    platform::{
        Fault,
        database::{Database, sql},
    },
};

/// One version of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub version: i64,
    /// Everybody's access is stopped.
    stopped: bool,
    decisions: HashMap<String, (State, String)>,
}

#[derive(Deserialize)]
struct VersionRow {
    version: i64,
}

#[derive(Deserialize)]
struct PolicyRow {
    version: i64,
    stopped: i64,
}

#[derive(Deserialize)]
struct ToolRow {
    name: String,
    state: State,
    definition_digest: String,
}

impl Policy {
    /// Reads the policy in one transaction.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub async fn load(database: &dyn Database, authenticator: &Authenticator) -> Result<Self, Fault> {
        let mut results = database
            .batch(vec![
                sql("SELECT version, stopped_at IS NOT NULL AS stopped FROM policy"),
                sql("SELECT name, state, definition_digest, mac FROM tools"),
            ])
            .await?
            .into_iter();
        let policy = results.next().unwrap_or_default().first::<PolicyRow>()?;
        let policy = policy.ok_or_else(|| Fault::new("policy", "the record has no policy version"))?;
        let rows = tools::decided(authenticator, results.next().unwrap_or_default()).all::<ToolRow>()?;
        Ok(Self {
            version: policy.version,
            stopped: policy.stopped != 0,
            decisions: rows.into_iter().map(|row| (row.name, (row.state, row.definition_digest))).collect(),
        })
    }

    /// The version in force, for one who holds an older policy.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub async fn current_version(database: &dyn Database) -> Result<i64, Fault> {
        let row = database.run(sql("SELECT version FROM policy")).await?.first::<VersionRow>()?;
        row.map(|row| row.version).ok_or_else(|| Fault::new("policy", "the record has no policy version"))
    }

    /// Whether that definition of the tool may run for the subject; `account` as in [`decision::decide`].
    pub fn decide(&self, tool: &str, definition_digest: &str, subject: &Subject, account: Option<Provider>) -> Verdict {
        if self.stopped {
            return Verdict::Denied(Denial::Stopped);
        }
        decision::decide(self.state(tool, definition_digest), subject, account)
    }

    /// What was decided of this definition of the tool. A tool nobody decided on, and one whose definition
    /// has changed since, is pending; a disabled one stays disabled however it changes.
    fn state(&self, tool: &str, definition_digest: &str) -> State {
        match self.decisions.get(tool) {
            Some((State::Disabled, _)) => State::Disabled,
            Some((state, digest)) if digest == definition_digest => *state,
            _ => State::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(state: State) -> Policy {
        Policy {
            version: 1,
            stopped: false,
            decisions: HashMap::from([("tool".to_owned(), (state, "digest".to_owned()))]),
        }
    }

    #[test]
    fn a_tool_nobody_decided_on_is_pending() {
        assert_eq!(policy(State::Approved).state("another", "digest"), State::Pending);
    }

    #[test]
    fn an_approval_ends_when_the_definition_changes() {
        assert_eq!(policy(State::Approved).state("tool", "digest"), State::Approved);
        assert_eq!(policy(State::Approved).state("tool", "changed"), State::Pending);
    }

    #[test]
    fn while_everything_is_stopped_nothing_runs() {
        let subject = Subject::Person(crate::identifiers::UserId::new("alice"));
        let decide = |policy: &Policy| policy.decide("tool", "digest", &subject, None);
        assert_eq!(decide(&policy(State::Approved)), Verdict::Allowed);
        let stopped = Policy { stopped: true, ..policy(State::Approved) };
        assert_eq!(decide(&stopped), Verdict::Denied(Denial::Stopped));
    }

    #[test]
    fn a_disabled_tool_stays_disabled_when_its_definition_changes() {
        assert_eq!(policy(State::Disabled).state("tool", "changed"), State::Disabled);
    }
}
