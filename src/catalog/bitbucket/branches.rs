//! Branches.

use super::{
    CURSOR, KEPT_FIELDS, NAME_CONTAINS, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY,
    REPOSITORY_SCOPES, WORKSPACE, get, limit, name, rows,
};
use crate::catalog::operation::{Answer, Field, NamedSource, Operation, Rows, Sensitivity};

pub const ALL: &[&Operation] = &[&LIST];

const ROWS: Rows = rows(
    &[
        Field::label("branch", &["name"]),
        Field::label("commit", &["target.hash"]),
        Field::moment("committed", &["target.date"]),
        Field::person("author", &["target.author.user.display_name", "target.author.raw"]),
    ],
    "No branch here whose name contains this: leave `name` out to see all.",
)
.values("ref", "branch");

pub static LIST: Operation = Operation::read("bitbucket_list_branches", "List Bitbucket branches", "branches")
    .description("List the branches of a repository, those with the newest commits first.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[WORKSPACE, REPOSITORY, name("Only branches whose name contains this", "feature"), limit(100), CURSOR])
    .core()
    .target(OF_REPOSITORY)
    .call(
        get("/repositories/{workspace}/{repository}/refs/branches", REPOSITORY_SCOPES, Answer::Rows(ROWS))
            .query(&[NAME_CONTAINS, NamedSource::fixed("sort", "-target.date"), PAGE_LENGTH, KEPT_FIELDS])
            .when_missing(REPOSITORIES_ARE_LISTED),
    );
