//! Pipelines: list, get, run and stop, with their steps and logs.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access::Ask;
use super::body;
use super::errors::Refusal;
use super::page::{Paging, page};
use super::pipeline_logs;
use super::pipeline_runs::{self, Ended, Run, Step};
use super::repository::{self, Repository};
use crate::clock;
use crate::world::World;

/// `GET …/pipelines`: oldest first unless `sort` says otherwise.
pub(crate) async fn list(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let mut runs = pipeline_runs::all(&world, repository).await;
    let statuses: Vec<&str> = ask.query.all("status").collect();
    let branch = ask.query.get("target.branch");
    runs.retain(|run| {
        // A status that nobody knows fits nothing; it is no error.
        (statuses.is_empty() || statuses.contains(&run.status()))
            && branch.is_none_or(|branch| run.target.get("ref_name").is_some_and(|name| name == branch))
    });
    if ask.query.get("sort") == Some("-created_on") {
        runs.reverse();
    }
    let mut answer = page(&ask, runs.iter().map(|run| run.json(repository, &ask.base)).collect(), &Paging::USUAL)?;
    // As on the live service, lists of pipelines do not link to their next page.
    if let Some(members) = answer.as_object_mut() {
        members.remove("next");
        members.remove("previous");
    }
    Ok(Json(answer))
}

/// `GET …/pipelines/{pipeline}`
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, pipeline)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    Ok(Json(find(&world, repository, &pipeline).await?.json(repository, &ask.base)))
}

/// The run of that number or UUID.
async fn find(world: &World, repository: &Repository, pipeline: &str) -> Result<Run, Refusal> {
    let runs = pipeline_runs::all(world, repository).await;
    let found = runs.into_iter().find(|run| run.number.to_string() == pipeline || run.uuid() == pipeline);
    found.ok_or_else(|| Refusal::not_found(&format!("No pipeline {pipeline}")))
}

/// `POST …/pipelines`
pub(crate) async fn run(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let body = body::json(&body)?;
    let mut target = body.get("target").cloned().unwrap_or_default();
    let named = |pointer: &str| target.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let revision = [named("/commit/hash"), named("/ref_name")].into_iter().find(|name| !name.is_empty());
    let commit = match revision {
        Some(revision) => repository.git.commit(&revision).await,
        None => None,
    };
    let Some(commit) = commit else {
        // The words for people are in `detail`.
        let error = json!({"message": "Bad request", "detail": "The target names no commit, branch or tag of this repository."});
        return Err(Refusal::with(StatusCode::BAD_REQUEST, error));
    };
    if let Some(members) = target.as_object_mut() {
        members.insert("commit".to_owned(), json!({"type": "commit", "hash": commit}));
    }
    let before = pipeline_runs::all(&world, repository).await.last().map_or(0, |run| run.number);
    let run = world.change(|ledger| {
        let here = ledger.runs.iter().filter(|run| run.repository == repository.slug);
        let last = here.map(|run| run.number).max().unwrap_or(before);
        let run = Run {
            repository: repository.slug.clone(),
            number: last + 1,
            target,
            creator: ask.caller.name.clone(),
            created: clock::now(),
            ended: None,
        };
        ledger.runs.push(run.clone());
        run
    })?;
    Ok((StatusCode::CREATED, Json(run.json(repository, &ask.base))).into_response())
}

/// `POST …/pipelines/{pipeline}/stopPipeline`
pub(crate) async fn stop(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, pipeline)): Path<(String, String, String)>,
) -> Result<StatusCode, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let run = find(&world, repository, &pipeline).await?;
    if run.ended().is_some() {
        return Err(Refusal::bad_request("The pipeline has completed already"));
    }
    world.change(|ledger| {
        let runs = ledger.runs.iter_mut();
        for known in runs.filter(|known| known.repository == run.repository && known.number == run.number) {
            known.ended = Some(Ended::Stopped);
        }
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET …/pipelines/{pipeline}/steps`
pub(crate) async fn steps(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, pipeline)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let run = find(&world, repository, &pipeline).await?;
    page(&ask, run.steps().iter().map(Step::json).collect(), &Paging::USUAL).map(Json)
}

async fn find_step(
    world: &World,
    ask: &Ask,
    (workspace, name, pipeline, step): (String, String, String, String),
) -> Result<Step, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let run = find(world, repository, &pipeline).await?;
    let found = run.steps().into_iter().find(|known| known.uuid == step);
    found.ok_or_else(|| Refusal::not_found(&format!("No step {step}")))
}

/// `GET …/steps/{step}`
pub(crate) async fn step(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path(path): Path<(String, String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(find_step(&world, &ask, path).await?.json()))
}

/// `GET …/steps/{step}/log`
pub(crate) async fn log(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path(path): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let step = find_step(&world, &ask, path).await?;
    if !step.has_log() {
        return Err(Refusal::not_found("The step has no log"));
    }
    pipeline_logs::answer(&pipeline_logs::of(&step), &headers)
}
