//! Bitbucket Cloud, REST 2.0.

mod branches;
pub mod pull_requests;
mod repositories;
pub mod source;
mod workspaces;

use super::operation::{Answer, Call, Field, Kind, NamedSource, Operation, Paging, Parameter, Rows, Scopes, Source};
use crate::{platform::http::Method, providers::BITBUCKET};

pub const AREAS: &[&[&Operation]] =
    &[workspaces::ALL, repositories::ALL, branches::ALL, pull_requests::ALL, source::ALL];

pub const WORKSPACE: Parameter = Parameter::required("workspace", "Workspace slug", Kind::Workspace, "acme");
pub const REPOSITORY: Parameter = Parameter::required("repository", "Repository slug", Kind::Slug, "backend");
pub const PULL_REQUEST: Parameter =
    Parameter::required("pull_request", "Pull request number", Kind::Integer { least: 1, most: i64::MAX }, "7");
const CURSOR: Parameter = Parameter::optional("cursor", "From the previous answer", Kind::Cursor, "");

const OF_REPOSITORY: &str = "{workspace}/{repository}";
const REPOSITORIES_ARE_LISTED: &str = "bitbucket_list_repositories lists the repositories you can see.";
const REPOSITORY_SCOPES: Scopes = Scopes { classic: &["repository"], granular: &["read:repository:bitbucket"] };

/// How many rows a page has; Bitbucket takes at most `most`.
const fn limit(most: i64) -> Parameter {
    Parameter::optional("limit", "Rows in this page", Kind::Integer { least: 1, most }, "10").or("25")
}

/// By what a list is narrowed.
const fn name(description: &'static str, example: &'static str) -> Parameter {
    Parameter::optional("name", description, Kind::Line { longest: 100 }, example)
}

const NAME_CONTAINS: NamedSource = NamedSource::of("q", Source::Contains { field: "name", argument: "name" });
const PAGE_LENGTH: NamedSource = NamedSource::argument("pagelen", "limit");
/// Bitbucket sends no more than what is kept.
const KEPT_FIELDS: NamedSource = NamedSource::of("fields", Source::KeptFields);

const fn get(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&BITBUCKET, Method::Get, path, scopes, answer)
}

const fn post(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&BITBUCKET, Method::Post, path, scopes, answer)
}

#[allow(dead_code, reason = "the language of this provider says more than its areas need yet")]
const fn put(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&BITBUCKET, Method::Put, path, scopes, answer)
}

#[allow(dead_code, reason = "the language of this provider says more than its areas need yet")]
const fn delete(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&BITBUCKET, Method::Delete, path, scopes, answer)
}

/// A list as Bitbucket has them all.
const fn rows(columns: &'static [Field], when_empty: &'static str) -> Rows {
    let paging = Paging::Link { next: "next", keep: &["page", "ctx"] };
    Rows::new("values", columns, when_empty).total("size").paging(paging)
}
