//! Search in code. Bitbucket has announced its end without naming what follows it.

use super::{CURSOR, PAGE_LENGTH, REPOSITORY_SCOPES, WORKSPACE, get, limit};
use crate::catalog::operation::{
    Answer, Field, Kind, NamedSource, Operation, Paging, Parameter, Resource, Rows, Sensitivity,
};

pub const ALL: &[&Operation] = &[&SEARCH];

const QUERY: Parameter = Parameter::required(
    "query",
    "Words, and filters such as `repo:backend ext:rs path:src`",
    Kind::Line { longest: 250 },
    "OrderService repo:backend",
);
const PAGING: Paging = Paging::Link { next: "next", keep: &["page", "ctx"] };
const ROWS: Rows = Rows::new(
    "values",
    &[
        Field::label("repository", &["file.commit.repository.full_name"]),
        Field::label("file", &["file.path"]),
        Field::label("matches", &["content_match_count"]),
        Field::label("lines", &["content_matches.lines.segments.text"]).between(&[" … ", " ", ""]),
    ],
    "Nothing on the main branches matches: try fewer words, or drop a filter.",
)
.about(Resource::Repository, &["file.commit.repository.full_name"])
.in_file("file.path")
.total("size")
.paging(PAGING);

pub static SEARCH: Operation = Operation::read("bitbucket_search_code", "Search Bitbucket code", "files and folders")
    .description("Search code on the main branches of a workspace.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[WORKSPACE, QUERY, limit(100), CURSOR])
    .target("{workspace}")
    .call(
        get("/workspaces/{workspace}/search/code", REPOSITORY_SCOPES, Answer::Rows(ROWS))
            // Bitbucket names the repository of a file only where it is told to.
            .query(&[NamedSource::argument("search_query", "query"), PAGE_LENGTH, NamedSource::fixed("fields", "+values.file.commit.repository")])
            .when_missing("Code search is switched off in this workspace, or Bitbucket has ended it: list directories and read files with bitbucket_get_file, or bitbucket_list_files."),
    );
