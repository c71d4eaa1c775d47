//! Folders of pages.

use super::{
    ANCESTORS, CURSOR, PAGE_LENGTH, PARENT, SPACE, SPACE_ID, SPACE_KEYS, SPACES_ARE_LISTED, TITLE, TREES, delete, get,
    limit, page_tree, pages, people, places, post,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, Names, Operation, Parameter, Scopes, Sensitivity};

pub const ALL: &[&Operation] = &[&GET, &CREATE, &DELETE, &LIST_CHILDREN, &LIST_TREE, &LIST_ANCESTORS];

const READ: Scopes = Scopes { classic: &[], granular: &["read:folder:confluence"] };
const WRITE: Scopes = Scopes { classic: &[], granular: &["read:space:confluence", "write:folder:confluence"] };
const DELETES: Scopes = Scopes { classic: &[], granular: &["delete:folder:confluence"] };
const FOLDER: Parameter = Parameter::required("folder", "Folder id or address", Kind::Identifier, "98601");
const ARE_FOUND: &str = "confluence_list_page_children lists the folders below a page.";
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

pub static GET: Operation = Operation::read("confluence_get_folder", "Get a Confluence folder", "folders")
    .description("Describe a Confluence folder: its title, space and place in the tree.")
    .parameters(&[FOLDER])
    .target("folder {folder}")
    .call(
        get("/api/v2/folders/{folder}", READ, Answer::Record(FIELDS))
            .names(NAMES)
            .within(places::OF_FOLDER)
            .when_missing(ARE_FOUND),
    );

const NEW: [Member; 3] = [pages::OF_SPACE, Member::argument("title", "title"), Member::argument("parentId", "parent")];

pub static CREATE: Operation =
    Operation::write("confluence_create_folder", "Create a Confluence folder", "create folders")
        .description("Create a Confluence folder for pages.")
        .parameters(&[SPACE, PARENT, TITLE])
        .target("{title} in space {space}")
        .call(
            post("/api/v2/folders", WRITE, Answer::Record(pages::MADE))
                .before(&[SPACE_ID])
                .body(Body::Json(&NEW))
                .within(places::BELOW_PARENT)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("look with confluence_list_page_children before repeating")
                .undone_by("confluence_delete_folder", &[("folder", "id")]),
        );

pub static DELETE: Operation =
    Operation::destroy("confluence_delete_folder", "Delete a Confluence folder", "delete folders")
        .description("Move a Confluence folder to the trash.")
        .parameters(&[FOLDER])
        .target("folder {folder}")
        .call(
            delete("/api/v2/folders/{folder}", DELETES, Answer::Done("moved folder {folder} to the trash"))
                .within(places::BELOW_FOLDER)
                .when_missing(ARE_FOUND)
                .when_unknown("read its status with confluence_get_folder before repeating"),
        );

pub static LIST_CHILDREN: Operation =
    Operation::read("confluence_list_folder_children", "List what is below a Confluence folder", "folders")
        .description("List what is directly below a Confluence folder: pages, folders and the like.")
        .parameters(&[FOLDER, limit(250), CURSOR])
        .target("folder {folder}")
        .call(
            get("/api/v2/folders/{folder}/direct-children", TREES, Answer::Rows(page_tree::CHILDREN))
                .query(&[PAGE_LENGTH])
                .within(places::BELOW_FOLDER)
                .when_missing(ARE_FOUND),
        );

pub static LIST_TREE: Operation =
    Operation::read("confluence_list_folder_tree", "List the tree below a Confluence folder", "folders")
        .description("List all descendants of a Confluence folder, down to some levels.")
        .parameters(&[FOLDER, page_tree::DEPTH, limit(250).or("100"), CURSOR])
        .target("folder {folder}")
        .call(
            get("/api/v2/folders/{folder}/descendants", TREES, Answer::Rows(page_tree::TREE))
                .query(&[page_tree::DEEP, PAGE_LENGTH])
                .within(places::BELOW_FOLDER)
                .when_missing(ARE_FOUND),
        );

pub static LIST_ANCESTORS: Operation =
    Operation::read("confluence_list_folder_ancestors", "List what is above a Confluence folder", "folders")
        .description("List the ancestors of a Confluence folder, from the top of the space down.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[FOLDER, limit(250).or("250"), CURSOR])
        .target("folder {folder}")
        .call(
            get("/api/v2/folders/{folder}/ancestors", ANCESTORS, Answer::Rows(page_tree::WHOLE_ABOVE))
                .query(&[PAGE_LENGTH])
                .names(page_tree::TITLES)
                .within(places::ABOVE_FOLDER)
                .when_missing(ARE_FOUND),
        );
