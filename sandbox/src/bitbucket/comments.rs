//! Comments on a pull request.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::access::Ask;
use super::errors::Refusal;
use super::fields;
use super::page::{Paging, page};
use super::people::account;
use super::pull_request_seeds;
use super::pull_requests::{find, rendered};
use super::repository::Repository;
use crate::clock;
use crate::ledger::Comment;
use crate::world::World;

/// `GET …/comments`
pub(crate) async fn list(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let values = all(&world, &repository.slug, pull.seed.id)
        .iter()
        .map(|comment| to_json(comment, repository, &ask.base))
        .collect();
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
    let answer = to_json(found, repository, &ask.base);
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
    let body: Value = serde_json::from_slice(&body).map_err(|_| Refusal::bad_request("Bad request"))?;
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
    let answer = to_json(&comment, repository, &ask.base);
    let location = format!("{}/{}", ask.url, comment.id);
    let location = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, location, Json(answer)).into_response())
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

fn to_json(comment: &Comment, repository: &Repository, base: &str) -> Value {
    let Comment { id, pull_request, .. } = comment;
    let pull = format!("{}/pullrequests/{pull_request}", repository.api_url(base));
    let html = format!("{}/pull-requests/{pull_request}", repository.html_url());
    let created = clock::bitbucket_time(comment.created);
    let mut answer = json!({
        "type": "pullrequest_comment",
        "id": id,
        "created_on": created,
        "updated_on": created,
        "content": rendered(&comment.text),
        "user": account(base, &comment.author),
        "deleted": false,
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
        if let Some(parent) = comment.parent {
            let href = format!("{pull}/comments/{parent}");
            let parent = json!({"id": parent, "links": {"self": {"href": href}}});
            members.insert("parent".into(), parent);
        }
    }
    answer
}
