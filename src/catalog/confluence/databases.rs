//! Databases, of which the API knows all but the rows.

use super::{
    ANCESTORS, CURSOR, PAGE_LENGTH, PARENT, SPACE, SPACE_ID, SPACE_KEYS, SPACES_ARE_LISTED, TITLE, TREES, delete, get,
    limit, page_tree, pages, people, places, post,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, Names, Operation, Parameter, Scopes, Sensitivity};

pub const ALL: &[&Operation] = &[&GET, &CREATE, &DELETE, &LIST_CHILDREN, &LIST_TREE, &LIST_ANCESTORS];

const READ: Scopes = Scopes { classic: &[], granular: &["read:database:confluence"] };
const WRITE: Scopes = Scopes { classic: &[], granular: &["read:space:confluence", "write:database:confluence"] };
const DELETES: Scopes = Scopes { classic: &[], granular: &["delete:database:confluence"] };
const DATABASE: Parameter = Parameter::required("database", "Database id or address", Kind::Identifier, "98601");
const ARE_FOUND: &str = "confluence_list_page_children lists the databases below a page.";
const FIELDS: &[Field] = &[
    Field::label("id", &["id"]),
    Field::label("title", &["title"]),
    Field::label("status", &["status"]),
    Field::label("space", &["spaceId"]),
    Field::label("parent", &["parentType", "parentId"]),
    Field::label("by", &["authorId"]),
    Field::moment("created", &["createdAt"]),
    Field::link("link", &["_links.webui"]),
];
const NAMES: &[Names] = &[SPACE_KEYS, people(&["by"])];

pub static GET: Operation = Operation::read("confluence_get_database", "Get a Confluence database", "databases")
    .description("Describe a Confluence database: its title, space and place in the tree; its rows cannot be read.")
    .parameters(&[DATABASE])
    .target("database {database}")
    .call(
        get("/api/v2/databases/{database}", READ, Answer::Record(FIELDS))
            .names(NAMES)
            .within(places::OF_DATABASE)
            .when_missing(ARE_FOUND),
    );

const NEW: [Member; 3] = [pages::OF_SPACE, Member::argument("title", "title"), Member::argument("parentId", "parent")];

pub static CREATE: Operation =
    Operation::write("confluence_create_database", "Create a Confluence database", "create databases")
        .description("Create an empty Confluence database.")
        .parameters(&[SPACE, PARENT, TITLE])
        .target("{title} in space {space}")
        .call(
            post("/api/v2/databases", WRITE, Answer::Record(pages::MADE))
                .before(&[SPACE_ID])
                .body(Body::Json(&NEW))
                .within(places::BELOW_PARENT)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("look with confluence_list_page_children before repeating")
                .undone_by("confluence_delete_database", &[("database", "id")]),
        );

pub static DELETE: Operation =
    Operation::destroy("confluence_delete_database", "Delete a Confluence database", "delete databases")
        .description("Move a Confluence database to the trash.")
        .parameters(&[DATABASE])
        .target("database {database}")
        .call(
            delete("/api/v2/databases/{database}", DELETES, Answer::Done("moved database {database} to the trash"))
                .within(places::BELOW_DATABASE)
                .when_missing(ARE_FOUND)
                .when_unknown("read its status with confluence_get_database before repeating"),
        );

pub static LIST_CHILDREN: Operation =
    Operation::read("confluence_list_database_children", "List what is below a Confluence database", "databases")
        .description("List what is directly below a Confluence database: pages, folders and the like.")
        .parameters(&[DATABASE, limit(250), CURSOR])
        .target("database {database}")
        .call(
            get("/api/v2/databases/{database}/direct-children", TREES, Answer::Rows(page_tree::CHILDREN))
                .query(&[PAGE_LENGTH])
                .within(places::BELOW_DATABASE)
                .when_missing(ARE_FOUND),
        );

pub static LIST_TREE: Operation =
    Operation::read("confluence_list_database_tree", "List the tree below a Confluence database", "databases")
        .description("List all descendants of a Confluence database, down to some levels.")
        .parameters(&[DATABASE, page_tree::DEPTH, limit(250).or("100"), CURSOR])
        .target("database {database}")
        .call(
            get("/api/v2/databases/{database}/descendants", TREES, Answer::Rows(page_tree::TREE))
                .query(&[page_tree::DEEP, PAGE_LENGTH])
                .within(places::BELOW_DATABASE)
                .when_missing(ARE_FOUND),
        );

pub static LIST_ANCESTORS: Operation =
    Operation::read("confluence_list_database_ancestors", "List what is above a Confluence database", "databases")
        .description("List the ancestors of a Confluence database, from the top of the space down.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[DATABASE, limit(250).or("250"), CURSOR])
        .target("database {database}")
        .call(
            get("/api/v2/databases/{database}/ancestors", ANCESTORS, Answer::Rows(page_tree::WHOLE_ABOVE))
                .query(&[PAGE_LENGTH])
                .names(page_tree::TITLES)
                .within(places::ABOVE_DATABASE)
                .when_missing(ARE_FOUND),
        );
