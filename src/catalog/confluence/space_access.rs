//! Who may do what in a space: permissions and roles.

use super::{
    ACCOUNT, CURSOR, PAGE_LENGTH, SPACE, SPACE_ID, SPACES, SPACES_ARE_LISTED, delete, get, limit, people, post, rows,
};
use crate::catalog::operation::{
    Answer, Body, Bounds, Call, Field, Ids, Kind, Member, Names, Operation, Parameter, Rows, Scopes, Sensitivity,
    Source,
};

pub const ALL: &[&Operation] = &[
    &LIST_PERMISSIONS,
    &ADD_PERMISSION,
    &REMOVE_PERMISSION,
    &LIST_ROLES,
    &GET_ROLE,
    &LIST_ASSIGNMENTS,
    &SET_ROLE,
    &REMOVE_ROLE,
];

const PERMISSIONS: Rows = rows(
    &[
        Field::label("permission", &["id"]),
        Field::label("kind", &["principal.type"]),
        Field::label("who", &["principal.id"]),
        Field::label("operation", &["operation.key", "operation.targetType"]),
    ],
    "No permissions of this space are to be seen.",
);

pub static LIST_PERMISSIONS: Operation =
    Operation::read("confluence_list_space_permissions", "List the permissions of a Confluence space", "permissions")
        .description("List which people and groups may do what in a Confluence space.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[SPACE, limit(250), CURSOR])
        .target("space {space}")
        .call(
            get("/api/v2/spaces/{space_id}/permissions", SPACES, Answer::Rows(PERMISSIONS))
                .before(&[SPACE_ID])
                .query(&[PAGE_LENGTH])
                .names(&[people(&["who"])])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );

const ADDS: Scopes =
    Scopes { classic: &[], granular: &["read:space.permission:confluence", "write:space.permission:confluence"] };
const REMOVES: Scopes = Scopes { classic: &[], granular: &["write:space.permission:confluence"] };
const KIND: Parameter =
    Parameter::optional("who", "What `user` is", Kind::Choice(&["user", "group"]), "user").or("user");
const OPERATION: Parameter = Parameter::required(
    "operation",
    "What",
    Kind::Choice(&["read", "create", "delete", "export", "archive", "restrict_content", "administer"]),
    "read",
);
const TARGET: Parameter = Parameter::required(
    "on",
    "On what",
    Kind::Choice(&["space", "page", "blogpost", "comment", "attachment"]),
    "space",
);
const LOOK: &str = "look with confluence_list_space_permissions before repeating";

pub static ADD_PERMISSION: Operation =
    Operation::write("confluence_add_space_permission", "Permit something in a Confluence space", "change permissions")
        .description("Permit a person or a group something in a Confluence space: read it, create or delete pages.")
        .parameters(&[SPACE, ACCOUNT, KIND, OPERATION, TARGET])
        .target("{operation} {on} in space {space}")
        .call(
            post("/rest/api/space/{space}/permission", ADDS, Answer::Record(&[Field::label("permission", &["id"])]))
                .body(Body::Json(&PERMISSION))
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("confluence_remove_space_permission", &[("permission", "id")]),
        );

const PERMISSION: [Member; 4] = [
    Member::argument("subject.type", "who"),
    Member::argument("subject.identifier", "user"),
    Member::argument("operation.key", "operation"),
    Member::argument("operation.target", "on"),
];
const ITS_ID: Parameter =
    Parameter::required("permission", "Permission id", Kind::Integer { least: 1, most: i64::MAX }, "98961");

const REMOVE_PERMISSION_ANSWER: Answer = Answer::Done("took permission {permission} back");

pub static REMOVE_PERMISSION: Operation = Operation::destroy(
    "confluence_remove_space_permission",
    "Take a permission back in a Confluence space",
    "change permissions",
)
.description("Take back a permission of a person or a group in a Confluence space.")
.parameters(&[SPACE, ITS_ID])
.target("permission {permission} in space {space}")
.call(
    delete("/rest/api/space/{space}/permission/{permission}", REMOVES, REMOVE_PERMISSION_ANSWER)
        .within(Bounds::Space)
        .when_missing("confluence_list_space_permissions lists the permissions with their ids.")
        .when_unknown(LOOK),
);

const ROLES: Scopes = Scopes { classic: &[], granular: &["read:space.permission:confluence"] };
const ROLES_OF_SPACES: Scopes =
    Scopes { classic: &[], granular: &["read:space.permission:confluence", "read:space:confluence"] };
const CHANGE_ROLES: Scopes =
    Scopes { classic: &[], granular: &["read:space:confluence", "write:space.permission:confluence"] };
const ROLE: Parameter = Parameter::required("role", "Role id", Kind::Key, "98971");
const ROLES_ARE_LISTED: &str = "confluence_list_space_roles lists the roles.";
const ROLE_ROWS: Rows = rows(
    &[
        Field::label("role", &["id"]),
        Field::label("name", &["name"]),
        Field::label("type", &["type"]),
        Field::label("description", &["description"]),
    ],
    "Confluence has no roles of spaces here.",
);

pub static LIST_ROLES: Operation =
    Operation::read("confluence_list_space_roles", "List the roles of Confluence spaces", "permissions")
        .description("List the roles that people can have in Confluence spaces.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[limit(250), CURSOR])
        .call(
            get("/api/v2/space-roles", ROLES, Answer::Rows(ROLE_ROWS))
                .query(&[PAGE_LENGTH])
                .within(Bounds::NoSpace)
                .when_missing("Confluence has no roles of spaces here."),
        );

const ROLE_FIELDS: &[Field] = &[
    Field::label("role", &["id"]),
    Field::label("name", &["name"]),
    Field::label("type", &["type"]),
    Field::label("description", &["description"]),
    Field::label("permits", &["spacePermissions"]),
];

pub static GET_ROLE: Operation =
    Operation::read("confluence_get_space_role", "Get a role of Confluence spaces", "permissions")
        .description("Show what a role of Confluence spaces permits.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[ROLE])
        .target("role {role}")
        .call(
            get("/api/v2/space-roles/{role}", ROLES, Answer::Record(ROLE_FIELDS))
                .within(Bounds::NoSpace)
                .when_missing(ROLES_ARE_LISTED),
        );

const ASSIGNMENTS: Rows = rows(
    &[
        Field::label("kind", &["principal.principalType"]),
        Field::label("who", &["principal.principalId"]),
        Field::label("role", &["roleId"]),
    ],
    "Nobody has a role in this space.",
);
const ROLE_NAMES: Names = Names {
    fields: &["role"],
    path: "/api/v2/space-roles",
    ids: Ids::All,
    list: "results",
    id: Field::exact("id", &["id"]),
    name: Field::label("name", &["name"]),
    standing: None,
};

const LIST_ASSIGNMENTS_CALL: Call =
    get("/api/v2/spaces/{space_id}/role-assignments", ROLES_OF_SPACES, Answer::Rows(ASSIGNMENTS))
        .before(&[SPACE_ID])
        .query(&[PAGE_LENGTH])
        .names(&[people(&["who"]), ROLE_NAMES])
        .within(Bounds::Space)
        .when_missing(SPACES_ARE_LISTED);

pub static LIST_ASSIGNMENTS: Operation = Operation::read(
    "confluence_list_space_role_assignments",
    "List who has which role in a Confluence space",
    "permissions",
)
.description("List which people and groups have which role in a Confluence space.")
.sensitivity(Sensitivity::Names)
.parameters(&[SPACE, limit(250), CURSOR])
.target("space {space}")
.call(LIST_ASSIGNMENTS_CALL);

const PRINCIPAL: Parameter =
    Parameter::optional("who", "What `user` is", Kind::Choice(&["USER", "GROUP", "ACCESS_CLASS"]), "USER").or("USER");
const ONE: Member = Member::of("[].principal.principalId", Source::AsList("user"));
const OF_KIND: Member = Member::argument("[].principal.principalType", "who");

const SET_ROLE_ANSWER: Answer = Answer::Done("{user} has role {role} in {space}");

pub static SET_ROLE: Operation =
    Operation::destroy("confluence_set_space_role", "Give somebody a role in a Confluence space", "change permissions")
        .description("Give a person or a group a role in a Confluence space, in place of the one they have.")
        .parameters(&[SPACE, ACCOUNT, PRINCIPAL, ROLE])
        .target("role {role} in space {space}")
        .call(
            post("/api/v2/spaces/{space_id}/role-assignments", CHANGE_ROLES, SET_ROLE_ANSWER)
                .before(&[SPACE_ID])
                .body(Body::Json(&[ONE, OF_KIND, Member::argument("[].roleId", "role")]))
                .within(Bounds::Space)
                .when_missing(ROLES_ARE_LISTED)
                .when_unknown("look with confluence_list_space_role_assignments before repeating"),
        );

const REMOVE_ROLE_CALL: Call =
    post("/api/v2/spaces/{space_id}/role-assignments", CHANGE_ROLES, Answer::Done("{user} has no role in {space}"))
        .before(&[SPACE_ID])
        .body(Body::Json(&[ONE, OF_KIND]))
        .within(Bounds::Space)
        .when_missing(SPACES_ARE_LISTED)
        .when_unknown("look with confluence_list_space_role_assignments before repeating");

pub static REMOVE_ROLE: Operation = Operation::destroy(
    "confluence_remove_space_role",
    "Take somebody's role in a Confluence space away",
    "change permissions",
)
.description("Take away the role that a person or a group has in a Confluence space.")
.parameters(&[SPACE, ACCOUNT, PRINCIPAL])
.target("role of {user} in space {space}")
.call(REMOVE_ROLE_CALL);
