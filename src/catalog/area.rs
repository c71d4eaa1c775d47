//! The areas that operations belong to, by what their names are about: for views of a part of the tools, for the pages of
//! administrators, and for the reference.

use super::operation::Operation;
use crate::providers::{BITBUCKET, CONFLUENCE, Provider};

/// A part of a provider that people have one word for.
#[derive(Debug, PartialEq, Eq)]
pub struct Area {
    /// Unique: `pull-requests`.
    pub name: &'static str,
    pub title: &'static str,
    provider: &'static Provider,
    /// Parts of names. Of the areas of a provider the first is an operation's whose word its name has; the last one takes
    /// what is left.
    words: &'static [&'static str],
}

const fn bitbucket(name: &'static str, title: &'static str, words: &'static [&'static str]) -> Area {
    Area { name, title, provider: &BITBUCKET, words }
}

const fn confluence(name: &'static str, title: &'static str, words: &'static [&'static str]) -> Area {
    Area { name, title, provider: &CONFLUENCE, words }
}

/// Every area, those before whose words say more.
pub const ALL: &[Area] = &[
    bitbucket("snippets", "Snippets", &["snippet"]),
    bitbucket("webhooks", "Webhooks", &["hook"]),
    bitbucket(
        "permissions",
        "Permissions and keys",
        &["permission", "group", "member", "key", "access_token", "restriction", "branching_model"],
    ),
    bitbucket("deployments", "Deployments and environments", &["deployment", "environment"]),
    bitbucket(
        "pipelines",
        "Pipelines and builds",
        &[
            "pipeline",
            "build",
            "step",
            "schedule",
            "cache",
            "runner",
            "known_host",
            "oidc",
            "variable",
            "report",
            "annotation",
            "status",
            "test",
        ],
    ),
    bitbucket("pull-requests", "Pull requests", &["pull_request", "review", "merge_check", "comment", "task", "diff"]),
    bitbucket(
        "source",
        "Code, commits and branches",
        &["branch", "tag", "commit", "file", "source", "compar", "code", "patch", "merge_base", "download"],
    ),
    bitbucket("repositories", "Workspaces, projects and repositories", &[]),
    confluence("attachments", "Attachments", &["attachment"]),
    confluence(
        "people",
        "People and permissions",
        &["permission", "restriction", "user", "group", "role", "people", "access"],
    ),
    confluence("comments", "Comments", &["comment"]),
    confluence("labels", "Labels and properties", &["label", "propert"]),
    confluence("spaces", "Spaces and templates", &["space", "template", "theme"]),
    confluence("pages", "Pages and other content", &[]),
];

/// The area of an operation; `None` for what Postern answers by itself.
pub fn of(operation: &Operation) -> Option<&'static Area> {
    let provider = operation.provider()?;
    let mut areas = ALL.iter().filter(|area| area.provider == provider);
    let has_word = |area: &&Area| area.words.is_empty() || area.words.iter().any(|word| operation.name.contains(word));
    areas.find(has_word)
}

/// The areas of a provider, in their order.
#[cfg(test)]
pub fn of_provider(provider: &Provider) -> impl Iterator<Item = &'static Area> {
    ALL.iter().filter(move |area| area.provider == provider)
}

/// The area of that name.
pub fn find(name: &str) -> Option<&'static Area> {
    ALL.iter().find(|area| area.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{catalog, providers::TRACKER};

    #[test]
    fn every_operation_of_a_provider_has_an_area() {
        let known = catalog::all().filter(|operation| operation.provider().is_some_and(|one| one != &TRACKER));
        let without: Vec<_> =
            known.filter(|operation| of(operation).is_none()).map(|operation| operation.name).collect();
        assert!(without.is_empty(), "{without:?}");
    }

    #[test]
    fn areas_have_names_of_their_own_that_fit_an_address() {
        let names: HashSet<_> = ALL.iter().map(|area| area.name).collect();
        assert_eq!(names.len(), ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
    }

    #[test]
    fn an_operation_is_where_people_look_for_it() {
        for (operation, area) in [
            ("bitbucket_get_pull_request", "pull-requests"),
            ("bitbucket_get_file", "source"),
            ("bitbucket_list_branches", "source"),
            ("bitbucket_get_repository", "repositories"),
            ("confluence_get_page", "pages"),
            ("confluence_list_spaces", "spaces"),
        ] {
            assert_eq!(of(catalog::find(operation).unwrap()).map(|area| area.name), Some(area), "{operation}");
        }
    }
}
