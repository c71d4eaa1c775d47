//! Pull requests, their diffs and comments.

use super::{CURSOR, KEPT_FIELDS, PAGE_LENGTH, PULL_REQUEST, REPOSITORY, WORKSPACE, limit};
use crate::{
    catalog::operation::{
        Answer, ApprovalBinding, BITBUCKET_PAGING, BodyMember, Bounds, Call, Class, Field, Form, Kind, Operation,
        Parameter, QueryParameter, Rows, Scopes, Sensitivity, Source,
    },
    platform::http::Method,
    providers::BITBUCKET,
};

// Reading and commenting need the same scope; approving and merging need more.
const SCOPES: Scopes = Scopes { classic: &["pullrequest"], granular: &["read:pullrequest:bitbucket"] };
const TARGET: &str = "{workspace}/{repository}#{pull_request}";
const WHEN_MISSING: &str = "bitbucket_list_pull_requests with state ALL lists the pull requests that exist.";

pub static LIST: Operation = Operation {
    name: "bitbucket_list_pull_requests",
    title: "List Bitbucket pull requests",
    description: "List the pull requests of a repository, most recently updated first; open ones unless `state` says otherwise.",
    consent: "pull requests",
    class: Class::Read,
    sensitivity: Sensitivity::Work,
    parameters: &[
        WORKSPACE,
        REPOSITORY,
        Parameter::optional(
            "state",
            "Which ones",
            Kind::Choice(&["OPEN", "MERGED", "DECLINED", "SUPERSEDED", "ALL"]),
            "OPEN",
        )
        .or("OPEN"),
        // Bitbucket refuses more than 50 here, where other lists take 100.
        limit(50),
        CURSOR,
    ],
    target: "{workspace}/{repository}",
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: Some(Call {
        provider: &BITBUCKET,
        scopes: SCOPES,
        method: Method::Get,
        path: "/repositories/{workspace}/{repository}/pullrequests",
        query: &[
            QueryParameter { name: "state", source: Source::ChoiceOrAll("state") },
            QueryParameter::fixed("sort", "-updated_on"),
            PAGE_LENGTH,
            KEPT_FIELDS,
        ],
        body: &[],
        resolve: None,
        bounds: Bounds::Workspace,
        answer: Answer::Rows(Rows {
            list: "values",
            columns: &[
                Field::label("id", &["id"]),
                Field::label("title", &["title"]),
                Field::person("author", &["author.display_name"]),
                Field::label("state", &["state"]),
                Field::label("draft", &["draft"]),
                Field::label("source", &["source.branch.name"]),
                Field::label("destination", &["destination.branch.name"]),
                Field::label("comments", &["comment_count"]),
                Field::moment("updated", &["updated_on"]),
            ],
            total: "size",
            paging: BITBUCKET_PAGING,
            when_empty: "No pull request in this state: state ALL shows those that are merged, declined or superseded.",
        }),
        when_missing: "bitbucket_list_repositories lists the repositories you can see.",
        when_unknown: "",
    }),
};

pub static GET: Operation = Operation {
    name: "bitbucket_get_pull_request",
    title: "Get a Bitbucket pull request",
    description: "Show one pull request: state, author, branches and commits, participants and their verdicts, counts and description.",
    consent: "pull requests",
    class: Class::Read,
    sensitivity: Sensitivity::Work,
    parameters: &[WORKSPACE, REPOSITORY, PULL_REQUEST],
    target: TARGET,
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: Some(Call {
        provider: &BITBUCKET,
        scopes: SCOPES,
        method: Method::Get,
        path: "/repositories/{workspace}/{repository}/pullrequests/{pull_request}",
        query: &[KEPT_FIELDS],
        body: &[],
        resolve: None,
        bounds: Bounds::Workspace,
        answer: Answer::Record(&[
            Field::label("id", &["id"]),
            Field::label("title", &["title"]),
            Field::label("state", &["state"]),
            Field::label("draft", &["draft"]),
            Field::person("author", &["author.display_name"]),
            Field::label("source", &["source.repository.full_name", "source.branch.name", "source.commit.hash"]),
            Field::label("destination", &["destination.branch.name", "destination.commit.hash"]),
            Field::label("merge commit", &["merge_commit.hash"]),
            Field::people(
                "participants",
                &["participants.user.display_name", "participants.role", "participants.state"],
            ),
            Field::label("comments", &["comment_count"]),
            Field::label("open tasks", &["task_count"]),
            Field::label("closes source branch", &["close_source_branch"]),
            Field::moment("created", &["created_on"]),
            Field::moment("updated", &["updated_on"]),
            Field::label("reason", &["reason"]),
            Field::link("link", &["links.html.href"]),
            Field::of(Form::Prose, "description", &["description"]),
        ]),
        when_missing: WHEN_MISSING,
        when_unknown: "",
    }),
};

pub static GET_DIFF: Operation = Operation {
    name: "bitbucket_get_pull_request_diff",
    title: "Get a Bitbucket pull request's diff",
    description: "Show what a pull request changes, as a unified diff; `path` limits it to one file, `cursor` continues a long one.",
    consent: "changes of pull requests",
    class: Class::Read,
    sensitivity: Sensitivity::Contents,
    parameters: &[
        WORKSPACE,
        REPOSITORY,
        PULL_REQUEST,
        Parameter::optional("path", "Only this file", Kind::Path, "src/orders.rs"),
        CURSOR,
    ],
    target: TARGET,
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: Some(Call {
        provider: &BITBUCKET,
        scopes: SCOPES,
        method: Method::Get,
        path: "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/diff",
        query: &[QueryParameter::argument("path", "path")],
        body: &[],
        resolve: None,
        bounds: Bounds::Workspace,
        answer: Answer::Diff,
        when_missing: WHEN_MISSING,
        when_unknown: "",
    }),
};

pub static ADD_COMMENT: Operation = Operation {
    name: "bitbucket_add_pull_request_comment",
    title: "Comment on a Bitbucket pull request",
    description: "Add a comment to a pull request in your name: to the whole, to a line of a file, or as a reply.",
    consent: "comment on pull requests",
    class: Class::Write,
    sensitivity: Sensitivity::Work,
    parameters: &[
        WORKSPACE,
        REPOSITORY,
        PULL_REQUEST,
        Parameter::required("text", "The comment, in Markdown", Kind::Text { longest: 30_000 }, "Looks good to me."),
        Parameter::optional("path", "File to comment on", Kind::Path, "src/orders.rs"),
        Parameter::optional(
            "line",
            "Line in the new version; Bitbucket does not check that the diff has it",
            Kind::Integer { least: 1, most: 10_000_000 },
            "12",
        )
        .needing("path"),
        Parameter::optional("reply_to", "Comment id to reply to", Kind::Integer { least: 1, most: i64::MAX }, "1"),
    ],
    target: TARGET,
    approval_binding: ApprovalBinding::PullRequestHead,
    call: Some(Call {
        provider: &BITBUCKET,
        scopes: SCOPES,
        method: Method::Post,
        path: "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/comments",
        query: &[],
        body: &[
            BodyMember { path: &["content", "raw"], argument: "text" },
            BodyMember { path: &["inline", "path"], argument: "path" },
            BodyMember { path: &["inline", "to"], argument: "line" },
            BodyMember { path: &["parent", "id"], argument: "reply_to" },
        ],
        resolve: None,
        bounds: Bounds::Workspace,
        answer: Answer::Record(&[
            Field::label("comment", &["id"]),
            Field::label("file", &["inline.path"]),
            Field::label("line", &["inline.to"]),
            Field::label("reply to", &["parent.id"]),
            Field::moment("created", &["created_on"]),
            Field::link("link", &["links.html.href"]),
        ]),
        when_missing: WHEN_MISSING,
        when_unknown: "compare the comment count with bitbucket_get_pull_request before repeating",
    }),
};
