//! Pull requests that are opened and changed.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::access::Ask;
use super::body;
use super::errors::Refusal;
use super::merges;
use super::pull_request_seeds::{PullRequestSeed, Standing};
use super::pull_requests::{PullRequest, all, find};
use super::repository::{self, Repository};
use crate::accounts;
use crate::clock;
use crate::ledger::WrittenPullRequest;
use crate::world::World;

/// `POST …/pullrequests`
pub(crate) async fn open(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let body = body::json(&body)?;
    let required = |pointer: &str, name: &str| {
        let text = text(&body, pointer).filter(|text| !text.is_empty());
        text.ok_or_else(|| Refusal::bad_request(&format!("{name}: required key not provided")))
    };
    let (title, branch) = (required("/title", "title")?, required("/source/branch/name", "source")?);
    let known = all(&world, repository);
    let id = known.iter().map(|pull| pull.seed.id).max().unwrap_or_default() + 1;
    let mut pull = PullRequest {
        seed: PullRequestSeed {
            id,
            title,
            description: text(&body, "/description").unwrap_or_default(),
            standing: Standing::Open,
            author: ask.caller.name.clone(),
            source: format!("refs/heads/{branch}"),
            branch,
            destination: text(&body, "/destination/branch/name").unwrap_or_else(|| "main".to_owned()),
            draft: flag(&body, "/draft").unwrap_or_default(),
            reviewers: reviewers(&world, &body, &ask.caller.name)?.unwrap_or_default(),
            created: clock::now() / 1000,
        },
        source_hash: String::new(),
        destination_hash: String::new(),
        merge_hash: None,
    };
    point(repository, &mut pull).await?;
    if pull.source_hash == pull.destination_hash {
        return Err(Refusal::bad_request("There are no changes to be pulled"));
    }
    write(&world, repository, &pull)?;
    Ok((StatusCode::CREATED, Json(pull.json(&world, repository, &ask.base))).into_response())
}

/// `PUT …/pullrequests/{id}`: what the body does not name stays as it is.
pub(crate) async fn change(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Path<(String, String, String)>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let (repository, mut pull) = find(&world, &ask, &workspace, &name, &id)?;
    merges::ensure_open(&world, repository, &pull)?;
    let body = body::json(&body)?;
    let reviewers = reviewers(&world, &body, &pull.seed.author)?;
    let seed = &mut pull.seed;
    let texts = [
        ("/title", &mut seed.title),
        ("/description", &mut seed.description),
        ("/destination/branch/name", &mut seed.destination),
    ];
    for (pointer, value) in texts {
        if let Some(text) = text(&body, pointer) {
            *value = text;
        }
    }
    seed.draft = flag(&body, "/draft").unwrap_or(seed.draft);
    seed.reviewers = reviewers.unwrap_or_else(|| seed.reviewers.clone());
    if text(&body, "/destination/branch/name").is_some() {
        point(repository, &mut pull).await?;
    }
    write(&world, repository, &pull)?;
    Ok(Json(pull.json(&world, repository, &ask.base)))
}

fn text(body: &Value, pointer: &str) -> Option<String> {
    body.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

fn flag(body: &Value, pointer: &str) -> Option<bool> {
    body.pointer(pointer).and_then(Value::as_bool)
}

/// The reviewers that a body names by their UUIDs: nobody reviews what they wrote.
fn reviewers(world: &World, body: &Value, author: &str) -> Result<Option<Vec<(String, bool)>>, Refusal> {
    let Some(named) = body.get("reviewers").and_then(Value::as_array) else { return Ok(None) };
    let named = named.iter().map(|reviewer| {
        let uuid = reviewer.get("uuid").and_then(Value::as_str).unwrap_or_default();
        let person = world
            .read(|ledger| accounts::by_uuid(uuid, ledger.access_tokens.values().map(|token| token.account.as_str())));
        let person = person.ok_or_else(|| Refusal::bad_request(&format!("reviewers: no such user: {uuid}")))?;
        if person.name == author {
            let sentence = format!("{} is the author and cannot be included as a reviewer.", person.display_name);
            return Err(Refusal::bad_request(&format!("reviewers: {sentence}")));
        }
        Ok((person.name, false))
    });
    named.collect::<Result<_, Refusal>>().map(Some)
}

/// Finds the commits at which its branches are.
async fn point(repository: &Repository, pull: &mut PullRequest) -> Result<(), Refusal> {
    for (branch, hash) in
        [(&pull.seed.branch, &mut pull.source_hash), (&pull.seed.destination, &mut pull.destination_hash)]
    {
        let commit = repository.git.commit(&format!("refs/heads/{branch}")).await;
        *hash = commit.ok_or_else(|| Refusal::bad_request(&format!("branch not found: {branch}")))?;
    }
    Ok(())
}

fn write(world: &World, repository: &Repository, pull: &PullRequest) -> Result<(), Refusal> {
    world.change(|ledger| {
        let is_it = |written: &WrittenPullRequest| {
            written.repository == repository.slug && written.pull_request.seed.id == pull.seed.id
        };
        ledger.pull_requests.retain(|written| !is_it(written));
        ledger
            .pull_requests
            .push(WrittenPullRequest { repository: repository.slug.clone(), pull_request: pull.clone() });
    })?;
    world.answers.forget();
    Ok(())
}
