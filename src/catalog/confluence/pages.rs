//! Pages.

use super::CURSOR;
use crate::{
    catalog::operation::{
        Answer, ApprovalBinding, Bounds, Call, Class, Field, Form, InSpace, Kind, Operation, Parameter, QueryParameter,
        Scopes, Sensitivity,
    },
    platform::http::Method,
    providers::CONFLUENCE,
};

pub static GET: Operation = Operation {
    name: "confluence_get_page",
    title: "Read a Confluence page",
    description: "Read a Confluence page as Markdown, with its version; `cursor` continues a long one.",
    consent: "pages",
    class: Class::Read,
    sensitivity: Sensitivity::Contents,
    parameters: &[
        Parameter::required("page", "Page id, from its address or confluence_search", Kind::Identifier, "98305"),
        CURSOR,
    ],
    target: "page {page}",
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: Some(Call {
        provider: &CONFLUENCE,
        scopes: Scopes { classic: &[], granular: &["read:page:confluence"] },
        method: Method::Get,
        path: "/api/v2/pages/{page}",
        query: &[QueryParameter::fixed("body-format", "storage")],
        body: &[],
        resolve: None,
        bounds: Bounds::InSpace(InSpace {
            id: &[Field::label("space", &["spaceId"])],
            path: "/api/v2/spaces/{id}",
            key: &[Field::label("key", &["key"])],
        }),
        answer: Answer::Record(&[
            Field::label("id", &["id"]),
            Field::label("title", &["title"]),
            Field::label("status", &["status"]),
            Field::label("space", &["spaceId"]),
            Field::label("parent", &["parentId"]),
            Field::label("version", &["version.number"]),
            Field::moment("updated", &["version.createdAt"]),
            Field::link("link", &["_links.webui"]),
            Field::of(Form::Storage, "body", &["body.storage.value"]),
        ]),
        when_missing: "confluence_search finds pages; a folder, whiteboard or blog post has an id too but is no page.",
        when_unknown: "",
    }),
};
