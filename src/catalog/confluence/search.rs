//! Search by CQL, which exists in v1 alone.

use super::{CURSOR, PAGE_LENGTH, get, limit, rows};
use crate::catalog::operation::{
    Answer, Bounds, Field, Form, Kind, NamedSource, Operation, Parameter, Rows, Scopes, Sensitivity,
};

pub const ALL: &[&Operation] = &[&SEARCH];

const SCOPES: Scopes = Scopes { classic: &["search:confluence"], granular: &["read:content-details:confluence"] };
const CQL: Parameter = Parameter::required(
    "cql",
    "CQL; put values with spaces in double quotes",
    Kind::Line { longest: 2_000 },
    "type = page and text ~ \"deploy\"",
);

const ROWS: Rows = rows(
    &[
        Field::label("id", &["content.id", "space.key"]),
        Field::label("type", &["content.type"]),
        Field::of(Form::Excerpt, "title", &["title"]),
        Field::label("space", &["resultGlobalContainer.title", "resultGlobalContainer.displayUrl"]),
        Field::moment("last modified", &["lastModified"]),
        Field::of(Form::Excerpt, "excerpt", &["excerpt"]),
    ],
    "Nothing found. Pages that the account may not see are not found either: widen the CQL, or ask for access to the space.",
)
.total("totalSize");

pub static SEARCH: Operation = Operation::read("confluence_search", "Search Confluence", "what a search finds")
    .description("Search Confluence with CQL, such as `type = page and text ~ \"release notes\" and space = ENG`.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[CQL, limit(50).or("15"), CURSOR])
    .core()
    .target("{cql}")
    .call(
        get("/rest/api/search", SCOPES, Answer::Rows(ROWS))
            .query(&[NamedSource::argument("cql", "cql"), PAGE_LENGTH])
            .within(Bounds::Search("cql"))
            .when_missing(
                "Confluence has no search at this address: an administrator should check CONFLUENCE_API_URL.",
            ),
    );
