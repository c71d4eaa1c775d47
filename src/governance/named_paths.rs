//! The files of a repository that a call names by their paths.

use serde::Serialize;

use crate::catalog::{
    arguments::Arguments,
    operation::{Answer, Kind, Operation, Parameter},
    value::Value,
};

/// A path that a call names in its repository, or a row of its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedPath {
    /// Without a slash before or after it; empty for the top directory.
    pub path: String,
    pub scope: PathScope,
}

/// What is meant by a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PathScope {
    /// The file there.
    File,
    /// The file that comes to be there, also in the place of a directory.
    Written,
    /// What is there, with all below it where that is a directory.
    Below,
}

impl NamedPath {
    pub fn file(path: &str) -> Self {
        Self { path: path.to_owned(), scope: PathScope::File }
    }
}

/// Whether an argument names something in a repository. A download is none of its files.
fn names_path(parameter: &Parameter) -> bool {
    parameter.name != "file"
        && match parameter.kind {
            Kind::Path => true,
            Kind::List { of, .. } => matches!(of, Kind::Path) || !members(*of).is_empty(),
            _ => false,
        }
}

/// The members of the objects of a list that name a path.
fn members(of: Kind) -> Vec<&'static str> {
    let Kind::Object(members) = of else { return Vec::new() };
    members.iter().filter(|member| matches!(member.kind, Kind::Path)).map(|member| member.name).collect()
}

/// The arguments of an operation that name files of a repository.
pub fn parameters(operation: &Operation) -> impl Iterator<Item = &'static Parameter> {
    let is_of_repository = operation.parameter("repository").is_some();
    operation.parameters.iter().filter(move |parameter| is_of_repository && names_path(parameter))
}

/// Every path that a call names.
pub fn of_call(operation: &Operation, arguments: &Arguments) -> Vec<NamedPath> {
    let answer = arguments.call_of(operation).map(|call| &call.answer);
    let shows_directories = matches!(answer, Some(Answer::Rows(_) | Answer::Source(_) | Answer::Diff));
    let mut named = Vec::new();
    for Parameter { name, kind, .. } in parameters(operation) {
        let (scope, within) = match kind {
            Kind::List { of: Kind::Path, .. } => (PathScope::Below, Vec::new()),
            Kind::List { of, .. } => (PathScope::Written, members(**of)),
            _ if shows_directories => (PathScope::Below, Vec::new()),
            _ => (PathScope::File, Vec::new()),
        };
        let values = match arguments.get(name) {
            Some(Value::List(values)) => values.as_slice(),
            value => value.map(std::slice::from_ref).unwrap_or_default(),
        };
        for value in values {
            let paths = match value {
                Value::Object(members) => members.iter().filter(|(name, _)| within.contains(name)).collect(),
                _ => Vec::new(),
            };
            let whole = paths.is_empty().then_some(value).filter(|value| !matches!(value, Value::Object(_)));
            let texts = paths.into_iter().map(|(_, value)| value).chain(whole);
            named.extend(texts.map(|value| NamedPath { path: value.text().into_owned(), scope }));
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::catalog::{all, arguments::validate, find};

    fn named(tool: &str, given: Json) -> Vec<(String, PathScope)> {
        let operation = find(tool).expect("an operation");
        let arguments = validate(operation, given.as_object().expect("an object")).expect("arguments");
        of_call(operation, &arguments).into_iter().map(|named| (named.path, named.scope)).collect()
    }

    /// An operation that is not here is held by rules on paths, and granted by no profile on them.
    #[test]
    fn these_arguments_name_files_of_a_repository() {
        let named = |operation: &'static Operation| {
            parameters(operation).map(|parameter| format!("{} {}", operation.name, parameter.name))
        };
        let named: Vec<_> = all().flat_map(named).collect();
        assert_eq!(
            named,
            [
                "bitbucket_get_diff path",
                "bitbucket_get_pull_request_diff path",
                "bitbucket_list_changed_files path",
                "bitbucket_add_pull_request_comment path",
                "bitbucket_stage_pull_request_comment path",
                "bitbucket_get_file path",
                "bitbucket_list_files path",
                "bitbucket_get_file_details path",
                "bitbucket_get_file_history path",
                "bitbucket_commit_files files",
                "bitbucket_commit_files delete",
                "bitbucket_list_commits path",
                "bitbucket_add_commit_comment path",
                "bitbucket_compare path",
                "bitbucket_update_annotation path",
                "bitbucket_update_annotations annotations",
            ]
        );
    }

    #[test]
    fn each_path_of_a_commit_is_named_and_without_what_is_written_around_it() {
        let given = json!({"workspace": "acme", "repository": "web", "branch": "main", "parent": "0a1b2c3d", "message": "x",
            "files": [{"path": "/src/a.rs", "text": ""}, {"path": "./b/", "text": ""}], "delete": ["docs/"]});
        let expected = [("src/a.rs", PathScope::Written), ("b", PathScope::Written), ("docs", PathScope::Below)];
        assert_eq!(named("bitbucket_commit_files", given), expected.map(|(path, scope)| (path.to_owned(), scope)));
    }

    #[test]
    fn what_is_read_may_be_a_directory_and_what_is_commented_on_is_a_file() {
        let of = |path: &str| json!({"workspace": "acme", "repository": "web", "path": path});
        assert_eq!(named("bitbucket_get_file", of("/")), [(String::new(), PathScope::Below)]);
        assert_eq!(named("bitbucket_get_file_details", of("a")), [("a".to_owned(), PathScope::File)]);
        assert_eq!(named("bitbucket_list_commits", json!({"workspace": "acme", "repository": "web"})), []);
    }
}
