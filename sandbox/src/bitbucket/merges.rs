//! How a pull request ends: merged into its destination, in Git too, or declined.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access::Ask;
use super::errors::Refusal;
use super::git_writes::commit_tree;
use super::pull_request_seeds::Standing;
use super::pull_requests::{PullRequest, find};
use super::repository::Repository;
use crate::clock;
use crate::identifier;
use crate::ledger::End;
use crate::world::World;

const STRATEGIES: [&str; 6] =
    ["merge_commit", "squash", "fast_forward", "squash_fast_forward", "rebase_fast_forward", "rebase_merge"];

/// `POST …/merge`: with `async`, its end is asked for by the task.
pub(crate) async fn merge(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Path<(String, String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let strategy = text("merge_strategy").unwrap_or("merge_commit");
    if !STRATEGIES.contains(&strategy) {
        return Err(Refusal::bad_request("Invalid merge strategy"));
    }
    ensure_open(&world, repository, &pull)?;
    let usual = format!("Merged in {} (pull request #{id})\n\n{}\n", pull.seed.branch, pull.seed.title);
    let commit = merge_in_git(repository, &ask, &pull, strategy, text("message").unwrap_or(&usual)).await?;
    end(&world, &ask, repository, &pull, Standing::Merged, "", Some(commit))?;
    if ask.query.get("async") == Some("true") {
        let location = format!("{}/task-status/{}", ask.url, identifier::uuid("merge", &id));
        return Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)]).into_response());
    }
    Ok(Json(pull.json(&world, repository, &ask.base)).into_response())
}

/// `GET …/merge/task-status/{task}`: an unknown task is pending for ever, as on the live service.
pub(crate) async fn merge_status(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id, task)): Path<(String, String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let is_known = task == identifier::uuid("merge", &id) && pull.standing(&world, repository) == "MERGED";
    Ok(Json(if is_known {
        json!({"task_status": "SUCCESS", "merge_result": pull.json(&world, repository, &ask.base)})
    } else {
        json!({"task_status": "PENDING"})
    }))
}

/// Moves the destination to a commit that has the changes, and gives its hash.
async fn merge_in_git(
    repository: &Repository,
    ask: &Ask,
    pull: &PullRequest,
    strategy: &str,
    message: &str,
) -> Result<String, Refusal> {
    let git = &repository.git;
    let destination = format!("refs/heads/{}", pull.seed.destination);
    let head = git.commit(&destination).await.ok_or_else(|| Refusal::not_found("The destination branch is gone."))?;
    let source = pull.source_hash.as_str();
    let commit = if strategy == "fast_forward" {
        let is_ancestor = git.ask(&["merge-base", "--is-ancestor", &head, source]).await.is_ok();
        is_ancestor.then(|| source.to_owned()).ok_or_else(|| Refusal::bad_request("Fast-forward is not possible."))?
    } else {
        let tree = git.change(&["merge-tree", "--write-tree", &head, source], &[], None).await;
        let tree = tree.map_err(|_| Refusal::new(StatusCode::CONFLICT, "There are merge conflicts."))?;
        let both = [head.as_str(), source];
        let parents = if strategy == "merge_commit" { &both[..] } else { &both[..1] };
        commit_tree(repository, ask, &tree, parents, message).await?
    };
    git.change(&["update-ref", &destination, &commit, &head], &[], None).await?;
    Ok(commit)
}

/// A pull request ends once.
pub(crate) fn ensure_open(world: &World, repository: &Repository, pull: &PullRequest) -> Result<(), Refusal> {
    if pull.standing(world, repository) == Standing::Open.name() {
        return Ok(());
    }
    Err(Refusal::bad_request("You can't change a pull request that is closed."))
}

/// Writes down how it ended, and by which commit.
pub(crate) fn end(
    world: &World,
    ask: &Ask,
    repository: &Repository,
    pull: &PullRequest,
    standing: Standing,
    reason: &str,
    commit: Option<String>,
) -> Result<(), Refusal> {
    let end = End {
        repository: repository.slug.clone(),
        pull_request: pull.seed.id,
        standing: standing.name().to_owned(),
        by: ask.caller.name.clone(),
        reason: reason.to_owned(),
        commit,
        at: clock::now(),
    };
    world.change(|ledger| ledger.ends.push(end))?;
    world.answers.forget();
    Ok(())
}
