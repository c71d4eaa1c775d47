//! Tasks of a pull request.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access::Ask;
use super::bbql::Condition;
use super::body;
use super::errors::Refusal;
use super::fields;
use super::page::{Paging, page};
use super::people::account;
use super::pull_request_seeds;
use super::pull_requests::{find, rendered};
use crate::clock;
use crate::ledger::Task;
use crate::world::World;

type Name = Path<(String, String, String)>;
type TaskName = Path<(String, String, String, String)>;

/// Those that there are of a pull request.
pub(crate) fn all(world: &World, repository: &str, pull_request: u64) -> Vec<Task> {
    let changed: Vec<Task> = world.read(|ledger| {
        let is_here = |task: &&Task| task.repository == repository && task.pull_request == pull_request;
        ledger.tasks.iter().filter(is_here).cloned().collect()
    });
    let is_seed = |seed: &Task| !changed.iter().any(|task| task.id == seed.id);
    let mut all: Vec<_> = pull_request_seeds::tasks(repository, pull_request).into_iter().filter(is_seed).collect();
    all.extend(changed);
    all.retain(|task| !task.deleted);
    all
}

/// `GET …/tasks`
pub(crate) async fn list(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Name,
) -> Result<Json<Value>, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let condition = ask.query.get("q").map(Condition::parse).transpose()?;
    let all = all(&world, &repository.slug, pull.seed.id);
    let values = all.iter().map(|task| to_json(task, &ask.base));
    let values = values.filter(|value| condition.as_ref().is_none_or(|q| q.fits(value))).collect();
    page(&ask, values, &Paging::USUAL).map(Json)
}

/// `GET …/tasks/{task}`
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id, task)): TaskName,
) -> Result<Json<Value>, Refusal> {
    let task = one(&world, &ask, (&workspace, &name, &id), &task)?;
    Ok(Json(fields::apply(to_json(&task, &ask.base), &[], ask.query.get("fields"))))
}

fn one(world: &World, ask: &Ask, at: (&str, &str, &str), task: &str) -> Result<Task, Refusal> {
    let (repository, pull) = find(world, ask, at.0, at.1, at.2)?;
    let found = all(world, &repository.slug, pull.seed.id).into_iter().find(|known| known.id.to_string() == task);
    found.ok_or_else(|| Refusal::not_found(&format!("Task {task} not found")))
}

/// `POST …/tasks`
pub(crate) async fn add(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Name,
    body: Bytes,
) -> Result<Response, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let body = body::json(&body)?;
    let text = body.pointer("/content/raw").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| Refusal::bad_request("The content is required."))?;
    let task = world.change(|ledger| {
        let task = Task {
            id: ledger.next_task(),
            repository: repository.slug.clone(),
            pull_request: pull.seed.id,
            author: ask.caller.name.clone(),
            text: text.to_owned(),
            comment: body.pointer("/comment/id").and_then(Value::as_u64),
            resolved_by: None,
            deleted: false,
            created: clock::now(),
        };
        ledger.tasks.push(task.clone());
        task
    })?;
    world.answers.forget();
    Ok((StatusCode::CREATED, Json(to_json(&task, &ask.base))).into_response())
}

/// `PUT …/tasks/{task}`
pub(crate) async fn change(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id, task)): TaskName,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut task = one(&world, &ask, (&workspace, &name, &id), &task)?;
    let body = body::json(&body)?;
    if let Some(text) = body.pointer("/content/raw").and_then(Value::as_str) {
        text.clone_into(&mut task.text);
    }
    match body.get("state").and_then(Value::as_str) {
        Some("RESOLVED") => task.resolved_by = Some(ask.caller.name.clone()),
        Some("UNRESOLVED") => task.resolved_by = None,
        _ => {}
    }
    keep(&world, task.clone())?;
    Ok(Json(to_json(&task, &ask.base)))
}

/// `DELETE …/tasks/{task}`
pub(crate) async fn delete(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id, task)): TaskName,
) -> Result<StatusCode, Refusal> {
    let task = one(&world, &ask, (&workspace, &name, &id), &task)?;
    keep(&world, Task { deleted: true, ..task })?;
    Ok(StatusCode::NO_CONTENT)
}

fn keep(world: &World, task: Task) -> Result<(), Refusal> {
    world.change(|ledger| {
        ledger.tasks.retain(|known| known.id != task.id);
        ledger.tasks.push(task);
    })?;
    world.answers.forget();
    Ok(())
}

fn to_json(task: &Task, base: &str) -> Value {
    let created = clock::bitbucket_time(task.created);
    let mut answer = json!({
        "type": "pullrequest_comment_task",
        "id": task.id,
        "state": if task.resolved_by.is_some() { "RESOLVED" } else { "UNRESOLVED" },
        "content": rendered(&task.text),
        "creator": account(base, &task.author),
        "pending": false,
        "created_on": created,
        "updated_on": created,
        "resolved_by": task.resolved_by.as_ref().map_or(Value::Null, |name| account(base, name)),
        "resolved_on": task.resolved_by.as_ref().map(|_| created.clone()),
    });
    if let (Some(members), Some(comment)) = (answer.as_object_mut(), task.comment) {
        members.insert("comment".into(), json!({"id": comment}));
    }
    answer
}
