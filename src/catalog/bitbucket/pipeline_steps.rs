//! The steps of a pipeline: their logs, and what their tests said.

use super::{
    CURSOR, PAGE_LENGTH, REPOSITORY, WORKSPACE, get, limit, pages,
    pipelines::{ALL_ARE_LISTED, CONSENT, LOG, PICK_STEP, PIPELINE, READ, STEP, STEPS, TARGET},
};
use crate::catalog::operation::{Answer, Blocks, Field, Kind, Operation, Parameter, Rows, Sensitivity};

pub const ALL: &[&Operation] =
    &[&LIST, &GET, &GET_LOG, &GET_CONTAINER_LOG, &GET_TEST_REPORT, &LIST_TEST_CASES, &LIST_TEST_REASONS];

const OF_STEP: &str = "{workspace}/{repository}/pipelines/{pipeline}/steps/{step}";
const STEPS_ARE_LISTED: &str =
    "bitbucket_get_build lists the steps of a pipeline; one that has not begun has no log and no tests.";
const STATE: Field = Field::label("state", &["state.result.name", "state.stage.name", "state.name"]).first();
const SECONDS: Field = Field::label("seconds", &["duration_in_seconds", "build_seconds_used"]).first();

const ROWS: Rows = pages(
    &[
        Field::label("name", &["name"]),
        STATE,
        SECONDS,
        Field::label("image", &["image.name"]),
        Field::moment("started", &["started_on"]),
        Field::moment("completed", &["completed_on"]),
        Field::label("step", &["uuid"]),
    ],
    "No step has begun.",
);

pub static LIST: Operation =
    Operation::read("bitbucket_list_pipeline_steps", "List the steps of a Bitbucket pipeline", CONSENT)
        .description("List the steps of a pipeline with their states, times and images, in their order.")
        .parameters(&[WORKSPACE, REPOSITORY, PIPELINE, limit(100), CURSOR])
        .target(TARGET)
        .call(get(STEPS, READ, Answer::Rows(ROWS)).query(&[PAGE_LENGTH]).when_missing(ALL_ARE_LISTED));

const FIELDS: &[Field] = &[
    Field::label("name", &["name"]),
    STATE,
    Field::label("error", &["state.result.error.message"]),
    SECONDS,
    Field::label("image", &["image.name"]),
    Field::moment("started", &["started_on"]),
    Field::moment("completed", &["completed_on"]),
    Field::label("setup commands", &["setup_commands.command"]),
    Field::label("commands", &["script_commands.command"]),
    Field::label("step", &["uuid"]),
];

pub static GET: Operation =
    Operation::read("bitbucket_get_pipeline_step", "Get a step of a Bitbucket pipeline", CONSENT)
        .description("Show a step of a pipeline: its state, image and the commands of its script.")
        .parameters(&[WORKSPACE, REPOSITORY, PIPELINE, STEP])
        .target(OF_STEP)
        .call(
            get(
                "/repositories/{workspace}/{repository}/pipelines/{pipeline}/steps/{step}",
                READ,
                Answer::Record(FIELDS),
            )
            .before(&[PICK_STEP])
            .when_missing(STEPS_ARE_LISTED),
        );

pub static GET_LOG: Operation =
    Operation::read("bitbucket_get_pipeline_log", "Read the log of a Bitbucket pipeline's step", CONSENT)
        .description("Read the log (output) of a step from its end; `cursor` goes on to what is before.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[WORKSPACE, REPOSITORY, PIPELINE, STEP, CURSOR])
        .target(OF_STEP)
        .call(get(LOG, READ, Answer::Log).before(&[PICK_STEP]).when_missing(STEPS_ARE_LISTED));

const CONTAINER_LOG: &str = "/repositories/{workspace}/{repository}/pipelines/{pipeline}/steps/{step}/logs/{container}";
const CONTAINER: Parameter =
    Parameter::required("container", "UUID of a service; the step's for its build", Kind::Key, "{9f1c}");

pub static GET_CONTAINER_LOG: Operation =
    Operation::read("bitbucket_get_container_log", "Read the log of a Bitbucket pipeline's service", CONSENT)
        .description("Read the log of one container of a step, such as a service (database, docker), from its end.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[WORKSPACE, REPOSITORY, PIPELINE, STEP, CONTAINER, CURSOR])
        .target(OF_STEP)
        .call(get(CONTAINER_LOG, READ, Answer::Log).before(&[PICK_STEP]).when_missing(STEPS_ARE_LISTED));

const TEST_REPORT: &str = "/repositories/{workspace}/{repository}/pipelines/{pipeline}/steps/{step}/test_reports";

// The document does not describe these answers; the names are those that Bitbucket's own pages read.
const REPORT: &[Field] = &[
    Field::label("tests", &["number_of_test_cases"]),
    Field::label("failed", &["number_of_failed_test_cases"]),
    Field::label("errors", &["number_of_error_test_cases"]),
    Field::label("skipped", &["number_of_skipped_test_cases"]),
    Field::label("successful", &["number_of_successful_test_cases"]),
];

pub static GET_TEST_REPORT: Operation =
    Operation::read("bitbucket_get_test_report", "Get the test report of a Bitbucket pipeline's step", CONSENT)
        .description("Show how many tests of a step passed, failed, erred and were skipped.")
        .parameters(&[WORKSPACE, REPOSITORY, PIPELINE, STEP])
        .target(OF_STEP)
        .call(get(TEST_REPORT, READ, Answer::Record(REPORT)).before(&[PICK_STEP]).when_missing(STEPS_ARE_LISTED));

const CASES: &str = "/repositories/{workspace}/{repository}/pipelines/{pipeline}/steps/{step}/test_reports/test_cases";
const TEST_CASES: Rows = pages(
    &[
        Field::label("test", &["fully_qualified_name", "name"]).first(),
        Field::label("status", &["status"]),
        Field::label("duration", &["duration"]),
        Field::label("test case", &["uuid"]),
    ],
    "No test cases: the step wrote no test report that Bitbucket found.",
);

pub static LIST_TEST_CASES: Operation =
    Operation::read("bitbucket_list_test_cases", "List the test cases of a Bitbucket pipeline's step", CONSENT)
        .description("List the tests of a step, with which failed.")
        .parameters(&[WORKSPACE, REPOSITORY, PIPELINE, STEP, limit(100), CURSOR])
        .target(OF_STEP)
        .call(
            get(CASES, READ, Answer::Rows(TEST_CASES))
                .before(&[PICK_STEP])
                .query(&[PAGE_LENGTH])
                .when_missing(STEPS_ARE_LISTED),
        );

const TEST_CASE: Parameter = Parameter::required("test_case", "Its UUID", Kind::Key, "{7a01}");
const REASONS_OF: &str = "/repositories/{workspace}/{repository}/pipelines/{pipeline}/steps/{step}/test_reports/test_cases\
    /{test_case}/test_case_reasons";
const REASONS: Blocks = Blocks {
    rows: pages(&[Field::label("reason", &["message"])], "Nothing is said of why: read the log of the step."),
    texts: &[Field::prose("stack trace", &["stack_trace", "output"])],
};

pub static LIST_TEST_REASONS: Operation =
    Operation::read("bitbucket_list_test_reasons", "List why a Bitbucket test case failed", CONSENT)
        .description("Show why a test failed: its message and stack trace.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[WORKSPACE, REPOSITORY, PIPELINE, STEP, TEST_CASE, CURSOR])
        .target(OF_STEP)
        .call(
            get(REASONS_OF, READ, Answer::Blocks(REASONS))
                .before(&[PICK_STEP])
                .when_missing("bitbucket_list_test_cases lists the tests of a step."),
        );
