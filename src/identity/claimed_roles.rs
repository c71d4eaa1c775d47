//! Roles as they are on record: what the identity provider claimed, and when. They are authenticated with that moment, so
//! that whoever can write to the record cannot make an administrator, nor make one of somebody who was one long ago.

use std::time::Duration;

use serde_json::json;

use super::person::Role;
use crate::{
    crypto::authenticator::{Authenticator, Table},
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        log::{self, Level},
    },
};

/// How long a browser stays signed in, and so how long a claim of roles is believed.
pub const SESSION_LIFE: Duration = Duration::from_secs(12 * 60 * 60);

/// Whose roles they are, which, and since when.
pub const USERS: Table = Table { name: "users", columns: &["id", "roles", "roles_at"] };

/// Roles that the identity provider claimed at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedRoles {
    /// As JSON: the column `roles`.
    pub roles: String,
    /// The column `roles_at`.
    pub at: Timestamp,
}

impl ClaimedRoles {
    pub fn new(roles: &[Role], at: Timestamp) -> Self {
        Self { roles: json!(roles).to_string(), at }
    }

    /// The column `mac` of the person who has them.
    pub fn mac(&self, authenticator: &Authenticator, user: &UserId) -> String {
        authenticator.row(&USERS, &[json!(user), json!(self.roles), json!(self.at)])
    }

    /// The roles that count now: none where we did not write them for that person, or where they were claimed longer ago
    /// than a browser stays signed in, which no sign-in of a browser that is signed in was.
    ///
    /// # Errors
    /// Where they are not roles.
    pub fn believed(
        &self,
        authenticator: &Authenticator,
        user: &UserId,
        mac: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<Role>, Fault> {
        let roles: Vec<Role> = serde_json::from_str(&self.roles).map_err(|error| Fault::new("users.roles", error))?;
        if roles.is_empty() || now.since(self.at) >= SESSION_LIFE {
            return Ok(Vec::new());
        }
        if !authenticator.is_row(&USERS, &[json!(user), json!(self.roles), json!(self.at)], mac) {
            log::write(Level::Error, "roles on record are not authentic", &[("user", user.as_str().into())]);
            return Ok(Vec::new());
        }
        Ok(roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    fn believed(roles: &[Role], of: &str, mac_of: &str, now: Timestamp) -> Vec<Role> {
        let settings = settings::for_tests();
        let claimed = ClaimedRoles::new(roles, NOW);
        let mac = ClaimedRoles::new(&[Role::Administrator], NOW);
        let mac = mac.mac(settings.authenticator(), &UserId::new(mac_of));
        claimed.believed(settings.authenticator(), &UserId::new(of), Some(&mac), now).unwrap()
    }

    #[test]
    fn roles_are_believed_of_whom_they_were_claimed() {
        assert_eq!(believed(&[Role::Administrator], "ada", "ada", NOW), [Role::Administrator]);
        assert_eq!(believed(&[Role::Administrator], "mallory", "ada", NOW), []);
    }

    #[test]
    fn a_role_that_was_added_makes_none_of_them_believed() {
        assert_eq!(believed(&[Role::Administrator, Role::Approver], "ada", "ada", NOW), []);
    }

    #[test]
    fn roles_of_long_ago_are_not_believed() {
        assert_eq!(believed(&[Role::Administrator], "ada", "ada", NOW + SESSION_LIFE), []);
    }
}
