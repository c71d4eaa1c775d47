//! The branching models of repositories and projects: which branches are for development and production, and what the
//! names of the others begin with.

use super::{
    ADMIN_SCOPES, KEPT_FIELDS, OF_PROJECT, OF_REPOSITORY, PROJECT, PROJECT_ADMIN_SCOPES, PROJECTS_ARE_LISTED,
    REPOSITORIES_ARE_LISTED, REPOSITORY, REPOSITORY_SCOPES, WORKSPACE, get, put,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, Operation, Parameter, Scopes};

pub const ALL: &[&Operation] = &[
    &GET,
    &GET_EFFECTIVE,
    &GET_SETTINGS,
    &UPDATE_SETTINGS,
    &GET_OF_PROJECT,
    &GET_SETTINGS_OF_PROJECT,
    &UPDATE_SETTINGS_OF_PROJECT,
];

const SETTINGS: &str = "/repositories/{workspace}/{repository}/branching-model/settings";
const SETTINGS_OF_PROJECT: &str = "/workspaces/{workspace}/projects/{project}/branching-model/settings";
const PROJECT_SCOPES: Scopes = Scopes { classic: &["project:admin"], granular: &["read:repository:bitbucket"] };

const MODEL: &[Field] = &[
    Field::label("development", &["development.name"]),
    Field::flags("development flags", &["development.use_mainbranch"]),
    Field::label("production", &["production.name"]),
    Field::flags("production flags", &["production.use_mainbranch"]),
    Field::label("prefixes", &["branch_types.kind", "branch_types.prefix"]),
];

pub static GET: Operation =
    Operation::read("bitbucket_get_branching_model", "Get a Bitbucket branching model", "branch rules")
        .description(
            "Show a repository's branching model: its development and production branches and the prefixes of others.",
        )
        .parameters(&[WORKSPACE, REPOSITORY])
        .target(OF_REPOSITORY)
        .call(
            get("/repositories/{workspace}/{repository}/branching-model", REPOSITORY_SCOPES, Answer::Record(MODEL))
                .query(&[KEPT_FIELDS])
                .when_missing(REPOSITORIES_ARE_LISTED),
        );

pub static GET_EFFECTIVE: Operation = Operation::read(
    "bitbucket_get_effective_branching_model",
    "Get the Bitbucket branching model in force",
    "branch rules",
)
.description("Show the branching model that is in force in a repository, be it its own or its project's.")
.parameters(&[WORKSPACE, REPOSITORY])
.target(OF_REPOSITORY)
.call(
    get("/repositories/{workspace}/{repository}/effective-branching-model", REPOSITORY_SCOPES, Answer::Record(MODEL))
        .query(&[KEPT_FIELDS])
        .when_missing(REPOSITORIES_ARE_LISTED),
);

const FIELDS: &[Field] = &[
    Field::label("development", &["development.name"]),
    Field::flags("development flags", &["development.use_mainbranch", "development.is_valid"]),
    Field::label("production", &["production.name"]),
    Field::flags("production flags", &["production.enabled", "production.use_mainbranch", "production.is_valid"]),
    Field::label("prefixes", &["branch_types.kind", "branch_types.prefix", "branch_types.enabled"]).noted(),
    Field::label("deletes merged branches", &["default_branch_deletion"]),
];

pub static GET_SETTINGS: Operation = Operation::read(
    "bitbucket_get_branching_model_settings",
    "Get settings of a Bitbucket branching model",
    "branch rules",
)
.description("Show how a repository's branching model is set up, with what is switched off or no longer valid.")
.parameters(&[WORKSPACE, REPOSITORY])
.target(OF_REPOSITORY)
.call(get(SETTINGS, ADMIN_SCOPES, Answer::Record(FIELDS)).when_missing(REPOSITORIES_ARE_LISTED));

const DEVELOPMENT: Parameter = Parameter::optional("development", "Branch for development", Kind::Reference, "develop");
const DEVELOPMENT_IS_MAIN: Parameter =
    Parameter::optional("development_is_main", "Develop on the main branch", Kind::Boolean, "false");
const PRODUCTION: Parameter = Parameter::optional("production", "Branch for production", Kind::Reference, "production");
const PRODUCTION_IS_MAIN: Parameter =
    Parameter::optional("production_is_main", "Production is the main branch", Kind::Boolean, "false");
const PRODUCTION_ENABLED: Parameter =
    Parameter::optional("production_enabled", "Whether there is one for production", Kind::Boolean, "true");
const TYPE: &[Parameter] = &[
    Parameter::required("kind", "Type", Kind::Choice(&["feature", "bugfix", "release", "hotfix"]), "feature"),
    Parameter::optional("prefix", "Prefix", Kind::Line { longest: 100 }, "feature/"),
    Parameter::optional("enabled", "Whether it is used", Kind::Boolean, "true"),
];
const TYPES: Parameter = Parameter::optional(
    "branch_types",
    "Types to change",
    Kind::List { of: &Kind::Object(TYPE), most: 4 },
    "[{\"kind\":\"feature\",\"prefix\":\"feature/\",\"enabled\":true}]",
);
const DELETION: Parameter = Parameter::optional(
    "delete_merged",
    "Whether merging deletes the branch by default",
    Kind::Choice(&["true", "false"]),
    "true",
);
const BODY: Body = Body::Json(&[
    Member::argument("development.name", "development"),
    Member::argument("development.use_mainbranch", "development_is_main"),
    Member::argument("production.name", "production"),
    Member::argument("production.use_mainbranch", "production_is_main"),
    Member::argument("production.enabled", "production_enabled"),
    Member::argument("branch_types", "branch_types"),
    Member::argument("default_branch_deletion", "delete_merged"),
]);
const PARAMETERS: &[Parameter] = &[
    WORKSPACE,
    REPOSITORY,
    DEVELOPMENT,
    DEVELOPMENT_IS_MAIN,
    PRODUCTION,
    PRODUCTION_IS_MAIN,
    PRODUCTION_ENABLED,
    TYPES,
    DELETION,
];

pub static UPDATE_SETTINGS: Operation =
    Operation::write("bitbucket_update_branching_model", "Change a Bitbucket branching model", "change branch rules")
        .description("Change a repository's branching model: branches for development and production, and prefixes.")
        .parameters(PARAMETERS)
        .target(OF_REPOSITORY)
        .call(
            put(SETTINGS, ADMIN_SCOPES, Answer::Record(FIELDS))
                .body(BODY)
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown("look with bitbucket_get_branching_model_settings whether it happened before repeating"),
        );

pub static GET_OF_PROJECT: Operation = Operation::read(
    "bitbucket_get_project_branching_model",
    "Get a Bitbucket project's branching model",
    "branch rules",
)
.description("Show the branching model that a project gives its repositories.")
.parameters(&[WORKSPACE, PROJECT])
.target(OF_PROJECT)
.call(
    get("/workspaces/{workspace}/projects/{project}/branching-model", PROJECT_SCOPES, Answer::Record(MODEL))
        .query(&[KEPT_FIELDS])
        .when_missing(PROJECTS_ARE_LISTED),
);

pub static GET_SETTINGS_OF_PROJECT: Operation = Operation::read(
    "bitbucket_get_project_branching_model_settings",
    "Get settings of a Bitbucket project's branching model",
    "branch rules",
)
.description("Show how a project's branching model is set up, with what is switched off or no longer valid.")
.parameters(&[WORKSPACE, PROJECT])
.target(OF_PROJECT)
.call(get(SETTINGS_OF_PROJECT, PROJECT_ADMIN_SCOPES, Answer::Record(FIELDS)).when_missing(PROJECTS_ARE_LISTED));

const PARAMETERS_OF_PROJECT: &[Parameter] = &[
    WORKSPACE,
    PROJECT,
    DEVELOPMENT,
    DEVELOPMENT_IS_MAIN,
    PRODUCTION,
    PRODUCTION_IS_MAIN,
    PRODUCTION_ENABLED,
    TYPES,
    DELETION,
];

pub static UPDATE_SETTINGS_OF_PROJECT: Operation = Operation::write(
    "bitbucket_update_project_branching_model",
    "Change a Bitbucket project's branching model",
    "change branch rules",
)
.description("Change the branching model that a project gives its repositories.")
.parameters(PARAMETERS_OF_PROJECT)
.target(OF_PROJECT)
.call(
    put(SETTINGS_OF_PROJECT, PROJECT_ADMIN_SCOPES, Answer::Record(FIELDS))
        .body(BODY)
        .when_missing(PROJECTS_ARE_LISTED)
        .when_unknown("look with bitbucket_get_project_branching_model_settings whether it happened before repeating"),
);
