//! Repositories as wholes: made, changed, forked, deleted, and who watches them.

use super::{
    ADMIN_SCOPES, CURSOR, KEPT_FIELDS, OF_REPOSITORY, PAGE_LENGTH, PRIVATE, PROJECTS_ARE_LISTED,
    REPOSITORIES_ARE_LISTED, REPOSITORY, REPOSITORY_SCOPES, WORKSPACE, delete, get, limit, line, post, put,
    repositories, rows,
};
use crate::catalog::operation::{
    Answer, Body, Field, Kind, Member, NamedSource, Operation, Parameter, Rows, Scopes, Sensitivity, Source,
};

pub const ALL: &[&Operation] = &[&CREATE, &UPDATE, &DELETE, &FORK, &LIST_FORKS, &LIST_WATCHERS];

const THE_REPOSITORY: &str = "/repositories/{workspace}/{repository}";
const FORKS: &str = "/repositories/{workspace}/{repository}/forks";
const LOOK: &str = "look with bitbucket_get_repository whether it happened before repeating";

const IN_PROJECT: Parameter = Parameter::optional("project", "Project key", Kind::Slug, "ENG");
const DESCRIPTION: Parameter =
    Parameter::optional("description", "What it is for", Kind::Text { longest: 10_000 }, "The order service");
const LANGUAGE: Parameter = line("language", "Programming language", 50, "rust");
const FORK_POLICY: Parameter = Parameter::optional(
    "fork_policy",
    "Who may fork it",
    Kind::Choice(&["allow_forks", "no_public_forks", "no_forks"]),
    "no_public_forks",
);

pub static CREATE: Operation =
    Operation::write("bitbucket_create_repository", "Create a Bitbucket repository", "set up repositories")
        .description("Create an empty Git repository in a workspace, private unless `private` is false.")
        .parameters(&[WORKSPACE, REPOSITORY, IN_PROJECT, DESCRIPTION, PRIVATE.or("true"), LANGUAGE, FORK_POLICY])
        .target(OF_REPOSITORY)
        .call(
            post(THE_REPOSITORY, ADMIN_SCOPES, Answer::Record(repositories::FIELDS))
                .body(Body::Json(CREATED))
                .when_missing(PROJECTS_ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("bitbucket_delete_repository", &[]),
        );
const CREATED: &[Member] = &[
    Member::of("scm", Source::Fixed("git")),
    Member::argument("project.key", "project"),
    Member::argument("description", "description"),
    Member::argument("is_private", "private"),
    Member::argument("language", "language"),
    Member::argument("fork_policy", "fork_policy"),
];

const NEW_NAME: Parameter = line("name", "New name; changes the slug too", 62, "Order service");
const CHANGEABLE: &[Parameter] =
    &[WORKSPACE, REPOSITORY, NEW_NAME, IN_PROJECT, MAIN_BRANCH, DESCRIPTION, PRIVATE, LANGUAGE, FORK_POLICY];
const MAIN_BRANCH: Parameter = Parameter::optional("main_branch", "Main branch", Kind::Reference, "main");

pub static UPDATE: Operation =
    Operation::write("bitbucket_update_repository", "Change a Bitbucket repository", "set up repositories")
        .description("Rename a repository, or change its project, main branch, description, privacy or forks.")
        .parameters(CHANGEABLE)
        .target(OF_REPOSITORY)
        .call(
            put(THE_REPOSITORY, ADMIN_SCOPES, Answer::Record(repositories::FIELDS))
                .body(Body::Json(UPDATED))
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown(LOOK),
        );
const UPDATED: &[Member] = &[
    Member::argument("name", "name"),
    Member::argument("project.key", "project"),
    Member::argument("mainbranch.name", "main_branch"),
    Member::argument("description", "description"),
    Member::argument("is_private", "private"),
    Member::argument("language", "language"),
    Member::argument("fork_policy", "fork_policy"),
];

const DELETE_SCOPES: Scopes = Scopes { classic: &["repository:delete"], granular: &["delete:repository:bitbucket"] };

pub static DELETE: Operation = Operation::destroy(
    "bitbucket_delete_repository",
    "Delete a Bitbucket repository",
    "whole projects and repositories",
)
.description("Delete a repository for good, with its branches, pull requests and pipelines; forks of it stay.")
.parameters(&[WORKSPACE, REPOSITORY])
.target(OF_REPOSITORY)
.call(
    delete(THE_REPOSITORY, DELETE_SCOPES, Answer::Done("deleted repository {workspace}/{repository}"))
        .when_missing(REPOSITORIES_ARE_LISTED)
        .when_unknown(LOOK),
);

const INTO: Parameter = Parameter::required("into", "Workspace that gets the fork", Kind::Workspace, "acme");
const FORK_NAME: Parameter = line("name", "Name of the fork", 62, "backend-experiment");
const FORK_SCOPES: Scopes =
    Scopes { classic: &["repository:write"], granular: &["read:repository:bitbucket", "write:repository:bitbucket"] };

pub static FORK: Operation =
    Operation::write("bitbucket_fork_repository", "Fork a Bitbucket repository", "set up repositories")
        .description("Fork a repository into a workspace; it keeps its name there unless `name` is another.")
        .parameters(&[WORKSPACE, REPOSITORY, INTO, FORK_NAME, IN_PROJECT, PRIVATE])
        .target("{workspace}/{repository} into {into}")
        .call(
            post(FORKS, FORK_SCOPES, Answer::Record(repositories::FIELDS))
                .body(Body::Json(FORKED))
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown("look with bitbucket_list_forks whether the fork is there before repeating"),
        );
const FORKED: &[Member] = &[
    Member::argument("workspace.slug", "into"),
    Member::argument("name", "name"),
    Member::argument("project.key", "project"),
    Member::argument("is_private", "private"),
];

const FORK_ROWS: Rows = rows(
    &[
        Field::label("fork", &["full_name"]),
        Field::person("owner", &["owner.display_name"]),
        Field::flags("flags", &["is_private"]),
        Field::moment("updated", &["updated_on"]),
    ],
    "This repository has no fork that you can see.",
);

pub static LIST_FORKS: Operation =
    Operation::read("bitbucket_list_forks", "List forks of a Bitbucket repository", "repositories")
        .description("List the forks of a repository that you can see, most recently updated first.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
        .target(OF_REPOSITORY)
        .call(
            get(FORKS, REPOSITORY_SCOPES, Answer::Rows(FORK_ROWS))
                .query(&[NamedSource::fixed("sort", "-updated_on"), PAGE_LENGTH, KEPT_FIELDS])
                .when_missing(REPOSITORIES_ARE_LISTED),
        );

const WATCHERS: Rows = rows(
    &[
        Field::person("name", &["display_name"]),
        Field::label("nickname", &["nickname"]),
        Field::label("user", &["uuid"]),
    ],
    "Nobody watches this repository.",
);

pub static LIST_WATCHERS: Operation =
    Operation::read("bitbucket_list_watchers", "List watchers of a Bitbucket repository", "repositories")
        .description("List the people who watch a repository, and so are told of what happens in it.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
        .target(OF_REPOSITORY)
        .call(
            get("/repositories/{workspace}/{repository}/watchers", REPOSITORY_SCOPES, Answer::Rows(WATCHERS))
                .query(&[PAGE_LENGTH, KEPT_FIELDS])
                .when_missing(REPOSITORIES_ARE_LISTED),
        );
