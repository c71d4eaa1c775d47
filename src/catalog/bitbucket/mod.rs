//! Bitbucket Cloud, REST 2.0.

pub mod areas;
mod branch_restrictions;
mod branches;
mod branching_models;
mod code_insights;
mod commit_comments;
mod commit_statuses;
mod commits;
mod compare;
mod default_reviewers;
mod deploy_keys;
mod deployments;
mod downloads;
mod hooks;
mod known_hosts;
mod permissions;
mod pipeline_schedules;
mod pipeline_settings;
mod pipeline_steps;
mod pipeline_variables;
mod pipelines;
pub mod presets;
mod projects;
pub mod pull_requests;
mod repositories;
mod repository_administration;
mod runners;
mod search;
mod snippet_comments;
mod snippets;
pub mod source;
mod tags;
mod user;
mod user_keys;
mod workspaces;

use super::{
    lookup::{Lookup, MissingFact},
    named::NamedKind,
    operation::{Answer, Call, Field, Kind, NamedSource, Operation, Paging, Parameter, Rows, Scopes, Source},
};
use crate::{platform::http::Method, providers::BITBUCKET};

/// Of an argument that names a thing, the operation that shows it, the most particular first.
pub const SHOWN_BY: &[(&str, &Operation)] = &[
    ("pull_request", &pull_requests::record::GET),
    ("pipeline", &pipelines::GET),
    ("branch", &branches::GET),
    ("tag", &tags::GET),
    ("repository", &repositories::GET),
];

/// Where it shows what an access policy names.
pub const NAMED: &[NamedKind] = &[
    NamedKind {
        provider: &BITBUCKET,
        kind: "repository",
        path: "repositories/{workspace}/{repository}?fields=slug",
        list: None,
    },
    NamedKind {
        provider: &BITBUCKET,
        kind: "project",
        path: "workspaces/{workspace}/projects/{project}?fields=key",
        list: None,
    },
    NamedKind { provider: &BITBUCKET, kind: "workspace", path: "workspaces/{workspace}?fields=slug", list: None },
];

/// What tells of a call what its arguments do not say.
pub const LOOKUPS: &[Lookup] = &[
    Lookup {
        provider: &BITBUCKET,
        tells: MissingFact::Branch,
        of: "pull_request",
        unless: None,
        made_by: "",
        read: &pull_requests::DESTINATION,
    },
    Lookup {
        provider: &BITBUCKET,
        tells: MissingFact::FailingChecks,
        of: "pull_request",
        unless: None,
        made_by: "",
        read: &pull_requests::FAILING_CHECKS,
    },
    Lookup {
        provider: &BITBUCKET,
        tells: MissingFact::Project,
        of: "repository",
        unless: None,
        made_by: "bitbucket_create_repository",
        read: &repositories::ITS_PROJECT,
    },
    // A pull request that is opened without a destination goes into the main branch.
    Lookup {
        provider: &BITBUCKET,
        tells: MissingFact::Branch,
        of: "source",
        unless: Some("destination"),
        made_by: "",
        read: &repositories::MAIN_BRANCH,
    },
];

pub const AREAS: &[&[&Operation]] = &[
    workspaces::ALL,
    repositories::ALL,
    branches::ALL,
    pull_requests::list::ALL,
    pull_requests::record::ALL,
    pull_requests::changes::ALL,
    pull_requests::activity::ALL,
    pull_requests::comments::ALL,
    pull_requests::tasks::ALL,
    pull_requests::life::ALL,
    pull_requests::review::ALL,
    source::ALL,
    tags::ALL,
    commits::ALL,
    commit_comments::ALL,
    compare::ALL,
    search::ALL,
    projects::ALL,
    repository_administration::ALL,
    branch_restrictions::ALL,
    branching_models::ALL,
    default_reviewers::ALL,
    deploy_keys::ALL,
    permissions::ALL,
    hooks::ALL,
    downloads::ALL,
    snippets::ALL,
    snippet_comments::ALL,
    user::ALL,
    user_keys::ALL,
    pipelines::ALL,
    pipeline_steps::ALL,
    pipeline_settings::ALL,
    pipeline_variables::ALL,
    pipeline_schedules::ALL,
    known_hosts::ALL,
    runners::ALL,
    deployments::ALL,
    commit_statuses::ALL,
    code_insights::ALL,
];

pub const WORKSPACE: Parameter = Parameter::required("workspace", "Workspace slug", Kind::Workspace, "acme");
pub const REPOSITORY: Parameter = Parameter::required("repository", "Repository slug", Kind::Slug, "backend");
pub const PULL_REQUEST: Parameter =
    Parameter::required("pull_request", "Number", Kind::Integer { least: 1, most: i64::MAX }, "7");
const PROJECT: Parameter = Parameter::required("project", "Project key", Kind::Slug, "ENG");
const COMMIT: Parameter = Parameter::required("commit", "Commit hash", Kind::Commit, "1a2b3c4d");
const COMMENT: Parameter =
    Parameter::required("comment", "Comment id", Kind::Integer { least: 1, most: i64::MAX }, "5");
/// A person as Bitbucket's paths take one.
const USER: Parameter =
    Parameter::required("user", "Account id or UUID", Kind::Key, "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}");
const TEXT: Parameter =
    Parameter::required("text", "The comment, in Markdown", Kind::Markdown { longest: 30_000 }, "Looks good to me.");
const PRIVATE: Parameter = Parameter::optional("private", "Whether only members see it", Kind::Boolean, "true");
const CURSOR: Parameter = Parameter::optional("cursor", "From the previous answer", Kind::Cursor, "");

const OF_REPOSITORY: &str = "{workspace}/{repository}";
const REPOSITORIES_ARE_LISTED: &str = "bitbucket_list_repositories lists the repositories you can see.";
const REPOSITORY_SCOPES: Scopes = Scopes { classic: &["repository"], granular: &["read:repository:bitbucket"] };
const WRITE_SCOPES: Scopes = Scopes { classic: &["repository:write"], granular: &["write:repository:bitbucket"] };
/// Of what writes to a repository and answers with what it wrote.
const WRITE_AND_READ_SCOPES: Scopes =
    Scopes { classic: &["repository:write"], granular: &["write:repository:bitbucket", "read:repository:bitbucket"] };
const ADMIN_SCOPES: Scopes = Scopes { classic: &["repository:admin"], granular: &["admin:repository:bitbucket"] };
const PROJECT_ADMIN_SCOPES: Scopes = Scopes { classic: &["project:admin"], granular: &["admin:project:bitbucket"] };
const OF_PROJECT: &str = "{workspace}/{project}";
const PROJECTS_ARE_LISTED: &str = "bitbucket_list_projects lists the projects of the workspace.";
const MEMBERS_ARE_LISTED: &str = "bitbucket_list_workspace_members lists the people of the workspace with their ids.";

/// How many rows a page has; Bitbucket takes at most `most`.
const fn limit(most: i64) -> Parameter {
    Parameter::optional("limit", "Rows", Kind::Integer { least: 1, most }, "10").or("25")
}

/// By what a list is narrowed.
const fn name(description: &'static str, example: &'static str) -> Parameter {
    Parameter::optional("name", description, Kind::Line { longest: 100 }, example)
}

/// One line of text that a thing is called or described by.
const fn line(name: &'static str, description: &'static str, longest: usize, example: &'static str) -> Parameter {
    Parameter::optional(name, description, Kind::Line { longest }, example)
}

/// Bitbucket's query with the argument, as a text in quotes, between these.
const fn query(before: &'static str, argument: &'static str, after: &'static str) -> NamedSource {
    NamedSource::of("q", Source::Quoted { before, argument, after })
}

const NAME_CONTAINS: NamedSource = query("name ~ ", "name", "");
const PAGE_LENGTH: NamedSource = NamedSource::argument("pagelen", "limit");
/// Bitbucket sends no more than what is kept.
/// Who alone wrote a comment: nobody else edits it.
const COMMENTER: &[&str] = &["user.account_id"];
const KEPT_FIELDS: NamedSource = NamedSource::of("fields", Source::KeptFields);

const fn get(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&BITBUCKET, Method::Get, path, scopes, answer)
}

const fn post(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&BITBUCKET, Method::Post, path, scopes, answer)
}

const fn put(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&BITBUCKET, Method::Put, path, scopes, answer)
}

const fn delete(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&BITBUCKET, Method::Delete, path, scopes, answer)
}

/// A list as Bitbucket has them all.
const fn rows(columns: &'static [Field], when_empty: &'static str) -> Rows {
    let paging = Paging::Link { next: "next", keep: &["page", "ctx"] };
    Rows::new("values", columns, when_empty).total("size").paging(paging)
}

/// A list of the pipelines' part of the API, whose answers do not all link to the next page.
const fn pages(columns: &'static [Field], when_empty: &'static str) -> Rows {
    Rows::new("values", columns, when_empty).total("size").paging(Paging::Page { parameter: "page", limit: "limit" })
}
