//! Pull requests, their diffs and comments.

use super::{
    CURSOR, KEPT_FIELDS, OF_REPOSITORY, PAGE_LENGTH, PULL_REQUEST, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE, get,
    limit, post, rows,
};
use crate::catalog::operation::{
    Answer, Binding, Body, Field, Find, Kind, Member, NamedSource, Operation, Parameter, Read, Rows, Scopes,
    Sensitivity, Source,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &GET_DIFF, &ADD_COMMENT];

// Reading and commenting need the same scope; approving and merging need more.
const SCOPES: Scopes = Scopes { classic: &["pullrequest"], granular: &["read:pullrequest:bitbucket"] };
const TARGET: &str = "{workspace}/{repository}#{pull_request}";
const THE_PULL_REQUEST: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}";
const ITS_DIFF: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/diff";
const ITS_COMMENTS: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/comments";
const ALL_ARE_LISTED: &str = "bitbucket_list_pull_requests with state ALL lists the pull requests that exist.";

const STATE: Parameter = Parameter::optional(
    "state",
    "Which ones",
    Kind::Choice(&["OPEN", "MERGED", "DECLINED", "SUPERSEDED", "ALL"]),
    "OPEN",
)
.or("OPEN");

const ROWS: Rows = rows(
    &[
        Field::label("id", &["id"]),
        Field::label("title", &["title"]),
        Field::person("author", &["author.display_name"]),
        Field::label("state", &["state"]),
        Field::label("draft", &["draft"]),
        Field::label("source", &["source.branch.name"]),
        Field::label("destination", &["destination.branch.name"]),
        Field::label("comments", &["comment_count"]),
        Field::moment("updated", &["updated_on"]),
    ],
    "No pull request in this state: state ALL shows those that are merged, declined or superseded.",
);

pub static LIST: Operation = Operation::read(
    "bitbucket_list_pull_requests",
    "List Bitbucket pull requests",
    "pull requests",
)
.description(
    "List the pull requests of a repository, most recently updated first; open ones unless `state` says otherwise.",
)
// Bitbucket refuses more than 50 here, where other lists take 100.
.parameters(&[WORKSPACE, REPOSITORY, STATE, limit(50), CURSOR])
.target(OF_REPOSITORY)
.call(
    get("/repositories/{workspace}/{repository}/pullrequests", SCOPES, Answer::Rows(ROWS))
        .query(&[
            NamedSource::of("state", Source::ChoiceOrAll("state")),
            NamedSource::fixed("sort", "-updated_on"),
            PAGE_LENGTH,
            KEPT_FIELDS,
        ])
        .when_missing(REPOSITORIES_ARE_LISTED),
);

const FIELDS: &[Field] = &[
    Field::label("id", &["id"]),
    Field::label("title", &["title"]),
    Field::label("state", &["state"]),
    Field::label("draft", &["draft"]),
    Field::person("author", &["author.display_name"]),
    Field::label("source", &["source.repository.full_name", "source.branch.name", "source.commit.hash"]),
    Field::label("destination", &["destination.branch.name", "destination.commit.hash"]),
    Field::label("merge commit", &["merge_commit.hash"]),
    Field::people("participants", &["participants.user.display_name", "participants.role", "participants.state"]),
    Field::label("comments", &["comment_count"]),
    Field::label("open tasks", &["task_count"]),
    Field::label("closes source branch", &["close_source_branch"]),
    Field::moment("created", &["created_on"]),
    Field::moment("updated", &["updated_on"]),
    Field::label("reason", &["reason"]),
    Field::link("link", &["links.html.href"]),
    Field::prose("description", &["description"]),
];

pub static GET: Operation = Operation::read("bitbucket_get_pull_request", "Get a Bitbucket pull request", "pull requests")
    .description("Show one pull request: state, author, branches and commits, participants and their verdicts, counts and description.")
    .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST])
    .core()
    .target(TARGET)
    .call(
        get(THE_PULL_REQUEST, SCOPES, Answer::Record(FIELDS)).query(&[KEPT_FIELDS]).when_missing(ALL_ARE_LISTED),
    );

const DIFF_PATH: Parameter = Parameter::optional("path", "Only this file", Kind::Path, "src/orders.rs");

pub static GET_DIFF: Operation = Operation::read(
    "bitbucket_get_pull_request_diff",
    "Get a Bitbucket pull request's diff",
    "changes of pull requests",
)
.description(
    "Show what a pull request changes, as a unified diff; `path` limits it to one file, `cursor` continues a long one.",
)
.sensitivity(Sensitivity::Contents)
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, DIFF_PATH, CURSOR])
.target(TARGET)
.call(get(ITS_DIFF, SCOPES, Answer::Diff).query(&[NamedSource::argument("path", "path")]).when_missing(ALL_ARE_LISTED));

/// The commit at the head of the pull request, to which an approval is bound.
static HEAD: Read = Read {
    path: THE_PULL_REQUEST,
    query: &[NamedSource::fixed("fields", "source.commit.hash")],
    finds: &[Find { field: Field::exact("head", &["source.commit.hash"]), kind: Kind::Commit }],
};

const TEXT: Parameter =
    Parameter::required("text", "The comment, in Markdown", Kind::Markdown { longest: 30_000 }, "Looks good to me.");
const COMMENT_PATH: Parameter = Parameter::optional("path", "File to comment on", Kind::Path, "src/orders.rs");
const LINE: Parameter = Parameter::optional(
    "line",
    "Line in the new version; Bitbucket does not check that the diff has it",
    Kind::Integer { least: 1, most: 10_000_000 },
    "12",
)
.needing("path");
const REPLY_TO: Parameter =
    Parameter::optional("reply_to", "Comment id to reply to", Kind::Integer { least: 1, most: i64::MAX }, "1");

const COMMENT: &[Field] = &[
    Field::label("comment", &["id"]),
    Field::label("file", &["inline.path"]),
    Field::label("line", &["inline.to"]),
    Field::label("reply to", &["parent.id"]),
    Field::moment("created", &["created_on"]),
    Field::link("link", &["links.html.href"]),
];

pub static ADD_COMMENT: Operation = Operation::write(
    "bitbucket_add_pull_request_comment",
    "Comment on a Bitbucket pull request",
    "comment on pull requests",
)
.description("Add a comment to a pull request in your name: to the whole, to a line of a file, or as a reply.")
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, TEXT, COMMENT_PATH, LINE, REPLY_TO])
.target(TARGET)
.bound_to(Binding { read: &HEAD, field: "head" })
.call(
    post(ITS_COMMENTS, SCOPES, Answer::Record(COMMENT))
        .body(Body::Json(&[
            Member::argument("content.raw", "text"),
            Member::argument("inline.path", "path"),
            Member::argument("inline.to", "line"),
            Member::argument("parent.id", "reply_to"),
        ]))
        .when_missing(ALL_ARE_LISTED)
        .when_unknown("compare the comment count with bitbucket_get_pull_request before repeating"),
);
