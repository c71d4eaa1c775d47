//! SSH keys that may read a repository, or all repositories of a project.

use super::{
    CURSOR, KEPT_FIELDS, OF_PROJECT, OF_REPOSITORY, PAGE_LENGTH, PROJECT, PROJECTS_ARE_LISTED, REPOSITORIES_ARE_LISTED,
    REPOSITORY, WORKSPACE, delete, get, limit, post, put, rows,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, Operation, Parameter, Rows, Scopes, Sensitivity};

pub const ALL: &[&Operation] =
    &[&LIST, &GET, &ADD, &UPDATE, &DELETE, &LIST_OF_PROJECT, &GET_OF_PROJECT, &ADD_TO_PROJECT, &DELETE_FROM_PROJECT];

const CLASSIC: &[&str] = &["repository", "repository:admin"];
const SCOPES: Scopes = Scopes { classic: CLASSIC, granular: &["admin:repository:bitbucket"] };
const WRITE: Scopes = Scopes { classic: CLASSIC, granular: &["admin:repository:bitbucket", "write:ssh-key:bitbucket"] };
const TAKE_AWAY: Scopes =
    Scopes { classic: CLASSIC, granular: &["admin:repository:bitbucket", "delete:ssh-key:bitbucket"] };
const CLASSIC_OF_PROJECT: &[&str] = &["project", "project:admin"];
const SCOPES_OF_PROJECT: Scopes = Scopes { classic: CLASSIC_OF_PROJECT, granular: &["admin:project:bitbucket"] };
const WRITE_TO_PROJECT: Scopes =
    Scopes { classic: CLASSIC_OF_PROJECT, granular: &["admin:project:bitbucket", "write:ssh-key:bitbucket"] };
const TAKE_FROM_PROJECT: Scopes =
    Scopes { classic: CLASSIC_OF_PROJECT, granular: &["admin:project:bitbucket", "delete:ssh-key:bitbucket"] };

const KEYS: &str = "/repositories/{workspace}/{repository}/deploy-keys";
const THE_KEY: &str = "/repositories/{workspace}/{repository}/deploy-keys/{key}";
const KEYS_OF_PROJECT: &str = "/workspaces/{workspace}/projects/{project}/deploy-keys";
const THE_KEY_OF_PROJECT: &str = "/workspaces/{workspace}/projects/{project}/deploy-keys/{key}";
const TARGET: &str = "{workspace}/{repository}, deploy key {key}";
const TARGET_IN_PROJECT: &str = "{workspace}/{project}, deploy key {key}";
const ARE_LISTED: &str = "bitbucket_list_deploy_keys lists the keys that there are.";
const OF_PROJECT_ARE_LISTED: &str = "bitbucket_list_project_deploy_keys lists the keys that there are.";
const LOOK: &str = "look with bitbucket_list_deploy_keys whether it happened before repeating";
const LOOK_IN_PROJECT: &str = "look with bitbucket_list_project_deploy_keys whether it happened before repeating";

const KEY: Parameter = Parameter::required("key", "Key id", Kind::Integer { least: 1, most: i64::MAX }, "123");
const PUBLIC_KEY: Parameter =
    Parameter::required("public_key", "Public SSH key", Kind::Line { longest: 10_000 }, "ssh-ed25519 AAAAC3Nza ci");
const LABEL: Parameter = Parameter::required("label", "What it is for", Kind::Line { longest: 255 }, "build server");

const COLUMNS: &[Field] = &[
    Field::label("key", &["id"]),
    Field::label("label", &["label"]),
    Field::label("comment", &["comment"]),
    Field::moment("added", &["created_on", "added_on"]).first(),
    Field::moment("last used", &["last_used"]),
];
const ROWS: Rows = rows(COLUMNS, "There is no deploy key here.");
const FIELDS: &[Field] = &fields(&["owner.display_name"]);
const FIELDS_OF_PROJECT: &[Field] = &fields(&["created_by.display_name"]);

const fn fields(added_by: &'static [&'static str]) -> [Field; 7] {
    [
        Field::label("key", &["id"]),
        Field::label("label", &["label"]),
        Field::label("comment", &["comment"]),
        Field::person("added by", added_by),
        Field::moment("added", &["created_on", "added_on"]).first(),
        Field::moment("last used", &["last_used"]),
        Field::label("public key", &["key"]),
    ]
}

const BODY: Body = Body::Json(&[Member::argument("key", "public_key"), Member::argument("label", "label")]);

pub static LIST: Operation = Operation::read("bitbucket_list_deploy_keys", "List Bitbucket deploy keys", "deploy keys")
    .description("List the deploy keys of a repository: SSH keys that may read it, with when each was last used.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
    .target(OF_REPOSITORY)
    .call(
        get(KEYS, SCOPES, Answer::Rows(ROWS)).query(&[PAGE_LENGTH, KEPT_FIELDS]).when_missing(REPOSITORIES_ARE_LISTED),
    );

pub static GET: Operation = Operation::read("bitbucket_get_deploy_key", "Get a Bitbucket deploy key", "deploy keys")
    .description("Show one deploy key of a repository, with its public part.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[WORKSPACE, REPOSITORY, KEY])
    .target(TARGET)
    .call(get(THE_KEY, SCOPES, Answer::Record(FIELDS)).query(&[KEPT_FIELDS]).when_missing(ARE_LISTED));

pub static ADD: Operation =
    Operation::write("bitbucket_add_deploy_key", "Add a Bitbucket deploy key", "add deploy keys")
        .description("Let an SSH key read a repository, as a server that deploys needs.")
        .parameters(&[WORKSPACE, REPOSITORY, PUBLIC_KEY, LABEL])
        .target(OF_REPOSITORY)
        .call(
            post(KEYS, WRITE, Answer::Record(FIELDS))
                .body(BODY)
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("bitbucket_delete_deploy_key", &[("key", "id")]),
        );

pub static UPDATE: Operation =
    Operation::write("bitbucket_update_deploy_key", "Change a Bitbucket deploy key", "add deploy keys")
        .description("Change the label of a deploy key; the public key itself has to be the same.")
        .parameters(&[WORKSPACE, REPOSITORY, KEY, PUBLIC_KEY, LABEL])
        .target(TARGET)
        .call(put(THE_KEY, WRITE, Answer::Record(FIELDS)).body(BODY).when_missing(ARE_LISTED).when_unknown(LOOK));

pub static DELETE: Operation =
    Operation::destroy("bitbucket_delete_deploy_key", "Delete a Bitbucket deploy key", "keys by which servers deploy")
        .description("Delete a deploy key of a repository: whatever uses it can no longer read.")
        .parameters(&[WORKSPACE, REPOSITORY, KEY])
        .target(TARGET)
        .call(
            delete(THE_KEY, TAKE_AWAY, Answer::Done("deleted deploy key {key} of {workspace}/{repository}"))
                .when_missing(ARE_LISTED)
                .when_unknown(LOOK),
        );

pub static LIST_OF_PROJECT: Operation =
    Operation::read("bitbucket_list_project_deploy_keys", "List a Bitbucket project's deploy keys", "deploy keys")
        .description("List the deploy keys of a project: SSH keys that may read all its repositories.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, PROJECT, limit(100), CURSOR])
        .target(OF_PROJECT)
        .call(
            get(KEYS_OF_PROJECT, SCOPES_OF_PROJECT, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH, KEPT_FIELDS])
                .when_missing(PROJECTS_ARE_LISTED),
        );

pub static GET_OF_PROJECT: Operation =
    Operation::read("bitbucket_get_project_deploy_key", "Get a Bitbucket project's deploy key", "deploy keys")
        .description("Show one deploy key of a project, with its public part.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, PROJECT, KEY])
        .target(TARGET_IN_PROJECT)
        .call(
            get(THE_KEY_OF_PROJECT, SCOPES_OF_PROJECT, Answer::Record(FIELDS_OF_PROJECT))
                .query(&[KEPT_FIELDS])
                .when_missing(OF_PROJECT_ARE_LISTED),
        );

pub static ADD_TO_PROJECT: Operation =
    Operation::write("bitbucket_add_project_deploy_key", "Add a deploy key to a Bitbucket project", "add deploy keys")
        .description("Let an SSH key read all repositories of a project.")
        .parameters(&[WORKSPACE, PROJECT, PUBLIC_KEY, LABEL])
        .target(OF_PROJECT)
        .call(
            post(KEYS_OF_PROJECT, WRITE_TO_PROJECT, Answer::Record(FIELDS_OF_PROJECT))
                .body(BODY)
                .when_missing(PROJECTS_ARE_LISTED)
                .when_unknown(LOOK_IN_PROJECT)
                .undone_by("bitbucket_delete_project_deploy_key", &[("key", "id")]),
        );

pub static DELETE_FROM_PROJECT: Operation = Operation::destroy(
    "bitbucket_delete_project_deploy_key",
    "Delete a deploy key of a Bitbucket project",
    "keys by which servers deploy",
)
.description("Delete a deploy key of a project: whatever uses it can no longer read its repositories.")
.parameters(&[WORKSPACE, PROJECT, KEY])
.target(TARGET_IN_PROJECT)
.call(
    delete(THE_KEY_OF_PROJECT, TAKE_FROM_PROJECT, Answer::Done("deleted deploy key {key} of project {project}"))
        .when_missing(OF_PROJECT_ARE_LISTED)
        .when_unknown(LOOK_IN_PROJECT),
);
