//! Comments on pull requests, in threads, on the whole or on lines.

use super::{
    super::{
        COMMENTER, CURSOR, KEPT_FIELDS, PAGE_LENGTH, PULL_REQUEST, REPOSITORY, WORKSPACE, delete, get, limit, post,
        put, rows,
    },
    ALL_ARE_LISTED, HEAD_AND_BRANCH, ITS_COMMENTS, ITS_DIFF, SCOPES, TARGET,
};
use crate::catalog::operation::{
    Answer, Blocks, Body, Call, DiffLine, Field, Find, Kind, Member, NamedSource, Operation, Parameter, Read, Rows,
    Source, Step, Threads, Undo,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &ADD, &STAGE, &UPDATE, &DELETE, &RESOLVE, &REOPEN];

const THE_COMMENT: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/comments/{comment}";
const ITS_RESOLUTION: &str =
    "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/comments/{comment}/resolve";
const ONE_TARGET: &str = "{workspace}/{repository}#{pull_request} comment {comment}";
const COMMENTS_ARE_LISTED: &str = "bitbucket_list_pull_request_comments lists the comments there are.";
const LOOK_AT_COMMENTS: &str = "look with bitbucket_list_pull_request_comments before repeating";
const CONSENT: &str = "comment on pull requests";

const COMMENT: Parameter =
    Parameter::required("comment", "Comment id", Kind::Integer { least: 1, most: i64::MAX }, "600000001");

pub const THREADS: Threads =
    Threads { id: "id", parent: "parent.id", closed: "resolution.created_on", deleted: "deleted", open_alone: false };

pub const ROWS: Rows = rows(
    &[
        Field::label("comment", &["id"]),
        Field::person("by", &["user.display_name"]),
        Field::moment("on", &["created_on"]),
        Field::label("file", &["inline.path"]),
        Field::label("line", &["inline.to"]),
        Field::label("old line", &["inline.from"]),
        Field::label("reply to", &["parent.id"]),
        Field::flags("state", &["inline.outdated", "pending", "deleted"]),
    ],
    "No comments on this pull request yet.",
)
.threads(THREADS);
const ROWS_WITH_RESOLUTION: Rows = rows(
    &[
        Field::label("comment", &["id"]),
        Field::person("by", &["user.display_name"]),
        Field::moment("on", &["created_on"]),
        Field::label("file", &["inline.path"]),
        Field::label("line", &["inline.to"]),
        Field::label("old line", &["inline.from"]),
        Field::label("reply to", &["parent.id"]),
        Field::flags("state", &["inline.outdated", "pending", "deleted"]),
        Field::moment("resolved", &["resolution.created_on"]),
    ],
    "No comments on this pull request yet.",
)
.threads(THREADS);
pub const TEXT_OF_EACH: &[Field] = &[Field::prose("text", &["content.raw"])];

pub static LIST: Operation = Operation::read(
    "bitbucket_list_pull_request_comments",
    "List the comments of a Bitbucket pull request",
    "pull requests",
)
.description("List the comments of a pull request thread by thread, open threads first, with file and line; resolved and outdated ones say so.")
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, limit(100), CURSOR])
.target(TARGET)
.call(
    get(ITS_COMMENTS, SCOPES, Answer::Blocks(Blocks { rows: ROWS_WITH_RESOLUTION, texts: TEXT_OF_EACH }))
        .query(&[PAGE_LENGTH, KEPT_FIELDS])
        .by(COMMENTER)
        .when_missing(ALL_ARE_LISTED),
);

const FIELDS: &[Field] = &[
    Field::label("comment", &["id"]),
    Field::person("by", &["user.display_name"]),
    Field::label("file", &["inline.path"]),
    Field::label("line", &["inline.to"]),
    Field::label("from line", &["inline.start_to"]),
    Field::label("old line", &["inline.from"]),
    Field::label("from old line", &["inline.start_from"]),
    Field::label("reply to", &["parent.id"]),
    Field::flags("state", &["inline.outdated", "pending", "deleted"]),
    Field::people("resolved by", &["resolution.user.display_name"]),
    Field::moment("created", &["created_on"]),
    Field::link("link", &["links.html.href"]),
    Field::prose("text", &["content.raw"]),
];

pub static GET: Operation =
    Operation::read("bitbucket_get_pull_request_comment", "Get a comment of a Bitbucket pull request", "pull requests")
        .description("Show one comment of a pull request whole.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, COMMENT])
        .target(ONE_TARGET)
        .call(
            get(THE_COMMENT, SCOPES, Answer::Record(FIELDS))
                .query(&[KEPT_FIELDS])
                .by(COMMENTER)
                .when_missing(COMMENTS_ARE_LISTED),
        );

const TEXT: Parameter = Parameter::required(
    "text",
    "Markdown; a ```suggestion block proposes code",
    Kind::Markdown { longest: 30_000 },
    "Looks good to me.",
);
const FILE: Parameter = Parameter::optional("path", "File to comment on", Kind::Path, "src/orders.rs");
const LINE: Parameter =
    Parameter::optional("line", "Line, `8-12`, or removed ones `old 5`", Kind::DiffLines, "12").needing("path");
const REPLY_TO: Parameter =
    Parameter::optional("reply_to", "Comment id to reply to", Kind::Integer { least: 1, most: i64::MAX }, "1");
/// The lines must be in the diff, which Bitbucket does not check.
const IN_THE_DIFF: Step = Step::DiffLine(DiffLine {
    path: ITS_DIFF,
    query: &[NamedSource::argument("path", "path")],
    file: "path",
    lines: "line",
    new: ["to", "start_to"],
    old: ["from", "start_from"],
    text: "commented on",
    when_missing: "bitbucket_list_pull_request_files lists the files that it changes.",
});

const ADDED: &[Field] = &[
    Field::label("comment", &["id"]),
    Field::label("file", &["inline.path"]),
    Field::label("line", &["inline.to"]),
    Field::label("old line", &["inline.from"]),
    Field::label("reply to", &["parent.id"]),
    Field::flags("state", &["pending"]),
    Field::moment("created", &["created_on"]),
    Field::link("link", &["links.html.href"]),
];
const BODY: Body = Body::Json(&[
    Member::argument("content.raw", "text"),
    Member::argument("inline.path", "path"),
    Member::of("inline.to", Source::LookedUp("to")),
    Member::of("inline.from", Source::LookedUp("from")),
    Member::of("inline.start_to", Source::LookedUp("start_to")),
    Member::of("inline.start_from", Source::LookedUp("start_from")),
    Member::argument("parent.id", "reply_to"),
]);

const ADD_IT: Call = post(ITS_COMMENTS, SCOPES, Answer::Record(ADDED))
    .by(COMMENTER)
    .body(BODY)
    .before(&[IN_THE_DIFF])
    .echo("commented on")
    .when_missing(ALL_ARE_LISTED)
    .when_unknown("compare the comment count with bitbucket_get_pull_request before repeating")
    .undone_by("bitbucket_delete_pull_request_comment", &[("comment", "id")]);

pub static ADD: Operation =
    Operation::write("bitbucket_add_pull_request_comment", "Comment on a Bitbucket pull request", CONSENT)
        .description("Comment in your name on a pull request: on the whole, on lines that its diff has, or as a reply.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, TEXT, FILE, LINE, REPLY_TO])
        .core()
        .target(TARGET)
        .bound_to(&HEAD_AND_BRANCH)
        .call(ADD_IT);

const STAGED_BODY: Body = Body::Json(&[
    Member::argument("content.raw", "text"),
    Member::argument("inline.path", "path"),
    Member::of("inline.to", Source::LookedUp("to")),
    Member::of("inline.from", Source::LookedUp("from")),
    Member::of("inline.start_to", Source::LookedUp("start_to")),
    Member::of("inline.start_from", Source::LookedUp("start_from")),
    Member::argument("parent.id", "reply_to"),
    Member::of("pending", Source::Flag(true)),
]);
const STAGE_IT: Call = Call { body: STAGED_BODY, ..ADD_IT };

pub static STAGE: Operation =
    Operation::write("bitbucket_stage_pull_request_comment", "Stage a comment on a Bitbucket pull request", CONSENT)
        .description(
            "Stage a comment for a review: pending, seen by you alone until you publish the review in Bitbucket.",
        )
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, TEXT, FILE, LINE, REPLY_TO])
        .target(TARGET)
        .bound_to(&HEAD_AND_BRANCH)
        .call(STAGE_IT);

/// What a comment said before.
const OLD_TEXT: Step = Step::Recall(Read {
    path: THE_COMMENT,
    query: &[NamedSource::fixed("fields", "content.raw")],
    finds: &[Find { field: Field::exact("old text", &["content.raw"]), kind: Kind::Markdown { longest: 30_000 } }],
});

pub static UPDATE: Operation =
    Operation::write("bitbucket_update_pull_request_comment", "Edit a comment of a Bitbucket pull request", CONSENT)
        .description("Edit the text of a comment of yours on a pull request.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, COMMENT, TEXT])
        .target(ONE_TARGET)
        .call(
            put(THE_COMMENT, SCOPES, Answer::Record(ADDED))
                .by(COMMENTER)
                .body(Body::Json(&[Member::argument("content.raw", "text")]))
                .before(&[OLD_TEXT])
                .when_missing(COMMENTS_ARE_LISTED)
                .when_unknown(LOOK_AT_COMMENTS)
                .undo(Undo::recalling("bitbucket_update_pull_request_comment", &[("text", "old text")])),
        );

pub static DELETE: Operation = Operation::destroy(
    "bitbucket_delete_pull_request_comment",
    "Delete a comment of a Bitbucket pull request",
    CONSENT,
)
.description("Delete a comment of a pull request; replies to it stay.")
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, COMMENT])
.target(ONE_TARGET)
.call(
    delete(THE_COMMENT, SCOPES, Answer::Done("deleted comment {comment} of {workspace}/{repository}#{pull_request}"))
        .when_missing(COMMENTS_ARE_LISTED)
        .when_unknown(LOOK_AT_COMMENTS),
);

pub static RESOLVE: Operation = Operation::write(
    "bitbucket_resolve_pull_request_comment",
    "Resolve a comment thread of a Bitbucket pull request",
    CONSENT,
)
.description("Resolve the thread that a comment of a pull request begins.")
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, COMMENT])
.target(ONE_TARGET)
.call(
    post(ITS_RESOLUTION, SCOPES, Answer::Done("resolved the thread of comment {comment}"))
        .when_missing(COMMENTS_ARE_LISTED)
        .when_unknown(LOOK_AT_COMMENTS)
        .undone_by("bitbucket_reopen_pull_request_comment", &[]),
);

pub static REOPEN: Operation = Operation::write(
    "bitbucket_reopen_pull_request_comment",
    "Reopen a comment thread of a Bitbucket pull request",
    CONSENT,
)
.description("Reopen a resolved comment thread of a pull request.")
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, COMMENT])
.target(ONE_TARGET)
.call(
    delete(ITS_RESOLUTION, SCOPES, Answer::Done("reopened the thread of comment {comment}"))
        .when_missing(COMMENTS_ARE_LISTED)
        .when_unknown(LOOK_AT_COMMENTS)
        .undone_by("bitbucket_resolve_pull_request_comment", &[]),
);
