//! Single comments, whichever kind they are of: reading, changing, resolving, answers to them.

use super::{
    AS_STORAGE, CURSOR, OLD_VERSION, PAGE_LENGTH,
    comments::{BY, COMMENT_TEXT, COMMENTER, COMMENTS, KINDS, READ_AND_WRITE_COMMENTS, TEXTS, WRITTEN},
    delete, get, limit, places, put, rows,
};
use crate::catalog::operation::{
    Answer, Blocks, Body, Field, Form, Kind, Member, Operation, Parameter, Read, Rows, Scopes, Source, Step, Which,
};

pub const ALL: &[&Operation] = &[&GET, &LIST_REPLIES, &UPDATE, &DELETE, &RESOLVE, &REOPEN, &LIST_LIKES];

const COMMENT: Parameter = Parameter::required("comment", "Comment id or address", Kind::Identifier, "98701");
const ARE_LISTED: &str = "confluence_list_comments and confluence_list_inline_comments list the comments of a page.";
const READ_IT: &str = "read it with confluence_get_comment before repeating";
const ITS_KIND: Step = Step::Which(Which {
    argument: "comment",
    name: "comments",
    kinds: KINDS,
    path: "/api/v2/{kind}/{comment}",
    or: None,
});
const ITS_VERSION: Step = Step::Read(Read { path: "/api/v2/{comments}/{comment}", query: &[], finds: &[OLD_VERSION] });
const NEXT_VERSION: Member = Member::of("version.number", Source::OneMoreThan("old_version"));

const FIELDS: &[Field] = &[
    Field::label("comment", &["id"]),
    Field::label("page", &["pageId"]),
    Field::label("blog post", &["blogPostId"]),
    Field::label("reply to", &["parentCommentId"]),
    Field::label("by", &["version.authorId"]),
    Field::moment("when", &["version.createdAt"]),
    Field::label("version", &["version.number"]),
    Field::label("state", &["resolutionStatus"]),
    Field::label("passage", &["properties.inlineOriginalSelection"]),
    Field::link("link", &["_links.webui"]),
    Field::of(Form::Storage, "text", &["body.storage.value"]),
];

pub static GET: Operation = Operation::read("confluence_get_comment", "Read a Confluence comment", "comments")
    .description("Read one Confluence comment: its text, the passage it is on, whether it is resolved.")
    .parameters(&[COMMENT, CURSOR])
    .target("comment {comment}")
    .call(
        get("/api/v2/{comments}/{comment}", COMMENTS, Answer::Record(FIELDS))
            .before(&[ITS_KIND])
            .query(&[AS_STORAGE])
            .names(BY)
            .within(places::OF_COMMENT)
            .when_missing(ARE_LISTED),
    );

const REPLIES: Rows = rows(
    &[
        Field::label("comment", &["id"]),
        Field::label("by", &["version.authorId"]),
        Field::moment("when", &["version.createdAt"]),
    ],
    "Nobody has answered it.",
);

const LIST_REPLIES_ANSWER: Answer = Answer::Blocks(Blocks { rows: REPLIES, texts: TEXTS });

pub static LIST_REPLIES: Operation =
    Operation::read("confluence_list_comment_replies", "List the replies to a Confluence comment", "comments")
        .description("List the replies to a Confluence comment, the thread below it.")
        .parameters(&[COMMENT, limit(100), CURSOR])
        .target("comment {comment}")
        .call(
            get("/api/v2/{comments}/{comment}/children", COMMENTS, LIST_REPLIES_ANSWER)
                .before(&[ITS_KIND])
                .query(&[AS_STORAGE, PAGE_LENGTH])
                .by(COMMENTER)
                .names(BY)
                .within(places::OF_COMMENT)
                .when_missing(ARE_LISTED),
        );

pub static UPDATE: Operation =
    Operation::write("confluence_update_comment", "Change a Confluence comment", "comment on pages")
        .description("Replace the text of a Confluence comment.")
        .parameters(&[COMMENT, COMMENT_TEXT])
        .target("comment {comment}")
        .call(
            put("/api/v2/{comments}/{comment}", READ_AND_WRITE_COMMENTS, Answer::Record(WRITTEN))
                .before(&[ITS_KIND, ITS_VERSION])
                .by(COMMENTER)
                .body(Body::Json(&NEW_TEXT))
                .within(places::OF_COMMENT)
                .when_missing(ARE_LISTED)
                .when_unknown(READ_IT),
        );

const NEW_TEXT: [Member; 3] = [
    NEXT_VERSION,
    Member::of("body.representation", Source::Fixed("storage")),
    Member::of("body.value", Source::AsStorage("text")),
];
const DELETES: Scopes = Scopes { classic: &[], granular: &["delete:comment:confluence", "read:comment:confluence"] };

pub static DELETE: Operation =
    Operation::destroy("confluence_delete_comment", "Delete a Confluence comment", "delete comments")
        .description("Delete a Confluence comment for good.")
        .parameters(&[COMMENT])
        .target("comment {comment}")
        .call(
            delete("/api/v2/{comments}/{comment}", DELETES, Answer::Done("deleted comment {comment}"))
                .before(&[ITS_KIND])
                .within(places::OF_COMMENT)
                .when_missing(ARE_LISTED)
                .when_unknown(READ_IT),
        );

const RESOLVED: [Member; 2] = [NEXT_VERSION, Member::of("resolved", Source::Flag(true))];
const OPEN: [Member; 2] = [NEXT_VERSION, Member::of("resolved", Source::Flag(false))];
const INLINE_VERSION: Step =
    Step::Read(Read { path: "/api/v2/inline-comments/{comment}", query: &[], finds: &[OLD_VERSION] });
const INLINE_ARE_LISTED: &str =
    "Only comments on passages are resolved: confluence_list_inline_comments lists those of a page.";

pub static RESOLVE: Operation =
    Operation::write("confluence_resolve_comment", "Resolve a Confluence comment", "comment on pages")
        .description("Mark an inline comment of a Confluence page as resolved.")
        .parameters(&[COMMENT])
        .target("comment {comment}")
        .call(
            put("/api/v2/inline-comments/{comment}", READ_AND_WRITE_COMMENTS, Answer::Record(WRITTEN))
                .before(&[INLINE_VERSION])
                .body(Body::Json(&RESOLVED))
                .within(places::OF_COMMENT)
                .when_missing(INLINE_ARE_LISTED)
                .when_unknown(READ_IT)
                .undone_by("confluence_reopen_comment", &[]),
        );

pub static REOPEN: Operation =
    Operation::write("confluence_reopen_comment", "Reopen a Confluence comment", "comment on pages")
        .description("Reopen a resolved inline comment of a Confluence page.")
        .parameters(&[COMMENT])
        .target("comment {comment}")
        .call(
            put("/api/v2/inline-comments/{comment}", READ_AND_WRITE_COMMENTS, Answer::Record(WRITTEN))
                .before(&[INLINE_VERSION])
                .body(Body::Json(&OPEN))
                .within(places::OF_COMMENT)
                .when_missing(INLINE_ARE_LISTED)
                .when_unknown(READ_IT)
                .undone_by("confluence_resolve_comment", &[]),
        );

const LIKES: Rows = rows(&[Field::label("by", &["accountId"])], "Nobody likes it yet.");

pub static LIST_LIKES: Operation =
    Operation::read("confluence_list_comment_likes", "List who likes a Confluence comment", "comments")
        .description("List the people who like a Confluence comment.")
        .parameters(&[COMMENT, limit(250), CURSOR])
        .target("comment {comment}")
        .call(
            get("/api/v2/{comments}/{comment}/likes/users", COMMENTS, Answer::Rows(LIKES))
                .before(&[ITS_KIND])
                .query(&[PAGE_LENGTH])
                .names(BY)
                .within(places::OF_COMMENT)
                .when_missing(ARE_LISTED),
        );
