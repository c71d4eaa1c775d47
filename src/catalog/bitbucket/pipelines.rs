//! Pipelines: what ran, why it failed, and running and stopping them.

use super::{
    CURSOR, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE, get, limit, pages, post,
};
use crate::catalog::operation::{
    Answer, Body, Build, Default, Field, Find, Kind, Member, NamedSource, Operation, Parameter, Pick, Read, Rows,
    Scopes, Sensitivity, Source, Step,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &RUN, &RERUN, &STOP];

pub const READ: Scopes = Scopes { classic: &["pipeline"], granular: &["read:pipeline:bitbucket"] };
pub const WRITE: Scopes = Scopes { classic: &["pipeline:write"], granular: &["write:pipeline:bitbucket"] };
pub const BOTH: Scopes =
    Scopes { classic: &["pipeline:write"], granular: &["read:pipeline:bitbucket", "write:pipeline:bitbucket"] };
pub const VARIABLE: Scopes = Scopes { classic: &["pipeline:variable"], granular: &["admin:pipeline:bitbucket"] };
/// The document asks no more of a consumer than reading does.
const RUNS: Scopes =
    Scopes { classic: &["pipeline"], granular: &["read:pipeline:bitbucket", "write:pipeline:bitbucket"] };

pub const CONSENT: &str = "pipelines";
pub const RUN_CONSENT: &str = "run and stop pipelines";
pub const TARGET: &str = "{workspace}/{repository}/pipelines/{pipeline}";
pub const ALL_ARE_LISTED: &str = "bitbucket_list_builds lists the pipelines that ran.";
const LOOK: &str = "look for it with bitbucket_list_builds";

pub const PIPELINE: Parameter =
    Parameter::required("pipeline", "Pipeline's number", Kind::Integer { least: 1, most: i64::MAX }, "12");
/// Its place is what rows show; its id takes the place of it.
pub const STEP: Parameter = Parameter::required("step", "Step's place, name or id", Kind::Line { longest: 100 }, "2");
const BRANCH: Parameter = Parameter::optional("branch", "", Kind::Reference, "main");

pub const STEPS: &str = "/repositories/{workspace}/{repository}/pipelines/{pipeline}/steps";
pub const LOG: &str = "/repositories/{workspace}/{repository}/pipelines/{pipeline}/steps/{step}/log";
const ONE: &str = "/repositories/{workspace}/{repository}/pipelines/{pipeline}";
const EVERY: &str = "/repositories/{workspace}/{repository}/pipelines";
const ALL_STEPS: NamedSource = NamedSource::fixed("pagelen", "100");

/// The step that the argument `step` names.
pub const PICK_STEP: Step = Step::Pick(Pick {
    argument: "step",
    path: STEPS,
    query: &[ALL_STEPS],
    elements: Rows::new("values", &[Field::label("id", &["uuid"]), Field::label("name", &["name"])], "No steps."),
});

const STATE: Field = Field::label("state", &["state.result.name", "state.stage.name", "state.name"]).first();

/// How a pipeline is told in a row.
const ROWS: Rows = pages(
    &[
        Field::label("pipeline", &["build_number"]),
        STATE,
        Field::label("branch or tag", &["target.ref_name", "target.source"]).first(),
        Field::hash("commit", &["target.commit.hash"]),
        Field::label("definition", &["target.selector.pattern"]),
        Field::label("trigger", &["trigger.name"]),
        Field::person("creator", &["creator.display_name"]),
        Field::moment("created", &["created_on"]),
        Field::label("seconds", &["duration_in_seconds", "build_seconds_used"]).first(),
    ],
    "No pipeline here that fits: leave `result` and `branch` out to see all.",
);

const RESULT: Parameter =
    Parameter::optional("result", "", Kind::Choice(&["any", "failed", "successful", "running"]), "failed").or("any");
const FAILED: &[&str] = &["FAILED", "ERROR"];
const OF_RESULT: Source = Source::Chosen {
    argument: "result",
    of: &[
        ("failed", FAILED),
        ("successful", &["PASSED"]),
        ("running", &["PENDING", "BUILDING", "PAUSED", "HALTED", "PARSING"]),
    ],
};
const NEWEST_FIRST: NamedSource = NamedSource::fixed("sort", "-created_on");
const OF_BRANCH: NamedSource = NamedSource::argument("target.branch", "branch");

pub static LIST: Operation = Operation::read("bitbucket_list_builds", "List Bitbucket pipelines", CONSENT)
    .description("List pipelines (builds, CI runs), newest first.")
    .parameters(&[WORKSPACE, REPOSITORY, RESULT, BRANCH, limit(100), CURSOR])
    .core()
    .target(OF_REPOSITORY)
    .call(
        get(EVERY, READ, Answer::Rows(ROWS))
            .query(&[NamedSource::of("status", OF_RESULT), OF_BRANCH, NEWEST_FIRST, PAGE_LENGTH])
            .when_missing(REPOSITORIES_ARE_LISTED),
    );

const FIELDS: &[Field] = &[
    Field::label("pipeline", &["build_number"]),
    STATE,
    Field::label("error", &["state.result.error.message"]),
    Field::label("branch or tag", &["target.ref_name", "target.source"]).first(),
    Field::label("pull request", &["target.pullrequest.id"]),
    Field::hash("commit", &["target.commit.hash"]),
    Field::label("definition", &["target.selector.pattern"]),
    Field::label("trigger", &["trigger.name"]),
    Field::person("creator", &["creator.display_name"]),
    Field::moment("created", &["created_on"]),
    Field::label("seconds", &["duration_in_seconds", "build_seconds_used"]).first(),
];

const BUILD: Build = Build {
    fields: FIELDS,
    path: STEPS,
    steps: pages(
        &[
            Field::label("name", &["name"]),
            STATE,
            Field::label("seconds", &["duration_in_seconds", "build_seconds_used"]).first(),
        ],
        "No step has begun.",
    ),
    ends: Rows::new("values", &[Field::label("id", &["uuid"]), STATE], "No steps."),
    failed: FAILED,
    log: LOG,
    step: "step",
};

/// The newest pipeline that failed.
const NEWEST_FAILED: Step = Step::Default(Default {
    read: Read {
        path: EVERY,
        query: &[
            NamedSource::fixed("status", "FAILED"),
            NamedSource::fixed("status", "ERROR"),
            OF_BRANCH,
            NEWEST_FIRST,
            NamedSource::fixed("pagelen", "1"),
        ],
        finds: &[Find {
            field: Field::exact("pipeline", &["values.build_number"]),
            kind: Kind::Integer { least: 1, most: i64::MAX },
        }],
    },
    when_none: "No pipeline here has failed. bitbucket_list_builds lists those that ran.",
});

const WHICH: Parameter = Parameter::optional(
    "pipeline",
    "Its number; else the newest that failed",
    Kind::Integer { least: 1, most: i64::MAX },
    "12",
);
const ONE_STEP: Parameter = Parameter::optional(
    "step",
    "Only this step, by place or name: its log from the end",
    Kind::Line { longest: 100 },
    "2",
);

pub static GET: Operation = Operation::read("bitbucket_get_build", "Get a Bitbucket pipeline", CONSENT)
    .description("Show a pipeline: its steps, and of failed ones the lines around the error.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[WORKSPACE, REPOSITORY, WHICH, BRANCH, ONE_STEP, CURSOR])
    .core()
    .target(TARGET)
    .call(get(ONE, READ, Answer::Build(BUILD)).before(&[NEWEST_FAILED, PICK_STEP]).when_missing(ALL_ARE_LISTED));

pub const TAG: Parameter = Parameter::optional("tag", "Tag", Kind::Reference, "v1.2");
const COMMIT: Parameter = Parameter::optional("commit", "Commit; else the newest", Kind::Commit, "1a2b3c4d5e6f");
const CUSTOM: Parameter =
    Parameter::optional("custom", "Name of a custom pipeline", Kind::Line { longest: 255 }, "deploy-to-production");
const VARIABLE_OF_RUN: &[Parameter] = &[
    Parameter::required("key", "Name", Kind::Line { longest: 255 }, "VERSION"),
    Parameter::required("value", "Value", Kind::Secret { longest: 32_000 }, "1.2.3"),
    Parameter::optional("secured", "Whether its value is kept secret", Kind::Boolean, "true"),
];
const VARIABLES: Parameter = Parameter::optional(
    "variables",
    "Variables of this run",
    Kind::List { of: &Kind::Object(VARIABLE_OF_RUN), most: 50 },
    "[{\"key\":\"VERSION\",\"value\":\"1.2.3\",\"secured\":true}]",
);

const fn where_given(path: &'static str, present: &'static str, value: &'static str) -> Member {
    Member::of(path, Source::FixedWhere { value, present, absent: &[] })
}

/// A commit alone names no branch whose definition would apply: then the default one does.
const DEFAULT_OF_COMMIT: Source =
    Source::FixedWhere { value: "default", present: "commit", absent: &["branch", "tag", "custom"] };

const RUN_BODY: Body = Body::Json(&[
    Member::of("target.type", Source::Fixed("pipeline_commit_target")),
    where_given("target.type", "branch", "pipeline_ref_target"),
    where_given("target.ref_type", "branch", "branch"),
    Member::argument("target.ref_name", "branch"),
    where_given("target.type", "tag", "pipeline_ref_target"),
    where_given("target.ref_type", "tag", "tag"),
    Member::argument("target.ref_name", "tag"),
    where_given("target.commit.type", "commit", "commit"),
    Member::argument("target.commit.hash", "commit"),
    Member::of("target.selector.type", DEFAULT_OF_COMMIT),
    where_given("target.selector.type", "custom", "custom"),
    Member::argument("target.selector.pattern", "custom"),
    Member::argument("variables", "variables"),
]);

const STARTED: &[Field] = &[
    Field::label("pipeline", &["build_number"]),
    STATE,
    Field::label("branch or tag", &["target.ref_name", "target.source"]).first(),
    Field::hash("commit", &["target.commit.hash"]),
    Field::label("definition", &["target.selector.pattern"]),
    Field::moment("created", &["created_on"]),
];
const HOW_IT_ENDS: &str = "It goes on by itself: bitbucket_get_build with this number shows how it ends.";

pub static RUN: Operation = Operation::write("bitbucket_run_pipeline", "Run a Bitbucket pipeline", RUN_CONSENT)
    .description("Run (trigger, start) a pipeline on a branch, tag or commit; a custom one by name, with variables.")
    .parameters(&[WORKSPACE, REPOSITORY, BRANCH, TAG, COMMIT, CUSTOM, VARIABLES])
    .target("{workspace}/{repository} {branch}{tag} {commit} {custom}")
    .call(
        post(EVERY, RUNS, Answer::Record(STARTED))
            .body(RUN_BODY)
            .note(HOW_IT_ENDS)
            .undone_by("bitbucket_stop_pipeline", &[("pipeline", "build_number")])
            .when_missing(REPOSITORIES_ARE_LISTED)
            .when_unknown(LOOK),
    );

const fn text(name: &'static str, path: &'static [&'static str]) -> Find {
    Find { field: Field::exact(name, path), kind: Kind::Line { longest: 1_000 } }
}

/// What the pipeline ran on. Which of it there is depends on what started it.
const ITS_TARGET: Step = Step::Recall(Read {
    path: ONE,
    query: &[],
    finds: &[
        text("type", &["target.type"]),
        text("ref_type", &["target.ref_type"]),
        text("ref_name", &["target.ref_name"]),
        text("commit", &["target.commit.hash"]),
        text("selector", &["target.selector.type"]),
        text("pattern", &["target.selector.pattern"]),
        text("source", &["target.source"]),
        text("destination", &["target.destination"]),
        text("destination_commit", &["target.destination_commit.hash"]),
        text("pull_request", &["target.pullrequest.id"]),
    ],
});

const fn found(path: &'static str, name: &'static str) -> Member {
    Member::of(path, Source::LookedUp(name))
}

const RERUN_BODY: Body = Body::Json(&[
    found("target.type", "type"),
    found("target.ref_type", "ref_type"),
    found("target.ref_name", "ref_name"),
    found("target.commit.hash", "commit"),
    where_given("target.commit.type", "commit", "commit"),
    found("target.selector.type", "selector"),
    found("target.selector.pattern", "pattern"),
    found("target.source", "source"),
    found("target.destination", "destination"),
    found("target.destination_commit.hash", "destination_commit"),
    found("target.pullrequest.id", "pull_request"),
]);

pub static RERUN: Operation = Operation::write("bitbucket_rerun_pipeline", "Rerun a Bitbucket pipeline", RUN_CONSENT)
    .description("Run a pipeline again, on the same branch, commit and definition, without its variables.")
    .parameters(&[WORKSPACE, REPOSITORY, PIPELINE])
    .target(TARGET)
    .call(
        post(EVERY, RUNS, Answer::Record(STARTED))
            .before(&[ITS_TARGET])
            .body(RERUN_BODY)
            .note(HOW_IT_ENDS)
            .undone_by("bitbucket_stop_pipeline", &[("pipeline", "build_number")])
            .when_missing(ALL_ARE_LISTED)
            .when_unknown(LOOK),
    );

const STOPS: &str = "/repositories/{workspace}/{repository}/pipelines/{pipeline}/stopPipeline";

/// Bitbucket stops by the id; it says nothing of numbers there.
const ITS_ID: Step = Step::Read(Read {
    path: ONE,
    query: &[],
    finds: &[Find { field: Field::exact("pipeline", &["uuid"]), kind: Kind::Key }],
});

pub static STOP: Operation = Operation::write("bitbucket_stop_pipeline", "Stop a Bitbucket pipeline", RUN_CONSENT)
    .description("Stop (cancel) a running pipeline and all its steps.")
    .parameters(&[WORKSPACE, REPOSITORY, PIPELINE])
    .target(TARGET)
    .call(
        post(STOPS, BOTH, Answer::Done("asked Bitbucket to stop pipeline {pipeline}"))
            .before(&[ITS_ID])
            .undone_by("bitbucket_rerun_pipeline", &[])
            .when_missing(ALL_ARE_LISTED)
            .when_unknown("look at its state with bitbucket_get_build"),
    );
