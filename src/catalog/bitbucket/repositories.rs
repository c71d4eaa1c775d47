//! Repositories.

use super::{CURSOR, KEPT_FIELDS, PAGE_LENGTH, REPOSITORY, WORKSPACE, limit};
use crate::{
    catalog::operation::{
        Answer, ApprovalBinding, BITBUCKET_PAGING, Bounds, Call, Class, Field, Form, Kind, Operation, Parameter,
        QueryParameter, Rows, Scopes, Sensitivity, Source,
    },
    platform::http::Method,
    providers::BITBUCKET,
};

const SCOPES: Scopes = Scopes { classic: &["repository"], granular: &["read:repository:bitbucket"] };

pub static LIST: Operation = Operation {
    name: "bitbucket_list_repositories",
    title: "List Bitbucket repositories",
    description: "List the repositories of a workspace that you can see, most recently updated first.",
    consent: "repositories",
    class: Class::Read,
    sensitivity: Sensitivity::Names,
    parameters: &[
        WORKSPACE,
        Parameter::optional("name", "Only repositories whose name contains this", Kind::Line { longest: 100 }, "back"),
        limit(100),
        CURSOR,
    ],
    target: "{workspace}",
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: Some(Call {
        provider: &BITBUCKET,
        scopes: SCOPES,
        method: Method::Get,
        path: "/repositories/{workspace}",
        query: &[
            QueryParameter { name: "q", source: Source::Contains { field: "name", argument: "name" } },
            QueryParameter::fixed("sort", "-updated_on"),
            PAGE_LENGTH,
            KEPT_FIELDS,
        ],
        body: &[],
        resolve: None,
        bounds: Bounds::Workspace,
        answer: Answer::Rows(Rows {
            list: "values",
            columns: &[
                Field::label("repository", &["slug"]),
                Field::label("project", &["project.key"]),
                Field::label("main branch", &["mainbranch.name"]),
                Field::moment("updated", &["updated_on"]),
                Field::label("private", &["is_private"]),
                Field::label("description", &["description"]),
            ],
            total: "size",
            paging: BITBUCKET_PAGING,
            when_empty: "No repository here that you can see and that matches: leave `name` out, or check the workspace with bitbucket_list_workspaces.",
        }),
        when_missing: "bitbucket_list_workspaces lists the workspaces you belong to.",
        when_unknown: "",
    }),
};

pub static GET: Operation = Operation {
    name: "bitbucket_get_repository",
    title: "Get a Bitbucket repository",
    description: "Show one repository: its main branch, project, language, size and description.",
    consent: "repositories",
    class: Class::Read,
    sensitivity: Sensitivity::Work,
    parameters: &[WORKSPACE, REPOSITORY],
    target: "{workspace}/{repository}",
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: Some(Call {
        provider: &BITBUCKET,
        scopes: SCOPES,
        method: Method::Get,
        path: "/repositories/{workspace}/{repository}",
        query: &[KEPT_FIELDS],
        body: &[],
        resolve: None,
        bounds: Bounds::Workspace,
        answer: Answer::Record(&[
            Field::label("repository", &["full_name"]),
            Field::label("uuid", &["uuid"]),
            Field::label("project", &["project.key", "project.name"]),
            Field::label("main branch", &["mainbranch.name"]),
            Field::label("private", &["is_private"]),
            Field::label("language", &["language"]),
            Field::label("fork policy", &["fork_policy"]),
            Field::label("fork of", &["parent.full_name"]),
            Field::label("size in bytes", &["size"]),
            Field::moment("created", &["created_on"]),
            Field::moment("updated", &["updated_on"]),
            Field::link("link", &["links.html.href"]),
            Field::of(Form::Prose, "description", &["description"]),
        ]),
        when_missing: "bitbucket_list_repositories lists the repositories you can see.",
        when_unknown: "",
    }),
};
