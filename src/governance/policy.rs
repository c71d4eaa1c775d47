//! The policy as the record holds it: which definitions of which tools were approved.

use std::collections::HashMap;

use serde::Deserialize;

use super::decision::State;
use crate::platform::{
    Fault,
    database::{Database, sql},
};

/// One version of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub version: i64,
    decisions: HashMap<String, (State, String)>,
}

#[derive(Deserialize)]
struct VersionRow {
    version: i64,
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
    pub async fn load(database: &dyn Database) -> Result<Self, Fault> {
        let mut results = database
            .batch(vec![sql("SELECT version FROM policy"), sql("SELECT name, state, definition_digest FROM tools")])
            .await?
            .into_iter();
        let version = results.next().unwrap_or_default().first::<VersionRow>()?;
        let rows = results.next().unwrap_or_default().all::<ToolRow>()?;
        Ok(Self {
            version: version.ok_or_else(|| Fault::new("policy", "the record has no policy version"))?.version,
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

    /// What was decided of this definition of the tool. A tool nobody decided on, and one whose definition
    /// has changed since, is pending; a disabled one stays disabled however it changes.
    pub fn state(&self, tool: &str, definition_digest: &str) -> State {
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
        Policy { version: 1, decisions: HashMap::from([("tool".to_owned(), (state, "digest".to_owned()))]) }
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
    fn a_disabled_tool_stays_disabled_when_its_definition_changes() {
        assert_eq!(policy(State::Disabled).state("tool", "changed"), State::Disabled);
    }
}
