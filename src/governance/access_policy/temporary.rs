//! Access that people have for a time, beside what the policy gives them by itself.

use serde::{Deserialize, Serialize};

use crate::{identifiers::UserId, platform::clock::Timestamp};

/// What a person may have for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestableAccess {
    /// The access profile of that name.
    Profile(String),
    /// Whatever profiles do not grant, and rules stop.
    BreakGlass,
}

impl RequestableAccess {
    /// The name of the profile, where it is one.
    pub fn profile(&self) -> Option<&str> {
        match self {
            Self::Profile(name) => Some(name),
            Self::BreakGlass => None,
        }
    }

    /// As people read it.
    pub fn words(&self) -> &str {
        self.profile().unwrap_or("break-glass")
    }
}

/// Access that a person has until a moment. It counts while the policy lets them have it: a profile that is gone, or is not
/// for them any more, grants nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemporaryAccess {
    pub person: UserId,
    pub access: RequestableAccess,
    pub until: Timestamp,
}
