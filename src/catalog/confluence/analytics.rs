//! How often pages are read, what happened on the site, and what still goes on there.

use super::{CONTENT, CURSOR, PAGES_ARE_FOUND, counted_rows, get, limit, places};
use crate::catalog::operation::{
    Answer, Bounds, Field, Kind, NamedSource, Operation, Parameter, Rows, Scopes, Sensitivity,
};

pub const ALL: &[&Operation] = &[&GET_VIEWS, &GET_VIEWERS, &LIST_AUDIT, &GET_LONG_TASK];

const READS: Scopes =
    Scopes { classic: &["read:confluence-content.summary"], granular: &["read:analytics.content:confluence"] };
const SINCE: Parameter = Parameter::optional("since", "First day", Kind::Day, "2026-10-01");
const FROM: NamedSource = NamedSource::argument("fromDate", "since");

const GET_VIEWS_ANSWER: Answer = Answer::Record(&[Field::label("views", &["count"])]);

pub static GET_VIEWS: Operation =
    Operation::read("confluence_get_page_views", "Count a Confluence page's views", "page views")
        .description("Count how often a Confluence page or blog post was viewed, in all or since a day.")
        .parameters(&[CONTENT, SINCE])
        .target("page {page}")
        .call(
            get("/rest/api/analytics/content/{page}/views", READS, GET_VIEWS_ANSWER)
                .query(&[FROM])
                .within(places::OF_CONTENT)
                .when_missing(PAGES_ARE_FOUND),
        );

const GET_VIEWERS_ANSWER: Answer = Answer::Record(&[Field::label("viewers", &["count"])]);

pub static GET_VIEWERS: Operation =
    Operation::read("confluence_get_page_viewers", "Count a Confluence page's viewers", "page views")
        .description("Count how many people viewed a Confluence page or blog post, in all or since a day.")
        .parameters(&[CONTENT, SINCE])
        .target("page {page}")
        .call(
            get("/rest/api/analytics/content/{page}/viewers", READS, GET_VIEWERS_ANSWER)
                .query(&[FROM])
                .within(places::OF_CONTENT)
                .when_missing(PAGES_ARE_FOUND),
        );

const AUDIT: Scopes = Scopes { classic: &[], granular: &["read:audit-log:confluence"] };
const WORDS: Parameter =
    Parameter::optional("words", "Only with these words", Kind::Line { longest: 200 }, "permission");
const EVENTS: Rows = counted_rows(
    &[
        Field::moment("when", &["creationDate"]),
        Field::person("by", &["author.displayName"]),
        Field::label("what", &["summary"]),
        Field::label("of", &["affectedObject.name"]),
        Field::label("category", &["category"]),
    ],
    "No such event.",
);

pub static LIST_AUDIT: Operation =
    Operation::read("confluence_list_audit_records", "List Confluence's audit log", "the audit log")
        .description(
            "List what Confluence's audit log has: changes of permissions, spaces and settings; for administrators.",
        )
        .parameters(&[WORDS, limit(100), CURSOR])
        .target("audit log")
        .call(
            get("/rest/api/audit", AUDIT, Answer::Rows(EVENTS))
                .query(&[NamedSource::argument("searchString", "words"), super::PAGE_LENGTH])
                .within(Bounds::Site)
                .when_missing("Confluence has no audit log at this address."),
        );

const TASKS: Scopes =
    Scopes { classic: &["read:confluence-space.summary"], granular: &["read:content.metadata:confluence"] };
const LONG_TASK: Parameter = Parameter::required("long_task", "Its id", Kind::Key, "98981");
const FIELDS: &[Field] = &[
    Field::label("long task", &["id"]),
    Field::label("percent", &["percentageComplete"]),
    Field::label("finished", &["finished"]),
    Field::label("successful", &["successful"]),
    Field::label("says", &["messages.translation"]),
    Field::label("errors", &["errors.translation"]),
];

pub static GET_LONG_TASK: Operation =
    Operation::read("confluence_get_long_task", "Get a long task of Confluence", "long tasks")
        .description(
            "Show how far Confluence is with something long: deleting a space, copying or archiving many pages.",
        )
        .sensitivity(Sensitivity::Names)
        .parameters(&[LONG_TASK])
        .target("long task {long_task}")
        .call(
            get("/rest/api/longtask/{long_task}", TASKS, Answer::Record(FIELDS))
                .within(Bounds::NoSpace)
                .when_missing("Confluence forgets tasks some time after their end."),
        );
