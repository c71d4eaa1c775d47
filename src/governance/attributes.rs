//! The authorization attributes of a caller: the roles and groups that the identity provider names, as an access token
//! carries them (RFC 9068 §2.2.3.1).

use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a person may do in the console beyond their own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Decides which tools exist and reads the audit.
    Administrator,
    /// Decides on single calls.
    Approver,
}

impl Role {
    pub const ALL: [Self; 2] = [Self::Administrator, Self::Approver];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Approver => "approver",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The roles and groups of a caller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Attributes {
    /// None where the provider gave none, or its word on them is too old.
    pub roles: Vec<Role>,
    pub groups: Groups,
}

impl Attributes {
    /// Those of a service, which has no roles and is in no group.
    pub const fn of_service() -> Self {
        Self { roles: Vec::new(), groups: Groups { names: Vec::new(), complete: true } }
    }
}

/// The groups of a person, by the identity provider's names for them. Unless something is known of them, they are
/// incomplete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Groups {
    pub names: Vec<String>,
    /// These are all of the person's groups. Otherwise nobody knows whether they are in one that is not named.
    pub complete: bool,
}

impl Groups {
    /// The longest that the names may be, in bytes of a JSON array: with the rest of an access token they fit the 8 kB
    /// that common servers and proxies take as a header.
    pub const MOST_BYTES: usize = 2048;

    /// As many of all these groups as fit in [`Self::MOST_BYTES`], the preferred ones first.
    pub fn within_bound(all: &[&str], preferred: &[&str]) -> Self {
        let (first, rest): (Vec<&str>, Vec<&str>) = all.iter().partition(|name| preferred.contains(name));
        let mut groups = Self { names: Vec::new(), complete: true };
        let mut bytes = 1;
        for name in first.into_iter().chain(rest) {
            let with_name = bytes + json!(name).to_string().len() + 1;
            if groups.names.iter().any(|kept| kept == name) {
                continue;
            }
            if with_name > Self::MOST_BYTES {
                groups.complete = false;
                continue;
            }
            bytes = with_name;
            groups.names.push(name.to_owned());
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn groups_that_fit_are_all_kept_once_in_their_order() {
        let groups = Groups::within_bound(&["/b", "/a", "/b"], &[]);
        assert_eq!(groups, Groups { names: vec!["/b".into(), "/a".into()], complete: true });
    }

    #[test]
    fn a_preferred_group_is_kept_where_not_all_fit() {
        let many: Vec<String> = (0..1000).map(|number| format!("/team/{number}")).collect();
        let all: Vec<&str> = many.iter().map(String::as_str).collect();
        let groups = Groups::within_bound(&all, &["/team/999"]);
        assert_eq!(groups.names.first().map(String::as_str), Some("/team/999"));
    }

    #[test]
    fn a_group_that_does_not_fit_leaves_room_for_those_after_it() {
        let long = "x".repeat(Groups::MOST_BYTES);
        assert_eq!(
            Groups::within_bound(&[&long, "/team"], &[]),
            Groups { names: vec!["/team".into()], complete: false }
        );
    }

    #[test]
    fn of_groups_on_which_nothing_is_known_none_is_ruled_out() {
        assert_eq!(Groups::default(), Groups { names: Vec::new(), complete: false });
    }

    proptest! {
        #[test]
        fn groups_are_never_longer_than_the_bound_and_say_whether_any_is_missing(
            all in prop::collection::vec("\\PC{0,60}|[\"\\\\\n]{0,9}", 0..120),
        ) {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            let groups = Groups::within_bound(&all, &[]);
            prop_assert!(json!(groups.names).to_string().len() <= Groups::MOST_BYTES);
            prop_assert_eq!(groups.complete, all.iter().all(|name| groups.names.iter().any(|kept| kept == name)));
        }
    }
}
