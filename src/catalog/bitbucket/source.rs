//! Files and directories at a commit.

use super::{CURSOR, REPOSITORY, REPOSITORY_SCOPES, WORKSPACE, get, rows};
use crate::catalog::operation::{
    Answer, Field, Kind, NamedSource, Operation, Parameter, Resolve, Sensitivity, Step, Tree,
};

pub const ALL: &[&Operation] = &[&GET_FILE];

const PATH: Parameter =
    Parameter::required("path", "Path in the repository; `/` for its top directory", Kind::Path, "src/orders.rs");
const REF: Parameter =
    Parameter::optional("ref", "Branch, tag or commit; HEAD is the main branch", Kind::Reference, "main").or("HEAD");

const TREE: Tree = Tree {
    listing: rows(
        &[Field::label("path", &["path"]), Field::label("type", &["type"]), Field::label("size in bytes", &["size"])],
        "The directory is empty.",
    ),
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

pub static GET_FILE: Operation = Operation::read("bitbucket_get_file", "Read a Bitbucket file", "files and folders")
    .description("Read a file of a repository, or list a directory; `cursor` continues a long one.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[WORKSPACE, REPOSITORY, PATH, REF, CURSOR])
    .core()
    .target("{workspace}/{repository}/{path}@{ref}")
    .call(
        get("/repositories/{workspace}/{repository}/src/{ref}/{path}", REPOSITORY_SCOPES, Answer::Source(TREE))
            .query(&[NamedSource::fixed("pagelen", "100")])
            .before(&[resolve("ref")])
            .when_missing("Call this tool with path `/` to list the repository's top directory, or leave `ref` out for the main branch; a branch is named without `origin/`."),
    );
