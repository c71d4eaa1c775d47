//! The versions of pages and blog posts: history, what changed, restoring.

use super::{
    AS_STORAGE, BLOG_POST, BLOG_POSTS_ARE_LISTED, CONTENT, CURSOR, PAGE, PAGE_LENGTH, PAGES, PAGES_ARE_FOUND, VERSION,
    blog_posts, delete, get, limit, pages, people, places, post, rows,
};
use crate::catalog::operation::{
    Answer, Body, Call, Difference, Field, Find, Kind, Member, NamedSource, Operation, Parameter, Read, Rows, Scopes,
    Sensitivity, Source, Step,
};

pub const ALL: &[&Operation] =
    &[&LIST, &GET, &DIFF, &RESTORE, &DELETE, &LIST_OF_BLOG_POST, &GET_OF_BLOG_POST, &DIFF_OF_BLOG_POST];

pub const ROWS: Rows = rows(
    &[
        Field::label("version", &["number"]),
        Field::moment("when", &["createdAt"]),
        Field::label("by", &["authorId"]),
        Field::flags("minor", &["minorEdit"]),
        Field::label("message", &["message"]),
    ],
    "It has no versions.",
);
const THIS_VERSION: NamedSource = NamedSource::argument("version", "version");

pub static LIST: Operation =
    Operation::read("confluence_list_page_versions", "List the versions of a Confluence page", "pages")
        .description("List the versions of a Confluence page, its history: who changed it when, and why.")
        .parameters(&[PAGE, limit(250), CURSOR])
        .target("page {page}")
        .call(
            get("/api/v2/pages/{page}/versions", PAGES, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH])
                .names(&[people(&["by"])])
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

pub static GET: Operation =
    Operation::read("confluence_get_page_version", "Read an earlier version of a Confluence page", "pages")
        .description("Read an earlier version of a Confluence page as Markdown.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[PAGE, VERSION, CURSOR])
        .target("page {page}, version {version}")
        .call(
            get("/api/v2/pages/{page}", PAGES, Answer::Record(pages::FIELDS))
                .query(&[AS_STORAGE, THIS_VERSION])
                .names(pages::NAMES)
                .within(places::OF_PAGE)
                .when_missing(THESE_ARE_LISTED),
        );

const THESE_ARE_LISTED: &str = "confluence_list_page_versions lists the versions that there are.";
const FROM: Parameter = Parameter::required("from", "Older version", Kind::Integer { least: 1, most: 1_000_000 }, "1");
const TO: Parameter =
    Parameter::optional("to", "Newer version; else the present one", Kind::Integer { least: 1, most: 1_000_000 }, "2");
const NEWER: NamedSource = NamedSource::argument("version", "to");
const OLDER: Find = Find { field: Field::exact("before", &["body.storage.value"]), kind: Kind::Verbatim };
const CHANGES: Answer =
    Answer::Difference(Difference { before: "before", after: Field::exact("after", &["body.storage.value"]) });
const OLDER_PAGE: Read = Read {
    path: "/api/v2/pages/{page}",
    query: &[AS_STORAGE, NamedSource::argument("version", "from")],
    finds: &[OLDER],
};

pub static DIFF: Operation =
    Operation::read("confluence_diff_page_versions", "Compare two versions of a Confluence page", "pages")
        .description("Show what changed between two versions of a Confluence page, as a diff of their Markdown.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[PAGE, FROM, TO, CURSOR])
        .target("page {page}, versions {from}..{to}")
        .call(
            get("/api/v2/pages/{page}", PAGES, CHANGES)
                .before(&[Step::Read(OLDER_PAGE)])
                .query(&[AS_STORAGE, NEWER])
                .within(places::OF_PAGE)
                .when_missing(THESE_ARE_LISTED),
        );

const MESSAGE: Parameter =
    Parameter::optional("message", "Why", Kind::Line { longest: 500 }, "Back to the reviewed text")
        .or("Restored by Postern");
const RESTORES: Scopes = Scopes {
    classic: &["write:confluence-content"],
    granular: &["read:content-details:confluence", "write:content:confluence"],
};

const RESTORE_CALL: Call =
    post("/rest/api/content/{page}/version", RESTORES, Answer::Record(&[Field::label("version", &["number"])]))
        .body(Body::Json(&RESTORE_BODY))
        .within(places::OF_CONTENT)
        .when_missing(THESE_ARE_LISTED)
        .when_unknown("look with confluence_list_page_versions before repeating");

pub static RESTORE: Operation = Operation::write(
    "confluence_restore_page_version",
    "Restore an earlier version of a Confluence page",
    "restore pages",
)
.description("Make an earlier version of a Confluence page or blog post the present one again: undo edits, roll back.")
.parameters(&[CONTENT, VERSION, MESSAGE])
.target("page {page}, version {version}")
.call(RESTORE_CALL);

const RESTORE_BODY: [Member; 4] = [
    Member::of("operationKey", Source::Fixed("restore")),
    Member::argument("params.versionNumber", "version"),
    Member::argument("params.message", "message"),
    Member::of("params.restoreTitle", Source::Flag(false)),
];
const DELETES: Scopes = Scopes { classic: &["write:confluence-content"], granular: &["delete:content:confluence"] };

pub static DELETE: Operation = Operation::destroy(
    "confluence_delete_page_version",
    "Delete an earlier version of a Confluence page",
    "delete versions of pages",
)
.description("Delete one earlier version of a Confluence page or blog post for good; later ones are renumbered.")
.parameters(&[CONTENT, VERSION])
.target("page {page}, version {version}")
.call(
    delete("/rest/api/content/{page}/version/{version}", DELETES, Answer::Done("deleted version {version} of {page}"))
        .within(places::OF_CONTENT)
        .when_missing(THESE_ARE_LISTED)
        .when_unknown("look with confluence_list_page_versions before repeating"),
);

pub static LIST_OF_BLOG_POST: Operation =
    Operation::read("confluence_list_blog_post_versions", "List the versions of a Confluence blog post", "blog posts")
        .description("List the versions of a Confluence blog post: who changed it when, and why.")
        .parameters(&[BLOG_POST, limit(250), CURSOR])
        .target("blog post {blog_post}")
        .call(
            get("/api/v2/blogposts/{blog_post}/versions", PAGES, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH])
                .names(&[people(&["by"])])
                .within(places::OF_BLOG_POST)
                .when_missing(BLOG_POSTS_ARE_LISTED),
        );

const GET_OF_BLOG_POST_CALL: Call = get("/api/v2/blogposts/{blog_post}", PAGES, Answer::Record(blog_posts::FIELDS))
    .query(&[AS_STORAGE, THIS_VERSION])
    .names(pages::NAMES)
    .within(places::OF_BLOG_POST)
    .when_missing(POSTS_VERSIONS);

pub static GET_OF_BLOG_POST: Operation = Operation::read(
    "confluence_get_blog_post_version",
    "Read an earlier version of a Confluence blog post",
    "blog posts",
)
.description("Read an earlier version of a Confluence blog post as Markdown.")
.sensitivity(Sensitivity::Contents)
.parameters(&[BLOG_POST, VERSION, CURSOR])
.target("blog post {blog_post}, version {version}")
.call(GET_OF_BLOG_POST_CALL);

const POSTS_VERSIONS: &str = "confluence_list_blog_post_versions lists the versions that there are.";
const OLDER_POST: Read = Read {
    path: "/api/v2/blogposts/{blog_post}",
    query: &[AS_STORAGE, NamedSource::argument("version", "from")],
    finds: &[OLDER],
};

const DIFF_OF_BLOG_POST_CALL: Call = get("/api/v2/blogposts/{blog_post}", PAGES, CHANGES)
    .before(&[Step::Read(OLDER_POST)])
    .query(&[AS_STORAGE, NEWER])
    .within(places::OF_BLOG_POST)
    .when_missing(POSTS_VERSIONS);

pub static DIFF_OF_BLOG_POST: Operation = Operation::read(
    "confluence_diff_blog_post_versions",
    "Compare two versions of a Confluence blog post",
    "blog posts",
)
.description("Show what changed between two versions of a Confluence blog post, as a diff of their Markdown.")
.sensitivity(Sensitivity::Contents)
.parameters(&[BLOG_POST, FROM, TO, CURSOR])
.target("blog post {blog_post}, versions {from}..{to}")
.call(DIFF_OF_BLOG_POST_CALL);
