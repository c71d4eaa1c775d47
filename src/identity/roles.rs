//! From the identity provider's claims to what a person may do here, and which groups they are in.

use serde_json::{Map, Value};

use crate::{
    governance::attributes::{Groups, Role},
    settings::IdentitySettings,
};

/// The roles that the claims give. A claim named by `role_claims` holds one name or a list of them; a name counts
/// where it equals the configured one, byte for byte: of a group path (`/team/administrators`) no part is enough.
pub fn roles(claims: &Map<String, Value>, settings: &IdentitySettings) -> Vec<Role> {
    let has = |name: &str| {
        settings.role_claims.iter().filter_map(|path| at(claims, path)).any(|value| match value {
            Value::String(one) => one == name,
            Value::Array(many) => many.iter().any(|one| one.as_str() == Some(name)),
            _ => false,
        })
    };
    [(Role::Administrator, &settings.administrator_role), (Role::Approver, &settings.approver_role)]
        .into_iter()
        .filter(|(_, name)| has(name))
        .map(|(role, _)| role)
        .collect()
}

/// Whether these are claims that say anything of roles, be it that there are none.
pub fn are_claimed(claims: &Map<String, Value>, settings: &IdentitySettings) -> bool {
    settings.role_claims.iter().any(|path| at(claims, path).is_some())
}

/// The groups that the claim `groups` gives, as many as an access token carries: those first that the operator's settings
/// name. Where there is no such claim, or it is not of names, nothing is known of them; a provider may leave it out because
/// there are too many.
pub fn groups(claims: &Map<String, Value>, settings: &IdentitySettings) -> Groups {
    let names: Option<Vec<&str>> = match claims.get("groups") {
        Some(Value::String(one)) => Some(vec![one]),
        Some(Value::Array(many)) => many.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let preferred = [settings.administrator_role.as_str(), &settings.approver_role];
    names.map(|names| Groups::within_bound(&names, &preferred)).unwrap_or_default()
}

/// The most names that are kept of what was claimed, and the longest.
const MOST_CLAIMED: usize = 100;
const LONGEST_CLAIMED: usize = 200;

/// The names of roles and groups among the claims, for administrators to see whom they have before them: those of the
/// claims that count, and `groups`.
pub fn claimed(claims: &Map<String, Value>, settings: &IdentitySettings) -> Vec<String> {
    let paths = settings.role_claims.iter().map(String::as_str).chain(["groups"]);
    let names = paths.filter_map(|path| at(claims, path)).flat_map(|value| match value {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    });
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if kept.len() < MOST_CLAIMED && name.len() <= LONGEST_CLAIMED && !kept.iter().any(|known| known == name) {
            kept.push(name.to_owned());
        }
    }
    kept
}

/// The value at a dotted path. Names may have dots of their own (`resource_access.my.client.roles`,
/// `https://acme.example/roles`), so every way to read the path is tried, the longest name first.
fn at<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    claims.get(path).or_else(|| {
        path.rmatch_indices('.').find_map(|(dot, _)| {
            let (name, rest) = (path.get(..dot)?, path.get(dot + 1..)?);
            at(claims.get(name)?.as_object()?, rest)
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings;

    fn of(claims: Value) -> Vec<Role> {
        roles(claims.as_object().unwrap(), &settings::for_tests().identity)
    }

    fn with(change: impl FnOnce(&mut IdentitySettings), claims: Value) -> Vec<Role> {
        let mut settings = settings::for_tests().identity;
        change(&mut settings);
        roles(claims.as_object().unwrap(), &settings)
    }

    #[test]
    fn keycloaks_realm_roles_count() {
        let claims = json!({"realm_access": {"roles": ["offline_access", "postern-administrator"]}});
        assert_eq!(of(claims), [Role::Administrator]);
    }

    #[test]
    fn both_roles_may_be_held() {
        let claims = json!({"realm_access": {"roles": ["postern-approver", "postern-administrator"]}});
        assert_eq!(of(claims), [Role::Administrator, Role::Approver]);
    }

    fn by_groups(settings: &mut IdentitySettings) {
        settings.role_claims = vec!["groups".into()];
    }

    #[test]
    fn groups_count_where_the_operator_says_so() {
        let claims = json!({"groups": ["postern-approver"]});
        assert_eq!(with(by_groups, claims.clone()), [Role::Approver]);
        assert_eq!(of(claims), [], "whoever may name groups would make administrators");
    }

    #[test]
    fn a_group_path_counts_whole() {
        let configure = |settings: &mut IdentitySettings| {
            by_groups(settings);
            settings.administrator_role = "/platform/admins".into();
        };
        assert_eq!(with(configure, json!({"groups": ["/platform/admins"]})), [Role::Administrator]);
        assert_eq!(with(configure, json!({"groups": ["/guests/platform/admins", "/platform", "admins"]})), []);
    }

    #[test]
    fn the_last_part_of_a_group_path_is_not_enough() {
        assert_eq!(with(by_groups, json!({"groups": ["/guests/postern-administrator"]})), []);
    }

    #[test]
    fn an_empty_list_of_roles_is_a_claim_and_no_list_is_none() {
        let settings = settings::for_tests().identity;
        let claimed = |claims: Value| are_claimed(claims.as_object().unwrap(), &settings);
        assert!(claimed(json!({"realm_access": {"roles": []}})));
        assert!(!claimed(json!({"realm_access": {}, "groups": ["/team"]})));
    }

    #[test]
    fn what_was_claimed_is_kept_once_and_not_without_end() {
        let settings = settings::for_tests().identity;
        let claims = json!({"realm_access": {"roles": ["a", "b"]}, "groups": ["b", "/team", 7], "scope": "c"});
        assert_eq!(claimed(claims.as_object().unwrap(), &settings), ["a", "b", "/team"]);
        let many = json!({"groups": (0..500).map(|name| name.to_string()).collect::<Vec<_>>()});
        assert_eq!(claimed(many.as_object().unwrap(), &settings).len(), MOST_CLAIMED);
    }

    #[test]
    fn groups_are_known_where_they_are_claimed_and_not_otherwise() {
        let settings = settings::for_tests().identity;
        let known = |claims: Value| groups(claims.as_object().unwrap(), &settings);
        assert_eq!(known(json!({"groups": ["/a", "/b"]})).names, ["/a", "/b"]);
        assert_eq!(known(json!({"groups": "/a"})).names, ["/a"]);
        assert!(known(json!({"groups": []})).complete);
        for unknown in [json!({}), json!({"groups": {"/a": true}}), json!({"groups": ["/a", {"value": "/b"}]})] {
            assert_eq!(known(unknown.clone()), Groups::default(), "{unknown}");
        }
    }

    #[test]
    fn a_group_that_gives_a_role_is_among_those_that_are_kept() {
        let settings = settings::for_tests().identity;
        let mut names: Vec<String> = (0..1000).map(|number| format!("/team/{number}")).collect();
        names.push(settings.approver_role.clone());
        let groups = groups(json!({ "groups": names }).as_object().unwrap(), &settings);
        assert!(!groups.complete && groups.names.contains(&settings.approver_role));
    }

    #[test]
    fn a_claim_that_is_not_named_counts_nothing() {
        assert_eq!(of(json!({"roles": ["postern-administrator"], "scope": "postern-administrator"})), []);
    }

    #[test]
    fn names_with_dots_are_found() {
        let configure =
            |path: &'static str| move |settings: &mut IdentitySettings| settings.role_claims = vec![path.into()];
        let client = json!({"resource_access": {"my.client": {"roles": ["postern-approver"]}}});
        assert_eq!(with(configure("resource_access.my.client.roles"), client), [Role::Approver]);
        let namespaced = json!({"https://acme.example/roles": "postern-approver"});
        assert_eq!(with(configure("https://acme.example/roles"), namespaced), [Role::Approver]);
    }

    #[test]
    fn claims_of_another_shape_give_nothing() {
        assert_eq!(of(json!({"realm_access": "postern-administrator"})), []);
        assert_eq!(with(by_groups, json!({"groups": {"postern-administrator": true}})), []);
        assert_eq!(with(by_groups, json!({"groups": [["postern-administrator"], 1, null]})), []);
    }
}
