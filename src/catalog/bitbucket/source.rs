//! Files and directories at a commit, and commits made of files.

use super::{
    CURSOR, KEPT_FIELDS, PAGE_LENGTH, REPOSITORY, REPOSITORY_SCOPES, WORKSPACE, WRITE_AND_READ_SCOPES, get, limit,
    post, query, rows,
};
use crate::catalog::operation::{
    Answer, Body, Field, Find, Kind, NamedSource, Operation, Parameter, Part, Read, Resolve, Resource, Rows,
    Sensitivity, Source, Step, Tree,
};

pub const ALL: &[&Operation] = &[&GET_FILE, &LIST_FILES, &GET_DETAILS, &GET_HISTORY, &COMMIT_FILES];

const PATH: Parameter =
    Parameter::required("path", "Path in the repository; `/` for its top directory", Kind::Path, "src/orders.rs");
const REF: Parameter =
    Parameter::optional("ref", "Branch, tag or commit; HEAD is the main branch", Kind::Reference, "main").or("HEAD");

const TREE: Tree = Tree {
    listing: rows(
        &[Field::label("path", &["path"]), Field::label("type", &["type"]), Field::label("size in bytes", &["size"])],
        "The directory is empty.",
    )
    .about(Resource::File, &["path"]),
    description: "format=meta&fields=type",
    kind: Field::label("type", &["type"]),
    directory: "commit_directory",
};

/// The commit of a branch or tag.
pub const fn resolve(argument: &'static str) -> Step {
    Step::Resolve(Resolve {
        argument,
        paths: &[
            "/repositories/{workspace}/{repository}/refs/branches/{ref}",
            "/repositories/{workspace}/{repository}/refs/tags/{ref}",
        ],
        hash: Field::exact("hash", &["target.hash"]),
    })
}

const LINES: Parameter = Parameter::optional("lines", "Only these, such as 120-180", Kind::Lines, "120-180");

pub static GET_FILE: Operation = Operation::read("bitbucket_get_file", "Read a Bitbucket file", "files and folders")
    .description("Read a file of a repository, or list a directory; `cursor` continues a long one.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[WORKSPACE, REPOSITORY, PATH, REF, LINES, CURSOR])
    .core()
    .target("{workspace}/{repository}/{path}@{ref}")
    .call(
        get("/repositories/{workspace}/{repository}/src/{ref}/{path}", REPOSITORY_SCOPES, Answer::Source(TREE))
            .query(&[NamedSource::fixed("pagelen", "100")])
            .before(&[resolve("ref")])
            .when_missing("Path `/` lists the top directory; without `ref` it is the main branch."),
    );

const IN: Parameter = Parameter::optional("path", "Only below this directory", Kind::Path, "src").or("/");
const DEPTH: Parameter =
    Parameter::optional("depth", "Directories deep", Kind::Integer { least: 1, most: 50 }, "5").or("10");
const NAME: Parameter =
    Parameter::optional("name", "Only paths that contain this", Kind::Line { longest: 100 }, "orders");
const FILES: Rows = rows(
    &[Field::label("path", &["path"]), Field::label("size in bytes", &["size"])],
    "No file here whose path contains this: leave `name` out, or look deeper with `depth`.",
)
.about(Resource::File, &["path"]);

pub static LIST_FILES: Operation = Operation::read("bitbucket_list_files", "List Bitbucket files", "files and folders")
    .description(
        "List the files and directories of a repository, all levels below too, or find them by a part of their path.",
    )
    .sensitivity(Sensitivity::Names)
    .parameters(&[WORKSPACE, REPOSITORY, IN, REF, NAME, DEPTH, limit(100), CURSOR])
    .target("{workspace}/{repository}/{path}@{ref}")
    .call(
        get(THE_PATH, REPOSITORY_SCOPES, Answer::Rows(FILES))
            .query(&[MAX_DEPTH, query("type = \"commit_file\" AND path ~ ", "name", ""), PAGE_LENGTH, KEPT_FIELDS])
            .before(&[resolve("ref")])
            .when_missing("bitbucket_get_file with path `/` lists the top directory."),
    );
const THE_PATH: &str = "/repositories/{workspace}/{repository}/src/{ref}/{path}";
const MAX_DEPTH: NamedSource = NamedSource::argument("max_depth", "depth");

const DETAILS: &[Field] = &[
    Field::label("path", &["path"]),
    Field::label("type", &["type"]),
    Field::label("size in bytes", &["size"]),
    Field::label("media type", &["mimetype"]),
    Field::label("attributes", &["attributes"]),
    Field::hash("commit", &["commit.hash"]),
    Field::link("link", &["links.self.href"]),
];

pub static GET_DETAILS: Operation =
    Operation::read("bitbucket_get_file_details", "Get details of a Bitbucket file", "files and folders")
        .description(
            "Show the size, type, attributes (executable, link, binary, LFS) and commit of a file, not its contents.",
        )
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, REPOSITORY, PATH, REF])
        .target("{workspace}/{repository}/{path}@{ref}")
        .call(
            get(THE_PATH, REPOSITORY_SCOPES, Answer::Record(DETAILS))
                .query(&[NamedSource::fixed("format", "meta")])
                .before(&[resolve("ref")])
                .when_missing("bitbucket_list_files finds files by a part of their path."),
        );

const CHANGES: Rows = rows(
    &[
        Field::hash("commit", &["commit.hash"]),
        Field::moment("date", &["commit.date"]),
        Field::person("author", &["commit.author.user.display_name", "commit.author.raw"]),
        Field::label("path", &["path"]),
        Field::label("message", &["commit.message"]),
    ],
    "No commit has touched this path.",
)
.about(Resource::File, &["path"]);

pub static GET_HISTORY: Operation =
    Operation::read("bitbucket_get_file_history", "Get a Bitbucket file's history", "commits")
        .description("List the commits that changed a file, newest first, through its renames: who last touched it and why.")
        .parameters(&[WORKSPACE, REPOSITORY, PATH, REF, limit(100), CURSOR])
        .target("{workspace}/{repository}/{path}@{ref}")
        .call(
            get("/repositories/{workspace}/{repository}/filehistory/{ref}/{path}", REPOSITORY_SCOPES, Answer::Rows(CHANGES))
                .query(&[NamedSource::fixed("renames", "true"), PAGE_LENGTH, KEPT_FIELDS])
                .before(&[resolve("ref")])
                .when_missing("bitbucket_list_files finds files by a part of their path; a deleted one has its history at an older `ref`."),
        );

const BRANCH: Parameter =
    Parameter::required("branch", "Branch to commit to; a new one is made", Kind::Reference, "feature/login");
const PARENT: Parameter = Parameter::required("parent", "Head of the branch that you read", Kind::Commit, "1a2b3c4d");
const MESSAGE: Parameter =
    Parameter::required("message", "Commit message", Kind::Text { longest: 10_000 }, "Fix the total of an order");
const CONTENTS: Kind = Kind::Contents { longest: 1_000_000 };
const FILE: &[Parameter] = &[
    Parameter::required("path", "Path", Kind::Path, "src/orders.rs"),
    Parameter::required("text", "Whole new contents", CONTENTS, "fn main() {}"),
    Parameter::optional("executable", "Whether it can be run", Kind::Boolean, "false").or("false"),
];
const WRITTEN: Parameter = Parameter::optional(
    "files",
    "Files to write",
    Kind::List { of: &Kind::Object(FILE), most: 100 },
    "[{\"path\":\"src/orders.rs\",\"text\":\"fn main() {}\"}]",
);
const REMOVED: Parameter =
    Parameter::optional("delete", "Paths to delete", Kind::List { of: &Kind::Path, most: 100 }, "[\"src/old.rs\"]");

pub static COMMIT_FILES: Operation =
    Operation::write("bitbucket_commit_files", "Commit files to Bitbucket", "commit files")
        .description(
            "Write and delete several files in one commit, without git; refused if the branch moved on from `parent`.",
        )
        .parameters(&[WORKSPACE, REPOSITORY, BRANCH, PARENT, MESSAGE, WRITTEN, REMOVED])
        .target("{workspace}/{repository}@{branch} after {parent}")
        .call(
            post("/repositories/{workspace}/{repository}/src", WRITE_AND_READ_SCOPES, Answer::Done(COMMITTED))
                .body(Body::Multipart(PARTS))
                .before(&[Step::Read(WHOLE_HASH)])
                .when_missing(HEADS_ARE_SHOWN)
                .when_unknown("look with bitbucket_list_commits whether the commit is there before repeating"),
        );
const HEADS_ARE_SHOWN: &str = "bitbucket_get_branch shows a branch and its head commit, which `parent` names.";
const COMMITTED: &str = "committed to {branch} of {workspace}/{repository}; bitbucket_get_branch shows the new commit";
/// Bitbucket takes no abbreviated parent.
const WHOLE_HASH: Read = Read {
    path: "/repositories/{workspace}/{repository}/commit/{parent}",
    query: &[NamedSource::fixed("fields", "hash")],
    finds: &[Find { field: Field::exact("parent", &["hash"]), kind: Kind::Commit }],
};
const PATHS: Source = Source::Each { list: "files", member: "path" };
/// A file's path begins with a slash, so that it is none of the form's own fields.
const PARTS: &[Part] = &[
    Part::field("message", Source::Argument("message")),
    Part::field("branch", Source::Argument("branch")),
    Part::field("parents", Source::LookedUp("parent")),
    Part::field("files", Source::FromTop(&Source::Argument("delete"))),
    Part::file(Source::FromTop(&PATHS), PATHS, Source::Each { list: "files", member: "text" })
        .executable(Source::Each { list: "files", member: "executable" }),
];
