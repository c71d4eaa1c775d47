//! Repositories.

use super::{
    CURSOR, KEPT_FIELDS, NAME_CONTAINS, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY,
    REPOSITORY_SCOPES, WORKSPACE, get, limit, name, rows,
};
use crate::catalog::operation::{
    Answer, Field, Find, Kind, NamedSource, Operation, Parameter, Read, Resource, Rows, Sensitivity,
};

pub const ALL: &[&Operation] = &[&LIST, &GET];

const ROWS: Rows = rows(
    &[
        Field::label("repository", &["slug"]),
        Field::label("project", &["project.key"]),
        Field::label("main branch", &["mainbranch.name"]),
        Field::moment("updated", &["updated_on"]),
        Field::label("private", &["is_private"]),
        Field::label("description", &["description"]),
    ],
    "No repository here that you can see and that matches: leave `name` out, or check the workspace with bitbucket_list_workspaces.",
)
.values("repository", "repository")
.about(Resource::Repository, &["full_name"])
.in_project("project.key");

// Bitbucket has taken `member` out.
const ROLE: Parameter =
    Parameter::optional("role", "Yours there", Kind::Choice(&["contributor", "admin", "owner"]), "contributor");

pub static LIST: Operation =
    Operation::read("bitbucket_list_repositories", "List Bitbucket repositories", "repositories")
        .description("List repositories you can see, last updated first.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, name("Only names that contain this", "back"), ROLE, limit(100), CURSOR])
        .core()
        .target("{workspace}")
        .call(
            get("/repositories/{workspace}", REPOSITORY_SCOPES, Answer::Rows(ROWS))
                .query(&[NAME_CONTAINS, NamedSource::argument("role", "role"), NEWEST_FIRST, PAGE_LENGTH, KEPT_FIELDS])
                .when_missing("bitbucket_list_workspaces lists the workspaces you belong to."),
        );

const NEWEST_FIRST: NamedSource = NamedSource::fixed("sort", "-updated_on");

/// Its main branch.
pub static MAIN_BRANCH: Read = Read {
    path: THE_REPOSITORY,
    query: &[NamedSource::fixed("fields", "mainbranch.name")],
    finds: &[Find { field: Field::exact("branch", &["mainbranch.name"]), kind: Kind::Reference }],
};

/// The project that it lies in.
pub static ITS_PROJECT: Read = Read {
    path: THE_REPOSITORY,
    query: &[NamedSource::fixed("fields", "project.key")],
    finds: &[Find { field: Field::exact("project", &["project.key"]), kind: Kind::Slug }],
};

const THE_REPOSITORY: &str = "/repositories/{workspace}/{repository}";

pub const FIELDS: &[Field] = &[
    Field::label("repository", &["full_name"]),
    Field::label("uuid", &["uuid"]),
    Field::label("project", &["project.key", "project.name"]),
    Field::label("main branch", &["mainbranch.name"]),
    Field::label("private", &["is_private"]),
    Field::label("language", &["language"]),
    Field::label("fork policy", &["fork_policy"]),
    Field::label("fork of", &["parent.full_name"]),
    Field::label("size in bytes", &["size"]),
    Field::moment("created", &["created_on"]),
    Field::moment("updated", &["updated_on"]),
    Field::link("link", &["links.html.href"]),
    Field::prose("description", &["description"]),
];

pub static GET: Operation = Operation::read("bitbucket_get_repository", "Get a Bitbucket repository", "repositories")
    .description("Show one repository: its main branch, project, language, size and description.")
    .parameters(&[WORKSPACE, REPOSITORY])
    .target(OF_REPOSITORY)
    .call(
        get(THE_REPOSITORY, REPOSITORY_SCOPES, Answer::Record(FIELDS))
            .query(&[KEPT_FIELDS])
            .when_missing(REPOSITORIES_ARE_LISTED),
    );
