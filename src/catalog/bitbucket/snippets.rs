//! Snippets: a few files that are shared outside of any repository, with a history.

use super::{CURSOR, KEPT_FIELDS, PAGE_LENGTH, PRIVATE, WORKSPACE, commits, delete, get, limit, line, post, put, rows};
use crate::catalog::operation::{
    Answer, Body, Field, Kind, Member, NamedSource, Operation, Parameter, Part, Rows, Scopes, Sensitivity, Source,
};

pub const ALL: &[&Operation] = &[
    &LIST,
    &GET,
    &GET_FILE,
    &GET_FILE_AT,
    &LIST_COMMITS,
    &GET_COMMIT,
    &GET_DIFF,
    &GET_PATCH,
    &CREATE,
    &UPDATE,
    &DELETE,
    &WATCH,
    &UNWATCH,
];

pub const READ: Scopes = Scopes { classic: &["snippet"], granular: &["read:snippet:bitbucket"] };
const WRITE: Scopes =
    Scopes { classic: &["snippet:write"], granular: &["read:snippet:bitbucket", "write:snippet:bitbucket"] };
const TAKE_AWAY: Scopes = Scopes { classic: &["snippet:write"], granular: &["delete:snippet:bitbucket"] };
const WATCH_SCOPES: Scopes = Scopes { classic: &["snippet:write"], granular: &["write:snippet:bitbucket"] };

pub const TARGET: &str = "{workspace}, snippet {snippet}";
const SNIPPETS: &str = "/snippets/{workspace}";
const THE_SNIPPET: &str = "/snippets/{workspace}/{snippet}";
pub const ARE_LISTED: &str = "bitbucket_list_snippets lists the snippets that you can see.";
const REVISIONS_ARE_LISTED: &str = "bitbucket_list_snippet_commits lists the revisions of the snippet.";
const LOOK: &str = "look with bitbucket_list_snippets whether it happened before repeating";

pub const SNIPPET: Parameter = Parameter::required("snippet", "Snippet id", Kind::Key, "kypj5A");
const ROLE: Parameter =
    Parameter::optional("role", "Only where you are this", Kind::Choice(&["owner", "contributor", "member"]), "owner");
const PATH: Parameter = Parameter::required("path", "File name", Kind::Path, "deploy.sh");
const REVISION: Parameter = Parameter::required("commit", "Hash of the revision", Kind::Commit, "1a2b3c4d");

const ROWS: Rows = rows(
    &[
        Field::label("snippet", &["id"]),
        Field::label("title", &["title"]),
        Field::person("owner", &["owner.display_name"]),
        Field::flags("flags", &["is_private"]),
        Field::moment("updated", &["updated_on"]),
    ],
    "No snippet here that you can see: leave `role` out to see all.",
);

pub static LIST: Operation = Operation::read("bitbucket_list_snippets", "List Bitbucket snippets", "snippets")
    .description("List the snippets of a workspace that you can see.")
    .parameters(&[WORKSPACE, ROLE, limit(100), CURSOR])
    .target("{workspace}")
    .call(
        get(SNIPPETS, READ, Answer::Rows(ROWS))
            .query(&[NamedSource::argument("role", "role"), PAGE_LENGTH, KEPT_FIELDS])
            .when_missing("bitbucket_list_workspaces lists the workspaces you belong to."),
    );

// The names of the files are the names of members, so that no path of a field can say them: the links hold them.
const FIELDS: &[Field] = &[
    Field::label("snippet", &["id"]),
    Field::label("title", &["title"]),
    Field::person("owner", &["owner.display_name"]),
    Field::person("creator", &["creator.display_name"]),
    Field::flags("flags", &["is_private"]),
    Field::moment("created", &["created_on"]),
    Field::moment("updated", &["updated_on"]),
    Field::link("link", &["links.html.href"]),
];

pub static GET: Operation = Operation::read("bitbucket_get_snippet", "Get a Bitbucket snippet", "snippets")
    .description("Show one snippet: its title, owner and link; bitbucket_get_snippet_diff shows its files.")
    .parameters(&[WORKSPACE, SNIPPET])
    .target(TARGET)
    .call(get(THE_SNIPPET, READ, Answer::Record(FIELDS)).query(&[KEPT_FIELDS]).when_missing(ARE_LISTED));

pub static GET_FILE: Operation =
    Operation::read("bitbucket_get_snippet_file", "Read a file of a Bitbucket snippet", "snippets")
        .description("Read a file of a snippet as it is now.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[WORKSPACE, SNIPPET, PATH, CURSOR])
        .target("{workspace}, snippet {snippet}, {path}")
        .call(get("/snippets/{workspace}/{snippet}/files/{path}", READ, Answer::File).when_missing(ARE_LISTED));

pub static GET_FILE_AT: Operation =
    Operation::read("bitbucket_get_snippet_file_at", "Read an earlier file of a Bitbucket snippet", "snippets")
        .description("Read a file of a snippet as it was at a revision.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[WORKSPACE, SNIPPET, REVISION, PATH, CURSOR])
        .target("{workspace}, snippet {snippet}, {path}@{commit}")
        .call(
            get("/snippets/{workspace}/{snippet}/{commit}/files/{path}", READ, Answer::File)
                .when_missing(REVISIONS_ARE_LISTED),
        );

pub static LIST_COMMITS: Operation =
    Operation::read("bitbucket_list_snippet_commits", "List revisions of a Bitbucket snippet", "snippets")
        .description("List the revisions of a snippet, newest first.")
        .parameters(&[WORKSPACE, SNIPPET, limit(100), CURSOR])
        .target(TARGET)
        .call(
            get("/snippets/{workspace}/{snippet}/commits", READ, Answer::Rows(commits::ROWS))
                .query(&[PAGE_LENGTH, KEPT_FIELDS])
                .when_missing(ARE_LISTED),
        );

pub static GET_COMMIT: Operation =
    Operation::read("bitbucket_get_snippet_commit", "Get a revision of a Bitbucket snippet", "snippets")
        .description("Show one revision of a snippet: who made it, when, and its message.")
        .parameters(&[WORKSPACE, SNIPPET, REVISION])
        .target("{workspace}, snippet {snippet}@{commit}")
        .call(
            get("/snippets/{workspace}/{snippet}/commits/{commit}", READ, Answer::Record(commits::FIELDS))
                .query(&[KEPT_FIELDS])
                .when_missing(REVISIONS_ARE_LISTED),
        );

const ONLY_FILE: Parameter = Parameter::optional("path", "Only this file", Kind::Path, "deploy.sh");

pub static GET_DIFF: Operation =
    Operation::read("bitbucket_get_snippet_diff", "Get a Bitbucket snippet's diff", "snippets")
        .description("Show what a revision of a snippet changed, as a unified diff.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[WORKSPACE, SNIPPET, REVISION, ONLY_FILE, CURSOR])
        .target("{workspace}, snippet {snippet}@{commit}")
        .call(
            get("/snippets/{workspace}/{snippet}/{commit}/diff", READ, Answer::Diff)
                .query(&[NamedSource::argument("path", "path")])
                .when_missing(REVISIONS_ARE_LISTED),
        );

pub static GET_PATCH: Operation =
    Operation::read("bitbucket_get_snippet_patch", "Get a Bitbucket snippet's patch", "snippets")
        .description("Show a revision of a snippet as a patch, with its author and message.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[WORKSPACE, SNIPPET, REVISION, CURSOR])
        .target("{workspace}, snippet {snippet}@{commit}")
        .call(
            get("/snippets/{workspace}/{snippet}/{commit}/patch", READ, Answer::Diff)
                .when_missing(REVISIONS_ARE_LISTED),
        );

const TITLE: Parameter = Parameter::required("title", "Title", Kind::Line { longest: 255 }, "How to deploy");
const FILE: &[Parameter] = &[
    Parameter::required("name", "Name", Kind::Path, "deploy.sh"),
    Parameter::required("text", "Contents", Kind::Contents { longest: 1_000_000 }, "make deploy"),
];
const FILES: Parameter = Parameter::required(
    "files",
    "Its files",
    Kind::List { of: &Kind::Object(FILE), most: 50 },
    "[{\"name\":\"deploy.sh\",\"text\":\"make deploy\"}]",
);

pub static CREATE: Operation =
    Operation::write("bitbucket_create_snippet", "Create a Bitbucket snippet", "write snippets")
        .description(
            "Share a few text files as a snippet, for members of the workspace alone unless `private` is false.",
        )
        .parameters(&[WORKSPACE, TITLE, FILES, PRIVATE.or("true")])
        .target("{workspace}: {title}")
        .call(
            post(SNIPPETS, WRITE, Answer::Record(FIELDS))
                .body(Body::Multipart(CREATED))
                .when_missing("bitbucket_list_workspaces lists the workspaces you belong to.")
                .when_unknown(LOOK)
                .undone_by("bitbucket_delete_snippet", &[("snippet", "id")]),
        );
const CREATED: &[Part] = &[
    Part::field("title", Source::Argument("title")),
    Part::field("is_private", Source::Argument("private")),
    Part::file(
        Source::Fixed("file"),
        Source::Each { list: "files", member: "name" },
        Source::Each { list: "files", member: "text" },
    ),
];

const NEW_TITLE: Parameter = line("title", "New title", 255, "How to deploy");

pub static UPDATE: Operation =
    Operation::write("bitbucket_update_snippet", "Change a Bitbucket snippet", "write snippets")
        .description("Change the title of a snippet, or who may see it; its files stay as they are.")
        .parameters(&[WORKSPACE, SNIPPET, NEW_TITLE, PRIVATE])
        .target(TARGET)
        .call(
            put(THE_SNIPPET, WRITE, Answer::Record(FIELDS))
                .body(Body::Json(&[Member::argument("title", "title"), Member::argument("is_private", "private")]))
                .when_missing(ARE_LISTED)
                .when_unknown(LOOK),
        );

pub static DELETE: Operation =
    Operation::destroy("bitbucket_delete_snippet", "Delete a Bitbucket snippet", "snippets and comments on them")
        .description("Delete a snippet for good, with its history and comments.")
        .parameters(&[WORKSPACE, SNIPPET])
        .target(TARGET)
        .call(
            delete(THE_SNIPPET, TAKE_AWAY, Answer::Done("deleted snippet {snippet} of {workspace}"))
                .when_missing(ARE_LISTED)
                .when_unknown(LOOK),
        );

const WATCHED: &str = "/snippets/{workspace}/{snippet}/watch";
const WATCH_LOOK: &str = "repeat it: watching twice is the same as once";

pub static WATCH: Operation =
    Operation::write("bitbucket_watch_snippet", "Watch a Bitbucket snippet", "write snippets")
        .description("Watch a snippet, so that Bitbucket tells you of changes and comments.")
        .parameters(&[WORKSPACE, SNIPPET])
        .target(TARGET)
        .call(
            put(WATCHED, WATCH_SCOPES, Answer::Done("you watch snippet {snippet} of {workspace}"))
                .when_missing(ARE_LISTED)
                .when_unknown(WATCH_LOOK)
                .undone_by("bitbucket_unwatch_snippet", &[]),
        );

pub static UNWATCH: Operation =
    Operation::write("bitbucket_unwatch_snippet", "Unwatch a Bitbucket snippet", "write snippets")
        .description("Stop watching a snippet.")
        .parameters(&[WORKSPACE, SNIPPET])
        .target(TARGET)
        .call(
            delete(WATCHED, WATCH_SCOPES, Answer::Done("you no longer watch snippet {snippet} of {workspace}"))
                .when_missing(ARE_LISTED)
                .when_unknown(WATCH_LOOK)
                .undone_by("bitbucket_watch_snippet", &[]),
        );
