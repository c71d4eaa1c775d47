//! Two branches, tags or commits side by side.

use super::{
    CURSOR, KEPT_FIELDS, PAGE_LENGTH, REPOSITORY, REPOSITORY_SCOPES, WORKSPACE, commits, get, limit, rows, source,
};
use crate::catalog::operation::{Answer, Field, Kind, NamedSource, Operation, Parameter, Resource, Rows, Step};

pub const ALL: &[&Operation] = &[&COMPARE, &GET_MERGE_BASE, &LIST_CONFLICTS];

const BASE: Parameter = Parameter::required("base", "Branch, tag or commit to compare with", Kind::Reference, "main");
const HEAD: Parameter = Parameter::required("head", "The one with the changes", Kind::Reference, "feature/login");
const PATH: Parameter = Parameter::optional("path", "Only this file or directory", Kind::Path, "src/orders.rs");
const THE_MERGE_BASE: &str = "/repositories/{workspace}/{repository}/merge-base/{base}..{head}";
const THE_CONFLICTS: &str = "/repositories/{workspace}/{repository}/file-conflicts/{head}..{base}";
const TARGET: &str = "{workspace}/{repository} {base}..{head}";
const BOTH: &[Step] = &[source::resolve("base"), source::resolve("head")];
const ARE_LISTED: &str = "bitbucket_list_branches lists the branches and bitbucket_list_tags the tags that there are.";

const FILES: Rows = rows(
    &[
        Field::label("status", &["status"]),
        Field::label("file", &["new.path", "old.path"]).first(),
        Field::label("added", &["lines_added"]),
        Field::label("removed", &["lines_removed"]),
        Field::label("before", &["old.path"]),
    ],
    "Nothing differs: `head` holds no change that `base` has not. Exchange the two to see the other side.",
)
.about(Resource::File, &["new.path", "old.path"]);

const SINCE_THEY_PARTED: NamedSource = NamedSource::fixed("topic", "true");

pub static COMPARE: Operation = Operation::read("bitbucket_compare", "Compare Bitbucket branches", "commits")
    .description("Compare branches, tags or commits: which files `head` changes since `base`, and by how many lines.")
    .parameters(&[WORKSPACE, REPOSITORY, BASE, HEAD, PATH, limit(100), CURSOR])
    .target(TARGET)
    .call(
        // Bitbucket names the side with the changes first, as git does not.
        get("/repositories/{workspace}/{repository}/diffstat/{head}..{base}", REPOSITORY_SCOPES, Answer::Rows(FILES))
            .query(&[SINCE_THEY_PARTED, NamedSource::argument("path", "path"), PAGE_LENGTH, KEPT_FIELDS])
            .before(BOTH)
            .when_missing(ARE_LISTED),
    );

pub static GET_MERGE_BASE: Operation =
    Operation::read("bitbucket_get_merge_base", "Get the merge base of Bitbucket branches", "commits")
        .description("Show the last commit that two branches, tags or commits have in common: their common ancestor.")
        .parameters(&[WORKSPACE, REPOSITORY, BASE, HEAD])
        .target(TARGET)
        .call(
            get(THE_MERGE_BASE, REPOSITORY_SCOPES, Answer::Record(commits::FIELDS))
                .query(&[KEPT_FIELDS])
                .before(BOTH)
                .when_missing(ARE_LISTED),
        );

const CONFLICTS: Rows = rows(
    &[Field::label("file", &["path"]), Field::label("conflict", &["scenario"]), Field::label("message", &["message"])],
    "No conflict: `head` can be merged into `base`.",
)
.about(Resource::File, &["path"]);

pub static LIST_CONFLICTS: Operation =
    Operation::read("bitbucket_list_conflicts", "List conflicts of Bitbucket branches", "commits")
        .description("List the files that conflict when `head` is merged into `base`, without a pull request.")
        .parameters(&[WORKSPACE, REPOSITORY, BASE, HEAD, limit(100), CURSOR])
        .target(TARGET)
        .call(
            get(THE_CONFLICTS, REPOSITORY_SCOPES, Answer::Rows(CONFLICTS))
                .query(&[PAGE_LENGTH, KEPT_FIELDS])
                .before(BOTH)
                .when_missing(ARE_LISTED),
        );
