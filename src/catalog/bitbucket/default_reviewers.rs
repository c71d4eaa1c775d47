//! Default reviewers of repositories and projects, whom every new pull request has.

use super::{
    ADMIN_SCOPES, CURSOR, KEPT_FIELDS, MEMBERS_ARE_LISTED, OF_PROJECT, OF_REPOSITORY, PAGE_LENGTH, PROJECT,
    PROJECT_ADMIN_SCOPES, PROJECTS_ARE_LISTED, REPOSITORIES_ARE_LISTED, REPOSITORY, USER, WORKSPACE, delete, get,
    limit, put, rows,
};
use crate::catalog::operation::{Answer, Field, Operation, Rows, Scopes, Sensitivity};

pub const ALL: &[&Operation] = &[
    &LIST,
    &LIST_EFFECTIVE,
    &GET,
    &ADD,
    &REMOVE,
    &LIST_OF_PROJECT,
    &GET_OF_PROJECT,
    &ADD_TO_PROJECT,
    &REMOVE_FROM_PROJECT,
];

const SCOPES: Scopes = Scopes { classic: &["pullrequest"], granular: &["read:pullrequest:bitbucket"] };
const PROJECT_SCOPES: Scopes = Scopes { classic: &["project:admin"], granular: &["read:pullrequest:bitbucket"] };
const THE_REVIEWER: &str = "/repositories/{workspace}/{repository}/default-reviewers/{user}";
const REVIEWERS_OF_PROJECT: &str = "/workspaces/{workspace}/projects/{project}/default-reviewers";
const THE_REVIEWER_OF_PROJECT: &str = "/workspaces/{workspace}/projects/{project}/default-reviewers/{user}";
const TARGET: &str = "{workspace}/{repository}: {user}";
const TARGET_IN_PROJECT: &str = "{workspace}/{project}: {user}";
const ARE_LISTED: &str = "bitbucket_list_default_reviewers lists those that there are.";
const OF_PROJECT_ARE_LISTED: &str = "bitbucket_list_project_default_reviewers lists those that there are.";
const LOOK: &str = "look with bitbucket_list_default_reviewers whether it happened before repeating";
const LOOK_IN_PROJECT: &str = "look with bitbucket_list_project_default_reviewers whether it happened before repeating";
const NONE: &str = "There are no default reviewers.";

const PERSON: &[Field] = &[
    Field::person("name", &["display_name"]),
    Field::label("nickname", &["nickname"]),
    Field::label("user", &["uuid"]),
];
const ROWS: Rows = rows(PERSON, NONE);
const EFFECTIVE: Rows = rows(
    &[
        Field::person("name", &["user.display_name"]),
        Field::label("user", &["user.uuid"]),
        Field::label("from", &["reviewer_type"]),
    ],
    NONE,
);

pub static LIST: Operation =
    Operation::read("bitbucket_list_default_reviewers", "List Bitbucket default reviewers", "default reviewers")
        .description("List the default reviewers that a repository itself names, without those of its project.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
        .target(OF_REPOSITORY)
        .call(
            get("/repositories/{workspace}/{repository}/default-reviewers", SCOPES, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH, KEPT_FIELDS])
                .when_missing(REPOSITORIES_ARE_LISTED),
        );

pub static LIST_EFFECTIVE: Operation = Operation::read(
    "bitbucket_list_effective_default_reviewers",
    "List Bitbucket default reviewers in force",
    "default reviewers",
)
.description("List the default reviewers of a repository's pull requests, its own and those of its project.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
.target(OF_REPOSITORY)
.call(
    get("/repositories/{workspace}/{repository}/effective-default-reviewers", SCOPES, Answer::Rows(EFFECTIVE))
        .query(&[PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(REPOSITORIES_ARE_LISTED),
);

pub static GET: Operation =
    Operation::read("bitbucket_get_default_reviewer", "Get a Bitbucket default reviewer", "default reviewers")
        .description("Show whether a person is a default reviewer of a repository.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, REPOSITORY, USER])
        .target(TARGET)
        .call(get(THE_REVIEWER, SCOPES, Answer::Record(PERSON)).query(&[KEPT_FIELDS]).when_missing(ARE_LISTED));

pub static ADD: Operation =
    Operation::write("bitbucket_add_default_reviewer", "Add a Bitbucket default reviewer", "change default reviewers")
        .description("Make a person a default reviewer of a repository's pull requests.")
        .parameters(&[WORKSPACE, REPOSITORY, USER])
        .target(TARGET)
        .call(
            put(THE_REVIEWER, ADMIN_SCOPES, Answer::Record(PERSON))
                .when_missing(MEMBERS_ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("bitbucket_remove_default_reviewer", &[]),
        );

pub static REMOVE: Operation = Operation::write(
    "bitbucket_remove_default_reviewer",
    "Remove a Bitbucket default reviewer",
    "change default reviewers",
)
.description("Take a person out of the default reviewers of a repository; open pull requests keep them.")
.parameters(&[WORKSPACE, REPOSITORY, USER])
.target(TARGET)
.call(
    delete(THE_REVIEWER, ADMIN_SCOPES, Answer::Done("removed default reviewer {user} of {workspace}/{repository}"))
        .when_missing(ARE_LISTED)
        .when_unknown(LOOK)
        .undone_by("bitbucket_add_default_reviewer", &[]),
);

pub static LIST_OF_PROJECT: Operation = Operation::read(
    "bitbucket_list_project_default_reviewers",
    "List a Bitbucket project's default reviewers",
    "default reviewers",
)
.description("List the default reviewers that a project gives the pull requests of its repositories.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, PROJECT, limit(100), CURSOR])
.target(OF_PROJECT)
.call(
    get(REVIEWERS_OF_PROJECT, PROJECT_SCOPES, Answer::Rows(EFFECTIVE))
        .query(&[PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(PROJECTS_ARE_LISTED),
);

pub static GET_OF_PROJECT: Operation = Operation::read(
    "bitbucket_get_project_default_reviewer",
    "Get a Bitbucket project's default reviewer",
    "default reviewers",
)
.description("Show whether a person is a default reviewer of a project.")
.sensitivity(Sensitivity::Names)
.parameters(&[WORKSPACE, PROJECT, USER])
.target(TARGET_IN_PROJECT)
.call(
    get(THE_REVIEWER_OF_PROJECT, PROJECT_SCOPES, Answer::Record(PERSON))
        .query(&[KEPT_FIELDS])
        .when_missing(OF_PROJECT_ARE_LISTED),
);

pub static ADD_TO_PROJECT: Operation = Operation::write(
    "bitbucket_add_project_default_reviewer",
    "Add a default reviewer to a Bitbucket project",
    "change default reviewers",
)
.description("Make a person a default reviewer in all repositories of a project.")
.parameters(&[WORKSPACE, PROJECT, USER])
.target(TARGET_IN_PROJECT)
.call(
    put(THE_REVIEWER_OF_PROJECT, PROJECT_ADMIN_SCOPES, Answer::Record(PERSON))
        .when_missing(MEMBERS_ARE_LISTED)
        .when_unknown(LOOK_IN_PROJECT)
        .undone_by("bitbucket_remove_project_default_reviewer", &[]),
);

pub static REMOVE_FROM_PROJECT: Operation = Operation::write(
    "bitbucket_remove_project_default_reviewer",
    "Remove a default reviewer from a Bitbucket project",
    "change default reviewers",
)
.description("Take a person out of the default reviewers of a project.")
.parameters(&[WORKSPACE, PROJECT, USER])
.target(TARGET_IN_PROJECT)
.call(
    delete(THE_REVIEWER_OF_PROJECT, PROJECT_ADMIN_SCOPES, Answer::Done("removed default reviewer {user}"))
        .when_missing(OF_PROJECT_ARE_LISTED)
        .when_unknown(LOOK_IN_PROJECT)
        .undone_by("bitbucket_add_project_default_reviewer", &[]),
);
