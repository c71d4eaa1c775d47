//! Smart links in the tree of pages, which the API calls embeds.

use super::{
    ANCESTORS, CURSOR, PAGE_LENGTH, PARENT, SPACE, SPACE_ID, SPACE_KEYS, SPACES_ARE_LISTED, TITLE, TREES, delete, get,
    limit, page_tree, pages, people, places, post,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, Names, Operation, Parameter, Scopes, Sensitivity};

pub const ALL: &[&Operation] = &[&GET, &CREATE, &DELETE, &LIST_CHILDREN, &LIST_TREE, &LIST_ANCESTORS];

const READ: Scopes = Scopes { classic: &[], granular: &["read:embed:confluence"] };
const WRITE: Scopes = Scopes { classic: &[], granular: &["read:space:confluence", "write:embed:confluence"] };
const DELETES: Scopes = Scopes { classic: &[], granular: &["delete:embed:confluence"] };
const EMBED: Parameter = Parameter::required("embed", "Smart link id or address", Kind::Identifier, "98601");
const ARE_FOUND: &str = "confluence_list_page_children lists the smart links below a page.";
const FIELDS: &[Field] = &[
    Field::label("id", &["id"]),
    Field::label("title", &["title"]),
    Field::label("status", &["status"]),
    Field::label("space", &["spaceId"]),
    Field::label("parent", &["parentType", "parentId"]),
    Field::label("by", &["authorId"]),
    Field::moment("created", &["createdAt"]),
    Field::label("leads to", &["embedUrl"]),
    Field::link("link", &["_links.webui"]),
];
const NAMES: &[Names] = &[SPACE_KEYS, people(&["by"])];

pub static GET: Operation = Operation::read("confluence_get_embed", "Get a Confluence smart link", "smart links")
    .description("Describe a Confluence smart link (embed) in the page tree: its title, and where it leads.")
    .parameters(&[EMBED])
    .target("smart link {embed}")
    .call(
        get("/api/v2/embeds/{embed}", READ, Answer::Record(FIELDS))
            .names(NAMES)
            .within(places::OF_EMBED)
            .when_missing(ARE_FOUND),
    );

const NEW: [Member; 4] = [
    pages::OF_SPACE,
    Member::argument("title", "title"),
    Member::argument("parentId", "parent"),
    Member::argument("embedUrl", "url"),
];
const URL: Parameter =
    Parameter::required("url", "Where it leads", Kind::Line { longest: 2_000 }, "https://acme.example/plan");

pub static CREATE: Operation =
    Operation::write("confluence_create_embed", "Create a Confluence smart link", "create smart links")
        .description("Create a Confluence smart link (embed) in the page tree that leads to a web address.")
        .parameters(&[SPACE, PARENT, TITLE, URL])
        .target("{title} in space {space}")
        .call(
            post("/api/v2/embeds", WRITE, Answer::Record(pages::MADE))
                .before(&[SPACE_ID])
                .body(Body::Json(&NEW))
                .within(places::BELOW_PARENT)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("look with confluence_list_page_children before repeating")
                .undone_by("confluence_delete_embed", &[("embed", "id")]),
        );

pub static DELETE: Operation =
    Operation::destroy("confluence_delete_embed", "Delete a Confluence smart link", "delete smart links")
        .description("Move a Confluence smart link (embed) to the trash.")
        .parameters(&[EMBED])
        .target("smart link {embed}")
        .call(
            delete("/api/v2/embeds/{embed}", DELETES, Answer::Done("moved smart link {embed} to the trash"))
                .within(places::BELOW_EMBED)
                .when_missing(ARE_FOUND)
                .when_unknown("read its status with confluence_get_embed before repeating"),
        );

pub static LIST_CHILDREN: Operation =
    Operation::read("confluence_list_embed_children", "List what is below a Confluence smart link", "smart links")
        .description("List what is directly below a Confluence smart link: pages, folders and the like.")
        .parameters(&[EMBED, limit(250), CURSOR])
        .target("smart link {embed}")
        .call(
            get("/api/v2/embeds/{embed}/direct-children", TREES, Answer::Rows(page_tree::CHILDREN))
                .query(&[PAGE_LENGTH])
                .within(places::BELOW_EMBED)
                .when_missing(ARE_FOUND),
        );

pub static LIST_TREE: Operation =
    Operation::read("confluence_list_embed_tree", "List the tree below a Confluence smart link", "smart links")
        .description("List all descendants of a Confluence smart link, down to some levels.")
        .parameters(&[EMBED, page_tree::DEPTH, limit(250).or("100"), CURSOR])
        .target("smart link {embed}")
        .call(
            get("/api/v2/embeds/{embed}/descendants", TREES, Answer::Rows(page_tree::TREE))
                .query(&[page_tree::DEEP, PAGE_LENGTH])
                .within(places::BELOW_EMBED)
                .when_missing(ARE_FOUND),
        );

pub static LIST_ANCESTORS: Operation =
    Operation::read("confluence_list_embed_ancestors", "List what is above a Confluence smart link", "smart links")
        .description("List the ancestors of a Confluence smart link, from the top of the space down.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[EMBED, limit(250).or("250"), CURSOR])
        .target("smart link {embed}")
        .call(
            get("/api/v2/embeds/{embed}/ancestors", ANCESTORS, Answer::Rows(page_tree::WHOLE_ABOVE))
                .query(&[PAGE_LENGTH])
                .names(page_tree::TITLES)
                .within(places::ABOVE_EMBED)
                .when_missing(ARE_FOUND),
        );
