//! Pages.

use super::{CURSOR, get};
use crate::catalog::operation::{
    Answer, Bounds, Field, Form, InSpace, Kind, NamedSource, Operation, Parameter, Scopes, Sensitivity,
};

pub const ALL: &[&Operation] = &[&GET];

const SCOPES: Scopes = Scopes { classic: &[], granular: &["read:page:confluence"] };
const PAGE: Parameter =
    Parameter::required("page", "Page id, from its address or confluence_search", Kind::Identifier, "98305");

const ITS_SPACE: InSpace = InSpace {
    id: Field::exact("space", &["spaceId"]),
    path: "/api/v2/spaces/{id}",
    key: Field::exact("key", &["key"]),
};

const FIELDS: &[Field] = &[
    Field::label("id", &["id"]),
    Field::label("title", &["title"]),
    Field::label("status", &["status"]),
    Field::label("space", &["spaceId"]),
    Field::label("parent", &["parentId"]),
    Field::label("version", &["version.number"]),
    Field::moment("updated", &["version.createdAt"]),
    Field::link("link", &["_links.webui"]),
    Field::of(Form::Storage, "body", &["body.storage.value"]),
];

pub static GET: Operation = Operation::read("confluence_get_page", "Read a Confluence page", "pages")
    .description("Read a Confluence page as Markdown, with its version; `cursor` continues a long one.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[PAGE, CURSOR])
    .core()
    .target("page {page}")
    .call(
        get("/api/v2/pages/{page}", SCOPES, Answer::Record(FIELDS))
            .query(&[NamedSource::fixed("body-format", "storage")])
            .within(Bounds::InSpace(ITS_SPACE))
            .when_missing(
                "confluence_search finds pages; a folder, whiteboard or blog post has an id too but is no page.",
            ),
    );
