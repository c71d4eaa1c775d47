//! Spaces.

use super::{
    CURSOR, PAGE_LENGTH, SPACE, SPACE_ID, SPACES, SPACES_ARE_LISTED, delete, get, limit, people, post, put, rows,
};
use crate::catalog::operation::{
    Answer, Body, Bounds, Call, Field, Kind, Member, NamedSource, Operation, Parameter, Resource, Rows, Scopes,
    Sensitivity, Source, Started,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &CREATE, &UPDATE, &ARCHIVE, &RESTORE, &DELETE, &LIST_OPERATIONS];

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
        get("/api/v2/spaces", SPACES, Answer::Rows(ROWS)).query(&[PAGE_LENGTH]).within(Bounds::Rows).when_missing(
            "Confluence has no spaces at this address: an administrator should check CONFLUENCE_API_URL.",
        ),
    );

const FIELDS: &[Field] = &[
    Field::label("key", &["key"]),
    Field::label("name", &["name"]),
    Field::label("type", &["type"]),
    Field::label("status", &["status"]),
    Field::label("homepage", &["homepageId"]),
    Field::label("owner", &["spaceOwnerId"]),
    Field::moment("created", &["createdAt"]),
    Field::label("labels", &["labels.results.name"]),
    Field::link("link", &["_links.webui"]),
    Field::prose("description", &["description.plain.value"]),
];

pub static GET: Operation = Operation::read("confluence_get_space", "Get a Confluence space", "spaces")
    .description("Describe a Confluence space: name, homepage, owner, labels, description.")
    .parameters(&[SPACE])
    .target("space {space}")
    .call(
        get("/api/v2/spaces/{space_id}", SPACES, Answer::Record(FIELDS))
            .before(&[SPACE_ID])
            .query(&[NamedSource::fixed("description-format", "plain"), NamedSource::fixed("include-labels", "true")])
            .names(&[people(&["owner"])])
            .within(Bounds::Space)
            .when_missing(SPACES_ARE_LISTED),
    );

const WRITES: Scopes = Scopes {
    classic: &["write:confluence-space"],
    granular: &["read:space-details:confluence", "write:space:confluence", "write:space.permission:confluence"],
};
const NEW_KEY: Parameter = Parameter::required("space", "Its key to be: capital letters", Kind::Space, "TEAM");
const NAME: Parameter = Parameter::required("name", "One line", Kind::Line { longest: 200 }, "The team");
const NEW_NAME: Parameter = Parameter::optional("name", "One line", Kind::Line { longest: 200 }, "The team");
const DESCRIPTION: Parameter =
    Parameter::optional("description", "What it is for", Kind::Text { longest: 5_000 }, "What the team does.");
const MADE: &[Field] =
    &[Field::label("key", &["key"]), Field::label("name", &["name"]), Field::link("link", &["_links.webui"])];

const CREATE_CALL: Call = post("/rest/api/space", WRITES, Answer::Record(MADE))
    .body(Body::Json(&[
        Member::argument("key", "space"),
        Member::argument("name", "name"),
        Member::argument("description.plain.value", "description"),
    ]))
    .within(Bounds::Space)
    .when_missing(SPACES_ARE_LISTED)
    .when_unknown("look with confluence_list_spaces before repeating");

pub static CREATE: Operation =
    Operation::write("confluence_create_space", "Create a Confluence space", "create spaces")
        .description("Create a Confluence space.")
        .parameters(&[NEW_KEY, NAME, DESCRIPTION])
        .target("space {space}")
        .call(CREATE_CALL);

const UPDATE_CALL: Call = put("/rest/api/space/{space}", WRITES, Answer::Record(MADE))
    .body(Body::Json(&[Member::argument("name", "name"), Member::argument("description.plain.value", "description")]))
    .within(Bounds::Space)
    .when_missing(SPACES_ARE_LISTED)
    .when_unknown("read it with confluence_get_space before repeating");

pub static UPDATE: Operation =
    Operation::write("confluence_update_space", "Change a Confluence space", "change spaces")
        .description("Change the name or the description of a Confluence space.")
        .parameters(&[SPACE, NEW_NAME, DESCRIPTION])
        .target("space {space}")
        .call(UPDATE_CALL);

pub static ARCHIVE: Operation =
    Operation::write("confluence_archive_space", "Archive a Confluence space", "change spaces")
        .description("Archive a Confluence space: it stays readable and leaves searches and lists.")
        .parameters(&[SPACE])
        .target("space {space}")
        .call(
            put("/rest/api/space/{space}", WRITES, Answer::Record(MADE))
                .body(Body::Json(&[Member::of("status", Source::Fixed("archived"))]))
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("read its status with confluence_get_space before repeating")
                .undone_by("confluence_restore_space", &[]),
        );

pub static RESTORE: Operation =
    Operation::write("confluence_restore_space", "Bring a Confluence space back from the archive", "change spaces")
        .description("Bring an archived Confluence space back, unarchive it.")
        .parameters(&[SPACE])
        .target("space {space}")
        .call(
            put("/rest/api/space/{space}", WRITES, Answer::Record(MADE))
                .body(Body::Json(&[Member::of("status", Source::Fixed("current"))]))
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("read its status with confluence_get_space before repeating")
                .undone_by("confluence_archive_space", &[]),
        );

const DELETES: Scopes = Scopes {
    classic: &["write:confluence-space"],
    granular: &["read:content.metadata:confluence", "delete:space:confluence"],
};
const DELETION: Started = Started {
    fields: &[Field::label("long task", &["id"])],
    look: "confluence_get_long_task shows how far it is with deleting {space}",
};

pub static DELETE: Operation =
    Operation::destroy("confluence_delete_space", "Delete a Confluence space", "delete spaces")
        .description("Delete a Confluence space with all its pages, for good.")
        .parameters(&[SPACE])
        .target("space {space}")
        .call(
            delete("/rest/api/space/{space}", DELETES, Answer::Started(DELETION))
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("look with confluence_list_spaces before repeating"),
        );

const MAY: &[Field] = &[Field::label("may", &["operations.operation", "operations.targetType"])];

pub static LIST_OPERATIONS: Operation =
    Operation::read("confluence_list_space_operations", "List what may be done in a Confluence space", "permissions")
        .description("List what this account may do in a Confluence space: create pages, delete, administer and so on.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[SPACE])
        .target("space {space}")
        .call(
            get("/api/v2/spaces/{space_id}/operations", SPACES, Answer::Record(MAY))
                .before(&[SPACE_ID])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );
