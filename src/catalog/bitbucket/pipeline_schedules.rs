//! Pipelines that run by the clock.

use super::{
    CURSOR, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE, delete, get, limit, pages,
    pipeline_settings::CHANGE,
    pipelines::{BOTH, CONSENT, READ, WRITE},
    post, put,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, Operation, Parameter, Rows, Source};

pub const ALL: &[&Operation] = &[&LIST, &GET, &CREATE, &UPDATE, &DELETE, &LIST_EXECUTIONS];

const EVERY: &str = "/repositories/{workspace}/{repository}/pipelines_config/schedules";
const ONE: &str = "/repositories/{workspace}/{repository}/pipelines_config/schedules/{schedule}";
const TARGET: &str = "{workspace}/{repository} schedule {schedule}";
const ARE_LISTED: &str = "bitbucket_list_schedules lists them.";
const CHECK: &str = "look with bitbucket_list_schedules";

const SCHEDULE: Parameter = Parameter::required("schedule", "Its UUID", Kind::Key, "{1f9b}");
const ENABLED: Parameter = Parameter::required("enabled", "Whether it runs", Kind::Boolean, "false");

const FIELDS: &[Field] = &[
    Field::label("cron", &["cron_pattern"]),
    Field::label("enabled", &["enabled"]),
    Field::label("branch", &["target.ref_name"]),
    Field::label("pipeline", &["target.selector.type", "target.selector.pattern"]),
    Field::moment("created", &["created_on"]),
    Field::label("schedule", &["uuid"]),
];
const ROWS: Rows = pages(FIELDS, "No schedules: bitbucket_create_schedule makes one.");

pub static LIST: Operation = Operation::read("bitbucket_list_schedules", "List Bitbucket pipeline schedules", CONSENT)
    .description("List the schedules (cron, nightly runs) of a repository's pipelines.")
    .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
    .target(OF_REPOSITORY)
    .call(get(EVERY, READ, Answer::Rows(ROWS)).query(&[PAGE_LENGTH]).when_missing(REPOSITORIES_ARE_LISTED));

pub static GET: Operation = Operation::read("bitbucket_get_schedule", "Get a Bitbucket pipeline schedule", CONSENT)
    .description("Show a schedule of a repository's pipelines.")
    .parameters(&[WORKSPACE, REPOSITORY, SCHEDULE])
    .target(TARGET)
    .call(get(ONE, READ, Answer::Record(FIELDS)).when_missing(ARE_LISTED));

const BRANCH: Parameter = Parameter::required("branch", "Branch to run on", Kind::Reference, "main");
const CRON: Parameter = Parameter::required(
    "cron",
    "Seven fields, seconds first, UTC: `0 0 2 * * ? *`",
    Kind::Line { longest: 100 },
    "0 0 2 * * ? *",
);
const CUSTOM: Parameter =
    Parameter::optional("custom", "Name of a custom pipeline", Kind::Line { longest: 255 }, "nightly");

/// What applies to the branch, where no custom pipeline is named.
const SELECTOR: Source = Source::FixedWhere { value: "branches", present: "branch", absent: &["custom"] };
const OF_BRANCH: Source = Source::FixedWhere { value: "custom", present: "custom", absent: &[] };

const BODY: Body = Body::Json(&[
    Member::of("target.type", Source::Fixed("pipeline_ref_target")),
    Member::of("target.ref_type", Source::Fixed("branch")),
    Member::argument("target.ref_name", "branch"),
    Member::of("target.selector.type", SELECTOR),
    Member::of("target.selector.type", OF_BRANCH),
    Member::argument("target.selector.pattern", "branch"),
    Member::argument("target.selector.pattern", "custom"),
    Member::argument("cron_pattern", "cron"),
    Member::of("enabled", Source::Flag(true)),
]);

pub static CREATE: Operation =
    Operation::write("bitbucket_create_schedule", "Create a Bitbucket pipeline schedule", CHANGE)
        .description("Create a schedule that runs a repository's pipeline by the clock (cron).")
        .parameters(&[WORKSPACE, REPOSITORY, BRANCH, CRON, CUSTOM])
        .target("{workspace}/{repository} {branch} {custom} at {cron}")
        .call(
            post(EVERY, BOTH, Answer::Record(FIELDS))
                .body(BODY)
                .undone_by("bitbucket_delete_schedule", &[("schedule", "uuid")])
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown(CHECK),
        );

pub static UPDATE: Operation =
    Operation::write("bitbucket_update_schedule", "Update a Bitbucket pipeline schedule", CHANGE)
        .description("Enable or disable (pause) a schedule; its time and branch cannot be changed, only created anew.")
        .parameters(&[WORKSPACE, REPOSITORY, SCHEDULE, ENABLED])
        .target(TARGET)
        .call(
            put(ONE, BOTH, Answer::Record(FIELDS))
                .body(Body::Json(&[Member::argument("enabled", "enabled")]))
                .when_missing(ARE_LISTED)
                .when_unknown(CHECK),
        );

pub static DELETE: Operation =
    Operation::destroy("bitbucket_delete_schedule", "Delete a Bitbucket pipeline schedule", CHANGE)
        .description("Delete a schedule of a repository's pipelines.")
        .parameters(&[WORKSPACE, REPOSITORY, SCHEDULE])
        .target(TARGET)
        .call(
            delete(ONE, WRITE, Answer::Done("deleted schedule {schedule}"))
                .when_missing(ARE_LISTED)
                .when_unknown(CHECK),
        );

const EXECUTIONS: Rows = pages(
    &[
        Field::label("pipeline", &["pipeline.build_number"]),
        Field::label("state", &["pipeline.state.result.name", "pipeline.state.name"]).first(),
        Field::label("error", &["error.message"]),
        Field::moment("created", &["pipeline.created_on"]),
    ],
    "It has not run yet.",
);

pub static LIST_EXECUTIONS: Operation =
    Operation::read("bitbucket_list_schedule_executions", "List the runs of a Bitbucket pipeline schedule", CONSENT)
        .description("List the runs of a schedule, with why one could not begin.")
        .parameters(&[WORKSPACE, REPOSITORY, SCHEDULE, limit(100), CURSOR])
        .target(TARGET)
        .call(
            get(
                "/repositories/{workspace}/{repository}/pipelines_config/schedules/{schedule}/executions",
                READ,
                Answer::Rows(EXECUTIONS),
            )
            .query(&[PAGE_LENGTH])
            .when_missing(ARE_LISTED),
        );
