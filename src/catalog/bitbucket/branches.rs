//! Branches.

use super::{CURSOR, KEPT_FIELDS, PAGE_LENGTH, REPOSITORY, WORKSPACE, limit};
use crate::{
    catalog::operation::{
        Answer, ApprovalBinding, BITBUCKET_PAGING, Bounds, Call, Class, Field, Kind, Operation, Parameter,
        QueryParameter, Rows, Scopes, Sensitivity, Source,
    },
    platform::http::Method,
    providers::BITBUCKET,
};

pub static LIST: Operation = Operation {
    name: "bitbucket_list_branches",
    title: "List Bitbucket branches",
    description: "List the branches of a repository, those with the newest commits first.",
    consent: "branches",
    class: Class::Read,
    sensitivity: Sensitivity::Names,
    parameters: &[
        WORKSPACE,
        REPOSITORY,
        Parameter::optional("name", "Only branches whose name contains this", Kind::Line { longest: 100 }, "feature"),
        limit(100),
        CURSOR,
    ],
    target: "{workspace}/{repository}",
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: Some(Call {
        provider: &BITBUCKET,
        scopes: Scopes { classic: &["repository"], granular: &["read:repository:bitbucket"] },
        method: Method::Get,
        path: "/repositories/{workspace}/{repository}/refs/branches",
        query: &[
            QueryParameter { name: "q", source: Source::Contains { field: "name", argument: "name" } },
            QueryParameter::fixed("sort", "-target.date"),
            PAGE_LENGTH,
            KEPT_FIELDS,
        ],
        body: &[],
        resolve: None,
        bounds: Bounds::Workspace,
        answer: Answer::Rows(Rows {
            list: "values",
            columns: &[
                Field::label("branch", &["name"]),
                Field::label("commit", &["target.hash"]),
                Field::moment("committed", &["target.date"]),
                Field::person("author", &["target.author.user.display_name", "target.author.raw"]),
            ],
            total: "size",
            paging: BITBUCKET_PAGING,
            when_empty: "No branch here whose name contains this: leave `name` out to see all.",
        }),
        when_missing: "bitbucket_list_repositories lists the repositories you can see.",
        when_unknown: "",
    }),
};
