//! Workspaces and who belongs to them.

use super::{
    CURSOR, KEPT_FIELDS, MEMBERS_ARE_LISTED, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY,
    REPOSITORY_SCOPES, WORKSPACE, get, limit, query, rows,
};
use crate::catalog::operation::{
    Answer, Bounds, Field, Kind, NamedSource, Operation, Parameter, Resource, Rows, Scopes, Sensitivity,
};

pub const ALL: &[&Operation] = &[
    &LIST,
    &GET,
    &LIST_MEMBERS,
    &GET_MEMBER,
    &LIST_PERMISSIONS,
    &GET_OWN_PERMISSION,
    &LIST_REPOSITORY_PERMISSIONS,
    &LIST_PERMISSIONS_OF_REPOSITORY,
    &LIST_OWN_REPOSITORY_PERMISSIONS,
    &GET_GPG_KEY,
];

const SCOPES: Scopes = Scopes { classic: &["account"], granular: &["read:workspace:bitbucket"] };
const WORKSPACES_ARE_LISTED: &str = "bitbucket_list_workspaces lists the workspaces you belong to.";

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

const FIELDS: &[Field] = &[
    Field::label("workspace", &["slug"]),
    Field::label("name", &["name"]),
    Field::label("uuid", &["uuid"]),
    Field::flags("flags", &["is_private", "is_personal", "is_privacy_enforced"]),
    Field::label("forks", &["forking_mode"]),
    Field::moment("created", &["created_on"]),
    Field::link("link", &["links.html.href"]),
];

pub static GET: Operation = Operation::read("bitbucket_get_workspace", "Get a Bitbucket workspace", "workspaces")
    .description("Show one workspace: its name, whether it is private, and how its repositories may be forked.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[WORKSPACE])
    .target("{workspace}")
    .call(
        get(
            "/workspaces/{workspace}",
            Scopes { classic: &[], granular: &["read:workspace:bitbucket"] },
            Answer::Record(FIELDS),
        )
        .query(&[KEPT_FIELDS])
        .when_missing(WORKSPACES_ARE_LISTED),
    );

const MEMBER: &[Field] = &[
    Field::person("name", &["user.display_name"]),
    Field::label("nickname", &["user.nickname"]),
    Field::label("user", &["user.uuid"]),
    Field::label("account id", &["user.account_id"]),
];
const EMAIL: Parameter = Parameter::optional(
    "email",
    "Only whoever has this address; for administrators",
    Kind::Line { longest: 254 },
    "ann@acme.example",
);

pub static LIST_MEMBERS: Operation =
    Operation::read("bitbucket_list_workspace_members", "List a Bitbucket workspace's members", "workspaces")
        .description("List the people of a workspace with the ids that reviewers, permissions and rules take.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, EMAIL, limit(100), CURSOR])
        .target("{workspace}")
        .call(
            get("/workspaces/{workspace}/members", SCOPES, Answer::Rows(rows(MEMBER, "Nobody here has this address.")))
                .query(&[query("user.email IN (", "email", ")"), PAGE_LENGTH, KEPT_FIELDS])
                .when_missing(WORKSPACES_ARE_LISTED),
        );

const MEMBER_ID: Parameter =
    Parameter::required("member", "Account id or UUID", Kind::Key, "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}");

pub static GET_MEMBER: Operation =
    Operation::read("bitbucket_get_workspace_member", "Get a Bitbucket workspace's member", "workspaces")
        .description("Show whether a person belongs to a workspace, by account id or UUID.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, MEMBER_ID])
        .target("{workspace}: {member}")
        .call(
            get("/workspaces/{workspace}/members/{member}", SCOPES, Answer::Record(MEMBER))
                .query(&[KEPT_FIELDS])
                .when_missing(MEMBERS_ARE_LISTED),
        );

const ROLES: Rows = rows(
    &[
        Field::person("name", &["user.display_name"]),
        Field::label("user", &["user.uuid"]),
        Field::label("permission", &["permission"]),
    ],
    "Nobody here has this permission: leave `permission` out to see everybody.",
);
const ROLE: Parameter = Parameter::optional(
    "permission",
    "Only whoever has this one",
    Kind::Choice(&["owner", "collaborator", "member"]),
    "owner",
);

pub static LIST_PERMISSIONS: Operation =
    Operation::read("bitbucket_list_workspace_permissions", "List permissions in a Bitbucket workspace", "permissions")
        .description("List who owns a workspace, who is a member and who a collaborator: its administrators and users.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, ROLE, limit(100), CURSOR])
        .target("{workspace}")
        .call(
            get("/workspaces/{workspace}/permissions", SCOPES, Answer::Rows(ROLES))
                .query(&[query("permission = ", "permission", ""), PAGE_LENGTH, KEPT_FIELDS])
                .when_missing(WORKSPACES_ARE_LISTED),
        );

pub static GET_OWN_PERMISSION: Operation = Operation::read(
    "bitbucket_get_own_workspace_permission",
    "Get your permission in a Bitbucket workspace",
    "permissions",
)
.description("Show your own role in a workspace: owner, collaborator or member.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE])
.target("{workspace}")
.call(
    get("/user/workspaces/{workspace}/permission", SCOPES, Answer::Record(OWN_ROLE))
        .when_missing(WORKSPACES_ARE_LISTED),
);
const OWN_ROLE: &[Field] = &[
    Field::label("permission", &["permission"]),
    Field::person("name", &["user.display_name"]),
    Field::label("workspace", &["workspace.slug"]),
];

const REPOSITORY_ROLES: Rows = rows(
    &[
        Field::label("repository", &["repository.full_name"]),
        Field::person("name", &["user.display_name"]),
        Field::label("user", &["user.uuid"]),
        Field::label("permission", &["permission"]),
    ],
    "Nobody has this permission here: leave `permission` out to see everybody.",
);
const REPOSITORY_ROLE: Parameter =
    Parameter::optional("permission", "Only this one", Kind::Choice(&["read", "write", "admin"]), "admin");
const ONLY_PERMISSION: NamedSource = query("permission = ", "permission", "");

pub static LIST_REPOSITORY_PERMISSIONS: Operation = Operation::read(
    "bitbucket_list_all_repository_permissions",
    "List permissions on all repositories of a Bitbucket workspace",
    "permissions",
)
.description("List who may read, write or administer each repository of a workspace, groups counted in.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, REPOSITORY_ROLE, limit(100), CURSOR])
.target("{workspace}")
.call(
    get("/workspaces/{workspace}/permissions/repositories", ACCOUNT_SCOPES, Answer::Rows(REPOSITORY_ROLES))
        .query(&[ONLY_PERMISSION, PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(WORKSPACES_ARE_LISTED),
);
const ACCOUNT_SCOPES: Scopes = Scopes { classic: &["account"], granular: &["read:repository:bitbucket"] };

const ROLES_OF_REPOSITORY: &str = "/workspaces/{workspace}/permissions/repositories/{repository}";

pub static LIST_PERMISSIONS_OF_REPOSITORY: Operation = Operation::read(
    "bitbucket_list_effective_repository_permissions",
    "List who may use a Bitbucket repository",
    "permissions",
)
.description("List everybody who may read, write or administer one repository, groups counted in.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, REPOSITORY, REPOSITORY_ROLE, limit(100), CURSOR])
.target(OF_REPOSITORY)
.call(
    get(ROLES_OF_REPOSITORY, REPOSITORY_SCOPES, Answer::Rows(REPOSITORY_ROLES))
        .query(&[ONLY_PERMISSION, PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(REPOSITORIES_ARE_LISTED),
);

pub static LIST_OWN_REPOSITORY_PERMISSIONS: Operation = Operation::read(
    "bitbucket_list_own_repository_permissions",
    "List your permissions on Bitbucket repositories",
    "permissions",
)
.description("List the repositories of a workspace that you yourself may read, write or administer.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, REPOSITORY_ROLE, limit(100), CURSOR])
.target("{workspace}")
.call(
    get("/user/workspaces/{workspace}/permissions/repositories", OWN_SCOPES, Answer::Rows(REPOSITORY_ROLES))
        .query(&[ONLY_PERMISSION, PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(WORKSPACES_ARE_LISTED),
);
const OWN_SCOPES: Scopes = Scopes { classic: &["account", "repository"], granular: &["read:repository:bitbucket"] };

pub static GET_GPG_KEY: Operation =
    Operation::read("bitbucket_get_workspace_gpg_key", "Get a Bitbucket workspace's GPG public key", "workspaces")
        .description("Show the public GPG key by which Bitbucket itself signs commits of a workspace, such as merges.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, CURSOR])
        .target("{workspace}")
        .call(
            get("/workspaces/{workspace}/settings/gpg/public-key", SCOPES, Answer::File)
                .when_missing(WORKSPACES_ARE_LISTED),
        );
