//! Groups of people.

use super::{ACCOUNT, CURSOR, PAGE_LENGTH, counted_rows, delete, get, limit, post};
use crate::catalog::operation::{
    Answer, Body, Bounds, Field, Kind, Member, NamedSource, Operation, Parameter, Rows, Scopes, Sensitivity,
};

pub const ALL: &[&Operation] = &[&LIST, &SEARCH, &GET, &LIST_MEMBERS, &ADD_MEMBER, &REMOVE_MEMBER, &CREATE, &DELETE];

const READS: Scopes = Scopes { classic: &["read:confluence-groups"], granular: &["read:group:confluence"] };
const WRITES: Scopes = Scopes { classic: &["write:confluence-groups"], granular: &["write:group:confluence"] };
const GROUP: Parameter = Parameter::required("group", "Group id", Kind::Key, "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0");
const NAME: Parameter = Parameter::required("name", "Name", Kind::Line { longest: 200 }, "writers");
const ARE_LISTED: &str = "confluence_list_groups lists the groups with their ids.";
const BY_ID: NamedSource = NamedSource::argument("id", "group");
const ROWS: Rows = counted_rows(
    &[Field::label("name", &["name"]), Field::label("group", &["id"]), Field::label("managed by", &["managedBy"])],
    "No such group.",
);

pub static LIST: Operation = Operation::read("confluence_list_groups", "List Confluence groups", "groups")
    .description("List the groups of people in Confluence, with their ids.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[limit(200), CURSOR])
    .call(
        get("/rest/api/group", READS, Answer::Rows(ROWS))
            .query(&[PAGE_LENGTH])
            .within(Bounds::NoSpace)
            .when_missing("Confluence has no groups at this address."),
    );

pub static SEARCH: Operation = Operation::read("confluence_search_groups", "Find Confluence groups", "groups")
    .description("Find groups of people in Confluence by a part of the name.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[NAME, limit(200), CURSOR])
    .target("{name}")
    .call(
        get("/rest/api/group/picker", READS, Answer::Rows(ROWS))
            .query(&[NamedSource::argument("query", "name"), PAGE_LENGTH])
            .within(Bounds::NoSpace)
            .when_missing(ARE_LISTED),
    );

pub static GET: Operation = Operation::read("confluence_get_group", "Get a Confluence group", "groups")
    .description("Show the name of a group of people in Confluence by its id.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[GROUP])
    .target("group {group}")
    .call(
        get("/rest/api/group/by-id", READS, Answer::Record(ROWS.columns))
            .query(&[BY_ID])
            .within(Bounds::NoSpace)
            .when_missing(ARE_LISTED),
    );

const MEMBERS: Scopes =
    Scopes { classic: &["read:confluence-groups"], granular: &["read:group:confluence", "read:user:confluence"] };
const PEOPLE: Rows = counted_rows(
    &[
        Field::label("name", &["displayName", "publicName"]).first(),
        Field::label("user", &["accountId"]),
        Field::label("type", &["accountType"]),
    ],
    "Nobody is in it.",
);

pub static LIST_MEMBERS: Operation =
    Operation::read("confluence_list_group_members", "List the members of a Confluence group", "groups")
        .description("List the people in a Confluence group.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[GROUP, limit(200), CURSOR])
        .target("group {group}")
        .call(
            get("/rest/api/group/{group}/membersByGroupId", MEMBERS, Answer::Rows(PEOPLE))
                .query(&[PAGE_LENGTH])
                .within(Bounds::NoSpace)
                .when_missing(ARE_LISTED),
        );

const LOOK: &str = "look with confluence_list_group_members before repeating";
const THE_GROUP: NamedSource = NamedSource::argument("groupId", "group");

// Whoever is in a group may see what it may, in every space.
pub static ADD_MEMBER: Operation =
    Operation::write("confluence_add_group_member", "Add a person to a Confluence group", "change groups")
        .description("Add a person to a Confluence group.")
        .parameters(&[GROUP, ACCOUNT])
        .target("{user} in group {group}")
        .call(
            post("/rest/api/group/userByGroupId", WRITES, Answer::Done("{user} is in group {group}"))
                .query(&[THE_GROUP])
                .body(Body::Json(&[Member::argument("accountId", "user")]))
                .within(Bounds::Site)
                .when_missing(ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("confluence_remove_group_member", &[]),
        );

pub static REMOVE_MEMBER: Operation =
    Operation::destroy("confluence_remove_group_member", "Take a person out of a Confluence group", "change groups")
        .description("Take a person out of a Confluence group; they may lose access.")
        .parameters(&[GROUP, ACCOUNT])
        .target("{user} in group {group}")
        .call(
            delete("/rest/api/group/userByGroupId", WRITES, Answer::Done("{user} is not in group {group}"))
                .query(&[THE_GROUP, NamedSource::argument("accountId", "user")])
                .within(Bounds::Site)
                .when_missing(ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("confluence_add_group_member", &[]),
        );

const CREATES: Scopes =
    Scopes { classic: &["write:confluence-groups"], granular: &["read:group:confluence", "write:group:confluence"] };
const MADE: &[Field] = &[Field::label("name", &["name"]), Field::label("group", &["id"])];

pub static CREATE: Operation =
    Operation::write("confluence_create_group", "Create a Confluence group", "change groups")
        .description("Create a group of people in Confluence.")
        .parameters(&[NAME])
        .target("group {name}")
        .call(
            post("/rest/api/group", CREATES, Answer::Record(MADE))
                .body(Body::Json(&[Member::argument("name", "name")]))
                .within(Bounds::Site)
                .when_missing(ARE_LISTED)
                .when_unknown("look with confluence_list_groups before repeating")
                .undone_by("confluence_delete_group", &[("group", "id")]),
        );

pub static DELETE: Operation =
    Operation::destroy("confluence_delete_group", "Delete a Confluence group", "change groups")
        .description("Delete a group of people in Confluence for good; its members may lose access.")
        .parameters(&[GROUP])
        .target("group {group}")
        .call(
            delete("/rest/api/group/by-id", WRITES, Answer::Done("deleted group {group}"))
                .query(&[BY_ID])
                .within(Bounds::Site)
                .when_missing(ARE_LISTED)
                .when_unknown("look with confluence_list_groups before repeating"),
        );
