//! Classification levels: how confidential pages and spaces are said to be.

use super::{
    CHANGE_PAGES, CURSOR, PAGE, PAGES_ARE_FOUND, READ_AND_CHANGE_PAGES, SPACE, SPACE_ID, SPACES, SPACES_ARE_LISTED,
    delete, get, places, post, put,
};
use crate::catalog::operation::{
    Answer, Body, Bounds, Field, Kind, Member, Operation, Parameter, Rows, Scopes, Sensitivity, Source,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &SET, &RESET, &GET_DEFAULT, &SET_DEFAULT, &REMOVE_DEFAULT];

const LEVELS: Scopes = Scopes { classic: &[], granular: &["read:configuration:confluence"] };
const LEVEL: Parameter = Parameter::required("level", "Level id", Kind::Key, "0f1e2d3c-4b5a");
const ARE_LISTED: &str = "confluence_list_classification_levels lists the levels.";
const FIELDS: &[Field] = &[
    Field::label("level", &["id"]),
    Field::label("name", &["name"]),
    Field::label("status", &["status"]),
    Field::label("description", &["description"]),
    Field::label("guideline", &["guideline"]),
];
const ROWS: Rows = Rows::new("", FIELDS, "Confluence has no classification levels here.");
const CURRENT: Member = Member::of("status", Source::Fixed("current"));

pub static LIST: Operation = Operation::read(
    "confluence_list_classification_levels",
    "List Confluence's classification levels",
    "classification",
)
.description("List Confluence's data classification levels: public, internal, confidential and so on.")
.sensitivity(Sensitivity::Names)
.parameters(&[CURSOR])
.call(
    get("/api/v2/classification-levels", LEVELS, Answer::Rows(ROWS))
        .within(Bounds::NoSpace)
        .when_missing("Confluence has no classification at this address."),
);

pub static GET: Operation =
    Operation::read("confluence_get_page_classification", "Get a Confluence page's classification", "classification")
        .description("Show how confidential a Confluence page is said to be.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[PAGE])
        .target("page {page}")
        .call(
            get("/api/v2/pages/{page}/classification-level", READ_AND_CHANGE_PAGES, Answer::Record(FIELDS))
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

pub static SET: Operation =
    Operation::write("confluence_set_page_classification", "Classify a Confluence page", "classify pages")
        .description("Set the classification level of a Confluence page.")
        .parameters(&[PAGE, LEVEL])
        .target("page {page}")
        .call(
            put("/api/v2/pages/{page}/classification-level", CHANGE_PAGES, Answer::Done("classified page {page}"))
                .body(Body::Json(&[Member::argument("id", "level"), CURRENT]))
                .within(places::OF_PAGE)
                .when_missing(ARE_LISTED)
                .when_unknown("read it with confluence_get_page_classification before repeating"),
        );

const RESET_ANSWER: Answer = Answer::Done("page {page} is classified as its space");

pub static RESET: Operation =
    Operation::write("confluence_reset_page_classification", "Reset a Confluence page's level", "classify pages")
        .description("Give a Confluence page the classification level that its space has.")
        .parameters(&[PAGE])
        .target("page {page}")
        .call(
            post("/api/v2/pages/{page}/classification-level/reset", CHANGE_PAGES, RESET_ANSWER)
                .body(Body::Json(&[CURRENT]))
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND)
                .when_unknown("read it with confluence_get_page_classification before repeating"),
        );

const OF_SPACES: Scopes = Scopes { classic: &[], granular: &["read:space:confluence", "write:space:confluence"] };
const READ_IT: &str = "read it with confluence_get_space_classification before repeating";

pub static GET_DEFAULT: Operation =
    Operation::read("confluence_get_space_classification", "Get a Confluence space's classification", "classification")
        .description("Show the classification level that the pages of a Confluence space have by default.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[SPACE])
        .target("space {space}")
        .call(
            get("/api/v2/spaces/{space_id}/classification-level/default", SPACES, Answer::Record(FIELDS))
                .before(&[SPACE_ID])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );

const SET_DEFAULT_ANSWER: Answer = Answer::Done("classified {space}");

pub static SET_DEFAULT: Operation =
    Operation::write("confluence_set_space_classification", "Classify a Confluence space", "classify spaces")
        .description("Set the classification level that the pages of a Confluence space have by default.")
        .parameters(&[SPACE, LEVEL])
        .target("space {space}")
        .call(
            put("/api/v2/spaces/{space_id}/classification-level/default", OF_SPACES, SET_DEFAULT_ANSWER)
                .before(&[SPACE_ID])
                .body(Body::Json(&[Member::argument("id", "level")]))
                .within(Bounds::Space)
                .when_missing(ARE_LISTED)
                .when_unknown(READ_IT)
                .undone_by("confluence_remove_space_classification", &[]),
        );

const REMOVE_DEFAULT_ANSWER: Answer = Answer::Done("{space} has no default level");

pub static REMOVE_DEFAULT: Operation =
    Operation::write("confluence_remove_space_classification", "Remove a Confluence space's level", "classify spaces")
        .description("Remove the classification level that the pages of a Confluence space have by default.")
        .parameters(&[SPACE])
        .target("space {space}")
        .call(
            delete("/api/v2/spaces/{space_id}/classification-level/default", OF_SPACES, REMOVE_DEFAULT_ANSWER)
                .before(&[SPACE_ID])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown(READ_IT),
        );
