//! Pages: reading, listing, creating, renaming.

use super::{
    ADD_PAGES, AS_STORAGE, CHANGE_PAGES, CURSOR, PAGE, PAGE_LENGTH, PAGES, PAGES_ARE_FOUND, PAGES_OF_SPACES, PARENT,
    SPACE, SPACE_ID, SPACE_KEYS, SPACES_ARE_LISTED, TEXT, TITLE, get, limit, people, places, post, put, rows,
};
use crate::catalog::operation::{
    Answer, Body, Bounds, Field, Form, Kind, Member, NamedSource, Names, Operation, Parameter, Rows, Scopes,
    Sensitivity, Source,
};

pub const ALL: &[&Operation] = &[&GET, &LIST, &LIST_LIVE, &CREATE, &CREATE_LIVE, &RENAME, &LIST_OPERATIONS, &CHECK];

const SECTION: Parameter = Parameter::optional("section", "Only below this heading", Kind::Section, "Steps");

pub const FIELDS: &[Field] = &[
    Field::label("id", &["id"]),
    Field::label("title", &["title"]),
    Field::label("status", &["status"]),
    Field::label("kind", &["subtype"]),
    Field::label("space", &["spaceId"]),
    Field::label("parent", &["parentId"]),
    Field::label("version", &["version.number"]),
    Field::label("by", &["version.authorId"]),
    Field::moment("updated", &["version.createdAt"]),
    Field::link("link", &["_links.webui"]),
    Field::of(Form::Storage, "body", &["body.storage.value"]),
];
pub const NAMES: &[Names] = &[SPACE_KEYS, people(&["by"])];

pub static GET: Operation = Operation::read("confluence_get_page", "Read a Confluence page", "pages")
    .description("Read a Confluence page as Markdown, with its version.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[PAGE, SECTION, CURSOR])
    .core()
    .target("page {page}")
    .call(
        get("/api/v2/pages/{page}", PAGES, Answer::Record(FIELDS))
            .query(&[AS_STORAGE])
            .names(NAMES)
            .within(places::OF_PAGE)
            .when_missing(PAGES_ARE_FOUND),
    );

const ONLY_TITLE: Parameter =
    Parameter::optional("title", "Only this exact title", Kind::Line { longest: 255 }, "Release notes");
const STATUS: Parameter =
    Parameter::optional("status", "", Kind::Choice(&["current", "archived", "trashed"]), "current").or("current");
const SORT: Parameter =
    Parameter::optional("sort", "Order", Kind::Choice(&["-modified-date", "-created-date", "title", "id"]), "title")
        .or("-modified-date");

const ROWS: Rows = rows(
    &[
        Field::label("id", &["id"]),
        Field::label("title", &["title"]),
        Field::label("parent", &["parentId"]),
        Field::label("version", &["version.number"]),
        Field::label("by", &["version.authorId"]),
        Field::moment("updated", &["version.createdAt"]),
    ],
    "No such page in this space: confluence_search looks in all of them, and status archived or trashed shows others.",
);

pub static LIST: Operation = Operation::read("confluence_list_pages", "List the pages of a Confluence space", "pages")
    .description("List the Confluence pages of a space, by title or status: archived, in the trash.")
    .parameters(&[SPACE, ONLY_TITLE, STATUS, SORT, limit(250), CURSOR])
    .target("space {space}")
    .call(
        get("/api/v2/spaces/{space_id}/pages", PAGES_OF_SPACES, Answer::Rows(ROWS))
            .before(&[SPACE_ID])
            .query(LISTED)
            .names(&[people(&["by"])])
            .within(Bounds::Space)
            .when_missing(SPACES_ARE_LISTED),
    );

const LISTED: &[NamedSource] = &[
    NamedSource::argument("title", "title"),
    NamedSource::argument("status", "status"),
    NamedSource::argument("sort", "sort"),
    PAGE_LENGTH,
];

pub static LIST_LIVE: Operation =
    Operation::read("confluence_list_live_docs", "List the live docs of a Confluence space", "pages")
        .description("List the Confluence live docs of a space, last changed first.")
        .parameters(&[SPACE, limit(250), CURSOR])
        .target("space {space}")
        .call(
            get("/api/v2/pages", PAGES_OF_SPACES, Answer::Rows(ROWS))
                .before(&[SPACE_ID])
                .query(&[IN_SPACE, LIVE, NamedSource::fixed("sort", "-modified-date"), PAGE_LENGTH])
                .names(&[people(&["by"])])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );

const IN_SPACE: NamedSource = NamedSource::of("space-id", Source::LookedUp("space_id"));
const LIVE: NamedSource = NamedSource::fixed("subtype", "live");

pub const MADE: &[Field] = &[
    Field::label("id", &["id"]),
    Field::label("title", &["title"]),
    Field::label("status", &["status"]),
    Field::label("version", &["version.number"]),
    Field::link("link", &["_links.webui"]),
];
pub const IN_STORAGE: Member = Member::of("body.representation", Source::Fixed("storage"));
pub const OF_SPACE: Member = Member::of("spaceId", Source::LookedUp("space_id"));
pub const WHEN_MADE: &str = "look for the title with confluence_list_pages before repeating";

pub static CREATE: Operation = Operation::write("confluence_create_page", "Create a Confluence page", "create pages")
    .description("Create a Confluence page.")
    .parameters(&[SPACE, PARENT, TITLE, TEXT])
    .core()
    .target("{title} in space {space}")
    .call(
        post("/api/v2/pages", ADD_PAGES, Answer::Record(MADE))
            .before(&[SPACE_ID])
            .body(Body::Json(&PAGE_BODY))
            .within(places::BELOW_PARENT)
            .when_missing(SPACES_ARE_LISTED)
            .when_unknown(WHEN_MADE)
            .undone_by("confluence_delete_page", &[("page", "id")]),
    );

const PAGE_BODY: [Member; 6] = [
    OF_SPACE,
    Member::of("status", Source::Fixed("current")),
    Member::argument("title", "title"),
    Member::argument("parentId", "parent"),
    IN_STORAGE,
    Member::of("body.value", Source::AsStorage("text")),
];

pub static CREATE_LIVE: Operation =
    Operation::write("confluence_create_live_doc", "Create a Confluence live doc", "create pages")
        .description("Create a Confluence live doc, a page that everybody edits at once without publishing.")
        .parameters(&[SPACE, PARENT, TITLE, TEXT])
        .target("{title} in space {space}")
        .call(
            post("/api/v2/pages", ADD_PAGES, Answer::Record(MADE))
                .before(&[SPACE_ID])
                .body(Body::Json(&LIVE_BODY))
                .within(places::BELOW_PARENT)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown(WHEN_MADE)
                .undone_by("confluence_delete_page", &[("page", "id")]),
        );

const LIVE_BODY: [Member; 6] = [
    OF_SPACE,
    Member::of("subtype", Source::Fixed("live")),
    Member::argument("title", "title"),
    Member::argument("parentId", "parent"),
    IN_STORAGE,
    Member::of("body.value", Source::AsStorage("text")),
];

pub static RENAME: Operation = Operation::write("confluence_rename_page", "Rename a Confluence page", "change pages")
    .description("Give a Confluence page another title; its text stays as it is.")
    .parameters(&[PAGE, TITLE])
    .target("page {page}")
    .call(
        put("/api/v2/pages/{page}/title", CHANGE_PAGES, Answer::Record(MADE))
            .body(Body::Json(&[Member::of("status", Source::Fixed("current")), Member::argument("title", "title")]))
            .within(places::OF_PAGE)
            .when_missing(PAGES_ARE_FOUND)
            .when_unknown("read the title with confluence_get_page before repeating"),
    );

pub static LIST_OPERATIONS: Operation =
    Operation::read("confluence_list_page_operations", "List what may be done with a Confluence page", "permissions")
        .description("List what this account may do with a Confluence page: read, update, delete, restrict and so on.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[PAGE])
        .target("page {page}")
        .call(
            get("/api/v2/pages/{page}/operations", PAGES, Answer::Record(OPERATIONS))
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

const OPERATIONS: &[Field] = &[Field::label("may", &["operations.operation", "operations.targetType"])];
const WHO: Parameter = Parameter::required("user", "Account id, or a group's id", Kind::Key, "712020:0f1e2d3c-4b5a");
const WHO_KIND: Parameter =
    Parameter::optional("who", "What `user` is", Kind::Choice(&["user", "group"]), "user").or("user");
const OPERATION: Parameter =
    Parameter::required("operation", "What", Kind::Choice(&["read", "update", "delete"]), "read");
const CHECKS: Scopes =
    Scopes { classic: &["read:confluence-content.permission"], granular: &["read:content.permission:confluence"] };

pub static CHECK: Operation =
    Operation::read("confluence_check_permission", "Check who may see or edit a Confluence page", "permissions")
        .description("Say whether a person or group may read, update or delete a Confluence page.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[PAGE, WHO, WHO_KIND, OPERATION])
        .target("page {page}")
        .call(
            post("/rest/api/content/{page}/permission/check", CHECKS, Answer::Record(CHECKED))
                .body(Body::Json(&QUESTION))
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

const CHECKED: &[Field] = &[Field::label("may", &["hasPermission"]), Field::label("because", &["errors.translation"])];

const QUESTION: [Member; 3] = [
    Member::argument("subject.type", "who"),
    Member::argument("subject.identifier", "user"),
    Member::argument("operation", "operation"),
];
