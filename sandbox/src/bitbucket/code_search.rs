//! `GET /2.0/workspaces/{workspace}/search/code`: files of the main branches in which all words are, by the `git` binary.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::access::Ask;
use super::errors::Refusal;
use super::page::{Paging, page};
use super::people::{is_workspace, no_such_workspace};
use super::repository::Repository;
use crate::world::World;

/// The repository of a file is named only where `fields` asks for it.
const PAGING: Paging = Paging { usual: 10, largest: 100, condensed: &["values.file.commit"] };

pub(crate) async fn search(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path(workspace): Path<String>,
) -> Result<Json<Value>, Refusal> {
    if !is_workspace(&workspace) {
        return Err(no_such_workspace(&workspace));
    }
    let search = Search::parse(ask.query.get("search_query").unwrap_or_default());
    if search.words.is_empty() {
        return Err(Refusal::bad_request("search_query has no words to look for"));
    }
    let mut values = Vec::new();
    for repository in &world.repositories {
        if repository.visible_to(&ask.caller) && search.repository.is_none_or(|slug| slug == repository.slug) {
            values.extend(search.of(repository, &ask.base).await);
        }
    }
    page(&ask, values, &PAGING).map(Json)
}

/// Words, and the filters that the sandbox knows of Bitbucket's.
struct Search<'a> {
    words: Vec<&'a str>,
    repository: Option<&'a str>,
    extension: Option<&'a str>,
    path: Option<&'a str>,
}

impl<'a> Search<'a> {
    fn parse(text: &'a str) -> Self {
        let mut search = Self { words: Vec::new(), repository: None, extension: None, path: None };
        for word in text.split_whitespace() {
            match word.split_once(':') {
                Some(("repo", slug)) => search.repository = Some(slug),
                Some(("ext", extension)) => search.extension = Some(extension),
                Some(("path", path)) => search.path = Some(path),
                _ => search.words.push(word.trim_matches('"')),
            }
        }
        search
    }

    /// What one repository has.
    async fn of(&self, repository: &Repository, base: &str) -> Vec<Value> {
        let mut command = vec!["grep", "-n", "-z", "-I", "-i", "-F", "--full-name", "--all-match"];
        command.extend(self.words.iter().flat_map(|word| ["-e", word]));
        command.extend(["main", "--"]);
        // Git fails where nothing is found.
        let found = repository.git.ask_text(&command).await.unwrap_or_default();
        let mut files: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for (path, number, text) in found.lines().filter_map(parse_line) {
            let has_extension = self.extension.is_none_or(|wanted| path.ends_with(&format!(".{wanted}")));
            if has_extension && self.path.is_none_or(|wanted| path.starts_with(wanted.trim_start_matches('/'))) {
                files.entry(path).or_default().push(json!({"line": number, "segments": self.segments(text)}));
            }
        }
        files.into_iter().map(|(path, lines)| file(repository, base, path, &lines)).collect()
    }

    /// A line in pieces, of which those that were looked for say so.
    fn segments(&self, line: &str) -> Vec<Value> {
        let small = line.to_ascii_lowercase();
        let places = self.words.iter().filter_map(|word| {
            let at = small.find(&word.to_ascii_lowercase())?;
            Some((at, at + word.len()))
        });
        let Some((start, end)) = places.min() else { return vec![json!({ "text": line })] };
        let (before, rest) = line.split_at(start);
        let (found, after) = rest.split_at(end - start);
        vec![json!({"text": before}), json!({"text": found, "match": true}), json!({"text": after})]
    }
}

/// `main:src/main.rs`, the number and the line, with a NUL after each but the last.
fn parse_line(line: &str) -> Option<(&str, u64, &str)> {
    let (path, rest) = line.strip_prefix("main:")?.split_once('\0')?;
    let (number, text) = rest.split_once('\0')?;
    Some((path, number.parse().ok()?, text))
}

fn file(repository: &Repository, base: &str, path: &str, lines: &[Value]) -> Value {
    json!({
        "type": "code_search_result",
        "content_match_count": lines.len(),
        "content_matches": [{ "lines": lines }],
        "path_matches": [{ "text": path }],
        "file": {
            "type": "commit_file",
            "path": path,
            "links": {"self": {"href": format!("{}/src/main/{path}", repository.api_url(base))}},
            "commit": {"type": "commit", "repository": repository.embedded(base)},
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_told_from_words_and_what_was_found_from_the_rest_of_a_line() {
        let search = Search::parse("repo:backend \"Jitter\" ext:rs path:/src");
        assert_eq!((search.words.as_slice(), search.repository), (["Jitter"].as_slice(), Some("backend")));
        assert_eq!((search.extension, search.path), (Some("rs"), Some("/src")));
        let segments = search.segments("wait + jitter()");
        assert_eq!(segments.get(1), Some(&json!({"text": "jitter", "match": true})));
        assert_eq!(parse_line("main:a.rs\u{0}7\u{0}x"), Some(("a.rs", 7, "x")));
    }
}
