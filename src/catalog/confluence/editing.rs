//! Edits of a page's body, each at the version that was read.

use super::{READ_AND_CHANGE_PAGES, places, put};
use crate::catalog::operation::{
    Answer, Body, Call, Change, Edit, Field, Find, Kind, Member, NamedSource, Operation, Parameter, Read, Sensitivity,
    Source,
};

pub const ALL: &[&Operation] = &[&EDIT, &UPDATE];

const THE_PAGE: &str = "/api/v2/pages/{page}";
const PAGE: Parameter = Parameter::required("page", "Id or address", Kind::Identifier, "98305");
const CONSENT: &str = "change pages";
const TEXT: Parameter =
    Parameter::optional("text", "Markdown", Kind::Markdown { longest: 200_000 }, "Wait **twice** as long each time.");
const WHOLE_TEXT: Parameter =
    Parameter::required("text", "The page, in Markdown", Kind::Markdown { longest: 500_000 }, "# Retry policy");

static BODY: Read = Read {
    path: THE_PAGE,
    query: &[NamedSource::fixed("body-format", "storage")],
    finds: &[
        Find { field: Field::exact("version", &["version.number"]), kind: Kind::Integer { least: 1, most: i64::MAX } },
        Find { field: Field::exact("title", &["title"]), kind: Kind::Line { longest: 1_000 } },
        Find { field: Field::exact("status", &["status"]), kind: Kind::Choice(&["current", "draft"]) },
    ],
};
static PLACE: Edit = body(Change::Place);
static WHOLE: Edit = body(Change::Whole);

const fn body(change: Change) -> Edit {
    Edit { read: &BODY, text: Field::exact("body", &["body.storage.value"]), earlier: "version", change }
}

const WRITTEN: &[Field] = &[
    Field::label("page", &["id"]),
    Field::label("title", &["title"]),
    Field::label("version", &["version.number"]),
    Field::link("link", &["_links.webui"]),
];

const MEMBERS: &[Member] = &[
    Member::argument("id", "page"),
    Member::of("status", Source::LookedUp("status")),
    Member::of("title", Source::LookedUp("title")),
    Member::of("version.number", Source::OneMoreThan("version")),
    Member::of("body.representation", Source::Fixed("storage")),
    Member::of("body.value", Source::Edited),
];

/// Writes the page as the version after the one that was read.
const fn write(edit: &'static Edit) -> Call {
    put(THE_PAGE, READ_AND_CHANGE_PAGES, Answer::Record(WRITTEN))
        .editing(edit)
        .body(Body::Json(MEMBERS))
        .within(places::OF_PAGE)
        .when_missing("confluence_search finds pages; a folder, whiteboard or blog post has an id too but is no page.")
        .when_unknown("read the page's version with confluence_get_page before repeating")
        // Whose `version` is the one that the edit was made at.
        .undone_by("confluence_restore_page_version", &[])
}

pub static EDIT: Operation = Operation::write("confluence_edit_page", "Edit a Confluence page", CONSENT)
    .description("Change a section or passage of a page at the version you read. Macros and comments elsewhere stay.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[PAGE, Edit::VERSION, Edit::SECTION, Edit::FIND, Edit::CHANGE, TEXT, Edit::LOSING, Edit::CHECK])
    .core()
    .target("page {page}")
    .call(write(&PLACE));

pub static UPDATE: Operation = Operation::write("confluence_update_page", "Rewrite a Confluence page", CONSENT)
    .description("Replace a page's whole body at the version you read; blocks that read the same keep their bytes.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[PAGE, Edit::VERSION, WHOLE_TEXT, Edit::LOSING, Edit::CHECK])
    .target("page {page}")
    .call(write(&WHOLE));
