//! `/diff/{spec}` and `/diffstat/{spec}`: what git says, in Bitbucket's order of the two commits.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access::Ask;
use super::errors::Refusal;
use super::page::{Paging, page};
use super::repository::{self, Repository};
use crate::world::World;

const MOST_CONTEXT: u32 = 10_000;

/// `…/diff/{spec}`: raw, in whatever encoding the files have.
pub(crate) async fn diff(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, spec)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let context = match ask.query.get("context").map(str::parse::<u32>) {
        None => 3,
        Some(Ok(lines)) => lines.min(MOST_CONTEXT),
        Some(Err(_)) => return Err(Refusal::bad_request("Invalid context")),
    };
    let context = format!("--unified={context}");
    let options = [context.as_str()];
    let output = compare(repository, &ask, &spec, &options).await?;
    let headers = [(header::CONTENT_TYPE, "text/plain")];
    Ok((headers, output.to_vec()).into_response())
}

/// `…/diffstat/{spec}`
pub(crate) async fn diffstat(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, spec)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let numbers = compare(repository, &ask, &spec, &["--numstat", "-z"]).await?;
    let statuses = compare(repository, &ask, &spec, &["--name-status", "-z"]).await?;
    let (numbers, statuses) = (String::from_utf8_lossy(&numbers), String::from_utf8_lossy(&statuses));
    let paging = Paging { usual: 500, largest: 5000, condensed: &[] };
    let values = files(repository, &ask.base, &numbers, &statuses);
    page(&ask, values, &paging).map(Json)
}

/// Both lists name the same files in the same order; a NUL ends each part.
fn files(repository: &Repository, base: &str, numbers: &str, statuses: &str) -> Vec<Value> {
    let mut numbers = numbers.split('\0');
    let mut statuses = statuses.split('\0');
    let mut files = Vec::new();
    while let (Some(counts), Some(letter)) = (numbers.next(), statuses.next()) {
        let mut counts = counts.splitn(3, '\t');
        // A binary file has `-` for both.
        let mut count = || counts.next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        let (added, removed) = (count(), count());
        let Some(first) = statuses.next() else { break };
        let file = |path: &str| {
            let href = format!("{}/src/{path}", repository.api_url(base));
            json!({"type": "commit_file", "path": path, "escaped_path": path, "links": {"self": {"href": href}}})
        };
        let (status, old, new) = match letter.chars().next() {
            Some('A') => ("added", Value::Null, file(first)),
            Some('D') => ("removed", file(first), Value::Null),
            Some('R' | 'C') => {
                let second = statuses.next().unwrap_or(first);
                // A rename's counts are followed by both names.
                let _ = (numbers.next(), numbers.next());
                ("renamed", file(first), file(second))
            }
            _ => ("modified", file(first), file(first)),
        };
        files.push(json!({
            "type": "diffstat",
            "status": status,
            "lines_added": added,
            "lines_removed": removed,
            "old": old,
            "new": new,
        }));
    }
    files
}

/// `git diff`, with the options that both endpoints know.
async fn compare(repository: &Repository, ask: &Ask, spec: &str, options: &[&str]) -> Result<Arc<Vec<u8>>, Refusal> {
    let ends = ends(repository, ask, spec).await?;
    let off = |name: &str| ask.query.get(name) == Some("false");
    let mut arguments = vec!["diff", "--no-color", "--no-ext-diff"];
    arguments.push(if off("renames") { "--no-renames" } else { "--find-renames" });
    if ask.query.get("ignore_whitespace") == Some("true") {
        arguments.push("--ignore-all-space");
    }
    arguments.extend_from_slice(options);
    arguments.extend([ends.before.as_str(), ends.after.as_str(), "--"]);
    arguments.extend(ask.query.all("path"));
    Ok(repository.git.ask(&arguments).await?)
}

struct Ends {
    before: String,
    after: String,
}

/// `A..B` shows what A changed compared with B, the other way round than git; a single commit is
/// compared with its first parent. The redirect of a pull request puts a carriage return between
/// `workspace/repository:A` and B.
async fn ends(repository: &Repository, ask: &Ask, spec: &str) -> Result<Ends, Refusal> {
    let own_name = format!("{}:", repository.full_name());
    let spec = spec.strip_prefix(&own_name).unwrap_or(spec);
    let two = spec.split_once('\r').or_else(|| spec.split_once(".."));
    let (source, destination) = two.unwrap_or((spec, ""));
    let resolve = async |name: &str| {
        let commit = repository.git.commit(name).await;
        commit.ok_or_else(|| Refusal::not_found(&format!("Commit not found: {name}")))
    };
    let after = resolve(source).await?;
    if two.is_none() {
        let parent = format!("{after}^1");
        let parent = repository.git.ask_text(&["rev-parse", &parent]).await;
        let parent = parent.map_err(|_| Refusal::bad_request("The commit has no parent."))?;
        let before = parent.trim().to_owned();
        return Ok(Ends { before, after });
    }
    let destination = resolve(destination).await?;
    if ask.query.get("topic") == Some("false") {
        let before = destination;
        return Ok(Ends { before, after });
    }
    let arguments = ["merge-base", &after, &destination];
    let before = repository.git.ask_text(&arguments).await?;
    Ok(Ends { before: before.trim().to_owned(), after })
}
