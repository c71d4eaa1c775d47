//! Spaces.

use super::CURSOR;
use crate::{
    catalog::operation::{
        Answer, ApprovalBinding, Bounds, CONFLUENCE_PAGING, Call, Class, Field, Kind, Operation, Parameter,
        QueryParameter, Rows, Scopes, Sensitivity,
    },
    catalog::reach::Realm,
    platform::http::Method,
    providers::CONFLUENCE,
};

pub static LIST: Operation = Operation {
    name: "confluence_list_spaces",
    title: "List Confluence spaces",
    description: "List the Confluence spaces there are, with the key that CQL takes.",
    consent: "spaces",
    class: Class::Read,
    sensitivity: Sensitivity::Names,
    parameters: &[
        Parameter::optional("limit", "Rows in this page", Kind::Integer { least: 1, most: 250 }, "10").or("25"),
        CURSOR,
    ],
    target: "",
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: Some(Call {
        provider: &CONFLUENCE,
        scopes: Scopes { classic: &[], granular: &["read:space:confluence"] },
        method: Method::Get,
        path: "/api/v2/spaces",
        query: &[QueryParameter::argument("limit", "limit")],
        body: &[],
        resolve: None,
        bounds: Bounds::Rows(Realm::Spaces, &["key"]),
        answer: Answer::Rows(Rows {
            list: "results",
            columns: &[
                Field::label("key", &["key"]),
                Field::label("name", &["name"]),
                Field::label("type", &["type"]),
                Field::label("status", &["status"]),
                Field::link("link", &["_links.webui"]),
            ],
            // It does not say how many there are in all.
            total: "",
            paging: CONFLUENCE_PAGING,
            when_empty: "No space that the organisation's account may see: an administrator of Confluence can let it in.",
        }),
        when_missing: "Confluence has no spaces at this address: an administrator should check CONFLUENCE_API_URL.",
        when_unknown: "",
    }),
};
