//! Code insights: reports of scanners on a commit, and their annotations of lines.

use super::{
    CURSOR, PAGE_LENGTH, REPOSITORY, REPOSITORY_SCOPES, WORKSPACE, commit_statuses::COMMIT, delete, get, limit, pages,
    post, put,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, Operation, Parameter, Rows};

pub const ALL: &[&Operation] = &[
    &LIST,
    &GET,
    &SET,
    &DELETE,
    &LIST_ANNOTATIONS,
    &GET_ANNOTATION,
    &SET_ANNOTATION,
    &SET_ANNOTATIONS,
    &DELETE_ANNOTATION,
];

const EVERY: &str = "/repositories/{workspace}/{repository}/commit/{commit}/reports";
const ONE: &str = "/repositories/{workspace}/{repository}/commit/{commit}/reports/{report}";
const ANNOTATIONS: &str = "/repositories/{workspace}/{repository}/commit/{commit}/reports/{report}/annotations";
const ONE_ANNOTATION: &str =
    "/repositories/{workspace}/{repository}/commit/{commit}/reports/{report}/annotations/{annotation}";
const CONSENT: &str = "reports on commits";
const CHANGE: &str = "write reports on commits";
const OF_COMMIT: &str = "{workspace}/{repository}@{commit}";
const OF_REPORT: &str = "{workspace}/{repository}@{commit} report {report}";
const OF_ANNOTATION: &str = "{workspace}/{repository}@{commit} report {report}, annotation {annotation}";
const COMMITS: &str = "bitbucket_list_branches lists branches with their newest commits.";
const ARE_LISTED: &str = "bitbucket_list_reports lists those of a commit.";
const ANNOTATIONS_ARE_LISTED: &str = "bitbucket_list_annotations lists those of a report.";
const CHECK: &str = "look with bitbucket_list_reports";
const ANNOTATIONS_CHECK: &str = "look with bitbucket_list_annotations";

const REPORT: Parameter = Parameter::required("report", "Its UUID, or an id of your own", Kind::Key, "scanner-001");
const TITLE: Parameter = Parameter::required("title", "Title", Kind::Line { longest: 450 }, "Security scan");
const DETAILS: Parameter =
    Parameter::required("details", "What it says", Kind::Text { longest: 2_000 }, "Two outdated packages.");
const TYPE: Parameter =
    Parameter::required("type", "Which kind", Kind::Choice(&["SECURITY", "COVERAGE", "TEST", "BUG"]), "SECURITY");
const RESULT: Parameter =
    Parameter::optional("result", "How it ended", Kind::Choice(&["PASSED", "FAILED", "PENDING"]), "FAILED");
const REPORTER: Parameter = Parameter::optional("reporter", "Who says so", Kind::Line { longest: 450 }, "scanner");
const LINK: Parameter =
    Parameter::optional("link", "Where more is", Kind::Line { longest: 1_000 }, "https://ci.example.com/7");

const FIELDS: &[Field] = &[
    Field::label("title", &["title"]),
    Field::label("type", &["report_type"]),
    Field::label("result", &["result"]),
    Field::label("reporter", &["reporter"]),
    Field::label("details", &["details"]),
    Field::moment("updated", &["updated_on", "created_on"]).first(),
    Field::label("report", &["external_id", "uuid"]).first(),
];
const WHOLE: &[Field] = &[
    Field::label("title", &["title"]),
    Field::label("type", &["report_type"]),
    Field::label("result", &["result"]),
    Field::label("reporter", &["reporter"]),
    Field::label("report", &["external_id", "uuid"]).first(),
    Field::label("data", &["data.title", "data.value"]).noted(),
    Field::moment("created", &["created_on"]),
    Field::moment("updated", &["updated_on"]),
    Field::link("link", &["link"]),
    Field::prose("details", &["details"]),
];
const ROWS: Rows = pages(FIELDS, "No reports on this commit.");

pub static LIST: Operation =
    Operation::read("bitbucket_list_reports", "List the reports on a Bitbucket commit", CONSENT)
        .description("List the code insights reports (security, coverage, test scans) on a commit.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, limit(100), CURSOR])
        .target(OF_COMMIT)
        .call(get(EVERY, REPOSITORY_SCOPES, Answer::Rows(ROWS)).query(&[PAGE_LENGTH]).when_missing(COMMITS));

pub static GET: Operation = Operation::read("bitbucket_get_report", "Get a report on a Bitbucket commit", CONSENT)
    .description("Show a code insights report on a commit, with its figures and details.")
    .parameters(&[WORKSPACE, REPOSITORY, COMMIT, REPORT])
    .target(OF_REPORT)
    .call(get(ONE, REPOSITORY_SCOPES, Answer::Record(WHOLE)).when_missing(ARE_LISTED));

pub static SET: Operation =
    Operation::write("bitbucket_update_report", "Create or update a report on a Bitbucket commit", CHANGE)
        .description("Create a code insights report on a commit, or replace the one of the same id.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, REPORT, TITLE, DETAILS, TYPE, RESULT, REPORTER, LINK])
        .target(OF_REPORT)
        .call(
            put(ONE, REPOSITORY_SCOPES, Answer::Record(WHOLE))
                .body(REPORT_BODY)
                .undone_by("bitbucket_delete_report", &[])
                .when_missing(COMMITS)
                .when_unknown(CHECK),
        );

const REPORT_BODY: Body = Body::Json(&[
    Member::argument("title", "title"),
    Member::argument("details", "details"),
    Member::argument("report_type", "type"),
    Member::argument("result", "result"),
    Member::argument("reporter", "reporter"),
    Member::argument("link", "link"),
]);

pub static DELETE: Operation =
    Operation::destroy("bitbucket_delete_report", "Delete a report on a Bitbucket commit", CHANGE)
        .description("Delete a code insights report on a commit, with its annotations.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, REPORT])
        .target(OF_REPORT)
        .call(
            delete(ONE, REPOSITORY_SCOPES, Answer::Done("deleted report {report}"))
                .when_missing(ARE_LISTED)
                .when_unknown(CHECK),
        );

const ANNOTATION: Parameter =
    Parameter::required("annotation", "Its UUID, or an id of your own", Kind::Key, "finding-01");
const SUMMARY: Parameter =
    Parameter::required("summary", "What was found", Kind::Line { longest: 450 }, "Unchecked input");
const KIND: Parameter =
    Parameter::required("type", "Which kind", Kind::Choice(&["VULNERABILITY", "CODE_SMELL", "BUG"]), "BUG");
const SEVERITY: Parameter =
    Parameter::optional("severity", "How bad", Kind::Choice(&["CRITICAL", "HIGH", "MEDIUM", "LOW"]), "HIGH");
const VERDICT: Parameter =
    Parameter::optional("result", "How it ended", Kind::Choice(&["PASSED", "FAILED", "SKIPPED", "IGNORED"]), "FAILED");
const PATH: Parameter = Parameter::optional("path", "File", Kind::Path, "src/orders.rs");
const LINE: Parameter = Parameter::optional("line", "Line", Kind::Integer { least: 1, most: 10_000_000 }, "12");
const MORE: Parameter =
    Parameter::optional("details", "More about it", Kind::Text { longest: 2_000 }, "The amount is not checked.");

const ANNOTATION_FIELDS: &[Field] = &[
    Field::label("severity", &["severity"]),
    Field::label("type", &["annotation_type"]),
    Field::label("result", &["result"]),
    Field::label("path", &["path"]),
    Field::label("line", &["line"]),
    Field::label("summary", &["summary"]),
    Field::label("annotation", &["external_id", "uuid"]).first(),
];
const ANNOTATION_ROWS: Rows = pages(ANNOTATION_FIELDS, "This report annotates nothing.");

pub static LIST_ANNOTATIONS: Operation =
    Operation::read("bitbucket_list_annotations", "List the annotations of a Bitbucket report", CONSENT)
        .description("List the annotations (findings by file and line) of a code insights report.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, REPORT, limit(100), CURSOR])
        .target(OF_REPORT)
        .call(
            get(ANNOTATIONS, REPOSITORY_SCOPES, Answer::Rows(ANNOTATION_ROWS))
                .query(&[PAGE_LENGTH])
                .when_missing(ARE_LISTED),
        );

const WHOLE_ANNOTATION: &[Field] = &[
    Field::label("severity", &["severity"]),
    Field::label("type", &["annotation_type"]),
    Field::label("result", &["result"]),
    Field::label("path", &["path"]),
    Field::label("line", &["line"]),
    Field::label("summary", &["summary"]),
    Field::label("annotation", &["external_id", "uuid"]).first(),
    Field::moment("created", &["created_on"]),
    Field::link("link", &["link"]),
    Field::prose("details", &["details"]),
];

pub static GET_ANNOTATION: Operation =
    Operation::read("bitbucket_get_annotation", "Get an annotation of a Bitbucket report", CONSENT)
        .description("Show one annotation of a code insights report, with its details.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, REPORT, ANNOTATION])
        .target(OF_ANNOTATION)
        .call(
            get(ONE_ANNOTATION, REPOSITORY_SCOPES, Answer::Record(WHOLE_ANNOTATION))
                .when_missing(ANNOTATIONS_ARE_LISTED),
        );

pub static SET_ANNOTATION: Operation =
    Operation::write("bitbucket_update_annotation", "Create or update an annotation of a Bitbucket report", CHANGE)
        .description("Annotate a line in a code insights report, or replace the annotation of the same id.")
        .parameters(OF_ONE)
        .target(OF_ANNOTATION)
        .call(
            put(ONE_ANNOTATION, REPOSITORY_SCOPES, Answer::Record(WHOLE_ANNOTATION))
                .body(ANNOTATION_BODY)
                .undone_by("bitbucket_delete_annotation", &[])
                .when_missing(ARE_LISTED)
                .when_unknown(ANNOTATIONS_CHECK),
        );

const OF_ONE: &[Parameter] =
    &[WORKSPACE, REPOSITORY, COMMIT, REPORT, ANNOTATION, SUMMARY, KIND, SEVERITY, VERDICT, PATH, LINE, MORE, LINK];
const ANNOTATION_BODY: Body = Body::Json(&[
    Member::argument("summary", "summary"),
    Member::argument("annotation_type", "type"),
    Member::argument("severity", "severity"),
    Member::argument("result", "result"),
    Member::argument("path", "path"),
    Member::argument("line", "line"),
    Member::argument("details", "details"),
    Member::argument("link", "link"),
]);

/// The members of one annotation as Bitbucket names them: a list of them is sent as it is.
const MEMBERS: &[Parameter] = &[
    Parameter::required("external_id", "An id of your own", Kind::Key, "finding-01"),
    Parameter::required("summary", "What was found", Kind::Line { longest: 450 }, "Unchecked input"),
    Parameter::required("annotation_type", "Kind", Kind::Choice(&["VULNERABILITY", "CODE_SMELL", "BUG"]), "BUG"),
    SEVERITY,
    VERDICT,
    PATH,
    LINE,
    MORE,
    LINK,
];
const MANY: Parameter = Parameter::required(
    "annotations",
    "Up to 100 of them",
    Kind::List { of: &Kind::Object(MEMBERS), most: 100 },
    "[{\"external_id\":\"finding-01\",\"summary\":\"Unchecked input\",\"annotation_type\":\"BUG\"}]",
);

pub static SET_ANNOTATIONS: Operation =
    Operation::write("bitbucket_update_annotations", "Create or update annotations of a Bitbucket report", CHANGE)
        .description("Annotate many lines in a code insights report at once; those of the same id are replaced.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, REPORT, MANY])
        .target(OF_REPORT)
        .call(
            post(ANNOTATIONS, REPOSITORY_SCOPES, Answer::Done("wrote the annotations of report {report}"))
                .body(Body::Json(&[Member::argument("", "annotations")]))
                .when_missing(ARE_LISTED)
                .when_unknown(ANNOTATIONS_CHECK),
        );

pub static DELETE_ANNOTATION: Operation =
    Operation::destroy("bitbucket_delete_annotation", "Delete an annotation of a Bitbucket report", CHANGE)
        .description("Delete one annotation of a code insights report.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT, REPORT, ANNOTATION])
        .target(OF_ANNOTATION)
        .call(
            delete(ONE_ANNOTATION, REPOSITORY_SCOPES, Answer::Done("deleted annotation {annotation}"))
                .when_missing(ANNOTATIONS_ARE_LISTED)
                .when_unknown(ANNOTATIONS_CHECK),
        );
