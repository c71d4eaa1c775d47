//! Statuses of commits: what build servers say of them.

use super::{CURSOR, KEPT_FIELDS, PAGE_LENGTH, REPOSITORY, REPOSITORY_SCOPES, WORKSPACE, get, limit, post, put, rows};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, NamedSource, Operation, Parameter, Rows};

pub const ALL: &[&Operation] = &[&LIST, &GET, &CREATE, &UPDATE];

const EVERY: &str = "/repositories/{workspace}/{repository}/commit/{commit}/statuses";
const BUILDS: &str = "/repositories/{workspace}/{repository}/commit/{commit}/statuses/build";
const ONE: &str = "/repositories/{workspace}/{repository}/commit/{commit}/statuses/build/{key}";
const CONSENT: &str = "statuses of commits";
const SET: &str = "set statuses of commits";
const OF_COMMIT: &str = "{workspace}/{repository}@{commit}";
const OF_STATUS: &str = "{workspace}/{repository}@{commit} status {key}";
const CHECK: &str = "look with bitbucket_list_commit_statuses";
const ARE_LISTED: &str = "bitbucket_list_commit_statuses lists those of a commit.";

pub const COMMIT: Parameter = Parameter::required("commit", "Commit's hash", Kind::Commit, "1a2b3c4d5e6f");
const KEY: Parameter = Parameter::required("key", "Key of the status", Kind::Slug, "unit-tests");
const STATE: Parameter = Parameter::required(
    "state",
    "How it stands",
    Kind::Choice(&["SUCCESSFUL", "FAILED", "INPROGRESS", "STOPPED"]),
    "SUCCESSFUL",
);
const URL: Parameter =
    Parameter::required("url", "Where the build is", Kind::Line { longest: 1_000 }, "https://ci.example.com/7");
const NEW_URL: Parameter =
    Parameter::optional("url", "Where the build is", Kind::Line { longest: 1_000 }, "https://ci.example.com/7");
const NAME: Parameter = Parameter::optional("name", "Name to show", Kind::Line { longest: 255 }, "Unit tests");
const DESCRIPTION: Parameter =
    Parameter::optional("description", "What to say", Kind::Line { longest: 1_000 }, "212 tests passed");
const BRANCH: Parameter = Parameter::optional("branch", "Branch of the build", Kind::Reference, "main");

const FIELDS: &[Field] = &[
    Field::label("key", &["key"]),
    Field::label("state", &["state"]),
    Field::label("name", &["name"]),
    Field::label("description", &["description"]),
    Field::label("branch", &["refname"]),
    Field::moment("updated", &["updated_on"]),
    Field::link("link", &["url"]),
];
const ROWS: Rows = rows(FIELDS, "No status: nothing has built this commit.");

pub static LIST: Operation =
    Operation::read("bitbucket_list_commit_statuses", "List the statuses of a Bitbucket commit", CONSENT)
        .description("List the build statuses (checks) of a commit, of pipelines and of other build servers.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, BRANCH, limit(100), CURSOR])
        .target(OF_COMMIT)
        .call(
            get(EVERY, REPOSITORY_SCOPES, Answer::Rows(ROWS))
                .query(&[NamedSource::argument("refname", "branch"), PAGE_LENGTH, KEPT_FIELDS])
                .when_missing("bitbucket_list_branches lists branches with their newest commits."),
        );

pub static GET: Operation =
    Operation::read("bitbucket_get_commit_status", "Get a status of a Bitbucket commit", CONSENT)
        .description("Show one build status of a commit by its key.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, KEY])
        .target(OF_STATUS)
        .call(get(ONE, REPOSITORY_SCOPES, Answer::Record(FIELDS)).when_missing(ARE_LISTED));

pub static CREATE: Operation =
    Operation::write("bitbucket_create_commit_status", "Create a status of a Bitbucket commit", SET)
        .description("Set a build status of a commit; one of the same key is replaced.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, KEY, STATE, URL, NAME, DESCRIPTION, BRANCH])
        .target(OF_STATUS)
        .call(
            post(BUILDS, REPOSITORY_SCOPES, Answer::Record(FIELDS))
                .body(BODY)
                .when_missing("bitbucket_list_branches lists branches with their newest commits.")
                .when_unknown(CHECK),
        );

const BODY: Body = Body::Json(&[
    Member::argument("key", "key"),
    Member::argument("state", "state"),
    Member::argument("url", "url"),
    Member::argument("name", "name"),
    Member::argument("description", "description"),
    Member::argument("refname", "branch"),
]);

pub static UPDATE: Operation =
    Operation::write("bitbucket_update_commit_status", "Update a status of a Bitbucket commit", SET)
        .description("Change a build status of a commit: its state, link, name or description.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, KEY, STATE, NEW_URL, NAME, DESCRIPTION, BRANCH])
        .target(OF_STATUS)
        .call(
            put(ONE, REPOSITORY_SCOPES, Answer::Record(FIELDS)).body(BODY).when_missing(ARE_LISTED).when_unknown(CHECK),
        );
