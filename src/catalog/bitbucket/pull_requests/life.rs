//! The life of a pull request: opened, changed, merged or declined.

use super::{
    super::{KEPT_FIELDS, OF_REPOSITORY, PULL_REQUEST, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE, get, post, put},
    ALL_ARE_LISTED, ALL_OF_REPOSITORY, AT_THE_HEAD, COMMIT, HEAD_AND_BRANCH, LOOK_AT_IT, SCOPES, TARGET,
    THE_PULL_REQUEST, WRITE_SCOPES,
};
use crate::catalog::operation::{
    Absent, Answer, Body, Call, Condition, Field, Find, Kind, Member, NamedSource, Operation, Parameter, Poll, Read,
    Source, Step, Task, Undo,
};

pub const ALL: &[&Operation] = &[&CREATE, &UPDATE, &MERGE, &MERGE_STATUS, &DECLINE];

const CHANGED: &[Field] = &[
    Field::label("pull request", &["id"]),
    Field::label("title", &["title"]),
    Field::label("state", &["state"]),
    Field::flags("draft", &["draft"]),
    Field::label("source", &["source.branch.name", "source.commit.hash"]),
    Field::label("destination", &["destination.branch.name", "destination.commit.hash"]),
    Field::people("reviewers", &["reviewers.display_name"]),
    Field::link("link", &["links.html.href"]),
];

const SOURCE: Parameter = Parameter::required("source", "Branch with the changes", Kind::Reference, "feature/x");
const TITLE: Parameter =
    Parameter::required("title", "One line", Kind::Line { longest: 255 }, "Back off between retries");
const DESTINATION: Parameter = Parameter::optional("destination", "Main branch if left out", Kind::Reference, "main");
const DESCRIPTION: Parameter =
    Parameter::optional("description", "Markdown", Kind::Markdown { longest: 30_000 }, "Waits twice as long.");
const DRAFT: Parameter = Parameter::optional("draft", "Not ready yet", Kind::Boolean, "true");
const REVIEWERS: Parameter = Parameter::optional(
    "reviewers",
    "UUIDs of people",
    Kind::List { of: &Kind::Key, most: 50 },
    "[\"{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}\"]",
);
const CLOSE: Parameter =
    Parameter::optional("close_source_branch", "Delete the branch at the merge", Kind::Boolean, "true");

/// Bitbucket would change the title of one that is open, and say that it made it.
const NOT_OPEN_YET: Step = Step::Absent(Absent {
    path: ALL_OF_REPOSITORY,
    query: &[
        NamedSource::of(
            "q",
            Source::Conditions(&[
                Condition::equals("state", Source::Fixed("OPEN")),
                Condition::equals("source.branch.name", Source::Argument("source")),
                Condition::equals("destination.branch.name", Source::Argument("destination")),
            ]),
        ),
        NamedSource::fixed("fields", "values.id"),
    ],
    field: Field::label("open", &["values.id"]),
    sentence: "pull request {found} from `{source}` is open already. Read it with bitbucket_get_pull_request, change it with \
               bitbucket_update_pull_request, or name another `destination`.",
});

const OPEN_IT: Call = post(ALL_OF_REPOSITORY, WRITE_SCOPES, Answer::Record(CHANGED))
    .body(Body::Json(&[
        Member::argument("title", "title"),
        Member::argument("source.branch.name", "source"),
        Member::argument("destination.branch.name", "destination"),
        Member::argument("description", "description"),
        Member::argument("draft", "draft"),
        Member::argument("reviewers[].uuid", "reviewers"),
    ]))
    .before(&[NOT_OPEN_YET])
    .when_missing(REPOSITORIES_ARE_LISTED)
    .when_unknown("look with bitbucket_list_pull_requests, who author_me, before repeating")
    .undone_by("bitbucket_decline_pull_request", &[("pull_request", "id")]);

pub static CREATE: Operation = Operation::write(
    "bitbucket_create_pull_request",
    "Create a Bitbucket pull request",
    "open and change pull requests",
)
.description("Open a pull request, draft or ready, with reviewers; says so where one is open already.")
.parameters(&[WORKSPACE, REPOSITORY, SOURCE, TITLE, DESTINATION, DESCRIPTION, DRAFT, REVIEWERS])
.core()
.target(OF_REPOSITORY)
.call(OPEN_IT);

const NEW_TITLE: Parameter =
    Parameter::optional("title", "One line", Kind::Line { longest: 255 }, "Back off between retries");
const NEW_DESTINATION: Parameter = Parameter::optional("destination", "Branch to merge into", Kind::Reference, "main");
const NEW_DRAFT: Parameter = Parameter::optional("draft", "false when it is ready", Kind::Boolean, "false");
const NEW_REVIEWERS: Parameter = Parameter::optional(
    "reviewers",
    "UUIDs of all reviewers from now on",
    Kind::List { of: &Kind::Key, most: 50 },
    "[\"{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}\"]",
);

/// What it was before.
const BEFORE: Step = Step::Recall(Read {
    path: THE_PULL_REQUEST,
    query: &[NamedSource::fixed("fields", "title,description,draft,destination.branch.name")],
    finds: &[
        Find { field: Field::exact("old title", &["title"]), kind: Kind::Line { longest: 255 } },
        Find { field: Field::exact("old description", &["description"]), kind: Kind::Markdown { longest: 30_000 } },
        Find { field: Field::exact("old destination", &["destination.branch.name"]), kind: Kind::Reference },
        Find { field: Field::exact("old draft", &["draft"]), kind: Kind::Boolean },
    ],
});
/// Reviewers and the flag are not recalled: whoever changes them is told of no way back.
const AS_BEFORE: Undo = Undo::recalling(
    "bitbucket_update_pull_request",
    &[
        ("title", "old title"),
        ("description", "old description"),
        ("destination", "old destination"),
        ("draft", "old draft"),
        ("reviewers", "old reviewers"),
        ("close_source_branch", "old flag"),
    ],
);

const CHANGE_IT: Call = put(THE_PULL_REQUEST, WRITE_SCOPES, Answer::Record(CHANGED))
    .body(Body::Json(&[
        Member::argument("title", "title"),
        Member::argument("description", "description"),
        Member::argument("destination.branch.name", "destination"),
        Member::argument("draft", "draft"),
        Member::argument("reviewers[].uuid", "reviewers"),
        Member::argument("close_source_branch", "close_source_branch"),
    ]))
    .before(&[BEFORE])
    .when_missing(ALL_ARE_LISTED)
    .when_unknown(LOOK_AT_IT)
    .undo(AS_BEFORE);

const CHANGEABLE: &[Parameter] =
    &[WORKSPACE, REPOSITORY, PULL_REQUEST, NEW_TITLE, DESCRIPTION, NEW_DESTINATION, NEW_DRAFT, NEW_REVIEWERS, CLOSE];

pub static UPDATE: Operation = Operation::write(
    "bitbucket_update_pull_request",
    "Change a Bitbucket pull request",
    "open and change pull requests",
)
.description("Change a pull request's title, description, reviewers or destination, or mark it ready or draft.")
.parameters(CHANGEABLE)
.target(TARGET)
.bound_to(&HEAD_AND_BRANCH)
.call(CHANGE_IT);

const STRATEGY: Parameter = Parameter::optional(
    "strategy",
    "The destination's default if left out",
    Kind::Choice(&[
        "merge_commit",
        "squash",
        "fast_forward",
        "squash_fast_forward",
        "rebase_fast_forward",
        "rebase_merge",
    ]),
    "squash",
);
const MESSAGE: Parameter =
    Parameter::optional("message", "Commit message", Kind::Text { longest: 10_000 }, "Back off between retries");

const MERGED: &[Field] = &[
    Field::label("pull request", &["merge_result.id", "id"]).first(),
    Field::label("state", &["merge_result.state", "state"]).first(),
    Field::hash("merge commit", &["merge_result.merge_commit.hash", "merge_commit.hash"]),
    Field::label("destination", &["merge_result.destination.branch.name", "destination.branch.name"]).first(),
    Field::link("link", &["merge_result.links.html.href", "links.html.href"]).first(),
];
const MERGE_TASK: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/merge/task-status/{task}";
const UNTIL_MERGED: Poll = Poll {
    path: MERGE_TASK,
    task: Task::Location("task"),
    state: Field::exact("state", &["task_status"]),
    done: &["SUCCESS"],
    failed: &["FAILED"],
    reason: Field::exact("reason", &["error.message"]),
    every: 2,
    at_most: 12,
};

const MERGE_IT: Call = post(
    "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/merge",
    WRITE_SCOPES,
    Answer::Record(MERGED),
)
.query(&[NamedSource::fixed("async", "true")])
.body(Body::Json(&[Member::argument("merge_strategy", "strategy"), Member::argument("message", "message")]))
.before(&[AT_THE_HEAD])
.after(UNTIL_MERGED)
.note("Merged at head {commit}, which you read.")
.when_missing(ALL_ARE_LISTED)
.when_unknown(LOOK_AT_IT);

pub static MERGE: Operation =
    Operation::destroy("bitbucket_merge_pull_request", "Merge a Bitbucket pull request", "merge pull requests")
        .description("Merge a pull request at the commit you read; refused where its head has moved since.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, COMMIT, STRATEGY, MESSAGE])
        .core()
        .target(TARGET)
        .bound_to(&HEAD_AND_BRANCH)
        .call(MERGE_IT);

const MERGE_TASK_ID: Parameter = Parameter::required("task", "Id that a merge answered", Kind::Key, "1a2b3c4d");

pub static MERGE_STATUS: Operation =
    Operation::read("bitbucket_get_merge_status", "Get the state of a Bitbucket merge", "pull requests")
        .description("Show how far a merge has come that Bitbucket goes on with by itself.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, MERGE_TASK_ID])
        .target(TARGET)
        .call(get(MERGE_TASK, SCOPES, Answer::Record(MERGE_STATE)).query(&[KEPT_FIELDS]).when_missing(ALL_ARE_LISTED));
const MERGE_STATE: &[Field] = &[
    Field::label("merge", &["task_status"]),
    Field::label("state", &["merge_result.state"]),
    Field::hash("merge commit", &["merge_result.merge_commit.hash"]),
];

const DECLINE_IT: Call = post(
    "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/decline",
    WRITE_SCOPES,
    Answer::Record(CHANGED),
)
.body(Body::Json(&[Member::argument("message", "message")]))
.when_missing(ALL_ARE_LISTED)
.when_unknown(LOOK_AT_IT);

pub static DECLINE: Operation =
    Operation::destroy("bitbucket_decline_pull_request", "Decline a Bitbucket pull request", "decline pull requests")
        .description("Decline a pull request (close it without a merge), for good: Bitbucket cannot reopen it.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, MESSAGE_OF_DECLINE])
        .target(TARGET)
        .bound_to(&HEAD_AND_BRANCH)
        .call(DECLINE_IT);
const MESSAGE_OF_DECLINE: Parameter =
    Parameter::optional("message", "Why", Kind::Text { longest: 10_000 }, "Superseded by #12.");
