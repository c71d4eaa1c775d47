//! Comments on commits.

use super::{
    COMMENT, COMMENTER, COMMIT, CURSOR, KEPT_FIELDS, PAGE_LENGTH, REPOSITORY, REPOSITORY_SCOPES, TEXT, WORKSPACE,
    delete, get, limit, post, put, rows,
};
use crate::catalog::operation::{
    Answer, Blocks, Body, Call, Field, Kind, Member, NamedSource, Operation, Parameter, Rows,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &ADD, &UPDATE, &DELETE];

const TARGET: &str = "{workspace}/{repository}@{commit}";
const TARGET_OF_ONE: &str = "{workspace}/{repository}@{commit}, comment {comment}";
const COMMENTS: &str = "/repositories/{workspace}/{repository}/commit/{commit}/comments";
const THE_COMMENT: &str = "/repositories/{workspace}/{repository}/commit/{commit}/comments/{comment}";
const COMMITS_ARE_LISTED: &str = "bitbucket_list_commits lists the commits that there are.";
const ARE_LISTED: &str = "bitbucket_list_commit_comments lists the comments that there are.";
const LOOK: &str = "look with bitbucket_list_commit_comments whether it happened before repeating";

const COLUMNS: &[Field] = &[
    Field::label("comment", &["id"]),
    Field::person("by", &["user.display_name"]),
    Field::moment("at", &["created_on"]),
    Field::label("file", &["inline.path"]),
    Field::label("line", &["inline.to", "inline.from"]).first(),
    Field::label("reply to", &["parent.id"]),
    Field::flags("flags", &["deleted"]),
];
const ROWS: Rows = rows(COLUMNS, "Nobody has commented on this commit.");
const BODY: &[Field] = &[Field::prose("text", &["content.raw"])];

pub static LIST: Operation =
    Operation::read("bitbucket_list_commit_comments", "List comments on a Bitbucket commit", "commits")
        .description("List the comments on a commit, oldest first, with the file and line of those that have one.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, limit(100), CURSOR])
        .target(TARGET)
        .call(
            get(COMMENTS, REPOSITORY_SCOPES, Answer::Blocks(Blocks { rows: ROWS, texts: BODY }))
                .query(&[NamedSource::fixed("sort", "created_on"), PAGE_LENGTH, KEPT_FIELDS])
                .by(COMMENTER)
                .when_missing(COMMITS_ARE_LISTED),
        );

const FIELDS: &[Field] = &[
    Field::label("comment", &["id"]),
    Field::person("by", &["user.display_name"]),
    Field::moment("created", &["created_on"]),
    Field::moment("updated", &["updated_on"]),
    Field::label("file", &["inline.path"]),
    Field::label("line", &["inline.to", "inline.from"]).first(),
    Field::label("reply to", &["parent.id"]),
    Field::flags("flags", &["deleted"]),
    Field::link("link", &["links.html.href"]),
    Field::prose("text", &["content.raw"]),
];

pub static GET: Operation =
    Operation::read("bitbucket_get_commit_comment", "Get a comment on a Bitbucket commit", "commits")
        .description("Show one comment on a commit.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, COMMENT])
        .target(TARGET_OF_ONE)
        .call(
            get(THE_COMMENT, REPOSITORY_SCOPES, Answer::Record(FIELDS))
                .query(&[KEPT_FIELDS])
                .by(COMMENTER)
                .when_missing(ARE_LISTED),
        );

const PATH: Parameter = Parameter::optional("path", "File to comment on", Kind::Path, "src/orders.rs");
const LINE: Parameter =
    Parameter::optional("line", "Line in the new version", Kind::Integer { least: 1, most: 10_000_000 }, "12")
        .needing("path");
const REPLY_TO: Parameter =
    Parameter::optional("reply_to", "Comment id to reply to", Kind::Integer { least: 1, most: i64::MAX }, "5");

pub static ADD: Operation =
    Operation::write("bitbucket_add_commit_comment", "Comment on a Bitbucket commit", "comment on and approve commits")
        .description("Comment on a commit in your name: on the whole, on a line of a file, or as a reply.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, TEXT, PATH, LINE, REPLY_TO])
        .target(TARGET)
        .call(
            post(COMMENTS, REPOSITORY_SCOPES, Answer::Record(FIELDS))
                .by(COMMENTER)
                .body(Body::Json(WRITTEN))
                .when_missing(COMMITS_ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("bitbucket_delete_commit_comment", &[("comment", "id")]),
        );
const WRITTEN: &[Member] = &[
    Member::argument("content.raw", "text"),
    Member::argument("inline.path", "path"),
    Member::argument("inline.to", "line"),
    Member::argument("parent.id", "reply_to"),
];

const CHANGE: Call = put(THE_COMMENT, REPOSITORY_SCOPES, Answer::Record(FIELDS)).by(COMMENTER);
pub static UPDATE: Operation = Operation::write(
    "bitbucket_update_commit_comment",
    "Edit a comment on a Bitbucket commit",
    "comment on and approve commits",
)
.description("Replace the text of a comment of yours on a commit.")
.parameters(&[WORKSPACE, REPOSITORY, COMMIT, COMMENT, TEXT])
.target(TARGET_OF_ONE)
.call(CHANGE.body(Body::Json(&[Member::argument("content.raw", "text")])).when_missing(ARE_LISTED).when_unknown(LOOK));

pub static DELETE: Operation = Operation::destroy(
    "bitbucket_delete_commit_comment",
    "Delete a comment on a Bitbucket commit",
    "comments on commits",
)
.description("Delete a comment of yours on a commit; replies to it stay.")
.parameters(&[WORKSPACE, REPOSITORY, COMMIT, COMMENT])
.target(TARGET_OF_ONE)
.call(
    delete(THE_COMMENT, REPOSITORY_SCOPES, Answer::Done("deleted comment {comment} on commit {commit}"))
        .when_missing(ARE_LISTED)
        .when_unknown(LOOK),
);
