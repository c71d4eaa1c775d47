//! `/src/{commit}/{path}`: a file's bytes, its description, or a directory.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::access::Ask;
use super::errors::Refusal;
use super::fields;
use super::page::{Paging, page};
use super::repository::{self, Repository};
use crate::world::World;

const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// `…/src` leads to the root of the main branch.
pub(crate) async fn main_branch(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let commit = commit(repository, "main").await?;
    let location = format!("{}/src/{commit}/", repository.api_url(&ask.base));
    Ok((StatusCode::FOUND, [(header::LOCATION, location)]).into_response())
}

/// `…/src/{commit}/`
pub(crate) async fn root(
    State(world): State<Arc<World>>,
    ask: Ask,
    headers: HeaderMap,
    Path((workspace, name, commit)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let path = Path((workspace, name, commit, String::new()));
    self::path(State(world), ask, headers, path).await
}

/// `…/src/{commit}/{path}`
pub(crate) async fn path(
    State(world): State<Arc<World>>,
    ask: Ask,
    headers: HeaderMap,
    Path((workspace, name, revision, path)): Path<(String, String, String, String)>,
) -> Result<Response, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let commit = commit(repository, &revision).await?;
    let path = path.trim_end_matches('/');
    let place = Place { repository, base: &ask.base, commit: &commit };
    let meta = ask.query.get("format") == Some("meta");
    if path.is_empty() {
        let listing = listing(&ask, &place, path).await?;
        return Ok(Json(listing).into_response());
    }
    let entries = place.entries(path, false).await?;
    let entry = entries.into_iter().next().ok_or_else(|| {
        let message = format!("No such file or directory: {path}");
        Refusal::with(StatusCode::NOT_FOUND, json!({"message": message, "data": {"path": path}}))
    })?;
    if meta {
        let answer = place.json(&entry).await?;
        return Ok(Json(fields::apply(answer, &[], ask.query.get("fields"))).into_response());
    }
    if entry.is_directory() {
        let listing = listing(&ask, &place, path).await?;
        return Ok(Json(listing).into_response());
    }
    file(repository, &entry, &headers).await
}

async fn file(repository: &Repository, entry: &Entry, headers: &HeaderMap) -> Result<Response, Refusal> {
    // From content and attributes: the same file has the same tag wherever it is.
    let tag = format!("\"{}-{}\"", entry.object, entry.mode);
    let known = headers.get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let content = repository.git.ask(&["cat-file", "blob", &entry.object]).await?;
    let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
    let name = utf8_percent_encode(name, PATH);
    let answer_headers = [
        (header::CONTENT_TYPE, content_type(&entry.path).to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
        (header::ETAG, tag),
    ];
    Ok((answer_headers, content.to_vec()).into_response())
}

/// By the extension alone, and never with an encoding.
fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("md" | "txt" | "rs" | "toml" | "sql" | "gitignore") => "text/plain",
        Some("html") => "text/html",
        Some("css") => "text/css",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("sh") => "application/x-sh",
        _ => "application/octet-stream",
    }
}

/// A branch with a slash cannot be told from a path, encoded or not: only its first part counts as
/// the revision, and that part is no commit.
async fn commit(repository: &Repository, revision: &str) -> Result<String, Refusal> {
    let first = revision.split('/').next().unwrap_or_default();
    let whole = first == revision;
    let found = if whole { repository.git.commit(first).await } else { None };
    found.ok_or_else(|| {
        let error = json!({"message": "Commit not found", "data": {"shas": [first]}});
        Refusal::with(StatusCode::NOT_FOUND, error)
    })
}

async fn listing(ask: &Ask, place: &Place<'_>, path: &str) -> Result<Value, Refusal> {
    let depth = match ask.query.get("max_depth").map(str::parse::<usize>) {
        None => 1,
        Some(Ok(depth)) if depth >= 1 => depth,
        Some(_) => return Err(Refusal::bad_request("Invalid max_depth")),
    };
    let below = match path {
        "" => String::new(),
        path => format!("{path}/"),
    };
    let mut values = Vec::new();
    for entry in place.entries(&below, depth > 1).await? {
        let inside = entry.path.strip_prefix(&below).unwrap_or(&entry.path);
        if entry.path != path && inside.split('/').count() <= depth {
            values.push(place.json(&entry).await?);
        }
    }
    page(ask, values, &Paging::USUAL)
}

/// A commit of a repository, whose entries are to be described.
struct Place<'a> {
    repository: &'a Repository,
    base: &'a str,
    commit: &'a str,
}

struct Entry {
    mode: String,
    kind: String,
    object: String,
    size: u64,
    path: String,
}

impl Entry {
    fn is_directory(&self) -> bool {
        self.kind == "tree"
    }
}

impl Place<'_> {
    /// What is at a path: the entry itself, or what is in it when the path ends with a slash.
    async fn entries(&self, path: &str, deep: bool) -> Result<Vec<Entry>, Refusal> {
        let mut command = vec!["ls-tree", "-z", "--long", "--full-tree"];
        if deep {
            command.extend(["-r", "-t"]);
        }
        command.extend([self.commit, "--"]);
        if !path.is_empty() {
            command.push(path);
        }
        let text = self.repository.git.ask_text(&command).await?;
        Ok(text.split('\0').filter_map(parse_entry).collect())
    }

    async fn json(&self, entry: &Entry) -> Result<Value, Refusal> {
        let encoded = utf8_percent_encode(&entry.path, PATH);
        let api = self.repository.api_url(self.base);
        let slash = if entry.is_directory() { "/" } else { "" };
        let own = format!("{api}/src/{}/{encoded}{slash}", self.commit);
        let html = format!("{}/commits/{}", self.repository.html_url(), self.commit);
        let commit = json!({
            "type": "commit",
            "hash": self.commit,
            "links": {
                "self": {"href": format!("{api}/commit/{}", self.commit)},
                "html": {"href": html},
            },
        });
        if entry.is_directory() {
            return Ok(json!({
                "type": "commit_directory",
                "path": entry.path,
                "commit": commit,
                "links": {"self": {"href": own}, "meta": {"href": format!("{own}?format=meta")}},
            }));
        }
        let mut attributes = Vec::new();
        if entry.mode == "100755" {
            attributes.push("executable");
        }
        if entry.mode == "120000" {
            attributes.push("link");
        }
        let content = self.repository.git.ask(&["cat-file", "blob", &entry.object]).await?;
        if content.iter().take(8000).any(|&byte| byte == 0) {
            attributes.push("binary");
        }
        let history = format!("{api}/filehistory/{}/{encoded}", self.commit);
        Ok(json!({
            "type": "commit_file",
            "path": entry.path,
            "escaped_path": entry.path,
            "size": entry.size,
            "mimetype": content_type(&entry.path),
            "attributes": attributes,
            "commit": commit,
            "links": {
                "self": {"href": own},
                "meta": {"href": format!("{own}?format=meta")},
                "history": {"href": history},
            },
        }))
    }
}

/// `100644 blob 83baae61804e65cc73a7201a7252750c76066a30      12<TAB>path`
fn parse_entry(line: &str) -> Option<Entry> {
    let (columns, path) = line.split_once('\t')?;
    let mut columns = columns.split_whitespace();
    Some(Entry {
        mode: columns.next()?.to_owned(),
        kind: columns.next()?.to_owned(),
        object: columns.next()?.to_owned(),
        size: columns.next()?.parse().unwrap_or(0),
        path: path.to_owned(),
    })
}
