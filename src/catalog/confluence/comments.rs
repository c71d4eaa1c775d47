//! Comments below pages and blog posts, and on passages of them.

use super::{
    AS_STORAGE, BLOG_POST, BLOG_POSTS_ARE_LISTED, CURSOR, PAGE, PAGE_LENGTH, PAGES_ARE_FOUND, get, limit, people,
    places, post, rows,
};
use crate::catalog::operation::{
    Answer, Blocks, Body, Call, Field, Form, Kind, Member, NamedSource, Names, Operation, Parameter, Passage, Rows,
    Scopes, Source, Step, Which,
};

pub const ALL: &[&Operation] =
    &[&LIST, &LIST_INLINE, &LIST_OF_BLOG_POST, &LIST_INLINE_OF_BLOG_POST, &CREATE, &CREATE_ON_BLOG_POST];

pub const COMMENTS: Scopes = Scopes { classic: &[], granular: &["read:comment:confluence"] };
/// Of what looks the comment up before it writes.
pub const READ_AND_WRITE_COMMENTS: Scopes =
    Scopes { classic: &[], granular: &["read:comment:confluence", "write:comment:confluence"] };
pub const TEXTS: &[Field] = &[Field::of(Form::Storage, "text", &["body.storage.value"])];
/// Who alone wrote a comment. One on a passage shows a text of the page's as well.
pub const COMMENTER: &[&str] = &["version.authorId"];
pub const BY: &[Names] = &[people(&["by"])];

const FOOTER: Rows = rows(
    &[
        Field::label("comment", &["id"]),
        Field::label("by", &["version.authorId"]),
        Field::moment("when", &["version.createdAt"]),
    ],
    "No comment below it. Those on passages are listed by themselves.",
);
const INLINE: Rows = rows(
    &[
        Field::label("comment", &["id"]),
        Field::label("by", &["version.authorId"]),
        Field::moment("when", &["version.createdAt"]),
        Field::label("state", &["resolutionStatus"]),
        Field::label("passage", &["properties.inlineOriginalSelection"]),
    ],
    "No such comment on a passage of it. Those below it are listed by themselves.",
);
const FOOTER_BLOCKS: Answer = Answer::Blocks(Blocks { rows: FOOTER, texts: TEXTS });
const INLINE_BLOCKS: Answer = Answer::Blocks(Blocks { rows: INLINE, texts: TEXTS });
const STATE: Parameter =
    Parameter::optional("state", "", Kind::Choice(&["open", "reopened", "resolved", "dangling"]), "open");
const IN_STATE: NamedSource = NamedSource::argument("resolution-status", "state");

/// The comments below something.
const fn below(path: &'static str) -> Call {
    get(path, COMMENTS, FOOTER_BLOCKS).query(&[AS_STORAGE, PAGE_LENGTH]).by(COMMENTER).names(BY)
}

pub static LIST: Operation =
    Operation::read("confluence_list_comments", "List the comments below a Confluence page", "comments")
        .description(
            "List the comments below a Confluence page; confluence_list_comment_replies has the answers to one.",
        )
        .parameters(&[PAGE, limit(100), CURSOR])
        .target("page {page}")
        .call(below("/api/v2/pages/{page}/footer-comments").within(places::OF_PAGE).when_missing(PAGES_ARE_FOUND));

pub static LIST_INLINE: Operation =
    Operation::read("confluence_list_inline_comments", "List a Confluence page's inline comments", "comments")
        .description("List the inline comments of a Confluence page with the passages they are on, open or resolved.")
        .parameters(&[PAGE, STATE, limit(100), CURSOR])
        .target("page {page}")
        .call(
            get("/api/v2/pages/{page}/inline-comments", COMMENTS, INLINE_BLOCKS)
                .query(&[AS_STORAGE, IN_STATE, PAGE_LENGTH])
                .names(BY)
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

pub static LIST_OF_BLOG_POST: Operation =
    Operation::read("confluence_list_blog_post_comments", "List the comments below a Confluence blog post", "comments")
        .description("List the comments below a Confluence blog post.")
        .parameters(&[BLOG_POST, limit(100), CURSOR])
        .target("blog post {blog_post}")
        .call(
            below("/api/v2/blogposts/{blog_post}/footer-comments")
                .within(places::OF_BLOG_POST)
                .when_missing(BLOG_POSTS_ARE_LISTED),
        );

const LIST_INLINE_OF_BLOG_POST_CALL: Call =
    get("/api/v2/blogposts/{blog_post}/inline-comments", COMMENTS, INLINE_BLOCKS)
        .query(&[AS_STORAGE, IN_STATE, PAGE_LENGTH])
        .names(BY)
        .within(places::OF_BLOG_POST)
        .when_missing(BLOG_POSTS_ARE_LISTED);

pub static LIST_INLINE_OF_BLOG_POST: Operation = Operation::read(
    "confluence_list_blog_post_inline_comments",
    "List a Confluence blog post's inline comments",
    "comments",
)
.description("List the inline comments of a Confluence blog post with the passages they are on.")
.parameters(&[BLOG_POST, STATE, limit(100), CURSOR])
.target("blog post {blog_post}")
.call(LIST_INLINE_OF_BLOG_POST_CALL);

pub const COMMENT_TEXT: Parameter =
    Parameter::required("text", "Markdown", Kind::Markdown { longest: 30_000 }, "Looks *good*.");
const PASSAGE: Parameter =
    Parameter::optional("passage", "Exact words to comment on", Kind::Line { longest: 1_000 }, "waits twice as long");
const REPLY_TO: Parameter = Parameter::optional("reply_to", "Comment id", Kind::Identifier, "98701");

/// What a comment is of: a reply is of the kind of the comment that it answers.
pub const KINDS: &[&str] = &["footer-comments", "inline-comments"];
const KIND_OF_NEW: Step = Step::Which(Which {
    argument: "reply_to",
    name: "comments",
    kinds: KINDS,
    path: "/api/v2/{kind}/{reply_to}",
    or: Some(("passage", "inline-comments")),
});
const ONCE_IN_PAGE: Step = Step::Passage(Passage {
    argument: "passage",
    path: "/api/v2/pages/{page}",
    query: &[AS_STORAGE],
    text: Field::exact("text", &["body.storage.value"]),
    finds: ("match_count", "match_index"),
});
const ONCE_IN_BLOG_POST: Step = Step::Passage(Passage {
    argument: "passage",
    path: "/api/v2/blogposts/{blog_post}",
    query: &[AS_STORAGE],
    text: Field::exact("text", &["body.storage.value"]),
    finds: ("match_count", "match_index"),
});

pub const WRITTEN: &[Field] = &[
    Field::label("comment", &["id"]),
    Field::label("reply to", &["parentCommentId"]),
    Field::label("state", &["resolutionStatus"]),
    Field::link("link", &["_links.webui"]),
];

const fn comment_on(content: Member) -> [Member; 7] {
    [
        content,
        Member::argument("parentCommentId", "reply_to"),
        Member::of("body.representation", Source::Fixed("storage")),
        Member::of("body.value", Source::AsStorage("text")),
        Member::argument("inlineCommentProperties.textSelection", "passage"),
        Member::of("inlineCommentProperties.textSelectionMatchCount", Source::LookedUp("match_count")),
        Member::of("inlineCommentProperties.textSelectionMatchIndex", Source::LookedUp("match_index")),
    ]
}

/// A reply names the comment that it answers alone.
const ON_PAGE: [Member; 7] =
    comment_on(Member::of("pageId", Source::ArgumentUnless { argument: "page", other: "reply_to" }));
const ON_BLOG_POST: [Member; 7] =
    comment_on(Member::of("blogPostId", Source::ArgumentUnless { argument: "blog_post", other: "reply_to" }));

/// A reply looks for the comment, and a passage is looked for in the page.
const ADD_COMMENTS: Scopes =
    Scopes { classic: &[], granular: &["read:comment:confluence", "read:page:confluence", "write:comment:confluence"] };

const WRITE: Call = post("/api/v2/{comments}", ADD_COMMENTS, Answer::Record(WRITTEN)).by(COMMENTER);
const CREATE_CALL: Call = WRITE
    .before(&[KIND_OF_NEW, ONCE_IN_PAGE])
    .body(Body::Json(&ON_PAGE))
    .within(places::OF_PAGE_AND_COMMENT)
    .when_missing(PAGES_ARE_FOUND)
    .when_unknown("look with confluence_list_comments before repeating")
    .undone_by("confluence_delete_comment", &[("comment", "id")]);

pub static CREATE: Operation =
    Operation::write("confluence_comment", "Comment on a Confluence page", "comment on pages")
        .description("Comment on a Confluence page, on a passage of it, or as a reply.")
        .parameters(&[PAGE, COMMENT_TEXT, PASSAGE, REPLY_TO])
        .core()
        .target("page {page}")
        .call(CREATE_CALL);

pub static CREATE_ON_BLOG_POST: Operation =
    Operation::write("confluence_comment_on_blog_post", "Comment on a Confluence blog post", "comment on pages")
        .description("Comment on a Confluence blog post, on a passage of it, or as a reply.")
        .parameters(&[BLOG_POST, COMMENT_TEXT, PASSAGE, REPLY_TO])
        .target("blog post {blog_post}")
        .call(
            WRITE
                .before(&[KIND_OF_NEW, ONCE_IN_BLOG_POST])
                .body(Body::Json(&ON_BLOG_POST))
                .within(places::OF_BLOG_POST_AND_COMMENT)
                .when_missing(BLOG_POSTS_ARE_LISTED)
                .when_unknown("look with confluence_list_blog_post_comments before repeating")
                .undone_by("confluence_delete_comment", &[("comment", "id")]),
        );
