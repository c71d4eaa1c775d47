//! Branches, and branches together with tags.

use super::{
    CURSOR, KEPT_FIELDS, NAME_CONTAINS, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY,
    REPOSITORY_SCOPES, WORKSPACE, WRITE_AND_READ_SCOPES, WRITE_SCOPES, delete, get, limit, name, post, rows,
};
use crate::catalog::operation::{
    Answer, Body, Field, Find, Kind, Member, NamedSource, Operation, Parameter, Read, Rows, Sensitivity,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &CREATE, &DELETE, &LIST_REFERENCES];

const BRANCH: Parameter = Parameter::required("branch", "Branch name", Kind::Reference, "feature/login");
const TARGET: &str = "{workspace}/{repository}@{branch}";
const THE_BRANCH: &str = "/repositories/{workspace}/{repository}/refs/branches/{branch}";
const BRANCHES_ARE_LISTED: &str = "bitbucket_list_branches lists the branches that there are.";

const ROWS: Rows = rows(
    &[
        Field::label("branch", &["name"]),
        Field::hash("commit", &["target.hash"]),
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
    .target(OF_REPOSITORY)
    .call(
        get("/repositories/{workspace}/{repository}/refs/branches", REPOSITORY_SCOPES, Answer::Rows(ROWS))
            .query(&[NAME_CONTAINS, NamedSource::fixed("sort", "-target.date"), PAGE_LENGTH, KEPT_FIELDS])
            .when_missing(REPOSITORIES_ARE_LISTED),
    );

const FIELDS: &[Field] = &[
    Field::label("branch", &["name"]),
    Field::hash("commit", &["target.hash"]),
    Field::moment("committed", &["target.date"]),
    Field::person("author", &["target.author.user.display_name", "target.author.raw"]),
    Field::label("merge strategies", &["merge_strategies"]),
    Field::label("default strategy", &["default_merge_strategy"]),
    Field::link("link", &["links.html.href"]),
    Field::prose("message", &["target.message"]),
];

pub static GET: Operation = Operation::read("bitbucket_get_branch", "Get a Bitbucket branch", "branches")
    .description("Show one branch: the commit at its head, with author and message, and how it may be merged into.")
    .parameters(&[WORKSPACE, REPOSITORY, BRANCH])
    .target(TARGET)
    .call(
        get(THE_BRANCH, REPOSITORY_SCOPES, Answer::Record(FIELDS))
            .query(&[KEPT_FIELDS])
            .when_missing(BRANCHES_ARE_LISTED),
    );

const FROM: Parameter = Parameter::required("from", "Commit, branch or tag to begin at", Kind::Reference, "main");

pub static CREATE: Operation =
    Operation::write("bitbucket_create_branch", "Create a Bitbucket branch", "create branches and tags")
        .description("Create a branch at a commit or at the head of another branch.")
        .parameters(&[WORKSPACE, REPOSITORY, BRANCH, FROM])
        .target(TARGET)
        .call(
            post("/repositories/{workspace}/{repository}/refs/branches", WRITE_AND_READ_SCOPES, Answer::Record(FIELDS))
                .body(Body::Json(&[Member::argument("name", "branch"), Member::argument("target.hash", "from")]))
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown("look with bitbucket_get_branch whether the branch is there before repeating")
                .undone_by("bitbucket_delete_branch", &[]),
        );

/// The commit at the tip of the branch.
static TIP: Read = Read {
    path: THE_BRANCH,
    query: &[NamedSource::fixed("fields", "target.hash")],
    finds: &[Find { field: Field::exact("tip", &["target.hash"]), kind: Kind::Commit }],
};

pub static DELETE: Operation =
    Operation::destroy("bitbucket_delete_branch", "Delete a Bitbucket branch", "branches or tags")
        .description("Delete a branch; commits that only it holds are lost with it.")
        .parameters(&[WORKSPACE, REPOSITORY, BRANCH])
        .target(TARGET)
        .bound_to(&TIP)
        .call(
            delete(THE_BRANCH, WRITE_SCOPES, Answer::Done("deleted branch {branch} of {workspace}/{repository}"))
                .when_missing(BRANCHES_ARE_LISTED)
                .when_unknown("look with bitbucket_get_branch whether the branch is still there before repeating"),
        );

const REFERENCES: Rows = rows(
    &[
        Field::label("name", &["name"]),
        Field::label("type", &["type"]),
        Field::hash("commit", &["target.hash"]),
        Field::moment("committed", &["target.date"]),
    ],
    "No branch or tag here whose name contains this: leave `name` out to see all.",
);

pub static LIST_REFERENCES: Operation =
    Operation::read("bitbucket_list_refs", "List Bitbucket branches and tags", "branches")
        .description("List the branches and tags of a repository together, those with the newest commits first.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, REPOSITORY, name("Only names that contain this", "1.2"), limit(100), CURSOR])
        .target(OF_REPOSITORY)
        .call(
            get("/repositories/{workspace}/{repository}/refs", REPOSITORY_SCOPES, Answer::Rows(REFERENCES))
                .query(&[NAME_CONTAINS, NamedSource::fixed("sort", "-target.date"), PAGE_LENGTH, KEPT_FIELDS])
                .when_missing(REPOSITORIES_ARE_LISTED),
        );
