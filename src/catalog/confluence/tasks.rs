//! Tasks: the boxes that people tick on pages.

use super::{
    AS_STORAGE, CURSOR, PAGE_LENGTH, SPACE, SPACE_ID, SPACES_ARE_LISTED, get, limit, people, places, put, rows,
};
use crate::catalog::operation::{
    Answer, Blocks, Body, Bounds, Field, Form, Kind, Member, NamedSource, Names, Operation, Parameter, Rows, Scopes,
    Source,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &COMPLETE, &REOPEN];

const TASKS: Scopes = Scopes { classic: &[], granular: &["read:task:confluence"] };
const TASKS_OF_SPACES: Scopes = Scopes { classic: &[], granular: &["read:space:confluence", "read:task:confluence"] };
const CHANGE_TASKS: Scopes = Scopes { classic: &[], granular: &["write:task:confluence"] };
const TASK: Parameter = Parameter::required("task", "Task id", Kind::Identifier, "98901");
const STATUS: Parameter = Parameter::optional("status", "", Kind::Choice(&["incomplete", "complete"]), "incomplete");
const ASSIGNEE: Parameter =
    Parameter::optional("assignee", "Account id of whom it is for", Kind::Key, "712020:0f1e2d3c-4b5a");
const ARE_LISTED: &str = "confluence_list_tasks lists the tasks of a space.";
const PEOPLE: &[Names] = &[people(&["for", "by"])];
const TEXTS: &[Field] = &[Field::of(Form::Storage, "text", &["body.storage.value"])];
const ROWS: Rows = rows(
    &[
        Field::label("task", &["id"]),
        Field::label("status", &["status"]),
        Field::label("page", &["pageId", "blogPostId"]).first(),
        Field::label("for", &["assignedTo"]),
        Field::label("by", &["createdBy"]),
        Field::moment("due", &["dueAt"]),
    ],
    "No such task in this space.",
);

pub static LIST: Operation = Operation::read("confluence_list_tasks", "List the tasks of a Confluence space", "tasks")
    .description("List the tasks (action items, to-dos) on the Confluence pages of a space, open or done, of a person.")
    .parameters(&[SPACE, STATUS, ASSIGNEE, limit(100), CURSOR])
    .target("space {space}")
    .call(
        get("/api/v2/tasks", TASKS_OF_SPACES, Answer::Blocks(Blocks { rows: ROWS, texts: TEXTS }))
            .before(&[SPACE_ID])
            .query(&[IN_SPACE, NamedSource::argument("status", "status"), FOR, AS_STORAGE, PAGE_LENGTH])
            .names(PEOPLE)
            .within(Bounds::Space)
            .when_missing(SPACES_ARE_LISTED),
    );

const IN_SPACE: NamedSource = NamedSource::of("space-id", Source::LookedUp("space_id"));
const FOR: NamedSource = NamedSource::argument("assigned-to", "assignee");
const FIELDS: &[Field] = &[
    Field::label("task", &["id"]),
    Field::label("status", &["status"]),
    Field::label("page", &["pageId"]),
    Field::label("blog post", &["blogPostId"]),
    Field::label("for", &["assignedTo"]),
    Field::label("by", &["createdBy"]),
    Field::label("done by", &["completedBy"]),
    Field::moment("created", &["createdAt"]),
    Field::moment("due", &["dueAt"]),
    Field::moment("done", &["completedAt"]),
    Field::of(Form::Storage, "text", &["body.storage.value"]),
];

pub static GET: Operation = Operation::read("confluence_get_task", "Read a Confluence task", "tasks")
    .description("Show one Confluence task: its text, its page, whom it is for, when it is due.")
    .parameters(&[TASK, CURSOR])
    .target("task {task}")
    .call(
        get("/api/v2/tasks/{task}", TASKS, Answer::Record(FIELDS))
            .query(&[AS_STORAGE])
            .names(&[people(&["for", "by", "done by"])])
            .within(places::OF_TASK)
            .when_missing(ARE_LISTED),
    );

const CHANGED: &[Field] = &[Field::label("task", &["id"]), Field::label("status", &["status"])];

pub static COMPLETE: Operation =
    Operation::write("confluence_complete_task", "Complete a Confluence task", "tick tasks")
        .description("Tick a Confluence task off, mark it as done.")
        .parameters(&[TASK])
        .target("task {task}")
        .call(
            put("/api/v2/tasks/{task}", CHANGE_TASKS, Answer::Record(CHANGED))
                .body(Body::Json(&[Member::of("status", Source::Fixed("complete"))]))
                .within(places::OF_TASK)
                .when_missing(ARE_LISTED)
                .when_unknown("ticking it twice does no harm")
                .undone_by("confluence_reopen_task", &[]),
        );

pub static REOPEN: Operation = Operation::write("confluence_reopen_task", "Reopen a Confluence task", "tick tasks")
    .description("Reopen a Confluence task that was ticked off.")
    .parameters(&[TASK])
    .target("task {task}")
    .call(
        put("/api/v2/tasks/{task}", CHANGE_TASKS, Answer::Record(CHANGED))
            .body(Body::Json(&[Member::of("status", Source::Fixed("incomplete"))]))
            .within(places::OF_TASK)
            .when_missing(ARE_LISTED)
            .when_unknown("opening it twice does no harm")
            .undone_by("confluence_complete_task", &[]),
    );
