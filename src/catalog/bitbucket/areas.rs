//! The areas of Bitbucket.

use super::BITBUCKET;
use crate::catalog::operation::Area;

const fn area(name: &'static str, title: &'static str, words: &'static [&'static str]) -> Area {
    Area { name, title, provider: &BITBUCKET, words }
}

/// Those before whose words say more.
pub const ALL: &[Area] = &[
    area("snippets", "Snippets", &["snippet"]),
    area("webhooks", "Webhooks", &["hook"]),
    area(
        "permissions",
        "Permissions and keys",
        &["permission", "group", "member", "key", "access_token", "restriction", "branching_model"],
    ),
    area("deployments", "Deployments and environments", &["deployment", "environment"]),
    area(
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
    area("pull-requests", "Pull requests", &["pull_request", "review", "merge_check", "comment", "task", "diff"]),
    area(
        "source",
        "Code, commits and branches",
        &["branch", "tag", "commit", "file", "source", "compar", "code", "patch", "merge_base", "download"],
    ),
    area("repositories", "Workspaces, projects and repositories", &[]),
];
