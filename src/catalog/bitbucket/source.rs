//! Files and directories at a commit.

use super::{CURSOR, REPOSITORY, WORKSPACE};
use crate::{
    catalog::operation::{
        Answer, ApprovalBinding, BITBUCKET_PAGING, Bounds, Call, Class, Field, Kind, Operation, Parameter,
        QueryParameter, Resolve, Rows, Scopes, Sensitivity, Tree,
    },
    platform::http::Method,
    providers::BITBUCKET,
};

pub static GET_FILE: Operation = Operation {
    name: "bitbucket_get_file",
    title: "Read a Bitbucket file",
    description: "Read a file of a repository, or list a directory; `cursor` continues a long one.",
    consent: "files and folders",
    class: Class::Read,
    sensitivity: Sensitivity::Contents,
    parameters: &[
        WORKSPACE,
        REPOSITORY,
        Parameter::required("path", "Path in the repository; `/` for its top directory", Kind::Path, "src/orders.rs"),
        Parameter::optional("ref", "Branch, tag or commit; HEAD is the main branch", Kind::Reference, "main")
            .or("HEAD"),
        CURSOR,
    ],
    target: "{workspace}/{repository}/{path}@{ref}",
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: Some(Call {
        provider: &BITBUCKET,
        scopes: Scopes { classic: &["repository"], granular: &["read:repository:bitbucket"] },
        method: Method::Get,
        path: "/repositories/{workspace}/{repository}/src/{ref}/{path}",
        query: &[QueryParameter::fixed("pagelen", "100")],
        body: &[],
        resolve: Some(Resolve {
            argument: "ref",
            paths: &[
                "/repositories/{workspace}/{repository}/refs/branches/{ref}",
                "/repositories/{workspace}/{repository}/refs/tags/{ref}",
            ],
            hash: &[Field::label("hash", &["target.hash"])],
        }),
        bounds: Bounds::Workspace,
        answer: Answer::Source(Tree {
            listing: Rows {
                list: "values",
                columns: &[
                    Field::label("path", &["path"]),
                    Field::label("type", &["type"]),
                    Field::label("size in bytes", &["size"]),
                ],
                total: "size",
                paging: BITBUCKET_PAGING,
                when_empty: "The directory is empty.",
            },
            description: "format=meta&fields=type",
            kind: &[Field::label("type", &["type"])],
            directory: "commit_directory",
        }),
        when_missing: "Call this tool with path `/` to list the repository's top directory, or leave `ref` out for the main branch; a branch is named without `origin/`.",
        when_unknown: "",
    }),
};
