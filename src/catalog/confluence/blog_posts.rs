//! Blog posts.

use super::{
    ADD_PAGES, AS_STORAGE, BLOG_POST, BLOG_POSTS_ARE_LISTED, BODY, CURSOR, DELETE_PAGES, OLD_TITLE, OLD_VERSION,
    PAGE_LENGTH, PAGES, PAGES_OF_SPACES, READ_AND_CHANGE_PAGES, SPACE, SPACE_ID, SPACES_ARE_LISTED, TEXT, TITLE,
    delete, get, limit, pages, people, places, post, put, rows,
};
use crate::catalog::operation::{
    Answer, Body, Bounds, Field, Form, Kind, Member, NamedSource, Operation, Parameter, Read, Rows, Sensitivity,
    Source, Step,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &CREATE, &RENAME, &DELETE, &RESTORE, &PURGE];

const ROWS: Rows = rows(
    &[
        Field::label("id", &["id"]),
        Field::label("title", &["title"]),
        Field::label("version", &["version.number"]),
        Field::label("by", &["authorId"]),
        Field::moment("created", &["createdAt"]),
    ],
    "No such blog post in this space: confluence_list_spaces lists the others.",
);
const STATUS: Parameter =
    Parameter::optional("status", "", Kind::Choice(&["current", "trashed"]), "current").or("current");

pub static LIST: Operation =
    Operation::read("confluence_list_blog_posts", "List the blog posts of a Confluence space", "blog posts")
        .description("List the Confluence blog posts of a space, the newest first.")
        .parameters(&[SPACE, STATUS, limit(250), CURSOR])
        .target("space {space}")
        .call(
            get("/api/v2/spaces/{space_id}/blogposts", PAGES_OF_SPACES, Answer::Rows(ROWS))
                .before(&[SPACE_ID])
                .query(&[NamedSource::argument("status", "status"), NEWEST_FIRST, PAGE_LENGTH])
                .names(&[people(&["by"])])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );

const NEWEST_FIRST: NamedSource = NamedSource::fixed("sort", "-created-date");

pub const FIELDS: &[Field] = &[
    Field::label("id", &["id"]),
    Field::label("title", &["title"]),
    Field::label("status", &["status"]),
    Field::label("space", &["spaceId"]),
    Field::label("version", &["version.number"]),
    Field::label("by", &["version.authorId"]),
    Field::moment("updated", &["version.createdAt"]),
    Field::link("link", &["_links.webui"]),
    Field::of(Form::Storage, "body", &["body.storage.value"]),
];

pub static GET: Operation = Operation::read("confluence_get_blog_post", "Read a Confluence blog post", "blog posts")
    .description("Read a Confluence blog post as Markdown, with its version.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[BLOG_POST, CURSOR])
    .target("blog post {blog_post}")
    .call(
        get("/api/v2/blogposts/{blog_post}", PAGES, Answer::Record(FIELDS))
            .query(&[AS_STORAGE])
            .names(pages::NAMES)
            .within(places::OF_BLOG_POST)
            .when_missing(BLOG_POSTS_ARE_LISTED),
    );

pub static CREATE: Operation =
    Operation::write("confluence_create_blog_post", "Create a Confluence blog post", "create blog posts")
        .description("Publish a Confluence blog post in a space.")
        .parameters(&[SPACE, TITLE, TEXT])
        .target("{title} in space {space}")
        .call(
            post("/api/v2/blogposts", ADD_PAGES, Answer::Record(pages::MADE))
                .before(&[SPACE_ID])
                .body(Body::Json(&NEW_BODY))
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("look for the title with confluence_list_blog_posts before repeating")
                .undone_by("confluence_delete_blog_post", &[("blog_post", "id")]),
        );

const NEW_BODY: [Member; 5] = [
    pages::OF_SPACE,
    Member::of("status", Source::Fixed("current")),
    Member::argument("title", "title"),
    pages::IN_STORAGE,
    Member::of("body.value", Source::AsStorage("text")),
];

/// There is no title of a post without its text: it gets the one that it has, byte for byte.
const PRESENT: Read = Read { path: "/api/v2/blogposts/{blog_post}", query: &[AS_STORAGE], finds: &[OLD_VERSION, BODY] };

pub static RENAME: Operation =
    Operation::write("confluence_rename_blog_post", "Rename a Confluence blog post", "change blog posts")
        .description("Give a Confluence blog post another title; its text stays as it is.")
        .parameters(&[BLOG_POST, TITLE])
        .target("blog post {blog_post}")
        .call(
            put("/api/v2/blogposts/{blog_post}", READ_AND_CHANGE_PAGES, Answer::Record(pages::MADE))
                .before(&[Step::Read(PRESENT)])
                .body(Body::Json(&RENAMED))
                .within(places::OF_BLOG_POST)
                .when_missing(BLOG_POSTS_ARE_LISTED)
                .when_unknown("read the title with confluence_get_blog_post before repeating"),
        );

const RENAMED: [Member; 6] = [
    Member::argument("id", "blog_post"),
    Member::of("status", Source::Fixed("current")),
    Member::argument("title", "title"),
    pages::IN_STORAGE,
    Member::of("body.value", Source::LookedUp("body")),
    Member::of("version.number", Source::OneMoreThan("old_version")),
];

const DELETE_ANSWER: Answer = Answer::Done("moved blog post {blog_post} to the trash");

pub static DELETE: Operation =
    Operation::destroy("confluence_delete_blog_post", "Delete a Confluence blog post", "delete blog posts")
        .description("Move a Confluence blog post to the trash.")
        .parameters(&[BLOG_POST])
        .target("blog post {blog_post}")
        .call(
            delete("/api/v2/blogposts/{blog_post}", DELETE_PAGES, DELETE_ANSWER)
                .within(places::OF_BLOG_POST)
                .when_missing(BLOG_POSTS_ARE_LISTED)
                .when_unknown(LOOK_IN_TRASH)
                .undone_by("confluence_restore_blog_post", &[]),
        );

const LOOK_IN_TRASH: &str = "look with confluence_list_blog_posts, status trashed, before repeating";
const IN_TRASH: Read = Read {
    path: "/api/v2/blogposts/{blog_post}",
    query: &[AS_STORAGE, NamedSource::fixed("status", "trashed")],
    finds: &[OLD_TITLE, OLD_VERSION, BODY],
};

pub static RESTORE: Operation =
    Operation::write("confluence_restore_blog_post", "Restore a deleted Confluence blog post", "restore blog posts")
        .description("Bring a Confluence blog post back from the trash, undelete it.")
        .parameters(&[BLOG_POST])
        .target("blog post {blog_post}")
        .call(
            put("/api/v2/blogposts/{blog_post}", READ_AND_CHANGE_PAGES, Answer::Record(pages::MADE))
                .before(&[Step::Read(IN_TRASH)])
                .body(Body::Json(&AS_IT_WAS))
                .within(places::OF_BLOG_POST)
                .when_missing("confluence_list_blog_posts with status trashed lists those in the trash.")
                .when_unknown("read its status with confluence_get_blog_post before repeating")
                .undone_by("confluence_delete_blog_post", &[]),
        );

const AS_IT_WAS: [Member; 6] = [
    Member::argument("id", "blog_post"),
    Member::of("status", Source::Fixed("current")),
    Member::of("title", Source::LookedUp("old_title")),
    pages::IN_STORAGE,
    Member::of("body.value", Source::LookedUp("body")),
    Member::of("version.number", Source::OneMoreThan("old_version")),
];

const PURGE_ANSWER: Answer = Answer::Done("deleted blog post {blog_post} for good");

pub static PURGE: Operation =
    Operation::destroy("confluence_purge_blog_post", "Delete a Confluence blog post for good", "delete pages for good")
        .description("Delete a Confluence blog post that is in the trash, for good.")
        .parameters(&[BLOG_POST])
        .target("blog post {blog_post}")
        .call(
            delete("/api/v2/blogposts/{blog_post}", DELETE_PAGES, PURGE_ANSWER)
                .query(&[NamedSource::fixed("purge", "true")])
                .within(places::OF_BLOG_POST)
                .when_missing("confluence_list_blog_posts with status trashed lists those in the trash.")
                .when_unknown(LOOK_IN_TRASH),
        );
