//! The state that people give a page: rough draft, in progress, ready for review.

use super::{CONTENT, PAGES_ARE_FOUND, delete, get, places, put};
use crate::catalog::operation::{Answer, Body, Call, Field, Kind, Member, NamedSource, Operation, Parameter, Scopes};

pub const ALL: &[&Operation] = &[&GET, &LIST_AVAILABLE, &SET, &REMOVE];

const READS: Scopes =
    Scopes { classic: &["read:confluence-content.summary"], granular: &["read:content-details:confluence"] };
const WRITES: Scopes = Scopes {
    classic: &["write:confluence-content"],
    granular: &["write:content:confluence", "read:content-details:confluence"],
};
const AVAILABLE: Scopes = Scopes { classic: &["write:confluence-content"], granular: &["write:content:confluence"] };
const PUBLISHED: NamedSource = NamedSource::fixed("status", "current");
const FIELDS: &[Field] = &[
    Field::label("state", &["contentState.name"]),
    Field::label("state id", &["contentState.id"]),
    Field::moment("updated", &["lastUpdated"]),
];

pub static GET: Operation = Operation::read("confluence_get_page_state", "Get a Confluence page's state", "pages")
    .description("Show the state (status) that people gave a Confluence page, such as in progress or ready for review.")
    .parameters(&[CONTENT])
    .target("page {page}")
    .call(
        get("/rest/api/content/{page}/state", READS, Answer::Record(FIELDS))
            .query(&[PUBLISHED])
            .within(places::OF_CONTENT)
            .when_missing(PAGES_ARE_FOUND),
    );

const CHOICES: &[Field] = &[
    Field::label("of the space", &["spaceContentStates.name", "spaceContentStates.id"]).noted(),
    Field::label("own", &["customContentStates.name", "customContentStates.id"]).noted(),
];

pub static LIST_AVAILABLE: Operation =
    Operation::read("confluence_list_page_states", "List the states that a Confluence page can have", "pages")
        .description("List the states that a Confluence page can be given, with their ids.")
        .parameters(&[CONTENT])
        .target("page {page}")
        .call(
            get("/rest/api/content/{page}/state/available", AVAILABLE, Answer::Record(CHOICES))
                .within(places::OF_CONTENT)
                .when_missing(PAGES_ARE_FOUND),
        );

const STATE: Parameter = Parameter::required("state", "State id", Kind::Integer { least: 0, most: i64::MAX }, "1");

const SET_CALL: Call = put("/rest/api/content/{page}/state", WRITES, Answer::Record(FIELDS))
    .query(&[PUBLISHED])
    .body(Body::Json(&[Member::argument("id", "state")]))
    .within(places::OF_CONTENT)
    .when_missing("confluence_list_page_states lists the states that there are.")
    .when_unknown("read it with confluence_get_page_state before repeating")
    .undone_by("confluence_remove_page_state", &[]);

pub static SET: Operation =
    Operation::write("confluence_set_page_state", "Set a Confluence page's state", "change pages")
        .description(
            "Give a Confluence page a state, such as in progress or ready for review; its text stays as it is.",
        )
        .parameters(&[CONTENT, STATE])
        .target("page {page}")
        .call(SET_CALL);

pub static REMOVE: Operation =
    Operation::write("confluence_remove_page_state", "Remove a Confluence page's state", "change pages")
        .description("Take away the state that a Confluence page was given.")
        .parameters(&[CONTENT])
        .target("page {page}")
        .call(
            delete("/rest/api/content/{page}/state", WRITES, Answer::Done("page {page} has no state"))
                .query(&[PUBLISHED])
                .within(places::OF_CONTENT)
                .when_missing(PAGES_ARE_FOUND)
                .when_unknown("read it with confluence_get_page_state before repeating"),
        );
