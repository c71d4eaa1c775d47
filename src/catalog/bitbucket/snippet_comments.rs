//! Comments on snippets.

use super::{
    COMMENT, COMMENTER, CURSOR, KEPT_FIELDS, PAGE_LENGTH, TEXT, WORKSPACE, delete, get, limit, post, put, rows,
    snippets::{ARE_LISTED as SNIPPETS_ARE_LISTED, READ, SNIPPET, TARGET},
};
use crate::catalog::operation::{
    Answer, Blocks, Body, Field, Kind, Member, NamedSource, Operation, Parameter, Rows, Scopes,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &ADD, &UPDATE, &DELETE];

// Commenting needs no more than reading where scopes are classic ones.
const WRITE: Scopes =
    Scopes { classic: &["snippet"], granular: &["read:snippet:bitbucket", "write:snippet:bitbucket"] };
const TAKE_AWAY: Scopes = Scopes { classic: &["snippet"], granular: &["write:snippet:bitbucket"] };
const TARGET_OF_ONE: &str = "{workspace}, snippet {snippet}, comment {comment}";
const COMMENTS: &str = "/snippets/{workspace}/{snippet}/comments";
const THE_COMMENT: &str = "/snippets/{workspace}/{snippet}/comments/{comment}";
const ARE_LISTED: &str = "bitbucket_list_snippet_comments lists the comments that there are.";
const LOOK: &str = "look with bitbucket_list_snippet_comments whether it happened before repeating";

const COLUMNS: &[Field] = &[
    Field::label("comment", &["id"]),
    Field::person("by", &["user.display_name"]),
    Field::moment("at", &["created_on"]),
    Field::label("reply to", &["parent.id"]),
    Field::flags("flags", &["deleted"]),
];
const ROWS: Rows = rows(COLUMNS, "Nobody has commented on this snippet.");
const BODY: &[Field] = &[Field::prose("text", &["content.raw"])];

pub static LIST: Operation =
    Operation::read("bitbucket_list_snippet_comments", "List comments on a Bitbucket snippet", "snippets")
        .description("List the comments on a snippet, oldest first.")
        .parameters(&[WORKSPACE, SNIPPET, limit(100), CURSOR])
        .target(TARGET)
        .call(
            get(COMMENTS, READ, Answer::Blocks(Blocks { rows: ROWS, texts: BODY }))
                .query(&[NamedSource::fixed("sort", "created_on"), PAGE_LENGTH, KEPT_FIELDS])
                .by(COMMENTER)
                .when_missing(SNIPPETS_ARE_LISTED),
        );

const FIELDS: &[Field] = &[
    Field::label("comment", &["id"]),
    Field::person("by", &["user.display_name"]),
    Field::moment("created", &["created_on"]),
    Field::label("reply to", &["parent.id"]),
    Field::flags("flags", &["deleted"]),
    Field::label("snippet", &["snippet.title"]),
    Field::link("link", &["links.html.href"]),
    Field::prose("text", &["content.raw"]),
];

pub static GET: Operation =
    Operation::read("bitbucket_get_snippet_comment", "Get a comment on a Bitbucket snippet", "snippets")
        .description("Show one comment on a snippet.")
        .parameters(&[WORKSPACE, SNIPPET, COMMENT])
        .target(TARGET_OF_ONE)
        .call(get(THE_COMMENT, READ, Answer::Record(FIELDS)).query(&[KEPT_FIELDS]).when_missing(ARE_LISTED));

const REPLY_TO: Parameter =
    Parameter::optional("reply_to", "Comment id to reply to", Kind::Integer { least: 1, most: i64::MAX }, "5");

pub static ADD: Operation =
    Operation::write("bitbucket_add_snippet_comment", "Comment on a Bitbucket snippet", "write snippets")
        .description("Comment on a snippet in your name, or reply to a comment on it.")
        .parameters(&[WORKSPACE, SNIPPET, TEXT, REPLY_TO])
        .target(TARGET)
        .call(
            post(COMMENTS, WRITE, Answer::Record(FIELDS))
                .body(Body::Json(&[Member::argument("content.raw", "text"), Member::argument("parent.id", "reply_to")]))
                .when_missing(SNIPPETS_ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("bitbucket_delete_snippet_comment", &[("comment", "id")]),
        );

pub static UPDATE: Operation =
    Operation::write("bitbucket_update_snippet_comment", "Edit a comment on a Bitbucket snippet", "write snippets")
        .description("Replace the text of a comment of yours on a snippet.")
        .parameters(&[WORKSPACE, SNIPPET, COMMENT, TEXT])
        .target(TARGET_OF_ONE)
        .call(
            put(THE_COMMENT, WRITE, Answer::Record(FIELDS))
                .body(Body::Json(&[Member::argument("content.raw", "text")]))
                .when_missing(ARE_LISTED)
                .when_unknown(LOOK),
        );

pub static DELETE: Operation = Operation::destroy(
    "bitbucket_delete_snippet_comment",
    "Delete a comment on a Bitbucket snippet",
    "snippets and comments on them",
)
.description("Delete a comment on a snippet.")
.parameters(&[WORKSPACE, SNIPPET, COMMENT])
.target(TARGET_OF_ONE)
.call(
    delete(THE_COMMENT, TAKE_AWAY, Answer::Done("deleted comment {comment} on snippet {snippet}"))
        .when_missing(ARE_LISTED)
        .when_unknown(LOOK),
);
