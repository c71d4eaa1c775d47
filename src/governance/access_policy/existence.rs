//! What a policy names of providers' things, so that they can be asked whether it is there.

use std::collections::HashSet;

use super::{AccessPolicy, ResourceCondition};
use crate::{catalog::named, providers::Site};

/// Something that a policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedThing {
    /// Where the policy names it first: `rules[2] (no merges)`.
    pub place: String,
    pub site: Site,
    /// `the repository acme/web`.
    pub words: String,
    /// Where its provider shows it.
    pub path: String,
    /// Of which list it is an element there, if it is one.
    pub list: Option<&'static str>,
}

impl AccessPolicy {
    /// Each thing that it names and the other does not, once. A pattern names none.
    pub fn named_beyond(&self, other: &Self) -> Vec<NamedThing> {
        let mut known: HashSet<_> = other.named().into_iter().map(|thing| (thing.site, thing.path)).collect();
        let mut named = self.named();
        named.retain(|thing| known.insert((thing.site, thing.path.clone())));
        named
    }

    fn named(&self) -> Vec<NamedThing> {
        let mut named = Vec::new();
        for (index, profile) in self.profiles.iter().enumerate() {
            add(&mut named, &format!("profiles[{index}] ({})", profile.name), &profile.resources);
        }
        for (index, rule) in self.rules.iter().enumerate() {
            add(&mut named, &format!("rules[{index}] ({})", rule.name), &rule.resources);
        }
        add(&mut named, "trusted", &self.trusted);
        named
    }
}

/// Adds what the conditions name at that place: the most particular, for what it lies in is there with it.
fn add(named: &mut Vec<NamedThing>, place: &str, conditions: &[ResourceCondition]) {
    for ResourceCondition { site, workspace, project, repository, space, under, .. } in conditions {
        let repository = repository.as_ref().map(|pattern| pattern.0.as_str()).filter(|name| !name.contains('*'));
        let is_narrower = repository.is_some() || project.is_some();
        let kinds = [
            ("repository", repository),
            ("project", project.as_deref()),
            ("workspace", workspace.as_deref().filter(|_| !is_narrower)),
            ("space", space.as_deref()),
            ("page", under.as_deref()),
        ];
        for (kind, name) in kinds {
            let Some(name) = name else { continue };
            let value = |variable: &str| if variable == "workspace" { workspace.as_deref() } else { Some(name) };
            let Some((path, list)) = named::place(site.provider, kind, value) else { continue };
            let within = workspace.as_deref().filter(|_| kind != "workspace");
            let within = within.map(|workspace| format!("{workspace}/")).unwrap_or_default();
            let words = format!("the {kind} {within}{name}");
            named.push(NamedThing { place: place.to_owned(), site: *site, words, path, list });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(resources: &serde_json::Value) -> AccessPolicy {
        let rule = json!({"name": "closed", "resources": resources, "then": "block"});
        serde_json::from_value(json!({ "rules": [rule] })).unwrap()
    }

    fn path(thing: &NamedThing) -> &str {
        thing.path.split('?').next().unwrap()
    }

    #[test]
    fn each_thing_that_is_newly_named_is_looked_for_once_at_its_place() {
        let web = json!({"site": "bitbucket", "workspace": "acme", "repository": "web"});
        let before = policy(&json!([web]));
        let after = policy(&json!([
            web,
            {"site": "bitbucket", "workspace": "acme", "repository": "shop", "branch": "main"},
            {"site": "bitbucket", "workspace": "acme", "repository": "shop"},
            {"site": "bitbucket", "workspace": "acme", "repository": "web-*", "project": "OPS"},
            {"site": "bitbucket", "workspace": "other"},
            {"site": "confluence", "space": "ENG", "under": "98305"},
        ]));
        let things = after.named_beyond(&before);
        let named: Vec<_> = things.iter().map(|thing| (thing.words.as_str(), path(thing))).collect();
        assert_eq!(
            named,
            [
                ("the repository acme/shop", "repositories/acme/shop"),
                ("the project acme/OPS", "workspaces/acme/projects/OPS"),
                ("the workspace other", "workspaces/other"),
                ("the space ENG", "api/v2/spaces"),
                ("the page 98305", "api/v2/pages/98305"),
            ]
        );
        assert_eq!(things[0].place, "rules[0] (closed)");
        assert_eq!(after.named_beyond(&after), []);
    }

    #[test]
    fn no_name_leads_to_another_address() {
        let named = policy(&json!([{"site": "bitbucket", "workspace": "acme", "repository": "../x?y#z"}]));
        assert_eq!(path(&named.named_beyond(&AccessPolicy::default())[0]), "repositories/acme/..%2Fx%3Fy%23z");
    }
}
