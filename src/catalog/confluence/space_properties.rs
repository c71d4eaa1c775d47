//! Properties of spaces: JSON that apps and scripts keep with them, each under a key.

use super::{
    CURSOR, PAGE_LENGTH, SPACE, SPACE_ID, SPACES, SPACES_ARE_LISTED, delete, get, limit, post,
    properties::{BY_KEY, CHANGED, FIELDS, FOUND, NEW, PROPERTY, ROWS, SET, VALUE},
    put,
};
use crate::catalog::operation::{Answer, Body, Bounds, Operation, Read, Scopes, Sensitivity, Step};

pub const ALL: &[&Operation] = &[&LIST_OF_SPACE, &GET_OF_SPACE, &CREATE_OF_SPACE, &UPDATE_OF_SPACE, &DELETE_OF_SPACE];

const PROPERTIES_OF_SPACES: Scopes =
    Scopes { classic: &[], granular: &["read:space:confluence", "write:space:confluence"] };

const OF_SPACE: Read = Read { path: "/api/v2/spaces/{space_id}/properties", query: BY_KEY, finds: FOUND };
const SPACE_LISTS_THEM: &str = "confluence_list_space_properties lists the keys that there are.";

pub static LIST_OF_SPACE: Operation =
    Operation::read("confluence_list_space_properties", "List Confluence space properties", "properties")
        .description("List the keys of the properties that apps keep with a Confluence space.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[SPACE, limit(250), CURSOR])
        .target("space {space}")
        .call(
            get("/api/v2/spaces/{space_id}/properties", SPACES, Answer::Rows(ROWS))
                .before(&[SPACE_ID])
                .query(&[PAGE_LENGTH])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );

pub static GET_OF_SPACE: Operation =
    Operation::read("confluence_get_space_property", "Read a Confluence space property", "properties")
        .description("Read the JSON value of a property of a Confluence space.")
        .parameters(&[SPACE, PROPERTY])
        .target("property {property} of space {space}")
        .call(
            get("/api/v2/spaces/{space_id}/properties/{property_id}", SPACES, Answer::Record(FIELDS))
                .before(&[SPACE_ID, Step::Read(OF_SPACE)])
                .within(Bounds::Space)
                .when_missing(SPACE_LISTS_THEM),
        );

pub static CREATE_OF_SPACE: Operation =
    Operation::write("confluence_create_space_property", "Add a Confluence space property", "change properties")
        .description("Keep a JSON value under a new key with a Confluence space.")
        .parameters(&[SPACE, PROPERTY, VALUE])
        .target("property {property} of space {space}")
        .call(
            post("/api/v2/spaces/{space_id}/properties", PROPERTIES_OF_SPACES, Answer::Record(SET))
                .before(&[SPACE_ID])
                .body(Body::Json(&NEW))
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("look with confluence_list_space_properties before repeating")
                .undone_by("confluence_delete_space_property", &[]),
        );

pub static UPDATE_OF_SPACE: Operation =
    Operation::write("confluence_update_space_property", "Change a Confluence space property", "change properties")
        .description("Replace the JSON value of a property of a Confluence space.")
        .parameters(&[SPACE, PROPERTY, VALUE])
        .target("property {property} of space {space}")
        .call(
            put("/api/v2/spaces/{space_id}/properties/{property_id}", PROPERTIES_OF_SPACES, Answer::Record(SET))
                .before(&[SPACE_ID, Step::Read(OF_SPACE)])
                .body(Body::Json(&CHANGED))
                .within(Bounds::Space)
                .when_missing(SPACE_LISTS_THEM)
                .when_unknown("read it with confluence_get_space_property before repeating"),
        );

const DELETE_OF_SPACE_ANSWER: Answer = Answer::Done("deleted the property {property}");

pub static DELETE_OF_SPACE: Operation =
    Operation::destroy("confluence_delete_space_property", "Delete a Confluence space property", "change properties")
        .description("Delete a property of a Confluence space for good.")
        .parameters(&[SPACE, PROPERTY])
        .target("property {property} of space {space}")
        .call(
            delete("/api/v2/spaces/{space_id}/properties/{property_id}", PROPERTIES_OF_SPACES, DELETE_OF_SPACE_ANSWER)
                .before(&[SPACE_ID, Step::Read(OF_SPACE)])
                .within(Bounds::Space)
                .when_missing(SPACE_LISTS_THEM)
                .when_unknown("look with confluence_list_space_properties before repeating"),
        );
