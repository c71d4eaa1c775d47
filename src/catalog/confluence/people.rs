//! People.

use super::{ACCOUNT, CURSOR, PAGE_LENGTH, counted_rows, get, limit, post};
use crate::catalog::operation::{
    Answer, Body, Bounds, Cql, CqlCondition, Field, Kind, Member, NamedSource, Operation, Parameter, Rows, Scopes,
    Sensitivity, Source,
};

pub const ALL: &[&Operation] = &[&GET_CURRENT, &SEARCH, &LIST_BY_ID, &LIST_GROUPS];

const READS: Scopes = Scopes { classic: &["read:confluence-user"], granular: &["read:content-details:confluence"] };
const NO_PEOPLE: &str = "confluence_search_people finds people by their names.";
const FIELDS: &[Field] = &[
    Field::label("name", &["displayName", "publicName"]).first(),
    Field::label("user", &["accountId"]),
    Field::label("type", &["accountType"]),
    Field::label("e-mail", &["email"]),
    Field::label("time zone", &["timeZone"]),
];

pub static GET_CURRENT: Operation =
    Operation::read("confluence_get_current_user", "Get the Confluence account in use", "people")
        .description("Show the Confluence account that calls work in: whose name writes have there.")
        .sensitivity(Sensitivity::Names)
        .call(
            get("/rest/api/user/current", READS, Answer::Record(FIELDS))
                .within(Bounds::NoSpace)
                .when_missing(NO_PEOPLE),
        );

const FINDS: Scopes = Scopes { classic: &[], granular: &["read:content-details:confluence"] };
const NAME: Parameter = Parameter::required("name", "Part of the name", Kind::Line { longest: 100 }, "Ann");
static BY_NAME: Cql = Cql {
    query: None,
    always: "type = user",
    conditions: &[CqlCondition { before: "user.fullname ~", argument: "name" }],
    order: "",
};
const FOUND: Rows = counted_rows(
    &[
        Field::label("name", &["user.displayName", "user.publicName"]).first(),
        Field::label("user", &["user.accountId"]),
        Field::label("type", &["user.accountType"]),
    ],
    "Nobody of that name: try another part of it.",
);

pub static SEARCH: Operation = Operation::read("confluence_search_people", "Find people in Confluence", "people")
    .description("Find people in Confluence by name, with the account id that other operations take.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[NAME, limit(50), CURSOR])
    .target("{name}")
    .call(
        get("/rest/api/search/user", FINDS, Answer::Rows(FOUND))
            .query(&[NamedSource::of("cql", Source::Cql(&BY_NAME)), PAGE_LENGTH])
            .within(Bounds::NoSpace)
            .when_missing("Confluence has no search of people at this address."),
    );

const USERS: Scopes = Scopes { classic: &[], granular: &["read:user:confluence"] };
const ACCOUNTS: Parameter =
    Parameter::required("users", "Account ids", Kind::List { of: &Kind::Key, most: 100 }, "[\"712020:0f1e2d3c-4b5a\"]");
const ROWS: Rows = Rows::new(
    "results",
    &[
        Field::label("user", &["accountId"]),
        Field::label("name", &["displayName", "publicName"]).first(),
        Field::label("type", &["accountType"]),
        Field::label("status", &["accountStatus"]),
        Field::label("time zone", &["timeZone"]),
    ],
    "No such account.",
);

pub static LIST_BY_ID: Operation =
    Operation::read("confluence_list_users", "List people of Confluence by id", "people")
        .description("List the names of people in Confluence by their account ids.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[ACCOUNTS, CURSOR])
        .call(
            post("/api/v2/users-bulk", USERS, Answer::Rows(ROWS))
                .body(Body::Json(&[Member::argument("accountIds", "users")]))
                .within(Bounds::NoSpace)
                .when_missing(NO_PEOPLE),
        );

const MEMBERSHIPS: Scopes =
    Scopes { classic: &["read:confluence-user"], granular: &["read:user:confluence", "read:group:confluence"] };
const GROUPS: Rows = counted_rows(
    &[Field::label("name", &["name"]), Field::label("group", &["id"])],
    "They are in no group, or this account may not see it.",
);

pub static LIST_GROUPS: Operation =
    Operation::read("confluence_list_user_groups", "List the groups of a person in Confluence", "groups")
        .description("List the Confluence groups that a person is in.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[ACCOUNT, limit(200), CURSOR])
        .target("{user}")
        .call(
            get("/rest/api/user/memberof", MEMBERSHIPS, Answer::Rows(GROUPS))
                .query(&[NamedSource::argument("accountId", "user"), PAGE_LENGTH])
                .within(Bounds::NoSpace)
                .when_missing(NO_PEOPLE),
        );
