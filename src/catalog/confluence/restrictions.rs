//! Restrictions: who alone may see or edit a page.

use super::{ACCOUNT, CONTENT, CURSOR, PAGE_LENGTH, PAGES_ARE_FOUND, counted_rows, delete, get, limit, places, put};
use crate::catalog::operation::{
    Answer, Call, Field, Kind, NamedSource, Operation, Parameter, Rows, Scopes, Sensitivity,
};

pub const ALL: &[&Operation] = &[&LIST, &ADD_PERSON, &REMOVE_PERSON, &ADD_GROUP, &REMOVE_GROUP, &REMOVE_ALL];

const READS: Scopes =
    Scopes { classic: &["read:confluence-content.all"], granular: &["read:content-details:confluence"] };
const WRITES: Scopes =
    Scopes { classic: &["write:confluence-content"], granular: &["write:content.restriction:confluence"] };
const OPERATION: Parameter =
    Parameter::required("operation", "See it, or edit it", Kind::Choice(&["read", "update"]), "update");
const GROUP: Parameter = Parameter::required("group", "Group id", Kind::Key, "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0");
const PERSON: NamedSource = NamedSource::argument("accountId", "user");
const LOOK: &str = "look with confluence_list_restrictions before repeating";
const ROWS: Rows = counted_rows(
    &[
        Field::label("operation", &["operation"]),
        Field::label("people", &["restrictions.user.results.displayName", "restrictions.user.results.accountId"])
            .noted(),
        Field::label("groups", &["restrictions.group.results.name", "restrictions.group.results.id"]).noted(),
    ],
    "It has no restrictions of its own: whoever may see its space may see it.",
);

pub static LIST: Operation =
    Operation::read("confluence_list_restrictions", "List the restrictions of a Confluence page", "permissions")
        .description("List who alone may see or edit a Confluence page or blog post.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[CONTENT, limit(100), CURSOR])
        .target("page {page}")
        .call(
            get("/rest/api/content/{page}/restriction", READS, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH, NamedSource::fixed("expand", "restrictions.user,restrictions.group")])
                .within(places::OF_CONTENT)
                .when_missing(PAGES_ARE_FOUND),
        );

const ADD_PERSON_ANSWER: Answer =
    Answer::Done("{operation} of page {page} is restricted to {user}, and whoever was named before");

pub static ADD_PERSON: Operation =
    Operation::destroy("confluence_add_user_restriction", "Restrict a Confluence page to a person", "restrict pages")
        .description("Let only named people see or edit a Confluence page, this one among them: others are out.")
        .parameters(&[CONTENT, OPERATION, ACCOUNT])
        .target("{operation} page {page}")
        .call(
            put("/rest/api/content/{page}/restriction/byOperation/{operation}/user", WRITES, ADD_PERSON_ANSWER)
                .query(&[PERSON])
                .within(places::OF_CONTENT)
                .when_missing(PAGES_ARE_FOUND)
                .when_unknown(LOOK)
                .undone_by("confluence_remove_user_restriction", &[]),
        );

const REMOVE_PERSON_ANSWER: Answer = Answer::Done("{user} is off the restriction: {operation} of page {page}");

pub static REMOVE_PERSON: Operation =
    Operation::destroy("confluence_remove_user_restriction", "Take a person off a Confluence page", "restrict pages")
        .description("Take a person off those who alone may see or edit a Confluence page.")
        .parameters(&[CONTENT, OPERATION, ACCOUNT])
        .target("{operation} page {page}")
        .call(
            delete("/rest/api/content/{page}/restriction/byOperation/{operation}/user", WRITES, REMOVE_PERSON_ANSWER)
                .query(&[PERSON])
                .within(places::OF_CONTENT)
                .when_missing("confluence_list_restrictions lists who is named.")
                .when_unknown(LOOK)
                .undone_by("confluence_add_user_restriction", &[]),
        );

const ADD_GROUP_ANSWER: Answer =
    Answer::Done("{operation} of page {page} is restricted to group {group}, and whoever was named before");

const ADD_GROUP_CALL: Call =
    put("/rest/api/content/{page}/restriction/byOperation/{operation}/byGroupId/{group}", WRITES, ADD_GROUP_ANSWER)
        .within(places::OF_CONTENT)
        .when_missing(PAGES_ARE_FOUND)
        .when_unknown(LOOK)
        .undone_by("confluence_remove_group_restriction", &[]);

pub static ADD_GROUP: Operation =
    Operation::destroy("confluence_add_group_restriction", "Restrict a Confluence page to a group", "restrict pages")
        .description("Let only named groups see or edit a Confluence page, this one among them: others are out.")
        .parameters(&[CONTENT, OPERATION, GROUP])
        .target("{operation} page {page}")
        .call(ADD_GROUP_CALL);

const REMOVE_GROUP_ANSWER: Answer = Answer::Done("group {group} is off the restriction: {operation} of page {page}");

const REMOVE_GROUP_CALL: Call = delete(
    "/rest/api/content/{page}/restriction/byOperation/{operation}/byGroupId/{group}",
    WRITES,
    REMOVE_GROUP_ANSWER,
)
.within(places::OF_CONTENT)
.when_missing("confluence_list_restrictions lists who is named.")
.when_unknown(LOOK)
.undone_by("confluence_add_group_restriction", &[]);

pub static REMOVE_GROUP: Operation =
    Operation::destroy("confluence_remove_group_restriction", "Take a group off a Confluence page", "restrict pages")
        .description("Take a group off those who alone may see or edit a Confluence page.")
        .parameters(&[CONTENT, OPERATION, GROUP])
        .target("{operation} page {page}")
        .call(REMOVE_GROUP_CALL);

const REMOVES_ALL: Scopes = Scopes {
    classic: &["write:confluence-content"],
    granular: &["read:content-details:confluence", "write:content.restriction:confluence"],
};

const REMOVE_ALL_ANSWER: Answer = Answer::Done("removed all restrictions of page {page}");

pub static REMOVE_ALL: Operation = Operation::destroy(
    "confluence_remove_all_restrictions",
    "Remove all restrictions of a Confluence page",
    "restrict pages",
)
.description("Remove all restrictions of a Confluence page: whoever may see its space may see and edit it.")
.parameters(&[CONTENT])
.target("page {page}")
.call(
    delete("/rest/api/content/{page}/restriction", REMOVES_ALL, REMOVE_ALL_ANSWER)
        .within(places::OF_CONTENT)
        .when_missing(PAGES_ARE_FOUND)
        .when_unknown(LOOK),
);
