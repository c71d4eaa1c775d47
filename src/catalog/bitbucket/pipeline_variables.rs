//! Variables of pipelines, of a repository, a workspace and a deployment environment. Their values are never kept: those
//! of secured ones Bitbucket does not tell, and the others hold secrets too often.

use super::{
    CURSOR, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE, delete, get, limit, pages,
    pipelines::{READ, VARIABLE as CHANGES},
    post, put,
};
use crate::catalog::operation::{Answer, Body, Call, Field, Kind, Member, Operation, Parameter, Rows, Sensitivity};

pub const ALL: &[&Operation] = &[
    &LIST_OF_REPOSITORY,
    &GET_OF_REPOSITORY,
    &CREATE_OF_REPOSITORY,
    &UPDATE_OF_REPOSITORY,
    &DELETE_OF_REPOSITORY,
    &LIST_OF_WORKSPACE,
    &GET_OF_WORKSPACE,
    &CREATE_OF_WORKSPACE,
    &UPDATE_OF_WORKSPACE,
    &DELETE_OF_WORKSPACE,
    &LIST_OF_ENVIRONMENT,
    &CREATE_OF_ENVIRONMENT,
    &UPDATE_OF_ENVIRONMENT,
    &DELETE_OF_ENVIRONMENT,
];

const CONSENT: &str = "names of pipelines' variables";
const CHANGE: &str = "change pipelines' variables";

const ID: Field = Field::label("variable", &["uuid"]);
const ROWS: Rows = pages(
    &[Field::label("key", &["key"]), Field::label("secured", &["secured"]), ID],
    "No variables here. Others may apply: of the repository, of the workspace, of a deployment environment.",
);
const ONE: &[Field] = &[Field::label("key", &["key"]), Field::label("secured", &["secured"]), ID];
const NOT_SHOWN: &str =
    "Values of variables are not shown here: see them in Bitbucket's settings, where they are not secured.";

const VARIABLE: Parameter = Parameter::required("variable", "Its UUID", Kind::Key, "{5b3e}");
const KEY: Parameter = Parameter::required("key", "Name, such as API_URL", Kind::Line { longest: 255 }, "API_URL");
const VALUE: Parameter = Parameter::required("value", "Value", Kind::Secret { longest: 32_000 }, "https://example.com");
const SECURED: Parameter = Parameter::optional("secured", "Keep it secret", Kind::Boolean, "true").or("true");
const NEW_KEY: Parameter = Parameter::optional("key", "Name", Kind::Line { longest: 255 }, "API_URL");
const NEW_VALUE: Parameter =
    Parameter::optional("value", "Value", Kind::Secret { longest: 32_000 }, "https://example.com");
const NEW_SECURED: Parameter = Parameter::optional("secured", "Keep it secret", Kind::Boolean, "true");
pub const ENVIRONMENT: Parameter = Parameter::required("environment", "Its UUID", Kind::Key, "{8c2d}");

const BODY: Body = Body::Json(&[
    Member::argument("key", "key"),
    Member::argument("value", "value"),
    Member::argument("secured", "secured"),
]);

/// The three levels have the same operations, each on its own paths.
const fn list(path: &'static str, missing: &'static str) -> Call {
    get(path, READ, Answer::Rows(ROWS)).query(&[PAGE_LENGTH]).note(NOT_SHOWN).when_missing(missing)
}

const fn show(path: &'static str, listed: &'static str) -> Call {
    get(path, READ, Answer::Record(ONE)).note(NOT_SHOWN).when_missing(listed)
}

const fn create(path: &'static str, missing: &'static str, check: &'static str) -> Call {
    post(path, CHANGES, Answer::Record(ONE)).body(BODY).when_missing(missing).when_unknown(check)
}

const fn update(path: &'static str, listed: &'static str, check: &'static str) -> Call {
    put(path, CHANGES, Answer::Record(ONE)).body(BODY).when_missing(listed).when_unknown(check)
}

const fn remove(path: &'static str, listed: &'static str, check: &'static str) -> Call {
    delete(path, CHANGES, Answer::Done("deleted variable {variable}")).when_missing(listed).when_unknown(check)
}

const OF_REPOSITORY_ALL: &str = "/repositories/{workspace}/{repository}/pipelines_config/variables";
const OF_REPOSITORY_ONE: &str = "/repositories/{workspace}/{repository}/pipelines_config/variables/{variable}";
const REPOSITORY_LISTS: &str = "bitbucket_list_pipeline_variables lists them.";
const REPOSITORY_CHECK: &str = "look with bitbucket_list_pipeline_variables";
const OF_VARIABLE: &str = "{workspace}/{repository} variable {variable}";

pub static LIST_OF_REPOSITORY: Operation =
    Operation::read("bitbucket_list_pipeline_variables", "List a Bitbucket repository's pipeline variables", CONSENT)
        .description("List the names of a repository's pipeline (environment, CI) variables; values are not shown.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
        .target(OF_REPOSITORY)
        .call(list(OF_REPOSITORY_ALL, REPOSITORIES_ARE_LISTED));

pub static GET_OF_REPOSITORY: Operation =
    Operation::read("bitbucket_get_pipeline_variable", "Get a Bitbucket repository's pipeline variable", CONSENT)
        .description("Show the name of a repository's pipeline variable and whether it is secured.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, REPOSITORY, VARIABLE])
        .target(OF_VARIABLE)
        .call(show(OF_REPOSITORY_ONE, REPOSITORY_LISTS));

pub static CREATE_OF_REPOSITORY: Operation =
    Operation::write("bitbucket_create_pipeline_variable", "Create a Bitbucket pipeline variable", CHANGE)
        .description("Create (set, add) a pipeline variable of a repository, secured unless said otherwise.")
        .parameters(&[WORKSPACE, REPOSITORY, KEY, VALUE, SECURED])
        .target("{workspace}/{repository} variable {key}")
        .call(
            create(OF_REPOSITORY_ALL, REPOSITORIES_ARE_LISTED, REPOSITORY_CHECK)
                .undone_by("bitbucket_delete_pipeline_variable", &[("variable", "uuid")]),
        );

pub static UPDATE_OF_REPOSITORY: Operation =
    Operation::write("bitbucket_update_pipeline_variable", "Update a Bitbucket pipeline variable", CHANGE)
        .description("Change the name, value or secrecy of a repository's pipeline variable.")
        .parameters(&[WORKSPACE, REPOSITORY, VARIABLE, NEW_KEY, NEW_VALUE, NEW_SECURED])
        .target(OF_VARIABLE)
        .call(update(OF_REPOSITORY_ONE, REPOSITORY_LISTS, REPOSITORY_CHECK));

pub static DELETE_OF_REPOSITORY: Operation =
    Operation::destroy("bitbucket_delete_pipeline_variable", "Delete a Bitbucket pipeline variable", CHANGE)
        .description("Delete a pipeline variable of a repository, with its value.")
        .parameters(&[WORKSPACE, REPOSITORY, VARIABLE])
        .target(OF_VARIABLE)
        .call(remove(OF_REPOSITORY_ONE, REPOSITORY_LISTS, REPOSITORY_CHECK));

const OF_WORKSPACE_ALL: &str = "/workspaces/{workspace}/pipelines-config/variables";
const OF_WORKSPACE_ONE: &str = "/workspaces/{workspace}/pipelines-config/variables/{variable}";
const WORKSPACES_ARE_LISTED: &str = "bitbucket_list_workspaces lists the workspaces you belong to.";
const WORKSPACE_LISTS: &str = "bitbucket_list_workspace_variables lists them.";
const WORKSPACE_CHECK: &str = "look with bitbucket_list_workspace_variables";
const OF_WORKSPACE_VARIABLE: &str = "{workspace} variable {variable}";

pub static LIST_OF_WORKSPACE: Operation =
    Operation::read("bitbucket_list_workspace_variables", "List a Bitbucket workspace's pipeline variables", CONSENT)
        .description("List the names of the pipeline variables that all repositories of a workspace share.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, limit(100), CURSOR])
        .target("{workspace}")
        .call(list(OF_WORKSPACE_ALL, WORKSPACES_ARE_LISTED));

pub static GET_OF_WORKSPACE: Operation =
    Operation::read("bitbucket_get_workspace_variable", "Get a Bitbucket workspace's pipeline variable", CONSENT)
        .description("Show the name of a workspace's pipeline variable and whether it is secured.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, VARIABLE])
        .target(OF_WORKSPACE_VARIABLE)
        .call(show(OF_WORKSPACE_ONE, WORKSPACE_LISTS));

pub static CREATE_OF_WORKSPACE: Operation =
    Operation::write("bitbucket_create_workspace_variable", "Create a Bitbucket workspace's pipeline variable", CHANGE)
        .description(
            "Create a pipeline variable that all repositories of a workspace share, secured unless said otherwise.",
        )
        .parameters(&[WORKSPACE, KEY, VALUE, SECURED])
        .target("{workspace} variable {key}")
        .call(
            create(OF_WORKSPACE_ALL, WORKSPACES_ARE_LISTED, WORKSPACE_CHECK)
                .undone_by("bitbucket_delete_workspace_variable", &[("variable", "uuid")]),
        );

pub static UPDATE_OF_WORKSPACE: Operation =
    Operation::write("bitbucket_update_workspace_variable", "Update a Bitbucket workspace's pipeline variable", CHANGE)
        .description("Change the name, value or secrecy of a workspace's pipeline variable.")
        .parameters(&[WORKSPACE, VARIABLE, NEW_KEY, NEW_VALUE, NEW_SECURED])
        .target(OF_WORKSPACE_VARIABLE)
        .call(update(OF_WORKSPACE_ONE, WORKSPACE_LISTS, WORKSPACE_CHECK));

pub static DELETE_OF_WORKSPACE: Operation = Operation::destroy(
    "bitbucket_delete_workspace_variable",
    "Delete a Bitbucket workspace's pipeline variable",
    CHANGE,
)
.description("Delete a pipeline variable of a workspace, with its value, for all its repositories.")
.parameters(&[WORKSPACE, VARIABLE])
.target(OF_WORKSPACE_VARIABLE)
.call(remove(OF_WORKSPACE_ONE, WORKSPACE_LISTS, WORKSPACE_CHECK));

const OF_ENVIRONMENT_ALL: &str =
    "/repositories/{workspace}/{repository}/deployments_config/environments/{environment}/variables";
const OF_ENVIRONMENT_ONE: &str =
    "/repositories/{workspace}/{repository}/deployments_config/environments/{environment}/variables/{variable}";
const ENVIRONMENTS_ARE_LISTED: &str = "bitbucket_list_environments lists the deployment environments.";
const ENVIRONMENT_LISTS: &str = "bitbucket_list_deployment_variables lists them.";
const ENVIRONMENT_CHECK: &str = "look with bitbucket_list_deployment_variables";
const OF_DEPLOYMENT_VARIABLE: &str = "{workspace}/{repository} environment {environment}, variable {variable}";

pub static LIST_OF_ENVIRONMENT: Operation =
    Operation::read("bitbucket_list_deployment_variables", "List a Bitbucket environment's variables", CONSENT)
        .description("List the names of the variables of a deployment environment; values are not shown.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, REPOSITORY, ENVIRONMENT, limit(100), CURSOR])
        .target("{workspace}/{repository} environment {environment}")
        .call(list(OF_ENVIRONMENT_ALL, ENVIRONMENTS_ARE_LISTED));

pub static CREATE_OF_ENVIRONMENT: Operation =
    Operation::write("bitbucket_create_deployment_variable", "Create a Bitbucket environment's variable", CHANGE)
        .description("Create a variable of a deployment environment, secured unless said otherwise.")
        .parameters(&[WORKSPACE, REPOSITORY, ENVIRONMENT, KEY, VALUE, SECURED])
        .target("{workspace}/{repository} environment {environment}, variable {key}")
        .call(
            create(OF_ENVIRONMENT_ALL, ENVIRONMENTS_ARE_LISTED, ENVIRONMENT_CHECK)
                .undone_by("bitbucket_delete_deployment_variable", &[("variable", "uuid")]),
        );

pub static UPDATE_OF_ENVIRONMENT: Operation =
    Operation::write("bitbucket_update_deployment_variable", "Update a Bitbucket environment's variable", CHANGE)
        .description("Change the name, value or secrecy of a deployment environment's variable.")
        .parameters(&[WORKSPACE, REPOSITORY, ENVIRONMENT, VARIABLE, NEW_KEY, NEW_VALUE, NEW_SECURED])
        .target(OF_DEPLOYMENT_VARIABLE)
        .call(update(OF_ENVIRONMENT_ONE, ENVIRONMENT_LISTS, ENVIRONMENT_CHECK));

pub static DELETE_OF_ENVIRONMENT: Operation =
    Operation::destroy("bitbucket_delete_deployment_variable", "Delete a Bitbucket environment's variable", CHANGE)
        .description("Delete a variable of a deployment environment, with its value.")
        .parameters(&[WORKSPACE, REPOSITORY, ENVIRONMENT, VARIABLE])
        .target(OF_DEPLOYMENT_VARIABLE)
        .call(remove(OF_ENVIRONMENT_ONE, ENVIRONMENT_LISTS, ENVIRONMENT_CHECK));
