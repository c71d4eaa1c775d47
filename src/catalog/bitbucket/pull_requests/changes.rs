//! What changed: in a pull request, in a commit, between two branches.

use super::{
    super::{CURSOR, KEPT_FIELDS, PULL_REQUEST, REPOSITORY, REPOSITORY_SCOPES, WORKSPACE, get, rows, source::resolve},
    ALL_ARE_LISTED, ITS_DIFF, ITS_DIFFSTAT, SCOPES, TARGET,
};
use crate::catalog::operation::{
    Answer, Call, Field, Kind, NamedSource, Operation, Parameter, Resource, Rows, Sensitivity, Variant, When,
};

pub const ALL: &[&Operation] = &[&GET_CHANGES, &GET_DIFF, &GET_PATCH, &FILES, &CHANGED_FILES, &CONFLICTS];

const OF: Parameter = Parameter::required("of", "Such as `#7`, `1a2b3c4`, `main..feature/x`", Kind::Changes, "#7");
const PATH: Parameter = Parameter::optional("path", "Only this file or folder", Kind::Path, "src/orders.rs");
const AT_PATH: NamedSource = NamedSource::argument("path", "path");
const OF_CHANGES: &str = "{workspace}/{repository} {of}";
const REFERENCES_ARE_LISTED: &str =
    "bitbucket_list_pull_requests and bitbucket_list_branches list what there is to compare.";

const PULL_REQUEST_CHANGES: &[When] = &[When::Contains { argument: "of", mark: "#", example: "#7" }];
const COMPARISON: &[When] = &[When::Contains { argument: "of", mark: "..", example: "main..feature/x" }];

const fn diff(path: &'static str) -> Call {
    get(path, REPOSITORY_SCOPES, Answer::Diff).query(&[AT_PATH]).when_missing(REFERENCES_ARE_LISTED)
}

static DIFF_OF_PULL_REQUEST: Call =
    get("/repositories/{workspace}/{repository}/pullrequests/{of.number}/diff", SCOPES, Answer::Diff)
        .query(&[AT_PATH])
        .when_missing(ALL_ARE_LISTED);
// Bitbucket names first what holds the changes, the other way round than Git.
static DIFF_OF_COMPARISON: Call =
    diff("/repositories/{workspace}/{repository}/diff/{of.head}..{of.base}").before(&[resolve("of")]);

pub static GET_CHANGES: Operation =
    Operation::read("bitbucket_get_diff", "Get a Bitbucket diff", "changes of pull requests")
        .description(
            "Show a unified diff: of a pull request, of a commit, or of `base..head` to compare branches or tags.",
        )
        .sensitivity(Sensitivity::Contents)
        .parameters(&[WORKSPACE, REPOSITORY, OF, PATH, CURSOR])
        .core()
        .target(OF_CHANGES)
        .call(diff("/repositories/{workspace}/{repository}/diff/{of}"))
        .variants(&[
            Variant::call(PULL_REQUEST_CHANGES, &DIFF_OF_PULL_REQUEST),
            Variant::call(COMPARISON, &DIFF_OF_COMPARISON),
        ]);

pub static GET_DIFF: Operation = Operation::read(
    "bitbucket_get_pull_request_diff",
    "Get a Bitbucket pull request's diff",
    "changes of pull requests",
)
.description(
    "Show what a pull request changes, as a unified diff; `path` limits it to one file, `cursor` continues a long one.",
)
.sensitivity(Sensitivity::Contents)
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, PATH, CURSOR])
.target(TARGET)
.call(get(ITS_DIFF, SCOPES, Answer::Diff).query(&[AT_PATH]).when_missing(ALL_ARE_LISTED));

const fn patch(path: &'static str) -> Call {
    get(path, REPOSITORY_SCOPES, Answer::Diff).when_missing(REFERENCES_ARE_LISTED)
}

static PATCH_OF_PULL_REQUEST: Call =
    get("/repositories/{workspace}/{repository}/pullrequests/{of.number}/patch", SCOPES, Answer::Diff)
        .when_missing(ALL_ARE_LISTED);
static PATCH_OF_COMPARISON: Call =
    patch("/repositories/{workspace}/{repository}/patch/{of.head}..{of.base}").before(&[resolve("of")]);

pub static GET_PATCH: Operation =
    Operation::read("bitbucket_get_patch", "Get a Bitbucket patch", "changes of pull requests")
        .description(
            "Show a patch for `git am`, commit by commit with messages: of a pull request, a commit, or `base..head`.",
        )
        .sensitivity(Sensitivity::Contents)
        .parameters(&[WORKSPACE, REPOSITORY, OF, CURSOR])
        .target(OF_CHANGES)
        .call(patch("/repositories/{workspace}/{repository}/patch/{of}"))
        .variants(&[
            Variant::call(PULL_REQUEST_CHANGES, &PATCH_OF_PULL_REQUEST),
            Variant::call(COMPARISON, &PATCH_OF_COMPARISON),
        ]);

const NO_FILES: &str = "No file is changed.";
pub const FILE_ROWS: Rows = rows(
    &[
        Field::label("change", &["status"]),
        Field::label("added", &["lines_added"]),
        Field::label("removed", &["lines_removed"]),
        Field::label("file", &["new.path", "old.path"]).first(),
    ],
    NO_FILES,
)
.about(Resource::File, &["new.path", "old.path"]);
const FILE_ROWS_WITH_OLD_NAMES: Rows = rows(
    &[
        Field::label("change", &["status"]),
        Field::label("added", &["lines_added"]),
        Field::label("removed", &["lines_removed"]),
        Field::label("file", &["new.path", "old.path"]).first(),
        Field::label("old path", &["old.path"]),
    ],
    NO_FILES,
)
.about(Resource::File, &["new.path", "old.path"]);

pub static FILES: Operation = Operation::read(
    "bitbucket_list_pull_request_files",
    "List the files of a Bitbucket pull request",
    "changes of pull requests",
)
.description("List the files that a pull request changes, with the lines added and removed (diffstat).")
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, CURSOR])
.target(TARGET)
.call(get(ITS_DIFFSTAT, SCOPES, Answer::Rows(FILE_ROWS_WITH_OLD_NAMES)).when_missing(ALL_ARE_LISTED));

const fn diffstat(path: &'static str) -> Call {
    get(path, REPOSITORY_SCOPES, Answer::Rows(FILE_ROWS_WITH_OLD_NAMES))
        .query(&[AT_PATH, KEPT_FIELDS])
        .when_missing(REFERENCES_ARE_LISTED)
}

static FILES_OF_PULL_REQUEST: Call = get(
    "/repositories/{workspace}/{repository}/pullrequests/{of.number}/diffstat",
    SCOPES,
    Answer::Rows(FILE_ROWS_WITH_OLD_NAMES),
)
.query(&[AT_PATH])
.when_missing(ALL_ARE_LISTED);
static FILES_OF_COMPARISON: Call =
    diffstat("/repositories/{workspace}/{repository}/diffstat/{of.head}..{of.base}").before(&[resolve("of")]);

const FILES_OF: &[Variant] =
    &[Variant::call(PULL_REQUEST_CHANGES, &FILES_OF_PULL_REQUEST), Variant::call(COMPARISON, &FILES_OF_COMPARISON)];

pub static CHANGED_FILES: Operation = Operation::read(
    "bitbucket_list_changed_files",
    "List changed Bitbucket files",
    "changes of pull requests",
)
.description(
    "Compare: list the files that a pull request, a commit or `base..head` changes, with lines added and removed.",
)
.parameters(&[WORKSPACE, REPOSITORY, OF, PATH, CURSOR])
.target(OF_CHANGES)
.call(diffstat("/repositories/{workspace}/{repository}/diffstat/{of}"))
.variants(FILES_OF);

const CONFLICT_ROWS: Rows = rows(
    &[Field::label("file", &["path"]), Field::label("scenario", &["scenario"]), Field::label("message", &["message"])],
    "No conflicts: it can be merged as far as Git is concerned.",
)
.about(Resource::File, &["path"]);

const ITS_CONFLICTS: Call = get(
    "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/conflicts",
    SCOPES,
    Answer::Rows(CONFLICT_ROWS),
)
.when_missing(ALL_ARE_LISTED);

pub static CONFLICTS: Operation = Operation::read(
    "bitbucket_list_pull_request_conflicts",
    "List the conflicts of a Bitbucket pull request",
    "changes of pull requests",
)
.description("List the files in which a pull request conflicts with its destination branch.")
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, CURSOR])
.target(TARGET)
.call(ITS_CONFLICTS);
