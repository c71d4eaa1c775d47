//! Commits, and verdicts on them.

use super::{
    COMMIT, CURSOR, KEPT_FIELDS, PAGE_LENGTH, REPOSITORY, REPOSITORY_SCOPES, WORKSPACE, WRITE_SCOPES, delete, get,
    limit, post, rows, source,
};
use crate::catalog::operation::{Answer, Field, Kind, NamedSource, Operation, Parameter, Rows, Scopes, Source};

pub const ALL: &[&Operation] = &[&LIST, &GET, &APPROVE, &UNAPPROVE];

const TARGET: &str = "{workspace}/{repository}@{commit}";
const ARE_LISTED: &str =
    "bitbucket_list_commits lists commits, bitbucket_list_branches branches and bitbucket_list_tags tags.";

const RANGE: Parameter =
    Parameter::optional("ref", "Branch, tag, commit, or `base..head`", Kind::Range, "main..feature/login").or("HEAD");
const PATH: Parameter =
    Parameter::optional("path", "Only those that touch this file or directory", Kind::Path, "src/orders.rs");
const SINCE: Parameter = Parameter::optional("since", "On or after this day", Kind::Day, "2026-10-01");

/// Commits as rows; the first line of a message is its title.
pub const ROWS: Rows = rows(
    &[
        Field::hash("commit", &["hash"]),
        Field::moment("date", &["date"]),
        Field::person("author", &["author.user.display_name", "author.raw"]),
        Field::label("message", &["message"]),
    ],
    "No commit: leave `path` or `since` out, or name another branch with `ref`.",
);

pub static LIST: Operation = Operation::read("bitbucket_list_commits", "List Bitbucket commits", "commits")
    .description("List commits, newest first: of a branch, a file, or `base..head`.")
    .parameters(&[WORKSPACE, REPOSITORY, RANGE, PATH, SINCE, limit(100), CURSOR])
    .core()
    .target("{workspace}/{repository}@{ref}")
    .call(
        get(
            "/repositories/{workspace}/{repository}/commits",
            REPOSITORY_SCOPES,
            Answer::Rows(ROWS.since("since", "date")),
        )
        .query(&[INCLUDE, EXCLUDE, NamedSource::argument("path", "path"), PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(ARE_LISTED),
    );
const INCLUDE: NamedSource = NamedSource::of("include", Source::Head("ref"));
const EXCLUDE: NamedSource = NamedSource::of("exclude", Source::Base("ref"));

pub const FIELDS: &[Field] = &[
    Field::hash("commit", &["hash"]),
    Field::moment("date", &["date"]),
    Field::person("author", &["author.user.display_name", "author.raw"]),
    Field::person("committer", &["committer.user.display_name", "committer.raw"]),
    Field::hash("parents", &["parents.hash"]),
    Field::people("participants", &["participants.user.display_name", "participants.role", "participants.state"]),
    Field::link("link", &["links.html.href"]),
    Field::prose("message", &["message"]),
];
const OF: Parameter = Parameter::required("commit", "Commit hash, branch or tag", Kind::Reference, "1a2b3c4d");

pub static GET: Operation = Operation::read("bitbucket_get_commit", "Get a Bitbucket commit", "commits")
    .description("Show one commit: author, date, parents, who approved it, and the whole message.")
    .parameters(&[WORKSPACE, REPOSITORY, OF])
    .target(TARGET)
    .call(
        get("/repositories/{workspace}/{repository}/commit/{commit}", REPOSITORY_SCOPES, Answer::Record(FIELDS))
            .query(&[KEPT_FIELDS])
            .before(&[source::resolve("commit")])
            .when_missing(ARE_LISTED),
    );

const VERDICT: &str = "/repositories/{workspace}/{repository}/commit/{commit}/approve";
const VERDICT_SCOPES: Scopes =
    Scopes { classic: &["repository:write"], granular: &["read:repository:bitbucket", "write:repository:bitbucket"] };
const LOOK: &str = "look at the participants with bitbucket_get_commit before repeating";

pub static APPROVE: Operation =
    Operation::write("bitbucket_approve_commit", "Approve a Bitbucket commit", "comment on and approve commits")
        .description("Approve a single commit in your name, outside of any pull request.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT])
        .target(TARGET)
        .call(
            post(VERDICT, VERDICT_SCOPES, Answer::Done("approved commit {commit} of {workspace}/{repository}"))
                .when_missing(ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("bitbucket_unapprove_commit", &[]),
        );

pub static UNAPPROVE: Operation =
    Operation::write("bitbucket_unapprove_commit", "Unapprove a Bitbucket commit", "comment on and approve commits")
        .description("Take your approval of a commit back.")
        .parameters(&[WORKSPACE, REPOSITORY, COMMIT])
        .target(TARGET)
        .call(
            delete(VERDICT, WRITE_SCOPES, Answer::Done("unapproved commit {commit} of {workspace}/{repository}"))
                .when_missing(ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("bitbucket_approve_commit", &[]),
        );
