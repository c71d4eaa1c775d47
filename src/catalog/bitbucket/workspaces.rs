//! Workspaces.

use super::{CURSOR, KEPT_FIELDS, PAGE_LENGTH, limit};
use crate::{
    catalog::operation::{
        Answer, ApprovalBinding, BITBUCKET_PAGING, Bounds, Call, Class, Field, Operation, Rows, Scopes, Sensitivity,
    },
    catalog::reach::Realm,
    platform::http::Method,
    providers::BITBUCKET,
};

pub static LIST: Operation = Operation {
    name: "bitbucket_list_workspaces",
    title: "List Bitbucket workspaces",
    description: "List the Bitbucket workspaces you belong to, with whether you administer each.",
    consent: "workspaces",
    class: Class::Read,
    sensitivity: Sensitivity::Names,
    parameters: &[limit(100), CURSOR],
    target: "",
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: Some(Call {
        provider: &BITBUCKET,
        scopes: Scopes { classic: &["account"], granular: &["read:workspace:bitbucket"] },
        method: Method::Get,
        path: "/user/workspaces",
        query: &[PAGE_LENGTH, KEPT_FIELDS],
        body: &[],
        resolve: None,
        bounds: Bounds::Rows(Realm::Workspaces, &["workspace", "uuid"]),
        answer: Answer::Rows(Rows {
            list: "values",
            columns: &[
                Field::label("workspace", &["workspace.slug"]),
                Field::label("uuid", &["workspace.uuid"]),
                Field::label("administrator", &["administrator"]),
            ],
            total: "size",
            paging: BITBUCKET_PAGING,
            when_empty: "You belong to no Bitbucket workspace: ask a workspace administrator to invite you.",
        }),
        when_missing: "Bitbucket did not find your account: reconnect it in Postern's console.",
        when_unknown: "",
    }),
};
