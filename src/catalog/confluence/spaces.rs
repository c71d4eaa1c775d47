//! Spaces.

use super::{CURSOR, PAGE_LENGTH, get, limit, rows};
use crate::catalog::operation::{Answer, Bounds, Field, Operation, Resource, Rows, Scopes, Sensitivity};

pub const ALL: &[&Operation] = &[&LIST];

const SCOPES: Scopes = Scopes { classic: &[], granular: &["read:space:confluence"] };

// It does not say how many there are in all.
const ROWS: Rows = rows(
    &[
        Field::label("key", &["key"]),
        Field::label("name", &["name"]),
        Field::label("type", &["type"]),
        Field::label("status", &["status"]),
        Field::link("link", &["_links.webui"]),
    ],
    "No space that the organisation's account may see: an administrator of Confluence can let it in.",
)
.about(Resource::Space, &["key"])
.values("space", "key");

pub static LIST: Operation = Operation::read("confluence_list_spaces", "List Confluence spaces", "spaces")
    .description("List the Confluence spaces there are, with the key that CQL takes.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[limit(250), CURSOR])
    .call(
        get("/api/v2/spaces", SCOPES, Answer::Rows(ROWS)).query(&[PAGE_LENGTH]).within(Bounds::Rows).when_missing(
            "Confluence has no spaces at this address: an administrator should check CONFLUENCE_API_URL.",
        ),
    );
