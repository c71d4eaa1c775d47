//! What happened to a pull request, its commits, builds and merge checks.

use super::{
    super::{
        CURSOR, KEPT_FIELDS, OF_REPOSITORY, PAGE_LENGTH, PULL_REQUEST, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE,
        get, limit, rows,
    },
    ALL_ARE_LISTED, ITS_ACTIVITY, ITS_CHECKS, ITS_COMMITS, ITS_STATUSES, SCOPES, TARGET,
};
use crate::catalog::operation::{Answer, Field, NamedSource, Operation, Rows};

pub const ALL: &[&Operation] = &[&LIST, &LIST_OF_REPOSITORY, &COMMITS, &STATUSES, &CHECKS];

// Bitbucket gives no longer page of activity.
pub const LONGEST_PAGE: NamedSource = NamedSource::fixed("pagelen", "50");

const WHEN: Field =
    Field::moment("when", &["update.date", "approval.date", "changes_requested.date", "comment.created_on"]).first();
const WHO: Field = Field::person(
    "who",
    &[
        "update.author.display_name",
        "approval.user.display_name",
        "changes_requested.user.display_name",
        "comment.user.display_name",
    ],
);
const STATE: Field = Field::label("state", &["update.state"]);
const COMMIT: Field = Field::hash("commit", &["update.source.commit.hash"]);
const APPROVED: Field = Field::moment("approved", &["approval.date"]);
const REQUESTED: Field = Field::moment("changes requested", &["changes_requested.date"]);
const COMMENT: Field = Field::label("comment", &["comment.id"]);

pub const ROWS: Rows =
    rows(&[WHEN, WHO, STATE, COMMIT, APPROVED, REQUESTED, COMMENT], "Nothing has happened to this pull request yet.");
const ROWS_OF_ALL: Rows = rows(
    &[Field::label("id", &["pull_request.id"]), WHEN, WHO, STATE, COMMIT, APPROVED, REQUESTED, COMMENT],
    "Nothing has happened to any pull request yet.",
);

pub static LIST: Operation = Operation::read(
    "bitbucket_list_pull_request_activity",
    "List the activity of a Bitbucket pull request",
    "pull requests",
)
.description("List what happened to a pull request, newest first: updates with their commit, approvals, changes requested, comments.")
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, limit(50), CURSOR])
.target(TARGET)
.call(get(ITS_ACTIVITY, SCOPES, Answer::Rows(ROWS)).query(&[PAGE_LENGTH, KEPT_FIELDS]).when_missing(ALL_ARE_LISTED));

pub static LIST_OF_REPOSITORY: Operation = Operation::read(
    "bitbucket_list_pull_requests_activity",
    "List the activity of all Bitbucket pull requests",
    "pull requests",
)
.description("List what happened to all pull requests of a repository, newest first: what a team did.")
.parameters(&[WORKSPACE, REPOSITORY, limit(50), CURSOR])
.target(OF_REPOSITORY)
.call(
    get("/repositories/{workspace}/{repository}/pullrequests/activity", SCOPES, Answer::Rows(ROWS_OF_ALL))
        .query(&[PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(REPOSITORIES_ARE_LISTED),
);

pub const COMMIT_ROWS: Rows = rows(
    &[
        Field::hash("commit", &["hash"]),
        Field::moment("committed", &["date"]),
        Field::person("author", &["author.user.display_name", "author.raw"]),
        Field::label("message", &["message"]),
    ],
    "No commits.",
);

pub static COMMITS: Operation = Operation::read(
    "bitbucket_list_pull_request_commits",
    "List the commits of a Bitbucket pull request",
    "pull requests",
)
.description("List the commits that a pull request brings, newest first.")
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, limit(100), CURSOR])
.target(TARGET)
.call(
    get(ITS_COMMITS, SCOPES, Answer::Rows(COMMIT_ROWS)).query(&[PAGE_LENGTH, KEPT_FIELDS]).when_missing(ALL_ARE_LISTED),
);

pub const STATUS_ROWS: Rows = rows(
    &[
        Field::label("state", &["state"]),
        Field::label("build", &["name", "key"]).first(),
        Field::label("description", &["description"]),
        Field::link("link", &["url"]),
    ],
    "No build has reported on this pull request.",
);

pub static STATUSES: Operation = Operation::read(
    "bitbucket_list_pull_request_statuses",
    "List the builds of a Bitbucket pull request",
    "pull requests",
)
.description("List the commit statuses of a pull request: which builds and checks passed, failed or run.")
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, limit(100), CURSOR])
.target(TARGET)
.call(
    get(ITS_STATUSES, SCOPES, Answer::Rows(STATUS_ROWS))
        .query(&[PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(ALL_ARE_LISTED),
);

pub const CHECK_ROWS: Rows = Rows::new(
    "values",
    &[
        Field::label("check", &["type"]),
        Field::label("status", &["status"]),
        Field::flags("demands", &["required", "blocking"]),
        Field::label("reason", &["reason"]),
    ],
    "No merge checks.",
)
.total("size");

pub static CHECKS: Operation = Operation::read(
    "bitbucket_list_merge_checks",
    "List the merge checks of a Bitbucket pull request",
    "pull requests",
)
.description("List the merge checks of a pull request: whether it can be merged, and what stands in the way.")
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, CURSOR])
.target(TARGET)
.call(get(ITS_CHECKS, SCOPES, Answer::Rows(CHECK_ROWS)).when_missing(ALL_ARE_LISTED));
