//! A person, and what the identity provider says they may do here.

use serde::{Deserialize, Serialize};

use crate::identifiers::UserId;

/// What a person may do in the console beyond their own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Decides which tools exist and reads the audit.
    Administrator,
    /// Decides on single calls.
    Approver,
}

/// A person who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub username: String,
    pub name: String,
    pub email: Option<String>,
    pub roles: Vec<Role>,
}

impl Person {
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
