//! Drafts of pages, and pages in the trash.

use super::{
    ADD_PAGES, AS_STORAGE, BODY, DELETE_PAGES, OLD_TITLE, OLD_VERSION, PAGE, PAGES, PAGES_ARE_FOUND, PARENT,
    READ_AND_CHANGE_PAGES, SPACE, SPACE_ID, SPACES_ARE_LISTED, TEXT, TITLE, delete, get, pages, places, post, put,
};
use crate::catalog::operation::{
    Answer, Body, Field, Find, Form, Kind, Member, NamedSource, Operation, Read, Sensitivity, Source, Step,
};

pub const ALL: &[&Operation] = &[&GET_DRAFT, &CREATE_DRAFT, &PUBLISH_DRAFT, &DELETE_DRAFT, &DELETE, &RESTORE, &PURGE];

const THE_DRAFT: NamedSource = NamedSource::fixed("get-draft", "true");
const TRASH: &str = "confluence_list_pages with status trashed lists the pages in the trash.";
const LOOK_IN_TRASH: &str = "look with confluence_list_pages, status trashed, before repeating";

pub static GET_DRAFT: Operation = Operation::read("confluence_get_draft", "Read a Confluence draft", "pages")
    .description("Read the unpublished draft of a Confluence page as Markdown.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[PAGE, super::CURSOR])
    .target("draft of page {page}")
    .call(
        get("/api/v2/pages/{page}", PAGES, Answer::Record(pages::FIELDS))
            .query(&[AS_STORAGE, THE_DRAFT])
            .names(pages::NAMES)
            .within(places::OF_PAGE)
            .when_missing(PAGES_ARE_FOUND),
    );

const DRAFT_BODY: [Member; 6] = [
    pages::OF_SPACE,
    Member::of("status", Source::Fixed("draft")),
    Member::argument("title", "title"),
    Member::argument("parentId", "parent"),
    pages::IN_STORAGE,
    Member::of("body.value", Source::AsStorage("text")),
];

pub static CREATE_DRAFT: Operation =
    Operation::write("confluence_create_draft", "Create a Confluence draft", "create pages")
        .description("Create a Confluence page that is not published yet.")
        .parameters(&[SPACE, PARENT, TITLE, TEXT])
        .target("draft {title} in space {space}")
        .call(
            post("/api/v2/pages", ADD_PAGES, Answer::Record(pages::MADE))
                .before(&[SPACE_ID])
                .body(Body::Json(&DRAFT_BODY))
                .within(places::BELOW_PARENT)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("look for the draft in Confluence before repeating")
                .undone_by("confluence_delete_draft", &[("page", "id")]),
        );

pub static PUBLISH_DRAFT: Operation =
    Operation::write("confluence_publish_draft", "Publish a Confluence draft", "create pages")
        .description("Publish a Confluence page that was created as a draft, with its text as it is.")
        .parameters(&[PAGE])
        .target("draft {page}")
        .bound_to(&DRAFT)
        .call(
            put("/api/v2/pages/{page}", READ_AND_CHANGE_PAGES, Answer::Record(pages::MADE))
                .before(&[Step::Read(AS_DRAFT)])
                .body(Body::Json(&FIRST_VERSION))
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND)
                .when_unknown("read its status with confluence_get_page before repeating"),
        );

const AS_DRAFT: Read =
    Read { path: "/api/v2/pages/{page}", query: &[AS_STORAGE, THE_DRAFT], finds: &[OLD_TITLE, BODY] };

/// A draft has the version of the page that it is of, however often it is changed.
static DRAFT: Read = Read {
    path: "/api/v2/pages/{page}",
    query: &[AS_STORAGE, THE_DRAFT],
    finds: &[Find { field: Field::of(Form::Exact, "draft", &["title", "body.storage.value"]), kind: Kind::Verbatim }],
};

/// What was never published has no version before its first.
const FIRST_VERSION: [Member; 6] = [
    Member::argument("id", "page"),
    Member::of("status", Source::Fixed("current")),
    Member::of("title", Source::LookedUp("old_title")),
    pages::IN_STORAGE,
    Member::of("body.value", Source::LookedUp("body")),
    Member::of("version.number", Source::Number(1)),
];

pub static DELETE_DRAFT: Operation =
    Operation::destroy("confluence_delete_draft", "Delete a Confluence draft", "delete pages")
        .description("Discard a Confluence page that was never published; drafts do not go to the trash.")
        .parameters(&[PAGE])
        .target("draft {page}")
        .bound_to(&DRAFT)
        .call(
            delete("/api/v2/pages/{page}", DELETE_PAGES, Answer::Done("discarded draft {page}"))
                .query(&[NamedSource::fixed("draft", "true")])
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND)
                .when_unknown("look for it with confluence_get_draft before repeating"),
        );

pub static DELETE: Operation = Operation::destroy("confluence_delete_page", "Delete a Confluence page", "delete pages")
    .description("Move a Confluence page to the trash, from which confluence_restore_page brings it back.")
    .parameters(&[PAGE])
    .target("page {page}")
    .call(
        delete("/api/v2/pages/{page}", DELETE_PAGES, Answer::Done("moved page {page} to the trash"))
            .within(places::OF_PAGE)
            .when_missing(PAGES_ARE_FOUND)
            .when_unknown(LOOK_IN_TRASH)
            .undone_by("confluence_restore_page", &[]),
    );

const IN_TRASH: Read = Read {
    path: "/api/v2/pages/{page}",
    query: &[AS_STORAGE, NamedSource::fixed("status", "trashed")],
    finds: &[OLD_TITLE, OLD_VERSION, BODY],
};

/// Confluence changes its status alone; it gets the body that it has, so that this does not depend on that.
const AS_IT_WAS: [Member; 6] = [
    Member::argument("id", "page"),
    Member::of("status", Source::Fixed("current")),
    Member::of("title", Source::LookedUp("old_title")),
    pages::IN_STORAGE,
    Member::of("body.value", Source::LookedUp("body")),
    Member::of("version.number", Source::OneMoreThan("old_version")),
];

pub static RESTORE: Operation =
    Operation::write("confluence_restore_page", "Restore a deleted Confluence page", "restore pages")
        .description("Bring a Confluence page back from the trash, undelete it.")
        .parameters(&[PAGE])
        .target("page {page}")
        .call(
            put("/api/v2/pages/{page}", READ_AND_CHANGE_PAGES, Answer::Record(pages::MADE))
                .before(&[Step::Read(IN_TRASH)])
                .body(Body::Json(&AS_IT_WAS))
                .within(places::OF_PAGE)
                .when_missing(TRASH)
                .when_unknown("read its status with confluence_get_page before repeating")
                .undone_by("confluence_delete_page", &[]),
        );

pub static PURGE: Operation =
    Operation::destroy("confluence_purge_page", "Delete a Confluence page for good", "delete pages for good")
        .description("Delete a Confluence page that is in the trash, for good.")
        .parameters(&[PAGE])
        .target("page {page}")
        .call(
            delete("/api/v2/pages/{page}", DELETE_PAGES, Answer::Done("deleted page {page} for good"))
                .query(&[NamedSource::fixed("purge", "true")])
                .within(places::OF_PAGE)
                .when_missing(TRASH)
                .when_unknown(LOOK_IN_TRASH),
        );
