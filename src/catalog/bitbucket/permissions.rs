//! What groups and people may do with a repository or a project, as it was granted to them there.

use super::{
    CURSOR, KEPT_FIELDS, MEMBERS_ARE_LISTED, OF_PROJECT, OF_REPOSITORY, PAGE_LENGTH, PROJECT, PROJECTS_ARE_LISTED,
    REPOSITORIES_ARE_LISTED, REPOSITORY, USER, WORKSPACE, delete, get, limit, put, rows,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, Operation, Parameter, Rows, Scopes, Sensitivity};

pub const ALL: &[&Operation] = &[
    &LIST_OF_GROUPS,
    &GET_OF_GROUP,
    &SET_OF_GROUP,
    &REMOVE_OF_GROUP,
    &LIST_OF_USERS,
    &GET_OF_USER,
    &SET_OF_USER,
    &REMOVE_OF_USER,
    &LIST_OF_GROUPS_IN_PROJECT,
    &GET_OF_GROUP_IN_PROJECT,
    &SET_OF_GROUP_IN_PROJECT,
    &REMOVE_OF_GROUP_IN_PROJECT,
    &LIST_OF_USERS_IN_PROJECT,
    &GET_OF_USER_IN_PROJECT,
    &SET_OF_USER_IN_PROJECT,
    &REMOVE_OF_USER_IN_PROJECT,
];

const READ: Scopes = Scopes { classic: &["repository:admin"], granular: &["read:repository:bitbucket"] };
const GRANT: Scopes =
    Scopes { classic: &["repository:admin"], granular: &["admin:repository:bitbucket", "write:permission:bitbucket"] };
const TAKE_AWAY: Scopes =
    Scopes { classic: &["repository:admin"], granular: &["admin:repository:bitbucket", "delete:permission:bitbucket"] };
const READ_IN_PROJECT: Scopes = Scopes { classic: &["project:admin"], granular: &["read:project:bitbucket"] };
const GRANT_IN_PROJECT: Scopes =
    Scopes { classic: &["project:admin"], granular: &["admin:project:bitbucket", "write:permission:bitbucket"] };
const TAKE_AWAY_IN_PROJECT: Scopes =
    Scopes { classic: &["project:admin"], granular: &["admin:project:bitbucket", "delete:permission:bitbucket"] };

const GROUPS: &str = "/repositories/{workspace}/{repository}/permissions-config/groups";
const THE_GROUP: &str = "/repositories/{workspace}/{repository}/permissions-config/groups/{group}";
const USERS: &str = "/repositories/{workspace}/{repository}/permissions-config/users";
const THE_USER: &str = "/repositories/{workspace}/{repository}/permissions-config/users/{user}";
const GROUPS_IN_PROJECT: &str = "/workspaces/{workspace}/projects/{project}/permissions-config/groups";
const THE_GROUP_IN_PROJECT: &str = "/workspaces/{workspace}/projects/{project}/permissions-config/groups/{group}";
const USERS_IN_PROJECT: &str = "/workspaces/{workspace}/projects/{project}/permissions-config/users";
const THE_USER_IN_PROJECT: &str = "/workspaces/{workspace}/projects/{project}/permissions-config/users/{user}";
const OF_GROUP: &str = "{workspace}/{repository}: group {group}";
const OF_USER: &str = "{workspace}/{repository}: {user}";
const OF_GROUP_IN_PROJECT: &str = "{workspace}/{project}: group {group}";
const OF_USER_IN_PROJECT: &str = "{workspace}/{project}: {user}";

const GROUP: Parameter = Parameter::required("group", "Group slug", Kind::Slug, "developers");
const PERMISSION: Parameter =
    Parameter::required("permission", "What they may do", Kind::Choice(&["read", "write", "admin"]), "read");
const PERMISSION_IN_PROJECT: Parameter = Parameter::required(
    "permission",
    "What they may do",
    Kind::Choice(&["read", "write", "create-repo", "admin"]),
    "read",
);
const BODY: Body = Body::Json(&[Member::argument("permission", "permission")]);

const GROUP_FIELDS: &[Field] = &[
    Field::label("group", &["group.slug"]),
    Field::label("name", &["group.name"]),
    Field::label("permission", &["permission"]),
];
const USER_FIELDS: &[Field] = &[
    Field::person("name", &["user.display_name"]),
    Field::label("user", &["user.uuid"]),
    Field::label("permission", &["permission"]),
];
const GROUP_ROWS: Rows = rows(GROUP_FIELDS, "No group was granted a permission here.");
const USER_ROWS: Rows =
    rows(USER_FIELDS, "No person was granted a permission of their own here: groups may give them one.");

pub static LIST_OF_GROUPS: Operation = Operation::read(
    "bitbucket_list_repository_group_permissions",
    "List groups with permissions on a Bitbucket repository",
    "permissions",
)
.description("List the permissions that groups were granted on a repository itself: read, write or admin.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
.target(OF_REPOSITORY)
.call(
    get(GROUPS, READ, Answer::Rows(GROUP_ROWS))
        .query(&[PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(REPOSITORIES_ARE_LISTED),
);

pub static GET_OF_GROUP: Operation = Operation::read(
    "bitbucket_get_repository_group_permission",
    "Get a group's permission on a Bitbucket repository",
    "permissions",
)
.description("Show the permission that a group was granted on a repository itself.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, REPOSITORY, GROUP])
.target(OF_GROUP)
.call(
    get(THE_GROUP, READ, Answer::Record(GROUP_FIELDS))
        .query(&[KEPT_FIELDS])
        .when_missing("bitbucket_list_repository_group_permissions lists those that have one."),
);

pub static SET_OF_GROUP: Operation = Operation::write(
    "bitbucket_set_repository_group_permission",
    "Set a group's permission on a Bitbucket repository",
    "grant permissions",
)
.description("Grant a group a permission on a repository, or change the one it has.")
.parameters(&[WORKSPACE, REPOSITORY, GROUP, PERMISSION])
.target(OF_GROUP)
.call(
    put(THE_GROUP, GRANT, Answer::Record(GROUP_FIELDS))
        .body(BODY)
        .when_missing("bitbucket_list_repository_group_permissions lists those that have one.")
        .when_unknown("look with bitbucket_list_repository_group_permissions whether it happened before repeating"),
);

pub static REMOVE_OF_GROUP: Operation = Operation::destroy(
    "bitbucket_remove_repository_group_permission",
    "Remove a group's permission on a Bitbucket repository",
    "others' permissions",
)
.description("Take away the permission that a group was granted on a repository; it can lock people out.")
.parameters(&[WORKSPACE, REPOSITORY, GROUP])
.target(OF_GROUP)
.call(
    delete(THE_GROUP, TAKE_AWAY, Answer::Done("removed the permission of {group}"))
        .when_missing("bitbucket_list_repository_group_permissions lists those that have one.")
        .when_unknown("look with bitbucket_list_repository_group_permissions whether it happened before repeating"),
);

pub static LIST_OF_USERS: Operation = Operation::read(
    "bitbucket_list_repository_user_permissions",
    "List people with permissions on a Bitbucket repository",
    "permissions",
)
.description("List the permissions that people were granted on a repository itself: read, write or admin.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
.target(OF_REPOSITORY)
.call(
    get(USERS, READ, Answer::Rows(USER_ROWS)).query(&[PAGE_LENGTH, KEPT_FIELDS]).when_missing(REPOSITORIES_ARE_LISTED),
);

pub static GET_OF_USER: Operation = Operation::read(
    "bitbucket_get_repository_user_permission",
    "Get a person's permission on a Bitbucket repository",
    "permissions",
)
.description("Show the permission that a person was granted on a repository itself.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, REPOSITORY, USER])
.target(OF_USER)
.call(
    get(THE_USER, READ, Answer::Record(USER_FIELDS))
        .query(&[KEPT_FIELDS])
        .when_missing("bitbucket_list_repository_user_permissions lists those that have one."),
);

pub static SET_OF_USER: Operation = Operation::write(
    "bitbucket_set_repository_user_permission",
    "Set a person's permission on a Bitbucket repository",
    "grant permissions",
)
.description("Grant a person a permission on a repository, or change the one they have.")
.parameters(&[WORKSPACE, REPOSITORY, USER, PERMISSION])
.target(OF_USER)
.call(
    put(THE_USER, GRANT, Answer::Record(USER_FIELDS))
        .body(BODY)
        .when_missing(MEMBERS_ARE_LISTED)
        .when_unknown("look with bitbucket_list_repository_user_permissions whether it happened before repeating"),
);

pub static REMOVE_OF_USER: Operation = Operation::destroy(
    "bitbucket_remove_repository_user_permission",
    "Remove a person's permission on a Bitbucket repository",
    "others' permissions",
)
.description("Take away the permission that a person was granted on a repository; it can lock people out.")
.parameters(&[WORKSPACE, REPOSITORY, USER])
.target(OF_USER)
.call(
    delete(THE_USER, TAKE_AWAY, Answer::Done("removed the permission of {user}"))
        .when_missing("bitbucket_list_repository_user_permissions lists those that have one.")
        .when_unknown("look with bitbucket_list_repository_user_permissions whether it happened before repeating"),
);

pub static LIST_OF_GROUPS_IN_PROJECT: Operation = Operation::read(
    "bitbucket_list_project_group_permissions",
    "List groups with permissions on a Bitbucket project",
    "permissions",
)
.description("List the permissions that groups were granted on a project itself: read, write, create-repo or admin.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, PROJECT, limit(100), CURSOR])
.target(OF_PROJECT)
.call(
    get(GROUPS_IN_PROJECT, READ_IN_PROJECT, Answer::Rows(GROUP_ROWS))
        .query(&[PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(PROJECTS_ARE_LISTED),
);

pub static GET_OF_GROUP_IN_PROJECT: Operation = Operation::read(
    "bitbucket_get_project_group_permission",
    "Get a group's permission on a Bitbucket project",
    "permissions",
)
.description("Show the permission that a group was granted on a project itself.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, PROJECT, GROUP])
.target(OF_GROUP_IN_PROJECT)
.call(
    get(THE_GROUP_IN_PROJECT, READ_IN_PROJECT, Answer::Record(GROUP_FIELDS))
        .query(&[KEPT_FIELDS])
        .when_missing("bitbucket_list_project_group_permissions lists those that have one."),
);

pub static SET_OF_GROUP_IN_PROJECT: Operation = Operation::write(
    "bitbucket_set_project_group_permission",
    "Set a group's permission on a Bitbucket project",
    "grant permissions",
)
.description("Grant a group a permission on a project, or change the one it has.")
.parameters(&[WORKSPACE, PROJECT, GROUP, PERMISSION_IN_PROJECT])
.target(OF_GROUP_IN_PROJECT)
.call(
    put(THE_GROUP_IN_PROJECT, GRANT_IN_PROJECT, Answer::Record(GROUP_FIELDS))
        .body(BODY)
        .when_missing("bitbucket_list_project_group_permissions lists those that have one.")
        .when_unknown("look with bitbucket_list_project_group_permissions whether it happened before repeating"),
);

pub static REMOVE_OF_GROUP_IN_PROJECT: Operation = Operation::destroy(
    "bitbucket_remove_project_group_permission",
    "Remove a group's permission on a Bitbucket project",
    "others' permissions",
)
.description("Take away the permission that a group was granted on a project; it can lock people out.")
.parameters(&[WORKSPACE, PROJECT, GROUP])
.target(OF_GROUP_IN_PROJECT)
.call(
    delete(THE_GROUP_IN_PROJECT, TAKE_AWAY_IN_PROJECT, Answer::Done("removed the permission of {group}"))
        .when_missing("bitbucket_list_project_group_permissions lists those that have one.")
        .when_unknown("look with bitbucket_list_project_group_permissions whether it happened before repeating"),
);

pub static LIST_OF_USERS_IN_PROJECT: Operation = Operation::read(
    "bitbucket_list_project_user_permissions",
    "List people with permissions on a Bitbucket project",
    "permissions",
)
.description("List the permissions that people were granted on a project itself: read, write, create-repo or admin.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, PROJECT, limit(100), CURSOR])
.target(OF_PROJECT)
.call(
    get(USERS_IN_PROJECT, READ_IN_PROJECT, Answer::Rows(USER_ROWS))
        .query(&[PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(PROJECTS_ARE_LISTED),
);

pub static GET_OF_USER_IN_PROJECT: Operation = Operation::read(
    "bitbucket_get_project_user_permission",
    "Get a person's permission on a Bitbucket project",
    "permissions",
)
.description("Show the permission that a person was granted on a project itself.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, PROJECT, USER])
.target(OF_USER_IN_PROJECT)
.call(
    get(THE_USER_IN_PROJECT, READ_IN_PROJECT, Answer::Record(USER_FIELDS))
        .query(&[KEPT_FIELDS])
        .when_missing("bitbucket_list_project_user_permissions lists those that have one."),
);

pub static SET_OF_USER_IN_PROJECT: Operation = Operation::write(
    "bitbucket_set_project_user_permission",
    "Set a person's permission on a Bitbucket project",
    "grant permissions",
)
.description("Grant a person a permission on a project, or change the one they have.")
.parameters(&[WORKSPACE, PROJECT, USER, PERMISSION_IN_PROJECT])
.target(OF_USER_IN_PROJECT)
.call(
    put(THE_USER_IN_PROJECT, GRANT_IN_PROJECT, Answer::Record(USER_FIELDS))
        .body(BODY)
        .when_missing(MEMBERS_ARE_LISTED)
        .when_unknown("look with bitbucket_list_project_user_permissions whether it happened before repeating"),
);

pub static REMOVE_OF_USER_IN_PROJECT: Operation = Operation::destroy(
    "bitbucket_remove_project_user_permission",
    "Remove a person's permission on a Bitbucket project",
    "others' permissions",
)
.description("Take away the permission that a person was granted on a project; it can lock people out.")
.parameters(&[WORKSPACE, PROJECT, USER])
.target(OF_USER_IN_PROJECT)
.call(
    delete(THE_USER_IN_PROJECT, TAKE_AWAY_IN_PROJECT, Answer::Done("removed the permission of {user}"))
        .when_missing("bitbucket_list_project_user_permissions lists those that have one.")
        .when_unknown("look with bitbucket_list_project_user_permissions whether it happened before repeating"),
);
