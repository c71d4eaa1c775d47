//! The tree of pages: what is above and below, moving, copying, archiving, deleting.

use super::{
    ANCESTORS, CURSOR, LONG_TASK, PAGE, PAGE_LENGTH, PAGES_ARE_FOUND, TITLE, TREES, delete, get, limit, places, post,
    put, rows,
};
use crate::catalog::operation::{
    Answer, Body, Field, Find, Form, Ids, Kind, Member, NamedSource, Names, Operation, Parameter, Read, Rows, Scopes,
    Sensitivity, Source,
};

pub const ALL: &[&Operation] =
    &[&LIST_CHILDREN, &LIST_TREE, &LIST_ANCESTORS, &MOVE, &COPY, &COPY_TREE, &ARCHIVE, &DELETE_TREE];

const ITS_PAGES: &str = "list what is below it with confluence_list_page_tree before repeating";

pub const CHILDREN: Rows = rows(
    &[
        Field::label("type", &["type"]),
        Field::label("id", &["id"]),
        Field::label("title", &["title"]),
        Field::label("status", &["status"]),
    ],
    "Nothing is below it.",
);

pub static LIST_CHILDREN: Operation =
    Operation::read("confluence_list_page_children", "List what is below a Confluence page", "pages")
        .description("List the child pages of a Confluence page, and the folders, whiteboards and databases below it.")
        .parameters(&[PAGE, limit(250), CURSOR])
        .target("page {page}")
        .call(
            get("/api/v2/pages/{page}/direct-children", TREES, Answer::Rows(CHILDREN))
                .query(&[PAGE_LENGTH])
                .within(places::BELOW_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

pub const DEPTH: Parameter =
    Parameter::optional("depth", "How many levels", Kind::Integer { least: 1, most: 5 }, "2").or("3");
pub const DEEP: NamedSource = NamedSource::argument("depth", "depth");
pub const TREE: Rows = rows(
    &[
        Field::label("depth", &["depth"]),
        Field::label("type", &["type"]),
        Field::label("id", &["id"]),
        Field::label("title", &["title"]),
        Field::label("parent", &["parentId"]),
    ],
    "Nothing is below it.",
);

pub static LIST_TREE: Operation =
    Operation::read("confluence_list_page_tree", "List the tree below a Confluence page", "pages")
        .description("List all descendants of a Confluence page, the page tree, down to some levels.")
        .parameters(&[PAGE, DEPTH, limit(250).or("100"), CURSOR])
        .target("page {page}")
        .call(
            get("/api/v2/pages/{page}/descendants", TREES, Answer::Rows(TREE))
                .query(&[DEEP, PAGE_LENGTH])
                .within(places::BELOW_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

/// Confluence names what is above by ids alone: pages get their titles.
const ABOVE: Rows = rows(ABOVE_COLUMNS, AT_THE_TOP);
/// Only of pages does the list link to its next page.
pub const WHOLE_ABOVE: Rows = Rows::new("results", ABOVE_COLUMNS, AT_THE_TOP);
const ABOVE_COLUMNS: &[Field] =
    &[Field::label("type", &["type"]), Field::label("id", &["id"]), Field::label("title", &["id"])];
const AT_THE_TOP: &str = "Nothing is above it: it is at the top of its space.";
pub const TITLES: &[Names] = &[Names {
    fields: &["title"],
    path: "/api/v2/pages",
    ids: Ids::Query("id"),
    list: "results",
    id: Field::exact("id", &["id"]),
    name: Field::label("title", &["title"]),
    standing: None,
}];

pub static LIST_ANCESTORS: Operation =
    Operation::read("confluence_list_page_ancestors", "List what is above a Confluence page", "pages")
        .description("List the ancestors of a Confluence page, from the top of the space down: its breadcrumbs.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[PAGE, limit(250), CURSOR])
        .target("page {page}")
        .call(
            get("/api/v2/pages/{page}/ancestors", ANCESTORS, Answer::Rows(ABOVE))
                .query(&[PAGE_LENGTH])
                .names(TITLES)
                .within(places::ABOVE_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

const TARGET: Parameter = Parameter::required("target", "Page id to move it to", Kind::Identifier, "98306");
const POSITION: Parameter = Parameter::optional(
    "position",
    "Below the target, or beside it",
    Kind::Choice(&["append", "before", "after"]),
    "append",
)
.or("append");
const MOVES: Scopes = Scopes { classic: &["write:confluence-content"], granular: &["write:page:confluence"] };

const MOVE_ANSWER: Answer = Answer::Done("moved page {page}: {position} {target}");

pub static MOVE: Operation = Operation::write("confluence_move_page", "Move a Confluence page", "move pages")
    .description(
        "Move a Confluence page and all below it under another page, or before or after it; also to another space.",
    )
    .parameters(&[PAGE, TARGET, POSITION])
    .target("page {page} to {target}")
    .call(
        put("/rest/api/content/{page}/move/{position}/{target}", MOVES, MOVE_ANSWER)
            .within(places::OF_PAGE_AND_TARGET)
            .when_missing(PAGES_ARE_FOUND)
            .when_unknown("look with confluence_list_page_ancestors before repeating"),
    );

const NEW_PARENT: Parameter = Parameter::required("parent", "Page id to put it under", Kind::Identifier, "98306");
const COPIES: Scopes = Scopes {
    classic: &["write:confluence-content"],
    granular: &["read:content-details:confluence", "write:page:confluence"],
};

pub static COPY: Operation = Operation::write("confluence_copy_page", "Copy a Confluence page", "copy pages")
    .description("Copy one Confluence page with its attachments and labels under another page.")
    .parameters(&[PAGE, NEW_PARENT, TITLE])
    .target("page {page} under {parent}")
    .call(
        post("/rest/api/content/{page}/copy", COPIES, Answer::Record(COPIED))
            .body(Body::Json(&COPY_BODY))
            .within(places::OF_PAGE_AND_PARENT)
            .when_missing(PAGES_ARE_FOUND)
            .when_unknown(ITS_PAGES)
            .undone_by("confluence_delete_page", &[("page", "id")]),
    );

const COPIED: &[Field] =
    &[Field::label("id", &["id"]), Field::label("title", &["title"]), Field::link("link", &["_links.webui"])];
const COPY_BODY: [Member; 6] = [
    Member::of("destination.type", Source::Fixed("parent_page")),
    Member::argument("destination.value", "parent"),
    Member::argument("pageTitle", "title"),
    Member::of("copyAttachments", Source::Flag(true)),
    Member::of("copyLabels", Source::Flag(true)),
    Member::of("copyProperties", Source::Flag(true)),
];

const COPIES_OF_TREES: Scopes = Scopes {
    classic: &["read:confluence-space.summary", "write:confluence-content"],
    granular: &["read:content.metadata:confluence", "write:page:confluence"],
};
const PREFIX: Parameter =
    Parameter::optional("prefix", "Before each title", Kind::Line { longest: 100 }, "Copy of ").or("Copy of ");

pub static COPY_TREE: Operation =
    Operation::write("confluence_copy_page_tree", "Copy a Confluence page with all below it", "copy pages")
        .description("Copy a Confluence page and its whole page tree under another page; waits for the end.")
        .parameters(&[PAGE, NEW_PARENT, PREFIX])
        .target("tree of page {page} under {parent}")
        .call(
            post("/rest/api/content/{page}/pagehierarchy/copy", COPIES_OF_TREES, Answer::Done(TREE_COPIED))
                .body(Body::Json(&TREE_BODY))
                .after(LONG_TASK)
                .within(places::OF_TREE_AND_PARENT)
                .when_missing(PAGES_ARE_FOUND)
                .when_unknown(ITS_PAGES),
        );

const TREE_COPIED: &str = "copied page {page} and all below it under {parent}";
const TREE_BODY: [Member; 6] = [
    Member::argument("destinationPageId", "parent"),
    Member::argument("titleOptions.prefix", "prefix"),
    Member::of("copyDescendants", Source::Flag(true)),
    Member::of("copyAttachments", Source::Flag(true)),
    Member::of("copyLabels", Source::Flag(true)),
    Member::of("copyProperties", Source::Flag(true)),
];

// Numbers, for Confluence takes no others here.
const SEVERAL: Parameter = Parameter::required(
    "pages",
    "Page ids",
    Kind::List { of: &Kind::Integer { least: 1, most: i64::MAX }, most: 50 },
    "[98306]",
);

/// Of each page its id and its version.
static VERSIONS: Read = Read {
    path: "/api/v2/pages",
    query: &[
        NamedSource::argument("id", "pages"),
        NamedSource::fixed("sort", "id"),
        NamedSource::fixed("limit", "250"),
    ],
    finds: &[Find {
        field: Field::of(Form::Exact, "versions", &["results.id", "results.version.number"]),
        kind: Kind::Verbatim,
    }],
};

pub static ARCHIVE: Operation =
    Operation::write("confluence_archive_pages", "Archive Confluence pages", "archive pages")
        .description("Archive Confluence pages; people bring them back in Confluence itself.")
        .parameters(&[SEVERAL])
        .target("pages {pages}")
        .bound_to(&VERSIONS)
        .call(
            post("/rest/api/content/archive", COPIES_OF_TREES, Answer::Done("archived pages {pages}"))
                .body(Body::Json(&[Member::argument("pages[].id", "pages")]))
                .after(LONG_TASK)
                .within(places::BELOW_PAGES)
                .when_missing(PAGES_ARE_FOUND)
                .when_unknown("look with confluence_list_pages, status archived, before repeating"),
        );

const DELETES: Scopes = Scopes {
    classic: &["read:confluence-space.summary", "write:confluence-content"],
    granular: &["delete:content:confluence", "read:content.metadata:confluence"],
};

const DELETE_TREE_ANSWER: Answer = Answer::Done("moved page {page} and all below it to the trash");

pub static DELETE_TREE: Operation =
    Operation::destroy("confluence_delete_page_tree", "Delete a Confluence page with all below it", "delete pages")
        .description("Move a Confluence page and its whole page tree to the trash; waits for the end.")
        .parameters(&[PAGE])
        .target("tree of page {page}")
        .call(
            delete("/rest/api/content/{page}/pageTree", DELETES, DELETE_TREE_ANSWER)
                .after(LONG_TASK)
                .within(places::BELOW_PAGE)
                .when_missing(PAGES_ARE_FOUND)
                .when_unknown("look with confluence_list_pages, status trashed, before repeating"),
        );
