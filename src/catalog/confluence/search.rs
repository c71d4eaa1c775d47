//! Search by words or CQL, which exists in v1 alone.

use super::{CURSOR, ONLY_SPACE, PAGE_LENGTH, get, limit, rows};
use crate::catalog::operation::{
    Answer, Bounds, Cql, CqlCondition, Field, Form, Kind, NamedSource, Operation, Parameter, Rows, Scopes, Sensitivity,
    Source,
};

pub const ALL: &[&Operation] = &[&SEARCH, &LIST_LABELLED, &LIST_RECENT];

const SCOPES: Scopes = Scopes { classic: &["search:confluence"], granular: &["read:content-details:confluence"] };
const QUERY: Parameter = Parameter::required(
    "query",
    "Words, or CQL such as `label = adr and type = page`",
    Kind::Line { longest: 2_000 },
    "type = page and text ~ \"deploy\"",
);
const LABEL: Parameter = Parameter::required("label", "Label", Kind::Line { longest: 255 }, "adr");
const TYPE: Parameter = Parameter::optional(
    "type",
    "Only this type",
    Kind::Choice(&["page", "blogpost", "attachment", "comment", "whiteboard", "database", "folder"]),
    "page",
);

const IN_SPACE: CqlCondition = CqlCondition { before: "space =", argument: "space" };
const OF_TYPE: CqlCondition = CqlCondition { before: "type =", argument: "type" };
static WORDS: Cql = Cql { query: Some("query"), always: "", conditions: &[IN_SPACE], order: "" };
static LABELLED: Cql = Cql {
    query: None,
    always: "",
    conditions: &[CqlCondition { before: "label =", argument: "label" }, IN_SPACE, OF_TYPE],
    order: "order by lastmodified desc",
};
static RECENT: Cql = Cql {
    query: None,
    always: "",
    conditions: &[CqlCondition { before: "lastmodified >=", argument: "since" }, IN_SPACE, OF_TYPE],
    order: "order by lastmodified desc",
};
const NO_SEARCH: &str = "Confluence has no search at this address: an administrator should check CONFLUENCE_API_URL.";

const ROWS: Rows = rows(
    &[
        Field::label("id", &["content.id", "space.key"]),
        Field::label("type", &["content.type"]),
        Field::of(Form::Excerpt, "title", &["title"]),
        Field::label("space", &["resultGlobalContainer.title", "resultGlobalContainer.displayUrl"]),
        Field::moment("last modified", &["lastModified"]),
        Field::of(Form::Excerpt, "excerpt", &["excerpt"]),
    ],
    "Nothing found. Pages that the account may not see are not found either: search for fewer words, or ask for access to the space.",
)
.total("totalSize");

pub static SEARCH: Operation = Operation::read("confluence_search", "Search Confluence", "what a search finds")
    .description("Find Confluence pages by words, or by CQL.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[QUERY, ONLY_SPACE, limit(50).or("15"), CURSOR])
    .core()
    .target("{query}")
    .call(
        get("/rest/api/search", SCOPES, Answer::Rows(ROWS))
            .query(&[NamedSource::of("cql", Source::Cql(&WORDS)), PAGE_LENGTH])
            .within(Bounds::Search)
            .when_missing(NO_SEARCH),
    );

pub static LIST_LABELLED: Operation =
    Operation::read("confluence_list_labelled", "List what has a label in Confluence", "what a search finds")
        .description("List the Confluence pages, blog posts and attachments that have a label, last changed first.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[LABEL, ONLY_SPACE, TYPE, limit(50), CURSOR])
        .target("label {label}")
        .call(
            get("/rest/api/search", SCOPES, Answer::Rows(ROWS))
                .query(&[NamedSource::of("cql", Source::Cql(&LABELLED)), PAGE_LENGTH])
                .within(Bounds::Search)
                .when_missing(NO_SEARCH),
        );

const SINCE: Parameter = Parameter::required("since", "First day", Kind::Day, "2026-10-01");

pub static LIST_RECENT: Operation =
    Operation::read("confluence_list_recent_changes", "List recent changes in Confluence", "what a search finds")
        .description("List the Confluence pages, blog posts and comments changed since a day, last changed first.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[SINCE, ONLY_SPACE, TYPE, limit(50), CURSOR])
        .target("since {since}")
        .call(
            get("/rest/api/search", SCOPES, Answer::Rows(ROWS))
                .query(&[NamedSource::of("cql", Source::Cql(&RECENT)), PAGE_LENGTH])
                .within(Bounds::Search)
                .when_missing(NO_SEARCH),
        );
