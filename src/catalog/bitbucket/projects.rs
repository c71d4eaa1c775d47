//! Projects, which group the repositories of a workspace.

use super::{
    CURSOR, KEPT_FIELDS, NAME_CONTAINS, OF_PROJECT, PAGE_LENGTH, PRIVATE, PROJECT, PROJECT_ADMIN_SCOPES,
    PROJECTS_ARE_LISTED, WORKSPACE, delete, get, limit, line, name, post, put, rows,
};
use crate::catalog::operation::{
    Answer, Body, Field, Kind, Member, NamedSource, Operation, Parameter, Rows, Scopes, Sensitivity,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &CREATE, &UPDATE, &DELETE];

const SCOPES: Scopes = Scopes { classic: &["project"], granular: &["read:project:bitbucket"] };
const PROJECTS: &str = "/workspaces/{workspace}/projects";
const THE_PROJECT: &str = "/workspaces/{workspace}/projects/{project}";
const LOOK: &str = "look with bitbucket_get_project whether it happened before repeating";
const WORKSPACES_ARE_LISTED: &str = "bitbucket_list_workspaces lists the workspaces you belong to.";

const ROWS: Rows = rows(
    &[
        Field::label("project", &["key"]),
        Field::label("name", &["name"]),
        Field::flags("flags", &["is_private"]),
        Field::moment("updated", &["updated_on"]),
        Field::label("description", &["description"]),
    ],
    "No project here that you can see and whose name contains this: leave `name` out to see all.",
);

pub static LIST: Operation = Operation::read("bitbucket_list_projects", "List Bitbucket projects", "projects")
    .description("List the projects of a workspace that you can see.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[WORKSPACE, name("Only projects whose name contains this", "Eng"), limit(100), CURSOR])
    .target("{workspace}")
    .call(
        get(PROJECTS, SCOPES, Answer::Rows(ROWS))
            .query(&[NAME_CONTAINS, NamedSource::fixed("sort", "name"), PAGE_LENGTH, KEPT_FIELDS])
            .when_missing(WORKSPACES_ARE_LISTED),
    );

const FIELDS: &[Field] = &[
    Field::label("project", &["key"]),
    Field::label("name", &["name"]),
    Field::label("uuid", &["uuid"]),
    Field::person("owner", &["owner.display_name"]),
    Field::flags("flags", &["is_private", "has_publicly_visible_repos"]),
    Field::moment("created", &["created_on"]),
    Field::moment("updated", &["updated_on"]),
    Field::link("link", &["links.html.href"]),
    Field::prose("description", &["description"]),
];

pub static GET: Operation = Operation::read("bitbucket_get_project", "Get a Bitbucket project", "projects")
    .description("Show one project: its name, owner, description and whether it is private.")
    .parameters(&[WORKSPACE, PROJECT])
    .target(OF_PROJECT)
    .call(get(THE_PROJECT, SCOPES, Answer::Record(FIELDS)).query(&[KEPT_FIELDS]).when_missing(PROJECTS_ARE_LISTED));

const NAME: Parameter = Parameter::required("name", "Name", Kind::Line { longest: 128 }, "Engineering");
const NEW_NAME: Parameter = line("name", "New name", 128, "Engineering");
const NEW_KEY: Parameter = Parameter::optional("new_key", "New key", Kind::Slug, "ENG2");
const DESCRIPTION: Parameter =
    Parameter::optional("description", "What it is for", Kind::Text { longest: 10_000 }, "What engineers build");

pub static CREATE: Operation =
    Operation::write("bitbucket_create_project", "Create a Bitbucket project", "set up repositories")
        .description("Create a project in a workspace.")
        .parameters(&[WORKSPACE, PROJECT, NAME, DESCRIPTION, PRIVATE])
        .target(OF_PROJECT)
        .call(
            post(PROJECTS, PROJECT_ADMIN_SCOPES, Answer::Record(FIELDS))
                .body(Body::Json(CREATED))
                .when_missing(WORKSPACES_ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("bitbucket_delete_project", &[]),
        );
const CREATED: &[Member] = &[
    Member::argument("key", "project"),
    Member::argument("name", "name"),
    Member::argument("description", "description"),
    Member::argument("is_private", "private"),
];

pub static UPDATE: Operation =
    Operation::write("bitbucket_update_project", "Change a Bitbucket project", "set up repositories")
        .description("Rename a project, or change its key, description or privacy; what is left out stays as it is.")
        .parameters(&[WORKSPACE, PROJECT, NEW_NAME, NEW_KEY, DESCRIPTION, PRIVATE])
        .target(OF_PROJECT)
        .call(
            put(THE_PROJECT, PROJECT_ADMIN_SCOPES, Answer::Record(FIELDS))
                .body(Body::Json(UPDATED))
                .when_missing(PROJECTS_ARE_LISTED)
                .when_unknown(LOOK),
        );
const UPDATED: &[Member] = &[
    Member::argument("name", "name"),
    Member::argument("key", "new_key"),
    Member::argument("description", "description"),
    Member::argument("is_private", "private"),
];

pub static DELETE: Operation =
    Operation::destroy("bitbucket_delete_project", "Delete a Bitbucket project", "whole projects and repositories")
        .description("Delete a project for good; Bitbucket refuses while repositories are in it.")
        .parameters(&[WORKSPACE, PROJECT])
        .target(OF_PROJECT)
        .call(
            delete(THE_PROJECT, PROJECT_ADMIN_SCOPES, Answer::Done("deleted project {project} of {workspace}"))
                .when_missing(PROJECTS_ARE_LISTED)
                .when_unknown(LOOK),
        );
