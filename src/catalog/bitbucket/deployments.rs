//! Deployments, and the environments they go to.

use super::{
    CURSOR, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE, delete, get, limit, pages,
    pipeline_variables::ENVIRONMENT, pipelines::READ, post,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, Operation, Parameter, Rows, Scopes, Source};

pub const ALL: &[&Operation] =
    &[&LIST, &GET, &LIST_ENVIRONMENTS, &GET_ENVIRONMENT, &CREATE_ENVIRONMENT, &UPDATE_ENVIRONMENT, &DELETE_ENVIRONMENT];

const CHANGES: Scopes = Scopes { classic: &["pipeline"], granular: &["admin:pipeline:bitbucket"] };
const CONSENT: &str = "deployments";
const CHANGE: &str = "change deployment environments";

const FIELDS: &[Field] = &[
    Field::label("state", &["state.status.name", "state.name"]).first(),
    Field::label("environment", &["environment.name", "environment.uuid"]).first(),
    Field::label("release", &["release.name"]),
    Field::hash("commit", &["release.commit.hash"]),
    Field::person("deployer", &["state.deployer.display_name"]),
    Field::moment("started", &["state.start_date"]),
    Field::moment("completed", &["state.completion_date"]),
    Field::link("link", &["state.url", "release.url"]).first(),
    Field::label("deployment", &["uuid"]),
];

const ROWS: Rows = pages(FIELDS, "Nothing was deployed: bitbucket_list_environments lists where it could be.");

pub static LIST: Operation = Operation::read("bitbucket_list_deployments", "List Bitbucket deployments", CONSENT)
    .description("List the deployments (releases) of a repository: what went to which environment, and how it ended.")
    .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
    .target(OF_REPOSITORY)
    .call(
        get("/repositories/{workspace}/{repository}/deployments", READ, Answer::Rows(ROWS))
            .query(&[PAGE_LENGTH])
            .when_missing(REPOSITORIES_ARE_LISTED),
    );

const DEPLOYMENT: Parameter = Parameter::required("deployment", "Its UUID", Kind::Key, "{6d0e}");

pub static GET: Operation = Operation::read("bitbucket_get_deployment", "Get a Bitbucket deployment", CONSENT)
    .description("Show one deployment: its state, environment, release and commit.")
    .parameters(&[WORKSPACE, REPOSITORY, DEPLOYMENT])
    .target("{workspace}/{repository} deployment {deployment}")
    .call(
        get("/repositories/{workspace}/{repository}/deployments/{deployment}", READ, Answer::Record(FIELDS))
            .when_missing("bitbucket_list_deployments lists them."),
    );

const ENVIRONMENTS: &str = "/repositories/{workspace}/{repository}/environments";
const ONE_ENVIRONMENT: &str = "/repositories/{workspace}/{repository}/environments/{environment}";
const ARE_LISTED: &str = "bitbucket_list_environments lists them.";
const CHECK: &str = "look with bitbucket_list_environments";
const TARGET: &str = "{workspace}/{repository} environment {environment}";

const ENVIRONMENT_FIELDS: &[Field] = &[
    Field::label("name", &["name"]),
    Field::label("type", &["environment_type.name"]),
    Field::label("only administrators", &["restrictions.admin_only"]),
    Field::label("environment", &["uuid"]),
];
const ENVIRONMENT_ROWS: Rows = pages(ENVIRONMENT_FIELDS, "No environments: bitbucket_create_environment makes one.");

pub static LIST_ENVIRONMENTS: Operation =
    Operation::read("bitbucket_list_environments", "List Bitbucket deployment environments", CONSENT)
        .description("List the deployment environments (test, staging, production) of a repository.")
        .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
        .target(OF_REPOSITORY)
        .call(
            get(ENVIRONMENTS, READ, Answer::Rows(ENVIRONMENT_ROWS))
                .query(&[PAGE_LENGTH])
                .when_missing(REPOSITORIES_ARE_LISTED),
        );

pub static GET_ENVIRONMENT: Operation =
    Operation::read("bitbucket_get_environment", "Get a Bitbucket deployment environment", CONSENT)
        .description("Show one deployment environment of a repository.")
        .parameters(&[WORKSPACE, REPOSITORY, ENVIRONMENT])
        .target(TARGET)
        .call(get(ONE_ENVIRONMENT, READ, Answer::Record(ENVIRONMENT_FIELDS)).when_missing(ARE_LISTED));

const NAME: Parameter = Parameter::required("name", "Name", Kind::Line { longest: 100 }, "Staging EU");
const TYPE: Parameter =
    Parameter::required("type", "Which kind", Kind::Choice(&["Test", "Staging", "Production"]), "Staging");

const NEW: Body = Body::Json(&[
    Member::argument("name", "name"),
    Member::of("environment_type.type", Source::Fixed("deployment_environment_type")),
    Member::argument("environment_type.name", "type"),
]);

pub static CREATE_ENVIRONMENT: Operation =
    Operation::write("bitbucket_create_environment", "Create a Bitbucket deployment environment", CHANGE)
        .description("Create a deployment environment of a repository.")
        .parameters(&[WORKSPACE, REPOSITORY, NAME, TYPE])
        .target("{workspace}/{repository} environment {name}")
        .call(
            post(ENVIRONMENTS, CHANGES, Answer::Record(ENVIRONMENT_FIELDS))
                .body(NEW)
                .undone_by("bitbucket_delete_environment", &[("environment", "uuid")])
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown(CHECK),
        );

const NEW_NAME: Parameter = Parameter::optional("name", "New name", Kind::Line { longest: 100 }, "Staging EU");
const ONLY_ADMINISTRATORS: Parameter =
    Parameter::optional("only_administrators", "Only they may deploy to it", Kind::Boolean, "true");

pub static UPDATE_ENVIRONMENT: Operation =
    Operation::write("bitbucket_update_environment", "Update a Bitbucket deployment environment", CHANGE)
        .description("Change a deployment environment: its name, or that only administrators may deploy to it.")
        .parameters(&[WORKSPACE, REPOSITORY, ENVIRONMENT, NEW_NAME, ONLY_ADMINISTRATORS])
        .target(TARGET)
        .call(
            post(CHANGES_OF, CHANGES, Answer::Done("asked Bitbucket to change environment {environment}"))
                .body(Body::Json(&[
                    Member::argument("change.name", "name"),
                    Member::argument("change.restrictions.admin_only", "only_administrators"),
                ]))
                .when_missing(ARE_LISTED)
                .when_unknown(CHECK),
        );

const CHANGES_OF: &str = "/repositories/{workspace}/{repository}/environments/{environment}/changes";

pub static DELETE_ENVIRONMENT: Operation =
    Operation::destroy("bitbucket_delete_environment", "Delete a Bitbucket deployment environment", CHANGE)
        .description("Delete a deployment environment, with its variables and history.")
        .parameters(&[WORKSPACE, REPOSITORY, ENVIRONMENT])
        .target(TARGET)
        .call(
            delete(ONE_ENVIRONMENT, CHANGES, Answer::Done("deleted environment {environment}"))
                .when_missing(ARE_LISTED)
                .when_unknown(CHECK),
        );
