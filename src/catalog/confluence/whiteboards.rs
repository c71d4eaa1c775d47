//! Whiteboards, of which the API knows all but what is drawn.

use super::{
    ANCESTORS, CURSOR, PAGE_LENGTH, PARENT, SPACE, SPACE_ID, SPACE_KEYS, SPACES_ARE_LISTED, TITLE, TREES, delete, get,
    limit, page_tree, pages, people, places, post,
};
use crate::catalog::operation::{
    Answer, Body, Call, Field, Kind, Member, Names, Operation, Parameter, Scopes, Sensitivity,
};

pub const ALL: &[&Operation] = &[&GET, &CREATE, &DELETE, &LIST_CHILDREN, &LIST_TREE, &LIST_ANCESTORS];

const READ: Scopes = Scopes { classic: &[], granular: &["read:whiteboard:confluence"] };
const WRITE: Scopes = Scopes { classic: &[], granular: &["read:space:confluence", "write:whiteboard:confluence"] };
const DELETES: Scopes = Scopes { classic: &[], granular: &["delete:whiteboard:confluence"] };
const WHITEBOARD: Parameter = Parameter::required("whiteboard", "Whiteboard id or address", Kind::Identifier, "98601");
const ARE_FOUND: &str = "confluence_list_page_children lists the whiteboards below a page.";
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

pub static GET: Operation = Operation::read("confluence_get_whiteboard", "Get a Confluence whiteboard", "whiteboards")
    .description(
        "Describe a Confluence whiteboard: its title, space and place in the tree; what is drawn on it cannot be read.",
    )
    .parameters(&[WHITEBOARD])
    .target("whiteboard {whiteboard}")
    .call(
        get("/api/v2/whiteboards/{whiteboard}", READ, Answer::Record(FIELDS))
            .names(NAMES)
            .within(places::OF_WHITEBOARD)
            .when_missing(ARE_FOUND),
    );

const NEW: [Member; 3] = [pages::OF_SPACE, Member::argument("title", "title"), Member::argument("parentId", "parent")];

pub static CREATE: Operation =
    Operation::write("confluence_create_whiteboard", "Create a Confluence whiteboard", "create whiteboards")
        .description("Create an empty Confluence whiteboard.")
        .parameters(&[SPACE, PARENT, TITLE])
        .target("{title} in space {space}")
        .call(
            post("/api/v2/whiteboards", WRITE, Answer::Record(pages::MADE))
                .before(&[SPACE_ID])
                .body(Body::Json(&NEW))
                .within(places::BELOW_PARENT)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("look with confluence_list_page_children before repeating")
                .undone_by("confluence_delete_whiteboard", &[("whiteboard", "id")]),
        );

const DELETE_ANSWER: Answer = Answer::Done("moved whiteboard {whiteboard} to the trash");

pub static DELETE: Operation =
    Operation::destroy("confluence_delete_whiteboard", "Delete a Confluence whiteboard", "delete whiteboards")
        .description("Move a Confluence whiteboard to the trash.")
        .parameters(&[WHITEBOARD])
        .target("whiteboard {whiteboard}")
        .call(
            delete("/api/v2/whiteboards/{whiteboard}", DELETES, DELETE_ANSWER)
                .within(places::BELOW_WHITEBOARD)
                .when_missing(ARE_FOUND)
                .when_unknown("read its status with confluence_get_whiteboard before repeating"),
        );

pub static LIST_CHILDREN: Operation =
    Operation::read("confluence_list_whiteboard_children", "List what is below a Confluence whiteboard", "whiteboards")
        .description("List what is directly below a Confluence whiteboard: pages, folders and the like.")
        .parameters(&[WHITEBOARD, limit(250), CURSOR])
        .target("whiteboard {whiteboard}")
        .call(
            get("/api/v2/whiteboards/{whiteboard}/direct-children", TREES, Answer::Rows(page_tree::CHILDREN))
                .query(&[PAGE_LENGTH])
                .within(places::BELOW_WHITEBOARD)
                .when_missing(ARE_FOUND),
        );

pub static LIST_TREE: Operation =
    Operation::read("confluence_list_whiteboard_tree", "List the tree below a Confluence whiteboard", "whiteboards")
        .description("List all descendants of a Confluence whiteboard, down to some levels.")
        .parameters(&[WHITEBOARD, page_tree::DEPTH, limit(250).or("100"), CURSOR])
        .target("whiteboard {whiteboard}")
        .call(
            get("/api/v2/whiteboards/{whiteboard}/descendants", TREES, Answer::Rows(page_tree::TREE))
                .query(&[page_tree::DEEP, PAGE_LENGTH])
                .within(places::BELOW_WHITEBOARD)
                .when_missing(ARE_FOUND),
        );

const LIST_ANCESTORS_CALL: Call =
    get("/api/v2/whiteboards/{whiteboard}/ancestors", ANCESTORS, Answer::Rows(page_tree::WHOLE_ABOVE))
        .query(&[PAGE_LENGTH])
        .names(page_tree::TITLES)
        .within(places::ABOVE_WHITEBOARD)
        .when_missing(ARE_FOUND);

pub static LIST_ANCESTORS: Operation = Operation::read(
    "confluence_list_whiteboard_ancestors",
    "List what is above a Confluence whiteboard",
    "whiteboards",
)
.description("List the ancestors of a Confluence whiteboard, from the top of the space down.")
.sensitivity(Sensitivity::Names)
.parameters(&[WHITEBOARD, limit(250).or("250"), CURSOR])
.target("whiteboard {whiteboard}")
.call(LIST_ANCESTORS_CALL);
