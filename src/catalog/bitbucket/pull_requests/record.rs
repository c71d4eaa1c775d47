//! One pull request, with all that a review needs.

use super::{
    super::{COMMENTER, KEPT_FIELDS, PULL_REQUEST, REPOSITORY, WORKSPACE, get},
    ALL_ARE_LISTED, ITS_ACTIVITY, ITS_CHECKS, ITS_COMMENTS, ITS_COMMITS, ITS_DIFF, ITS_DIFFSTAT, ITS_STATUSES,
    ITS_TASKS, LONGEST_PAGE, SCOPES, TARGET, THE_PULL_REQUEST, activity, changes, comments, tasks,
};
use crate::catalog::operation::{
    Answer, AnswerPart, Blocks, Call, Field, Grouping, Kind, Operation, PARTS, Parameter, Rows, Threads,
};

pub const ALL: &[&Operation] = &[&GET];

const FIELDS: &[Field] = &[
    Field::label("id", &["id"]),
    Field::label("title", &["title"]),
    Field::label("state", &["state"]),
    Field::flags("draft", &["draft"]),
    Field::person("author", &["author.display_name"]),
    Field::label("source", &["source.repository.full_name", "source.branch.name", "source.commit.hash"]),
    Field::label("destination", &["destination.branch.name", "destination.commit.hash"]),
    Field::label("merge commit", &["merge_commit.hash"]),
    Field::verdicts(
        "reviewers",
        &["participants.user.display_name", "participants.state", "participants.participated_on"],
    )
    .only("participants.role", "REVIEWER"),
    Field::people("participants", &["participants.user.display_name", "participants.state"])
        .only("participants.role", "PARTICIPANT"),
    Field::label("comments", &["comment_count"]),
    Field::label("tasks", &["task_count"]),
    Field::flags("when merged", &["close_source_branch"]),
    Field::moment("created", &["created_on"]),
    Field::moment("updated", &["updated_on"]),
    Field::label("reason", &["reason"]),
    Field::link("link", &["links.html.href"]),
    Field::prose("description", &["description"]),
];

/// Long lists of new files of one folder are one line.
const ALIKE: Grouping = Grouping { from: 12, path: "file", sums: &["added", "removed"] };
const OPEN_THREADS: Threads = Threads { open_alone: true, ..comments::THREADS };

const FILES: Rows = Rows { grouping: Some(ALIKE), ..changes::FILE_ROWS };
const OPEN_COMMENTS: Rows = Rows { threads: Some(OPEN_THREADS), ..comments::ROWS };

const ITS_PARTS: &[AnswerPart] = &[
    AnswerPart::new("files", ITS_DIFFSTAT, Answer::Rows(FILES), "bitbucket_list_pull_request_files"),
    AnswerPart::new(
        "comments",
        ITS_COMMENTS,
        Answer::Blocks(Blocks { rows: OPEN_COMMENTS, texts: comments::TEXT_OF_EACH }),
        "bitbucket_list_pull_request_comments",
    )
    .query(&[LONGEST_PAGE, KEPT_FIELDS])
    .by(COMMENTER)
    .share(30),
    AnswerPart::new("tasks", ITS_TASKS, Answer::Rows(tasks::ROWS), "bitbucket_list_pull_request_tasks").query(&[
        tasks::OPEN,
        LONGEST_PAGE,
        KEPT_FIELDS,
    ]),
    AnswerPart::new(
        "builds",
        ITS_STATUSES,
        Answer::Rows(activity::STATUS_ROWS),
        "bitbucket_list_pull_request_statuses",
    )
    .query(&[LONGEST_PAGE, KEPT_FIELDS]),
    AnswerPart::new("checks", ITS_CHECKS, Answer::Rows(activity::CHECK_ROWS), "bitbucket_list_merge_checks"),
    AnswerPart::new("commits", ITS_COMMITS, Answer::Rows(activity::COMMIT_ROWS), "bitbucket_list_pull_request_commits")
        .query(&[LONGEST_PAGE, KEPT_FIELDS])
        .on_request(),
    AnswerPart::new("activity", ITS_ACTIVITY, Answer::Rows(activity::ROWS), "bitbucket_list_pull_request_activity")
        .query(&[activity::LONGEST_PAGE, KEPT_FIELDS])
        .on_request(),
    AnswerPart::new("diff", ITS_DIFF, Answer::Diff, "bitbucket_get_pull_request_diff").share(100),
];

const ONLY_PARTS: Parameter = Parameter::optional(
    PARTS,
    "Comma-separated, of: files, comments, tasks, builds, checks, commits, activity, diff. All but commits and activity \
     by default",
    Kind::Choices(&["files", "comments", "tasks", "builds", "checks", "commits", "activity", "diff"]),
    "files,comments",
);

const WITH_ITS_PARTS: Call = get(THE_PULL_REQUEST, SCOPES, Answer::Record(FIELDS))
    .query(&[KEPT_FIELDS])
    .parts(ITS_PARTS)
    .when_missing(ALL_ARE_LISTED);

pub static GET: Operation = Operation::read(
    "bitbucket_get_pull_request",
    "Get a Bitbucket pull request",
    "pull requests",
)
.description(
    "Show a pull request in one answer: state, reviewers and verdicts, files changed, open comments, tasks, builds, \
             merge checks, and as much of the diff as fits.",
)
.parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, ONLY_PARTS])
.core()
.target(TARGET)
.call(WITH_ITS_PARTS);
