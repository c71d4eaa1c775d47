//! Runners: machines of one's own that pipelines run on, of a repository or of a whole workspace.

use super::{
    CURSOR, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE, delete, get, limit, pages,
    post, put,
};
use crate::catalog::operation::{
    Answer, Body, Call, Field, Kind, Member, Operation, Parameter, Rows, Scopes, Sensitivity,
};

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
];

const READ: Scopes = Scopes { classic: &["runner"], granular: &["read:runner:bitbucket"] };
const WRITE: Scopes =
    Scopes { classic: &["runner:write"], granular: &["write:runner:bitbucket", "read:runner:bitbucket"] };
const DELETES: Scopes = Scopes { classic: &["runner:write"], granular: &["write:runner:bitbucket"] };
const CONSENT: &str = "pipelines' runners";
const CHANGE: &str = "change pipelines' runners";

const RUNNER: Parameter = Parameter::required("runner", "Its UUID", Kind::Key, "{2a6c}");
const NAME: Parameter = Parameter::required("name", "Name", Kind::Line { longest: 100 }, "linux-1");
const LABELS: Parameter = Parameter::required(
    "labels",
    "Labels, such as self.hosted and linux",
    Kind::List { of: &Kind::Line { longest: 100 }, most: 20 },
    "[\"self.hosted\",\"linux\"]",
);
const NEW_LABELS: Parameter = Parameter::optional(
    "labels",
    "All its labels from now on",
    Kind::List { of: &Kind::Line { longest: 100 }, most: 20 },
    "[\"self.hosted\",\"linux\"]",
);

/// The OAuth client's secret, which the answer to a creation has too, is never kept.
const FIELDS: &[Field] = &[
    Field::label("name", &["name"]),
    Field::label("state", &["state.status"]),
    Field::label("labels", &["labels"]),
    Field::label("version", &["state.version.version"]),
    Field::moment("updated", &["state.updated_on", "updated_on"]).first(),
    Field::label("runner", &["uuid"]),
];
const ROWS: Rows = pages(FIELDS, "No runners of its own: pipelines run on Bitbucket's, or on the workspace's.");
const BODY: Body = Body::Json(&[Member::argument("name", "name"), Member::argument("labels", "labels")]);
const SECRET: &str = "The secret of its OAuth client is not shown here. Start the runner with the command that Bitbucket shows under \
    Runners in the settings; where it does not show one any more, delete this runner and create one there.";

const fn list(path: &'static str, missing: &'static str) -> Call {
    get(path, READ, Answer::Rows(ROWS)).query(&[PAGE_LENGTH]).when_missing(missing)
}

const fn create(path: &'static str, undo: &'static str, missing: &'static str, check: &'static str) -> Call {
    let call = post(path, WRITE, Answer::Record(FIELDS)).body(BODY).note(SECRET);
    call.undone_by(undo, &[("runner", "uuid")]).when_missing(missing).when_unknown(check)
}

const fn update(path: &'static str, listed: &'static str, check: &'static str) -> Call {
    put(path, WRITE, Answer::Record(FIELDS)).body(BODY).when_missing(listed).when_unknown(check)
}

const fn remove(path: &'static str, listed: &'static str, check: &'static str) -> Call {
    delete(path, DELETES, Answer::Done("deleted runner {runner}")).when_missing(listed).when_unknown(check)
}

const OF_REPOSITORY_ALL: &str = "/repositories/{workspace}/{repository}/pipelines-config/runners";
const OF_REPOSITORY_ONE: &str = "/repositories/{workspace}/{repository}/pipelines-config/runners/{runner}";
const REPOSITORY_LISTS: &str = "bitbucket_list_runners lists them.";
const REPOSITORY_CHECK: &str = "look with bitbucket_list_runners";
const OF_RUNNER: &str = "{workspace}/{repository} runner {runner}";

pub static LIST_OF_REPOSITORY: Operation =
    Operation::read("bitbucket_list_runners", "List a Bitbucket repository's runners", CONSENT)
        .description("List the self-hosted runners of a repository's pipelines, with their states.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
        .target(OF_REPOSITORY)
        .call(list(OF_REPOSITORY_ALL, REPOSITORIES_ARE_LISTED));

pub static GET_OF_REPOSITORY: Operation =
    Operation::read("bitbucket_get_runner", "Get a Bitbucket repository's runner", CONSENT)
        .description("Show a self-hosted runner of a repository's pipelines.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, REPOSITORY, RUNNER])
        .target(OF_RUNNER)
        .call(get(OF_REPOSITORY_ONE, READ, Answer::Record(FIELDS)).when_missing(REPOSITORY_LISTS));

pub static CREATE_OF_REPOSITORY: Operation =
    Operation::write("bitbucket_create_runner", "Create a runner of a Bitbucket repository", CHANGE)
        .description("Register a self-hosted runner for a repository's pipelines; its secret is not shown here.")
        .parameters(&[WORKSPACE, REPOSITORY, NAME, LABELS])
        .target("{workspace}/{repository} runner {name}")
        .call(create(OF_REPOSITORY_ALL, "bitbucket_delete_runner", REPOSITORIES_ARE_LISTED, REPOSITORY_CHECK));

pub static UPDATE_OF_REPOSITORY: Operation =
    Operation::write("bitbucket_update_runner", "Update a runner of a Bitbucket repository", CHANGE)
        .description("Change the name or labels of a repository's runner.")
        .parameters(&[WORKSPACE, REPOSITORY, RUNNER, NAME, NEW_LABELS])
        .target(OF_RUNNER)
        .call(update(OF_REPOSITORY_ONE, REPOSITORY_LISTS, REPOSITORY_CHECK));

pub static DELETE_OF_REPOSITORY: Operation =
    Operation::destroy("bitbucket_delete_runner", "Delete a runner of a Bitbucket repository", CHANGE)
        .description("Delete a repository's runner; what waits for its labels waits on.")
        .parameters(&[WORKSPACE, REPOSITORY, RUNNER])
        .target(OF_RUNNER)
        .call(remove(OF_REPOSITORY_ONE, REPOSITORY_LISTS, REPOSITORY_CHECK));

const OF_WORKSPACE_ALL: &str = "/workspaces/{workspace}/pipelines-config/runners";
const OF_WORKSPACE_ONE: &str = "/workspaces/{workspace}/pipelines-config/runners/{runner}";
const WORKSPACES_ARE_LISTED: &str = "bitbucket_list_workspaces lists the workspaces you belong to.";
const WORKSPACE_LISTS: &str = "bitbucket_list_workspace_runners lists them.";
const WORKSPACE_CHECK: &str = "look with bitbucket_list_workspace_runners";
const OF_WORKSPACE_RUNNER: &str = "{workspace} runner {runner}";

pub static LIST_OF_WORKSPACE: Operation =
    Operation::read("bitbucket_list_workspace_runners", "List a Bitbucket workspace's runners", CONSENT)
        .description("List the self-hosted runners that all repositories of a workspace share.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, limit(100), CURSOR])
        .target("{workspace}")
        .call(list(OF_WORKSPACE_ALL, WORKSPACES_ARE_LISTED));

pub static GET_OF_WORKSPACE: Operation =
    Operation::read("bitbucket_get_workspace_runner", "Get a Bitbucket workspace's runner", CONSENT)
        .description("Show a self-hosted runner of a workspace.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, RUNNER])
        .target(OF_WORKSPACE_RUNNER)
        .call(get(OF_WORKSPACE_ONE, READ, Answer::Record(FIELDS)).when_missing(WORKSPACE_LISTS));

pub static CREATE_OF_WORKSPACE: Operation =
    Operation::write("bitbucket_create_workspace_runner", "Create a runner of a Bitbucket workspace", CHANGE)
        .description("Register a self-hosted runner for all repositories of a workspace; its secret is not shown here.")
        .parameters(&[WORKSPACE, NAME, LABELS])
        .target("{workspace} runner {name}")
        .call(create(OF_WORKSPACE_ALL, "bitbucket_delete_workspace_runner", WORKSPACES_ARE_LISTED, WORKSPACE_CHECK));

pub static UPDATE_OF_WORKSPACE: Operation =
    Operation::write("bitbucket_update_workspace_runner", "Update a runner of a Bitbucket workspace", CHANGE)
        .description("Change the name or labels of a workspace's runner.")
        .parameters(&[WORKSPACE, RUNNER, NAME, NEW_LABELS])
        .target(OF_WORKSPACE_RUNNER)
        .call(update(OF_WORKSPACE_ONE, WORKSPACE_LISTS, WORKSPACE_CHECK));

pub static DELETE_OF_WORKSPACE: Operation =
    Operation::destroy("bitbucket_delete_workspace_runner", "Delete a runner of a Bitbucket workspace", CHANGE)
        .description("Delete a workspace's runner; what waits for its labels waits on.")
        .parameters(&[WORKSPACE, RUNNER])
        .target(OF_WORKSPACE_RUNNER)
        .call(remove(OF_WORKSPACE_ONE, WORKSPACE_LISTS, WORKSPACE_CHECK));
