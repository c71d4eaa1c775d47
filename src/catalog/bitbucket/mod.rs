//! Bitbucket Cloud, REST 2.0.

pub mod branches;
pub mod pull_requests;
pub mod repositories;
pub mod source;
pub mod workspaces;

use super::operation::{Kind, Parameter, QueryParameter, Source};

pub const WORKSPACE: Parameter = Parameter::required("workspace", "Workspace slug", Kind::Workspace, "acme");
pub const REPOSITORY: Parameter = Parameter::required("repository", "Repository slug", Kind::Slug, "backend");
pub const PULL_REQUEST: Parameter =
    Parameter::required("pull_request", "Pull request number", Kind::Integer { least: 1, most: i64::MAX }, "7");
const CURSOR: Parameter = Parameter::optional("cursor", "From the previous answer", Kind::Cursor, "");

/// How many rows a page has; Bitbucket takes at most `most`.
const fn limit(most: i64) -> Parameter {
    Parameter::optional("limit", "Rows in this page", Kind::Integer { least: 1, most }, "10").or("25")
}

const PAGE_LENGTH: QueryParameter = QueryParameter::argument("pagelen", "limit");

/// Bitbucket sends no more than what is kept.
const KEPT_FIELDS: QueryParameter = QueryParameter { name: "fields", source: Source::KeptFields };
