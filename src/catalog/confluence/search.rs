//! Search by CQL, which exists in v1 alone.

use super::CURSOR;
use crate::{
    catalog::operation::{
        Answer, ApprovalBinding, Bounds, CONFLUENCE_PAGING, Call, Class, Field, Form, Kind, Operation, Parameter,
        QueryParameter, Rows, Scopes, Sensitivity,
    },
    platform::http::Method,
    providers::CONFLUENCE,
};

pub static SEARCH: Operation = Operation {
    name: "confluence_search",
    title: "Search Confluence",
    description: "Search Confluence with CQL, such as `type = page and text ~ \"release notes\" and space = ENG`.",
    consent: "what a search finds",
    class: Class::Read,
    sensitivity: Sensitivity::Contents,
    parameters: &[
        Parameter::required(
            "cql",
            "CQL; put values with spaces in double quotes",
            Kind::Line { longest: 2_000 },
            "type = page and text ~ \"deploy\"",
        ),
        Parameter::optional("limit", "Rows in this page", Kind::Integer { least: 1, most: 50 }, "10").or("15"),
        CURSOR,
    ],
    target: "{cql}",
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: Some(Call {
        provider: &CONFLUENCE,
        scopes: Scopes { classic: &["search:confluence"], granular: &["read:content-details:confluence"] },
        method: Method::Get,
        path: "/rest/api/search",
        query: &[QueryParameter::argument("cql", "cql"), QueryParameter::argument("limit", "limit")],
        body: &[],
        resolve: None,
        bounds: Bounds::Search("cql"),
        answer: Answer::Rows(Rows {
            list: "results",
            columns: &[
                Field::label("id", &["content.id", "space.key"]),
                Field::label("type", &["content.type"]),
                Field::of(Form::Excerpt, "title", &["title"]),
                Field::label("space", &["resultGlobalContainer.title", "resultGlobalContainer.displayUrl"]),
                Field::moment("last modified", &["lastModified"]),
                Field::of(Form::Excerpt, "excerpt", &["excerpt"]),
            ],
            total: "totalSize",
            paging: CONFLUENCE_PAGING,
            when_empty: "Nothing found. Pages that the account may not see are not found either: widen the CQL, or ask for access to the space.",
        }),
        when_missing: "Confluence has no search at this address: an administrator should check CONFLUENCE_API_URL.",
        when_unknown: "",
    }),
};
