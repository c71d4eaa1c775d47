//! The repositories of the workspace, and how one looks as JSON.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::errors::Refusal;
use super::git::Git;
use super::import::Import;
use super::people::{WORKSPACE, encode_braces, is_workspace, no_such_workspace, workspace_json};
use super::pull_request_seeds::{self, PullRequestSeed};
use super::pull_requests::PullRequest;
use super::seed;
use crate::accounts::Person;
use crate::{clock, identifier};

/// A repository.
pub(crate) struct Repository {
    pub(crate) slug: String,
    description: String,
    language: &'static str,
    updated: u64,
    only_administrators: bool,
    pub(crate) git: Arc<Git>,
    pub(crate) pull_requests: Vec<PullRequest>,
}

const LIGHT: [&str; 25] = [
    "analytics",
    "android-app",
    "api-gateway",
    "billing",
    "catalogue",
    "checkout",
    "command-line",
    "data-pipeline",
    "design-system",
    "documentation",
    "email-templates",
    "feature-flags",
    "infrastructure",
    "ios-app",
    "load-tests",
    "mobile-shared",
    "notifications",
    "playbooks",
    "recommendations",
    "reporting",
    "search-index",
    "single-sign-on",
    "supplier-portal",
    "terraform-modules",
    "warehouse",
];

/// Makes the git repositories under the folder, or finds them there.
pub(crate) async fn create_all(folder: &Path) -> Result<Vec<Repository>> {
    let create = async |name: &str, import: Import| -> Result<Arc<Git>> {
        let folder = folder.join(format!("{name}.git"));
        import.create(&folder).await?;
        Ok(Arc::new(Git::new(folder)))
    };
    // The light ones share a history, as repositories made from one template do.
    let (backend, website, template) = tokio::try_join!(
        create("backend", seed::backend()),
        create("website", seed::website()),
        create("template", seed::template()),
    )?;

    let mut all = vec![
        Repository {
            slug: "backend".to_owned(),
            description: "The order service".to_owned(),
            language: "rust",
            updated: seed::BEGINNING + 50 * seed::DAY,
            only_administrators: false,
            pull_requests: resolve(&backend, pull_request_seeds::backend()).await?,
            git: backend,
        },
        Repository {
            slug: "website".to_owned(),
            description: "The public pages".to_owned(),
            language: "html/css",
            updated: seed::BEGINNING - 80 * seed::DAY,
            only_administrators: false,
            pull_requests: resolve(&website, pull_request_seeds::website()).await?,
            git: website,
        },
    ];
    let mut checkout = Some(resolve(&template, pull_request_seeds::checkout()).await?);
    let light = LIGHT.into_iter().map(|slug| (slug, false));
    for (position, (slug, hidden)) in (1_u64..).zip(light.chain([("secrets", true)])) {
        all.push(Repository {
            slug: slug.to_owned(),
            description: format!("The {} of Acme", slug.replace('-', " ")),
            language: "",
            updated: seed::BEGINNING - 200 * seed::DAY + position * seed::DAY,
            only_administrators: hidden,
            git: template.clone(),
            pull_requests: if slug == "checkout" { checkout.take().unwrap_or_default() } else { Vec::new() },
        });
    }
    Ok(all)
}

/// Finds the commits of the pull requests, with one question to git for all of them.
async fn resolve(git: &Git, seeds: Vec<PullRequestSeed>) -> Result<Vec<PullRequest>> {
    let format = "--format=%(refname) %(objectname) %(parent)";
    let references = git.ask_text(&["for-each-ref", format]).await?;
    let commits: HashMap<&str, Vec<&str>> = references
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, hashes)| (name, hashes.split(' ').collect()))
        .collect();
    // The commit itself, then its parents.
    let hash = |name: &str, position: usize| {
        let hash = commits.get(name).and_then(|hashes| hashes.get(position));
        hash.map(|&hash| hash.to_owned())
    };
    seeds
        .into_iter()
        .map(|seed| {
            let merge = format!("refs/sandbox/merge-{}", seed.id);
            let before_merge = hash(&merge, 1);
            let main = || hash("refs/heads/main", 0);
            let source_hash = hash(&seed.source, 0);
            Ok(PullRequest {
                source_hash: source_hash.with_context(|| format!("no {}", seed.source))?,
                destination_hash: before_merge.or_else(main).context("no main branch")?,
                merge_hash: hash(&merge, 0),
                seed,
            })
        })
        .collect()
}

impl Repository {
    pub(crate) fn uuid(&self) -> String {
        format!("{{{}}}", identifier::uuid("repository", &self.slug))
    }

    /// One that nobody may know of looks like one that does not exist.
    pub(crate) fn visible_to(&self, person: &Person) -> bool {
        !self.only_administrators || person.name == "admin"
    }

    pub(crate) fn full_name(&self) -> String {
        format!("{WORKSPACE}/{}", self.slug)
    }

    pub(crate) fn api_url(&self, base: &str) -> String {
        format!("{base}/2.0/repositories/{}", self.full_name())
    }

    pub(crate) fn html_url(&self) -> String {
        format!("https://bitbucket.org/{}", self.full_name())
    }

    /// The short form that other objects embed.
    pub(crate) fn embedded(&self, base: &str) -> Value {
        json!({
            "type": "repository",
            "name": self.slug,
            "full_name": self.full_name(),
            "uuid": self.uuid(),
            "links": {
                "self": {"href": self.api_url(base)},
                "html": {"href": self.html_url()},
                "avatar": {"href": format!("https://bytebucket.org/ravatar/{}?ts=default", encode_braces(&self.uuid()))},
            },
        })
    }

    pub(crate) fn json(&self, base: &str) -> Value {
        let api = self.api_url(base);
        let link = |name: &str| json!({"href": format!("{api}/{name}")});
        json!({
            "type": "repository",
            "name": self.slug,
            "slug": self.slug,
            "full_name": self.full_name(),
            "uuid": self.uuid(),
            "description": self.description,
            "language": self.language,
            "scm": "git",
            "is_private": true,
            "fork_policy": "no_public_forks",
            "has_issues": false,
            "has_wiki": false,
            "website": null,
            "parent": null,
            "size": 1_048_576,
            "created_on": clock::bitbucket_time((self.updated - 30 * seed::DAY) * 1000),
            "updated_on": clock::bitbucket_time(self.updated * 1000),
            "mainbranch": {"type": "branch", "name": "main"},
            "override_settings": {"default_merge_strategy": false, "branching_model": false},
            "owner": {
                "type": "team",
                "display_name": "Acme",
                "username": WORKSPACE,
                "uuid": super::people::workspace_uuid(),
            },
            "workspace": workspace_json(base),
            "project": {
                "type": "project",
                "key": "CORE",
                "name": "Core",
                "uuid": format!("{{{}}}", identifier::uuid("project", "CORE")),
                "links": {
                    "self": {"href": format!("{base}/2.0/workspaces/{WORKSPACE}/projects/CORE")},
                    "html": {"href": format!("https://bitbucket.org/{WORKSPACE}/workspace/projects/CORE")},
                },
            },
            "links": {
                "self": {"href": api},
                "html": {"href": self.html_url()},
                "avatar": {"href": format!("https://bytebucket.org/ravatar/{}?ts=default", encode_braces(&self.uuid()))},
                "pullrequests": link("pullrequests"),
                "commits": link("commits"),
                "branches": link("refs/branches"),
                "tags": link("refs/tags"),
                "source": link("src"),
                "forks": link("forks"),
                "watchers": link("watchers"),
                "hooks": link("hooks"),
                "downloads": link("downloads"),
                "clone": [
                    {"name": "https", "href": format!("https://bitbucket.org/{}.git", self.full_name())},
                    {"name": "ssh", "href": format!("git@ssh.bitbucket.org:{}.git", self.full_name())},
                ],
            },
        })
    }
}

/// The repository that a path names by slugs or UUIDs, when the caller may see it.
pub(crate) fn find<'a>(
    all: &'a [Repository],
    caller: &Person,
    workspace: &str,
    name: &str,
) -> Result<&'a Repository, Refusal> {
    if !is_workspace(workspace) {
        return Err(no_such_workspace(workspace));
    }
    all.iter()
        .find(|repository| repository.slug == name || repository.uuid() == name)
        .filter(|repository| repository.visible_to(caller))
        .ok_or_else(|| Refusal::page(caller))
}
