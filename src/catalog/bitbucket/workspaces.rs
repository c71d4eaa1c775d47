//! Workspaces.

use super::{CURSOR, KEPT_FIELDS, PAGE_LENGTH, get, limit, rows};
use crate::catalog::operation::{Answer, Bounds, Field, Operation, Resource, Rows, Scopes, Sensitivity};

pub const ALL: &[&Operation] = &[&LIST];

const SCOPES: Scopes = Scopes { classic: &["account"], granular: &["read:workspace:bitbucket"] };

const ROWS: Rows = rows(
    &[
        Field::label("workspace", &["workspace.slug"]),
        Field::label("uuid", &["workspace.uuid"]),
        Field::label("administrator", &["administrator"]),
    ],
    "You belong to no Bitbucket workspace: ask a workspace administrator to invite you.",
)
.about(Resource::Workspace, &["workspace.slug", "workspace.uuid"])
.values("workspace", "workspace");

pub static LIST: Operation = Operation::read("bitbucket_list_workspaces", "List Bitbucket workspaces", "workspaces")
    .description("List the Bitbucket workspaces you belong to, with whether you administer each.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[limit(100), CURSOR])
    .call(
        get("/user/workspaces", SCOPES, Answer::Rows(ROWS))
            .query(&[PAGE_LENGTH, KEPT_FIELDS])
            .within(Bounds::Rows)
            .when_missing("Bitbucket did not find your account: reconnect it in Postern's console."),
    );
