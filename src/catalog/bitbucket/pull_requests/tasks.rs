//! Tasks of pull requests: what has to be done before a merge.

use super::{
    super::{
        CURSOR, KEPT_FIELDS, PAGE_LENGTH, PULL_REQUEST, REPOSITORY, WORKSPACE, delete, get, limit, post, put, rows,
    },
    ALL_ARE_LISTED, ITS_TASKS, SCOPES, TARGET,
};
use crate::catalog::operation::{
    Answer, Body, Call, Condition, Field, Find, Kind, Member, NamedSource, Operation, Parameter, Read, Rows, Source,
    Step, Undo,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &CREATE, &UPDATE, &RESOLVE, &REOPEN, &DELETE];

const THE_TASK: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/tasks/{task}";
const ONE_TARGET: &str = "{workspace}/{repository}#{pull_request} task {task}";
const TASKS_ARE_LISTED: &str = "bitbucket_list_pull_request_tasks lists the tasks there are.";
const LOOK_AT_TASKS: &str = "look with bitbucket_list_pull_request_tasks before repeating";
const CONSENT: &str = "change tasks of pull requests";

const TASK: Parameter = Parameter::required("task", "Task id", Kind::Integer { least: 1, most: i64::MAX }, "4001");
const STATE: Parameter =
    Parameter::optional("state", "", Kind::Choice(&["UNRESOLVED", "RESOLVED", "ALL"]), "UNRESOLVED").or("ALL");

/// Those that are not done.
pub const OPEN: NamedSource =
    NamedSource::of("q", Source::Conditions(&[Condition::equals("state", Source::Fixed("UNRESOLVED"))]));

pub const ROWS: Rows = rows(
    &[
        Field::label("task", &["id"]),
        Field::label("text", &["content.raw"]),
        Field::person("by", &["creator.display_name"]),
        Field::label("comment", &["comment.id"]),
    ],
    "No tasks here.",
);
const ROWS_WITH_STATE: Rows = rows(
    &[
        Field::label("task", &["id"]),
        Field::label("state", &["state"]),
        Field::label("text", &["content.raw"]),
        Field::person("by", &["creator.display_name"]),
        Field::label("comment", &["comment.id"]),
        Field::person("resolved by", &["resolved_by.display_name"]),
    ],
    "No tasks here: state ALL shows those that are done too.",
);

const LIST_THEM: Call = get(ITS_TASKS, SCOPES, Answer::Rows(ROWS_WITH_STATE))
    .query(&[
        NamedSource::of("q", Source::Conditions(&[Condition::equals("state", Source::ChoiceOrAll("state"))])),
        PAGE_LENGTH,
        KEPT_FIELDS,
    ])
    .when_missing(ALL_ARE_LISTED);

pub static LIST: Operation =
    Operation::read("bitbucket_list_pull_request_tasks", "List the tasks of a Bitbucket pull request", "pull requests")
        .description("List the tasks (to-dos) of a pull request, open and done.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, STATE, limit(100), CURSOR])
        .target(TARGET)
        .call(LIST_THEM);

const FIELDS: &[Field] = &[
    Field::label("task", &["id"]),
    Field::label("state", &["state"]),
    Field::person("by", &["creator.display_name"]),
    Field::label("comment", &["comment.id"]),
    Field::moment("created", &["created_on"]),
    Field::person("resolved by", &["resolved_by.display_name"]),
    Field::moment("resolved", &["resolved_on"]),
    Field::prose("text", &["content.raw"]),
];
const CHANGED: &[Field] = &[
    Field::label("task", &["id"]),
    Field::label("state", &["state"]),
    Field::label("text", &["content.raw"]),
    Field::label("comment", &["comment.id"]),
];

pub static GET: Operation =
    Operation::read("bitbucket_get_pull_request_task", "Get a task of a Bitbucket pull request", "pull requests")
        .description("Show one task of a pull request whole.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, TASK])
        .target(ONE_TARGET)
        .call(get(THE_TASK, SCOPES, Answer::Record(FIELDS)).query(&[KEPT_FIELDS]).when_missing(TASKS_ARE_LISTED));

const TEXT: Parameter = Parameter::required(
    "text",
    "What has to be done, in Markdown",
    Kind::Markdown { longest: 10_000 },
    "Add a test for the last attempt.",
);
const ON_COMMENT: Parameter = Parameter::optional(
    "comment",
    "Id of the comment that it belongs to",
    Kind::Integer { least: 1, most: i64::MAX },
    "1",
);

pub static CREATE: Operation =
    Operation::write("bitbucket_create_pull_request_task", "Create a task on a Bitbucket pull request", CONSENT)
        .description("Create a task on a pull request, by itself or on a comment.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, TEXT, ON_COMMENT])
        .target(TARGET)
        .call(
            post(ITS_TASKS, SCOPES, Answer::Record(CHANGED))
                .body(Body::Json(&[Member::argument("content.raw", "text"), Member::argument("comment.id", "comment")]))
                .when_missing(ALL_ARE_LISTED)
                .when_unknown(LOOK_AT_TASKS)
                .undone_by("bitbucket_delete_pull_request_task", &[("task", "id")]),
        );

const fn change(body: Body) -> Call {
    put(THE_TASK, SCOPES, Answer::Record(CHANGED)).body(body).when_missing(TASKS_ARE_LISTED).when_unknown(LOOK_AT_TASKS)
}

/// What a task said before.
const OLD_TEXT: Step = Step::Recall(Read {
    path: THE_TASK,
    query: &[NamedSource::fixed("fields", "content.raw")],
    finds: &[Find { field: Field::exact("old text", &["content.raw"]), kind: Kind::Markdown { longest: 10_000 } }],
});

pub static UPDATE: Operation =
    Operation::write("bitbucket_update_pull_request_task", "Edit a task of a Bitbucket pull request", CONSENT)
        .description("Edit the text of a task of a pull request.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, TASK, TEXT])
        .target(ONE_TARGET)
        .call(
            change(Body::Json(&[Member::argument("content.raw", "text")]))
                .before(&[OLD_TEXT])
                .undo(Undo::recalling("bitbucket_update_pull_request_task", &[("text", "old text")])),
        );

pub static RESOLVE: Operation =
    Operation::write("bitbucket_resolve_pull_request_task", "Resolve a task of a Bitbucket pull request", CONSENT)
        .description("Resolve a task of a pull request: say that it is done.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, TASK])
        .target(ONE_TARGET)
        .call(
            change(Body::Json(&[Member::of("state", Source::Fixed("RESOLVED"))]))
                .undone_by("bitbucket_reopen_pull_request_task", &[]),
        );

pub static REOPEN: Operation =
    Operation::write("bitbucket_reopen_pull_request_task", "Reopen a task of a Bitbucket pull request", CONSENT)
        .description("Reopen a task of a pull request that is not done after all.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, TASK])
        .target(ONE_TARGET)
        .call(
            change(Body::Json(&[Member::of("state", Source::Fixed("UNRESOLVED"))]))
                .undone_by("bitbucket_resolve_pull_request_task", &[]),
        );

pub static DELETE: Operation =
    Operation::destroy("bitbucket_delete_pull_request_task", "Delete a task of a Bitbucket pull request", CONSENT)
        .description("Delete a task of a pull request.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, TASK])
        .target(ONE_TARGET)
        .call(
            delete(THE_TASK, SCOPES, Answer::Done("deleted task {task} of {workspace}/{repository}#{pull_request}"))
                .when_missing(TASKS_ARE_LISTED)
                .when_unknown(LOOK_AT_TASKS),
        );
