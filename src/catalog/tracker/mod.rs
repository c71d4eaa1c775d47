//! The issue tracker of the tests, which does not exist.

use super::operation::{
    Answer, Call, Field, Kind, NamedSource, Operation, Paging, Parameter, Rows, Scopes, Sensitivity,
};
use crate::{platform::http::Method, providers::TRACKER};

const PROJECT: Parameter = Parameter::required("project", "Project key", Kind::Workspace, "POST");
const ISSUE: Parameter = Parameter::required("issue", "Issue number", Kind::Integer { least: 1, most: i64::MAX }, "7");
const CURSOR: Parameter = Parameter::optional("cursor", "From the previous answer", Kind::Cursor, "");
const READING: Scopes = Scopes { classic: &[], granular: &["read:issue"] };
const WRITING: Scopes = Scopes { classic: &[], granular: &["write:issue"] };

const ROWS: Rows = Rows::new(
    "issues",
    &[Field::label("issue", &["number"]), Field::label("title", &["title"])],
    "This project has no open issue.",
)
.paging(Paging::Cursor { next: "next", parameter: "after" });

pub const ALL: &[&Operation] = &[&LIST, &CLOSE];

pub static LIST: Operation = Operation::read("tracker_list_issues", "List Tracker issues", "issues")
    .description("List the open issues of a project.")
    .sensitivity(Sensitivity::Work)
    .parameters(&[PROJECT, CURSOR])
    .target("{project}")
    .call(
        Call::new(&TRACKER, Method::Get, "/projects/{project}/issues", READING, Answer::Rows(ROWS))
            .when_missing("Nobody lists the projects: ask for the key of one."),
    );

pub static CLOSE: Operation = Operation::write("tracker_close_issue", "Close a Tracker issue", "close issues")
    .description("Close an issue.")
    .parameters(&[PROJECT, ISSUE])
    .target("{project}-{issue}")
    .call(
        Call::new(&TRACKER, Method::Post, "/projects/{project}/issues/{issue}/close", WRITING, Answer::Done("closed"))
            .query(&[NamedSource::fixed("notify", "no")])
            .when_missing("tracker_list_issues lists the issues of a project.")
            .when_unknown("tracker_list_issues no longer lists it where it was closed."),
    );
