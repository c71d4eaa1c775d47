//! Creating, changing and deleting pages, their versions and labels.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::library::{Body, Page};
use super::pages::{absent, account_id, invalid, list_page, page_json};
use super::{v1_error, v2_error};
use crate::clock;
use crate::request::Query;
use crate::world::World;

fn text<'j>(body: &'j Value, path: &str) -> Option<&'j str> {
    body.pointer(path).and_then(Value::as_str)
}

fn body_of(body: &Value) -> Body {
    Body::Storage(text(body, "/body/value").unwrap_or_default().to_owned())
}

fn conflict(title: &str) -> Response {
    v2_error(StatusCode::CONFLICT, "CONFLICT", title)
}

/// `POST /wiki/api/v2/pages`
pub(crate) async fn create(State(world): State<Arc<World>>, Json(body): Json<Value>) -> Response {
    let mut library = world.library();
    let Some(space) = text(&body, "/spaceId").and_then(|id| library.space(id)).cloned() else {
        return invalid("spaceId");
    };
    let Some(title) = text(&body, "/title").filter(|title| !title.is_empty()) else { return invalid("title") };
    let is_taken = |page: &Page| page.space == space.key && page.title == title && page.status == "current";
    if library.pages.iter().any(is_taken) {
        return v2_error(StatusCode::BAD_REQUEST, "BAD_REQUEST", "A page with this title already exists in the space");
    }
    let parent = text(&body, "/parentId").unwrap_or(space.homepage).to_owned();
    if library.page(&parent).is_none() {
        return invalid("parentId");
    }
    let now = clock::now();
    let page = Page {
        id: library.new_id(),
        space: space.key,
        parent: Some(parent),
        title: title.to_owned(),
        author: "developer",
        status: if text(&body, "/status") == Some("draft") { "draft" } else { "current" },
        version: 1,
        message: String::new(),
        created: now,
        updated: now,
        labels: Vec::new(),
        body: body_of(&body),
        versions: Vec::new(),
    };
    let answer = page_json(&library, &page, None);
    library.pages.push(page);
    Json(answer).into_response()
}

/// `PUT /wiki/api/v2/pages/{id}`: a new version of a page, or the old one of a page in the trash.
pub(crate) async fn update(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let mut library = world.library();
    let Some(page) = library.page_mut(&id) else { return absent() };
    let number = body.pointer("/version/number").and_then(Value::as_u64);
    let next = if page.status == "draft" { page.version } else { page.version + 1 };
    if number != Some(u64::from(next)) {
        return conflict("Version must be incremented when updating a page");
    }
    let Some(title) = text(&body, "/title").map(str::to_owned) else { return invalid("title") };
    match page.status {
        "trashed" => {}
        "draft" => {
            page.title = title;
            page.body = body_of(&body);
        }
        _ => {
            page.begin_version(text(&body, "/version/message").unwrap_or_default());
            page.title = title;
            page.body = body_of(&body);
        }
    }
    page.status = "current";
    let page = page.clone();
    Json(page_json(&library, &page, None)).into_response()
}

/// `PUT /wiki/api/v2/pages/{id}/title`
pub(crate) async fn rename(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let mut library = world.library();
    let Some(page) = library.page_mut(&id) else { return absent() };
    let Some(title) = text(&body, "/title") else { return invalid("title") };
    page.begin_version("");
    title.clone_into(&mut page.title);
    let page = page.clone();
    Json(page_json(&library, &page, None)).into_response()
}

/// `DELETE /wiki/api/v2/pages/{id}`: to the trash, and from there for good with `purge`.
pub(crate) async fn delete(State(world): State<Arc<World>>, Path(id): Path<String>, uri: Uri) -> Response {
    let query = Query::of(&uri);
    let mut library = world.library();
    let Some(page) = library.page_mut(&id) else { return absent() };
    let is_draft = query.get("draft") == Some("true");
    match (page.status, query.get("purge") == Some("true")) {
        ("trashed", true) => library.pages.retain(|page| page.id != id),
        ("draft", false) if is_draft => library.pages.retain(|page| page.id != id),
        ("current", false) if !is_draft => page.status = "trashed",
        _ => return absent(),
    }
    StatusCode::NO_CONTENT.into_response()
}

/// `GET /wiki/api/v2/pages/{id}/versions`
pub(crate) async fn versions(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let library = world.library();
    let Some(page) = library.page(&id) else { return absent() };
    let version = |number: u32, message: &str, at: u64| {
        json!({
            "number": number,
            "message": message,
            "minorEdit": false,
            "authorId": account_id(page.author),
            "createdAt": clock::confluence_time(at),
        })
    };
    let present = version(page.version, &page.message, page.updated);
    let earlier = page.versions.iter().rev().map(|kept| version(kept.number, &kept.message, kept.at));
    list_page(&headers, &uri, std::iter::once(present).chain(earlier).collect())
}

/// v1: `POST /wiki/rest/api/content/{id}/version`
pub(crate) async fn restore_version(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let mut library = world.library();
    let Some(page) = library.page_mut(&id) else { return v1_error(StatusCode::NOT_FOUND, "No content") };
    let number = body.pointer("/params/versionNumber").and_then(Value::as_u64);
    let kept = page.versions.iter().find(|version| Some(u64::from(version.number)) == number).cloned();
    let Some(kept) = kept else { return v1_error(StatusCode::NOT_FOUND, "No such version") };
    page.begin_version(text(&body, "/params/message").unwrap_or_default());
    page.body = kept.body;
    Json(json!({"number": page.version, "message": page.message, "minorEdit": false})).into_response()
}

fn labels_json(page: &Page) -> Vec<Value> {
    let labels = (1_u32..).zip(&page.labels);
    labels.map(|(id, name)| json!({"id": id.to_string(), "name": name, "prefix": "global"})).collect()
}

/// `GET /wiki/api/v2/pages/{id}/labels`
pub(crate) async fn labels(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    match world.library().page(&id) {
        Some(page) => list_page(&headers, &uri, labels_json(page)),
        None => absent(),
    }
}

/// v1: `POST /wiki/rest/api/content/{id}/label`
pub(crate) async fn add_labels(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let mut library = world.library();
    let Some(page) = library.page_mut(&id) else { return v1_error(StatusCode::NOT_FOUND, "No content") };
    for name in body.as_array().into_iter().flatten().filter_map(|label| text(label, "/name")) {
        if !page.labels.iter().any(|label| label == name) {
            page.labels.push(name.to_owned());
        }
    }
    let labels = labels_json(page);
    Json(json!({"results": labels, "start": 0, "limit": 200, "size": labels.len(), "_links": {}})).into_response()
}

/// v1: `DELETE /wiki/rest/api/content/{id}/label?name=`
pub(crate) async fn remove_label(State(world): State<Arc<World>>, Path(id): Path<String>, uri: Uri) -> Response {
    let query = Query::of(&uri);
    let mut library = world.library();
    let Some(page) = library.page_mut(&id) else { return v1_error(StatusCode::NOT_FOUND, "No content") };
    let before = page.labels.len();
    page.labels.retain(|label| query.get("name") != Some(label));
    if page.labels.len() == before {
        return v1_error(StatusCode::NOT_FOUND, "No such label");
    }
    StatusCode::NO_CONTENT.into_response()
}
