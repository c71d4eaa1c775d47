//! Comments on a pull request.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::access::Ask;
use super::body;
use super::errors::Refusal;
use super::fields;
use super::page::{Paging, page};
use super::people::account;
use super::pull_request_seeds;
use super::pull_requests::{find, rendered};
use super::repository::Repository;
use crate::clock;
use crate::ledger::{Comment, CommentChange};
use crate::world::World;

/// `GET …/comments`
pub(crate) async fn list(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let values = all_json(&world, repository, pull.seed.id, &ask.base);
    page(&ask, values, &Paging::USUAL).map(Json)
}

/// `GET …/comments/{comment}`
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id, comment)): Path<(String, String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let all = all(&world, &repository.slug, pull.seed.id);
    let found = all.iter().find(|known| known.id.to_string() == comment);
    let found = found.ok_or_else(|| Refusal::not_found(&format!("Comment {comment} not found")))?;
    let answer = to_json(&world, found, repository, &ask.base);
    Ok(Json(fields::apply(answer, &[], ask.query.get("fields"))))
}

/// `POST …/comments`
pub(crate) async fn add(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Path<(String, String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let body = body::json(&body)?;
    let known = all(&world, &repository.slug, pull.seed.id);
    let draft = validate(&body, &known)?;
    let comment = world.change(|ledger| {
        let comment = Comment {
            id: ledger.next_comment(),
            repository: repository.slug.clone(),
            pull_request: pull.seed.id,
            author: ask.caller.name.clone(),
            text: draft.text,
            inline: draft.inline,
            parent: draft.parent,
            created: clock::now(),
        };
        ledger.comments.push(comment.clone());
        comment
    })?;
    // The count of comments is part of every list of pull requests.
    world.answers.forget();
    let answer = to_json(&world, &comment, repository, &ask.base);
    let location = format!("{}/{}", ask.url, comment.id);
    let location = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, location, Json(answer)).into_response())
}

type CommentName = Path<(String, String, String, String)>;

/// `PUT …/comments/{comment}`: only by who wrote it.
pub(crate) async fn change(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id, comment)): CommentName,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let (repository, found) = one(&world, &ask, (&workspace, &name, &id), &comment)?;
    let body = body::json(&body)?;
    let text = body.pointer("/content/raw").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| invalid("content", "This field is required."))?.to_owned();
    own(&ask, &found)?;
    alter(&world, found.id, |change| change.text = Some(text))?;
    Ok(Json(to_json(&world, &found, repository, &ask.base)))
}

/// `DELETE …/comments/{comment}`: a tombstone stays.
pub(crate) async fn delete(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id, comment)): CommentName,
) -> Result<StatusCode, Refusal> {
    let (_, found) = one(&world, &ask, (&workspace, &name, &id), &comment)?;
    own(&ask, &found)?;
    alter(&world, found.id, |change| change.deleted = true)?;
    world.answers.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// `POST …/comments/{comment}/resolve`: of the comment that a thread begins with.
pub(crate) async fn resolve(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id, comment)): CommentName,
) -> Result<Json<Value>, Refusal> {
    let (_, found) = one(&world, &ask, (&workspace, &name, &id), &comment)?;
    if found.parent.is_some() {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Only top-level comments can be resolved."));
    }
    if changed(&world, found.id).resolved.is_some() {
        return Err(Refusal::new(StatusCode::CONFLICT, "The comment is already resolved."));
    }
    let now = clock::now();
    alter(&world, found.id, |change| change.resolved = Some((ask.caller.name.clone(), now)))?;
    Ok(Json(resolution(&ask.base, &ask.caller.name, now)))
}

/// `DELETE …/comments/{comment}/resolve`
pub(crate) async fn reopen(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id, comment)): CommentName,
) -> Result<StatusCode, Refusal> {
    let (_, found) = one(&world, &ask, (&workspace, &name, &id), &comment)?;
    if changed(&world, found.id).resolved.is_none() {
        return Err(Refusal::not_found("The comment is not resolved."));
    }
    alter(&world, found.id, |change| change.resolved = None)?;
    Ok(StatusCode::NO_CONTENT)
}

fn one<'a>(
    world: &'a World,
    ask: &Ask,
    at: (&str, &str, &str),
    comment: &str,
) -> Result<(&'a Repository, Comment), Refusal> {
    let (repository, pull) = find(world, ask, at.0, at.1, at.2)?;
    let all = all(world, &repository.slug, pull.seed.id);
    let is_meant = |known: &Comment| known.id.to_string() == comment && !changed(world, known.id).deleted;
    let found = all.into_iter().find(is_meant);
    found.map(|found| (repository, found)).ok_or_else(|| Refusal::not_found(&format!("Comment {comment} not found")))
}

fn own(ask: &Ask, comment: &Comment) -> Result<(), Refusal> {
    if comment.author == ask.caller.name {
        return Ok(());
    }
    Err(Refusal::new(StatusCode::FORBIDDEN, "You can only change your own comments."))
}

fn changed(world: &World, comment: u64) -> CommentChange {
    world.read(|ledger| ledger.comment_changes.get(&comment).cloned().unwrap_or_default())
}

fn alter(world: &World, comment: u64, change: impl FnOnce(&mut CommentChange)) -> Result<(), Refusal> {
    world.change(|ledger| change(ledger.comment_changes.entry(comment).or_default()))?;
    Ok(())
}

fn resolution(base: &str, name: &str, at: u64) -> Value {
    json!({"type": "comment_resolution", "user": account(base, name), "created_on": clock::bitbucket_time(at)})
}

struct Draft {
    text: String,
    inline: Option<Value>,
    parent: Option<u64>,
}

fn validate(body: &Value, known: &[Comment]) -> Result<Draft, Refusal> {
    let text = body.pointer("/content/raw").and_then(Value::as_str);
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        let field = if body.get("content").is_some() { "content.raw" } else { "content" };
        return Err(invalid(field, "This field is required."));
    };
    // As on the live service, nobody checks that the line is part of the diff.
    let inline = body.get("inline").filter(|inline| !inline.is_null());
    if inline.is_some_and(|inline| inline.get("path").and_then(Value::as_str).is_none()) {
        return Err(invalid("inline.path", "This field is required."));
    }
    let parent = match body.get("parent").filter(|parent| !parent.is_null()) {
        None => None,
        Some(parent) => {
            let id = parent.get("id").and_then(Value::as_u64);
            let exists = |id: &u64| known.iter().any(|comment| comment.id == *id);
            Some(id.filter(exists).ok_or_else(|| invalid("parent", "No such comment."))?)
        }
    };
    Ok(Draft { text: text.to_owned(), inline: inline.map(place), parent })
}

/// Only what Bitbucket keeps of an `inline`.
fn place(inline: &Value) -> Value {
    let mut place = Map::new();
    for name in ["path", "from", "to", "start_from", "start_to"] {
        if let Some(value) = inline.get(name) {
            place.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(place)
}

fn invalid(field: &str, problem: &str) -> Refusal {
    let fields = json!({ field: [problem] });
    let error = json!({"message": "Bad request", "fields": fields});
    Refusal::with(StatusCode::BAD_REQUEST, error)
}

/// How many there are.
pub(crate) fn count(world: &World, repository: &str, pull_request: u64) -> usize {
    let seeds = pull_request_seeds::comments(repository, pull_request).len();
    let is_here = |comment: &&Comment| comment.repository == repository && comment.pull_request == pull_request;
    seeds + world.read(|ledger| ledger.comments.iter().filter(is_here).count())
}

fn all(world: &World, repository: &str, pull_request: u64) -> Vec<Comment> {
    let is_here = |comment: &&Comment| comment.repository == repository && comment.pull_request == pull_request;
    let mut all = pull_request_seeds::comments(repository, pull_request);
    all.extend(world.read(|ledger| {
        let added: Vec<Comment> = ledger.comments.iter().filter(is_here).cloned().collect();
        added
    }));
    all
}

/// All of them as JSON, oldest first.
pub(crate) fn all_json(world: &World, repository: &Repository, pull_request: u64, base: &str) -> Vec<Value> {
    let all = all(world, &repository.slug, pull_request);
    all.iter().map(|comment| to_json(world, comment, repository, base)).collect()
}

fn to_json(world: &World, comment: &Comment, repository: &Repository, base: &str) -> Value {
    let Comment { id, pull_request, .. } = comment;
    let CommentChange { text, deleted, resolved } = changed(world, *id);
    let text = if deleted { "" } else { text.as_deref().unwrap_or(&comment.text) };
    let pull = format!("{}/pullrequests/{pull_request}", repository.api_url(base));
    let html = format!("{}/pull-requests/{pull_request}", repository.html_url());
    let created = clock::bitbucket_time(comment.created);
    let mut answer = json!({
        "type": "pullrequest_comment",
        "id": id,
        "created_on": created,
        "updated_on": created,
        "content": rendered(text),
        "user": account(base, &comment.author),
        "deleted": deleted,
        "pending": false,
        "pullrequest": {
            "type": "pullrequest",
            "id": pull_request,
            "links": {"self": {"href": pull}, "html": {"href": html}},
        },
        "links": {
            "self": {"href": format!("{pull}/comments/{id}")},
            "html": {"href": format!("{html}/_/diff#comment-{id}")},
        },
    });
    if let Some(members) = answer.as_object_mut() {
        if let Some(inline) = &comment.inline {
            members.insert("inline".into(), inline.clone());
        }
        if let Some((name, at)) = resolved {
            members.insert("resolution".into(), resolution(base, &name, at));
        }
        if let Some(parent) = comment.parent {
            let href = format!("{pull}/comments/{parent}");
            let parent = json!({"id": parent, "links": {"self": {"href": href}}});
            members.insert("parent".into(), parent);
        }
    }
    answer
}
