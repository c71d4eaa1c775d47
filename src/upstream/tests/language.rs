//! Operations for the tests alone, which say in the language of operations what no present one does.

use crate::{
    catalog::operation::{
        Answer, Blocks, Body, Budget, Call, Field, Find, Kind, Member, NamedSource, Operation, Paging, Parameter, Part,
        Poll, Read, Resolve, Resource, Rows, Scopes, Source, Started, Step, Task,
    },
    platform::http::Method,
    providers::{BITBUCKET, CONFLUENCE},
};

const SCOPES: Scopes = Scopes { classic: &[], granular: &[] };
const WORKSPACE: Parameter = Parameter::required("workspace", "Workspace slug", Kind::Workspace, "acme");

const fn call(method: Method, path: &'static str, answer: Answer) -> Call {
    Call::new(&BITBUCKET, method, path, SCOPES, answer).when_missing("Look.").when_unknown("look at it")
}

const fn list(name: &'static str, answer: Answer) -> Operation {
    Operation::read(name, "List", "things").parameters(&[WORKSPACE]).call(call(
        Method::Get,
        "/{workspace}/things",
        answer,
    ))
}

const CURSOR: Parameter = Parameter::optional("cursor", "From the previous answer", Kind::Cursor, "");
const TOKENS: Parameter = Parameter::optional("tokens", "Longest answer", Kind::Budget, "8500");

const PERSON: &[Parameter] = &[
    Parameter::required("name", "Name", Kind::Line { longest: 50 }, "Ann"),
    Parameter::optional("role", "Role", Kind::Choice(&["LEAD", "MEMBER"]), "LEAD").or("MEMBER"),
];

/// An argument of every kind that the catalogue has not, and a body of every form that JSON takes.
static CREATE: Operation = Operation::write("test_create", "Create", "create things")
    .parameters(&[
        WORKSPACE,
        Parameter::optional("close", "Whether to close", Kind::Boolean, "true").or("false"),
        Parameter::optional("reviewers", "Who", Kind::List { of: &Kind::Key, most: 2 }, "[\"{a}\"]"),
        Parameter::optional("people", "Who", Kind::List { of: &Kind::Object(PERSON), most: 3 }, "[{\"name\":\"Ann\"}]"),
        Parameter::optional("since", "Day", Kind::Day, "2026-10-01"),
        Parameter::optional("text", "Text", Kind::Text { longest: 100 }, "x"),
        Parameter::optional("note", "One line", Kind::Line { longest: 100 }, "x"),
    ])
    .target("{workspace}")
    .call(
        call(Method::Post, "/{workspace}/things", Answer::Done("created a thing of {workspace}"))
            .query(&[NamedSource::argument("since", "since"), NamedSource::argument("reviewer", "reviewers")])
            .headers(&[NamedSource::fixed("x-atlassian-token", "no-check"), NamedSource::argument("x-note", "note")])
            .body(Body::Json(&[
                Member::of("status", Source::Fixed("current")),
                Member::of("version.number", Source::Number(1)),
                Member::of("is_open", Source::Flag(true)),
                Member::of("parent", Source::Null),
                Member::argument("close_source_branch", "close"),
                Member::argument("reviewers[].uuid", "reviewers"),
                Member::of("reviewers[].type", Source::Fixed("user")),
                Member::argument("people", "people"),
            ])),
    );

static LABEL: Operation =
    Operation::write("test_label", "Label", "label things")
        .parameters(&[
            WORKSPACE,
            Parameter::required("labels", "Labels", Kind::List { of: &Kind::Slug, most: 9 }, "[\"a\"]"),
        ])
        .call(call(Method::Post, "/{workspace}/labels", Answer::Done("labelled")).body(Body::Json(&[
            Member::argument("[].name", "labels"),
            Member::of("[].prefix", Source::Fixed("global")),
        ])));

static APPROVE: Operation = Operation::write("test_approve", "Approve", "approve things")
    .parameters(&[WORKSPACE])
    .target("{workspace}")
    .call(call(Method::Post, "/{workspace}/approve", Answer::Done("approved {workspace}")));

static DELETE: Operation = Operation::destroy("test_delete", "Delete", "delete things")
    .parameters(&[WORKSPACE])
    .target("{workspace}")
    .call(call(Method::Delete, "/{workspace}", Answer::Done("deleted {workspace}")));

static FORM: Operation = Operation::write("test_form", "Form", "send forms")
    .parameters(&[WORKSPACE, Parameter::required("message", "Text", Kind::Text { longest: 99 }, "x")])
    .call(call(Method::Post, "/{workspace}/src", Answer::Done("sent")).body(Body::Form(&[
        NamedSource::argument("message", "message"),
        NamedSource::of("draft", Source::Flag(false)),
    ])));

/// Each file is a part whose name is its path, as Bitbucket takes commits.
static COMMIT: Operation = Operation::write("test_commit", "Commit", "commit things")
    .parameters(&[
        WORKSPACE,
        Parameter::required("path", "Path", Kind::Path, "a.rs"),
        Parameter::required("text", "Text", Kind::Text { longest: 99 }, "x"),
    ])
    .call(call(Method::Post, "/{workspace}/src", Answer::Done("committed")).body(Body::Multipart(&[
        Part::field("branch", Source::Fixed("main")),
        Part::file(Source::Argument("path"), Source::Argument("path"), Source::Argument("text")),
    ])));

/// Reads the version that there is, and writes the one after it.
static UPDATE: Operation = Operation::write("test_update", "Update", "change things").parameters(&[WORKSPACE]).call(
    call(Method::Put, "/{workspace}/things/{thing}", Answer::Done("changed"))
        .before(&[Step::Read(Read {
            path: "/{workspace}/things",
            query: &[NamedSource::fixed("fields", "version,id")],
            finds: &[
                Find {
                    field: Field::exact("version", &["version.number"]),
                    kind: Kind::Integer { least: 1, most: 99 },
                },
                Find { field: Field::exact("thing", &["id"]), kind: Kind::Key },
            ],
        })])
        .body(Body::Json(&[
            Member::of("version.number", Source::OneMoreThan("version")),
            Member::of("id", Source::LookedUp("thing")),
        ])),
);

/// Looks up the version of a page, and writes the one after it.
static PAGE: Operation = Operation::write("test_page", "Change", "change pages")
    .parameters(&[
        Parameter::required("page", "Page id", Kind::Identifier, "98305"),
        Parameter::required("text", "The page", Kind::Markdown { longest: 9_000 }, "# Steps"),
    ])
    .target("page {page}")
    .call(
        Call::new(&CONFLUENCE, Method::Put, "/api/v2/pages/{page}", SCOPES, Answer::Done("changed page {page}"))
            .before(&[Step::Read(Read {
                path: "/api/v2/pages/{page}",
                query: &[],
                finds: &[
                    Find { field: Field::exact("title", &["title"]), kind: Kind::Line { longest: 255 } },
                    Find {
                        field: Field::exact("version", &["version.number"]),
                        kind: Kind::Integer { least: 1, most: i64::MAX },
                    },
                ],
            })])
            .body(Body::Json(&[
                Member::argument("id", "page"),
                Member::of("status", Source::Fixed("current")),
                Member::of("title", Source::LookedUp("title")),
                Member::of("version.number", Source::OneMoreThan("version")),
                Member::of("body.representation", Source::Fixed("storage")),
                Member::of("body.value", Source::AsStorage("text")),
            ])),
    );

static COMPARE: Operation = Operation::read("test_compare", "Compare", "changes")
    .parameters(&[WORKSPACE, Parameter::required("spec", "What", Kind::Comparison, "main..feature/x")])
    .target("{workspace} {spec}")
    .call(call(Method::Get, "/{workspace}/diff/{spec}", Answer::Diff).before(&[Step::Resolve(Resolve {
        argument: "spec",
        paths: &["/{workspace}/refs/branches/{ref}", "/{workspace}/refs/tags/{ref}"],
        hash: Field::exact("hash", &["target.hash"]),
    })]));

const MERGE_POLL: Poll = Poll {
    path: "/{workspace}/merge/task-status/{task}",
    task: Task::Location("task"),
    state: Field::exact("state", &["task_status"]),
    done: &["SUCCESS"],
    failed: &["FAILED"],
    reason: Field::exact("reason", &["error.message"]),
    every: 2,
    at_most: 3,
};

/// Merges, which may take longer than an answer may.
static MERGE: Operation =
    Operation::write("test_merge", "Merge", "merge things").parameters(&[WORKSPACE]).target("{workspace}").call(
        call(
            Method::Post,
            "/{workspace}/merge",
            Answer::Record(&[Field::label("state", &["merge_result.state", "state"]).first()]),
        )
        .after(MERGE_POLL),
    );

/// The task is in the answer's body, and the operation reads.
static EXPORT: Operation = Operation::read("test_export", "Export", "things")
    .parameters(&[WORKSPACE])
    .call(call(Method::Post, "/{workspace}/export", Answer::Record(&[Field::label("state", &["task_status"])])).after(
        Poll { task: Task::Body(Find { field: Field::exact("task", &["id"]), kind: Kind::Key }), ..MERGE_POLL },
    ));

static START: Operation = Operation::write("test_start", "Start", "start things").parameters(&[WORKSPACE]).call(call(
    Method::Post,
    "/{workspace}/start",
    Answer::Started(Started {
        fields: &[Field::label("task", &["id"])],
        look: "test_rows of {workspace} shows how it is",
    }),
));

/// As long as the caller says, and a little longer than others where it does not.
static FILE: Operation = Operation::read("test_file", "File", "files")
    .parameters(&[WORKSPACE, TOKENS, CURSOR])
    .target("{workspace}")
    .call(call(Method::Get, "/{workspace}/download", Answer::File).budget(Budget::of(7_000)));

/// Comments: who wrote one cannot add another.
static BLOCKS: Operation = list(
    "test_blocks",
    Answer::Blocks(Blocks {
        rows: Rows::new(
            "values",
            &[
                Field::label("id", &["id"]),
                Field::person("by", &["user.display_name"]),
                Field::flags("flags", &["deleted", "is_resolved"]),
            ],
            "None.",
        ),
        texts: &[Field::prose("text", &["content.raw"])],
    }),
);

static GROUPS: Operation = list(
    "test_groups",
    Answer::Rows(Rows::new(
        "values",
        &[Field::label("kind", &["kind"]), Field::label("who", &["groups.slug", "groups.members.name"]).noted()],
        "None.",
    )),
);

static SEGMENTS: Operation = list(
    "test_segments",
    Answer::Rows(Rows::new(
        "values",
        &[
            Field::label("file", &["file.path"]),
            Field::label("match", &["content_matches.lines.segments.text"]).between(&["; ", "; ", ""]),
        ],
        "None.",
    )),
);

static AUTHORS: Operation = list(
    "test_authors",
    Answer::Rows(Rows::new(
        "values",
        &[Field::person("author", &["target.author.user.display_name", "target.author.raw"])],
        "None.",
    )),
);

static TOP: Operation = list("test_top", Answer::Rows(Rows::new("", &[Field::label("key", &["key"])], "None.")));

/// A list below other members, whose rows may be closed.
static ROWS: Operation = list(
    "test_rows",
    Answer::Rows(
        Rows::new(
            "page.things",
            &[Field::label("name", &["name"]), Field::link("clone", &["links.href"]).only("links.name", "ssh")],
            "None.",
        )
        .total("page.count")
        .paging(Paging::Cursor { next: "page.nextPageStart", parameter: "start" })
        .about(Resource::Repository, &["full_name", "uuid"]),
    ),
);

const PAGED: &[Parameter] = &[
    WORKSPACE,
    Parameter::optional("limit", "Rows", Kind::Integer { least: 1, most: 50 }, "2").or("2"),
    TOKENS,
    CURSOR,
];
const PAGE_ROWS: Rows = Rows::new("values", &[Field::label("id", &["id"])], "None.");

static STARTS: Operation =
    list("test_starts", Answer::Rows(PAGE_ROWS.paging(Paging::Start { parameter: "start", limit: "limit" })))
        .parameters(PAGED);
static PAGES: Operation =
    list("test_pages", Answer::Rows(PAGE_ROWS.paging(Paging::Page { parameter: "page", limit: "limit" })))
        .parameters(PAGED);

pub const ALL: &[&Operation] = &[
    &CREATE, &LABEL, &APPROVE, &DELETE, &FORM, &COMMIT, &UPDATE, &PAGE, &COMPARE, &MERGE, &EXPORT, &START, &FILE,
    &BLOCKS, &GROUPS, &SEGMENTS, &AUTHORS, &TOP, &ROWS, &STARTS, &PAGES,
];

/// The operation of that name, of the catalogue or of the tests.
pub fn find(name: &str) -> Option<&'static Operation> {
    crate::catalog::find(name).or_else(|| ALL.iter().copied().find(|operation| operation.name == name))
}
