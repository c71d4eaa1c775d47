//! What people do with a pull request: verdicts, and declining it; and what stands around it: builds, checks, activity.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access::Ask;
use super::comments;
use super::errors::Refusal;
use super::merges;
use super::page::{Paging, page};
use super::people::account;
use super::pull_request_seeds::Standing;
use super::pull_requests::find;
use super::references;
use crate::clock;
use crate::ledger::Verdict;
use crate::world::World;

type Name = Path<(String, String, String)>;

/// `POST …/approve`
pub(crate) async fn approve(State(world): State<Arc<World>>, ask: Ask, name: Name) -> Result<Response, Refusal> {
    set(&world, &ask, &name, "approved")
}

/// `DELETE …/approve`
pub(crate) async fn unapprove(State(world): State<Arc<World>>, ask: Ask, name: Name) -> Result<Response, Refusal> {
    take_back(&world, &ask, &name, "approved")
}

/// `POST …/request-changes`
pub(crate) async fn request_changes(
    State(world): State<Arc<World>>,
    ask: Ask,
    name: Name,
) -> Result<Response, Refusal> {
    set(&world, &ask, &name, "changes_requested")
}

/// `DELETE …/request-changes`
pub(crate) async fn withdraw(State(world): State<Arc<World>>, ask: Ask, name: Name) -> Result<Response, Refusal> {
    take_back(&world, &ask, &name, "changes_requested")
}

fn set(world: &World, ask: &Ask, Path((workspace, name, id)): &Name, state: &str) -> Result<Response, Refusal> {
    let (repository, pull) = find(world, ask, workspace, name, id)?;
    let verdict = Verdict {
        repository: repository.slug.clone(),
        pull_request: pull.seed.id,
        name: ask.caller.name.clone(),
        state: Some(state.to_owned()),
        at: clock::now(),
    };
    world.change(|ledger| ledger.verdicts.push(verdict))?;
    world.answers.forget();
    let answer = json!({
        "type": "participant",
        "user": account(&ask.base, &ask.caller.name),
        "role": "PARTICIPANT",
        "approved": state == "approved",
        "state": state,
        "participated_on": clock::bitbucket_time(clock::now()),
    });
    Ok(Json(answer).into_response())
}

fn take_back(world: &World, ask: &Ask, Path((workspace, name, id)): &Name, state: &str) -> Result<Response, Refusal> {
    let (repository, pull) = find(world, ask, workspace, name, id)?;
    let given = pull.verdict(world, repository, &ask.caller.name);
    if given.as_deref() != Some(state) {
        return Err(Refusal::bad_request("You haven't given this verdict on the pull request."));
    }
    let verdict = Verdict {
        repository: repository.slug.clone(),
        pull_request: pull.seed.id,
        name: ask.caller.name.clone(),
        state: None,
        at: clock::now(),
    };
    world.change(|ledger| ledger.verdicts.push(verdict))?;
    world.answers.forget();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST …/decline`
pub(crate) async fn decline(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Name,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let reason = body.get("message").and_then(Value::as_str).unwrap_or_default();
    merges::ensure_open(&world, repository, &pull)?;
    merges::end(&world, &ask, repository, &pull, Standing::Declined, reason, None)?;
    Ok(Json(pull.json(&world, repository, &ask.base)))
}

/// `GET …/statuses`
pub(crate) async fn statuses(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Name,
) -> Result<Json<Value>, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let seeds: &[(&str, &str)] = match (repository.slug.as_str(), pull.seed.id) {
        ("backend", 1) => &[("unit tests", "SUCCESSFUL")],
        ("backend", 2) => &[("unit tests", "SUCCESSFUL"), ("lint", "FAILED")],
        _ => &[],
    };
    let created = clock::bitbucket_time(pull.seed.created * 1000);
    let status = |(number, (name, state)): (u64, &(&str, &str))| {
        json!({
            "type": "build",
            "key": name.replace(' ', "-"),
            "name": name,
            "state": state,
            "description": "",
            "url": format!("{}/pipelines/results/{}", repository.html_url(), pull.seed.id * 10 + number),
            "refname": pull.seed.branch,
            "created_on": created,
            "updated_on": created,
        })
    };
    let values = (1..).zip(seeds).map(status).collect();
    page(&ask, values, &Paging::USUAL).map(Json)
}

/// `GET …/mergeability/checks`
pub(crate) async fn checks(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Name,
) -> Result<Json<Value>, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let status = |passed: bool| if passed { "PASSED" } else { "FAILED" };
    let is_open = pull.standing(&world, repository) == Standing::Open.name();
    let values = [
        json!({"type": "pullrequest_state_check", "status": status(is_open), "required": true, "blocking": !is_open}),
        json!({"type": "git_mergeability_check", "status": "PASSED", "required": true, "blocking": false}),
    ];
    Ok(Json(json!({"size": values.len(), "values": values})))
}

/// `GET …/commits`
pub(crate) async fn commits(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Name,
) -> Result<Json<Value>, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let without = format!("^{}", pull.destination_hash);
    let values = references::log(repository, &ask.base, &[&pull.source_hash, &without]).await?;
    page(&ask, values, &Paging::USUAL).map(Json)
}

/// `GET …/activity`: newest first.
pub(crate) async fn activity(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Name,
) -> Result<Json<Value>, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let about = json!({"type": "pullrequest", "id": pull.seed.id, "title": pull.seed.title});
    let opened = clock::bitbucket_time(pull.seed.created * 1000);
    let update = json!({
        "date": opened,
        "state": "OPEN",
        "author": account(&ask.base, &pull.seed.author),
        "source": {"commit": {"hash": super::pull_requests::short(&pull.source_hash)}},
    });
    let mut values = vec![json!({"pull_request": about, "update": update})];
    for comment in comments::all_json(&world, repository, pull.seed.id, &ask.base) {
        values.push(json!({"pull_request": about, "comment": comment}));
    }
    for (name, state, at) in pull.verdicts(&world, repository) {
        let key = if state == "approved" { "approval" } else { "changes_requested" };
        let verdict = json!({"date": clock::bitbucket_time(at), "user": account(&ask.base, &name)});
        values.push(json!({"pull_request": about, key: verdict}));
    }
    values.reverse();
    page(&ask, values, &Paging { usual: 10, largest: 50, condensed: &[] }).map(Json)
}
