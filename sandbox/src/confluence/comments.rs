//! v2: comments below pages and on passages of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::library::Library;
use super::pages::{absent, account_id, invalid, list_page};
use super::v2_error;
use crate::clock;
use crate::request::Query;
use crate::world::World;

/// A comment, or a reply to one.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    id: String,
    page: String,
    parent: Option<String>,
    /// The passage that it is on.
    passage: Option<String>,
    is_inline: bool,
    state: &'static str,
    version: u32,
    at: u64,
    storage: String,
}

impl Comment {
    fn to_json(&self, query: &Query) -> Value {
        let mut answer = json!({
            "id": self.id,
            "status": "current",
            "title": "Re:",
            "version": {
                "number": self.version,
                "message": "",
                "minorEdit": false,
                "authorId": account_id("developer"),
                "createdAt": clock::confluence_time(self.at),
            },
            "body": {},
            "_links": {"webui": format!("/pages/viewpage.action?pageId={}&focusedCommentId={}", self.page, self.id)},
        });
        let mut members = Map::new();
        // A reply names the comment that it answers, and no page.
        match &self.parent {
            Some(parent) => members.insert("parentCommentId".into(), json!(parent)),
            None => members.insert("pageId".into(), json!(self.page)),
        };
        if self.is_inline {
            members.insert("resolutionStatus".into(), json!(self.state));
            members.insert("properties".into(), json!({"inlineOriginalSelection": self.passage}));
        }
        if let Some(format) = query.get("body-format") {
            members.insert("body".into(), json!({format: {"representation": format, "value": self.storage}}));
        }
        if let Some(answer) = answer.as_object_mut() {
            answer.extend(members);
        }
        answer
    }
}

/// `GET /wiki/api/v2/pages/{id}/footer-comments`, and `…/inline-comments`
pub(crate) async fn of_page(
    State(world): State<Arc<World>>,
    Path((id, kind)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let query = Query::of(&uri);
    let library = world.library();
    let is_inline = match kind.as_str() {
        "footer-comments" => false,
        "inline-comments" => true,
        _ => return absent(),
    };
    if library.page(&id).is_none() {
        return absent();
    }
    let is_listed = |comment: &&Comment| {
        comment.page == id
            && comment.is_inline == is_inline
            && comment.parent.is_none()
            && query.get("resolution-status").is_none_or(|state| state == comment.state)
    };
    let listed = library.comments.iter().filter(is_listed).map(|comment| comment.to_json(&query)).collect();
    list_page(&headers, &uri, listed)
}

/// `GET /wiki/api/v2/footer-comments/{id}/children`, and of inline comments
pub(crate) async fn replies(
    State(world): State<Arc<World>>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let query = Query::of(&uri);
    let library = world.library();
    if find(&library, &id, kind == "inline-comments").is_none() {
        return absent();
    }
    let below = library.comments.iter().filter(|comment| comment.parent.as_deref() == Some(&id));
    list_page(&headers, &uri, below.map(|comment| comment.to_json(&query)).collect())
}

fn find<'l>(library: &'l Library, id: &str, is_inline: bool) -> Option<&'l Comment> {
    library.comments.iter().find(|comment| comment.id == id && comment.is_inline == is_inline)
}

fn show(world: &World, id: &str, uri: &Uri, is_inline: bool) -> Response {
    match find(&world.library(), id, is_inline) {
        Some(comment) => Json(comment.to_json(&Query::of(uri))).into_response(),
        None => absent(),
    }
}

pub(crate) async fn footer(State(world): State<Arc<World>>, Path(id): Path<String>, uri: Uri) -> Response {
    show(&world, &id, &uri, false)
}

pub(crate) async fn inline(State(world): State<Arc<World>>, Path(id): Path<String>, uri: Uri) -> Response {
    show(&world, &id, &uri, true)
}

fn create(world: &World, body: &Value, is_inline: bool) -> Response {
    let text = |path: &str| body.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let mut library = world.library();
    let parent = text("/parentCommentId");
    let page = match &parent {
        Some(parent) => find(&library, parent, is_inline).map(|comment| comment.page.clone()),
        None => text("/pageId").filter(|page| library.page(page).is_some()),
    };
    let Some(page) = page else { return absent() };
    let passage = text("/inlineCommentProperties/textSelection");
    let number = |name: &str| body.pointer(&format!("/inlineCommentProperties/{name}")).and_then(Value::as_u64);
    let counts = (number("textSelectionMatchCount"), number("textSelectionMatchIndex"));
    let is_on_passage = passage.is_some() && matches!(counts, (Some(count), Some(index)) if index < count);
    if is_inline && parent.is_none() && !is_on_passage {
        return invalid("inlineCommentProperties");
    }
    let comment = Comment {
        id: library.new_id(),
        page,
        parent,
        passage,
        is_inline,
        state: "open",
        version: 1,
        at: clock::now(),
        storage: text("/body/value").unwrap_or_default(),
    };
    let answer = comment.to_json(&Query::default());
    library.comments.push(comment);
    (StatusCode::CREATED, Json(answer)).into_response()
}

pub(crate) async fn create_footer(State(world): State<Arc<World>>, Json(body): Json<Value>) -> Response {
    create(&world, &body, false)
}

pub(crate) async fn create_inline(State(world): State<Arc<World>>, Json(body): Json<Value>) -> Response {
    create(&world, &body, true)
}

fn update(world: &World, id: &str, body: &Value, is_inline: bool) -> Response {
    let mut library = world.library();
    let mut comments = library.comments.iter_mut();
    let Some(comment) = comments.find(|comment| comment.id == id && comment.is_inline == is_inline) else {
        return absent();
    };
    if body.pointer("/version/number").and_then(Value::as_u64) != Some(u64::from(comment.version + 1)) {
        return v2_error(StatusCode::CONFLICT, "CONFLICT", "Version must be incremented when updating a comment");
    }
    comment.version += 1;
    if let Some(storage) = body.pointer("/body/value").and_then(Value::as_str) {
        storage.clone_into(&mut comment.storage);
    }
    match body.get("resolved").and_then(Value::as_bool) {
        Some(true) => comment.state = "resolved",
        Some(false) if comment.state == "resolved" => comment.state = "reopened",
        _ => {}
    }
    Json(comment.to_json(&Query::default())).into_response()
}

pub(crate) async fn update_footer(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    update(&world, &id, &body, false)
}

pub(crate) async fn update_inline(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    update(&world, &id, &body, true)
}

/// Whatever answers it goes with it.
pub(crate) async fn delete(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response {
    let mut library = world.library();
    let before = library.comments.len();
    library.comments.retain(|comment| comment.id != id && comment.parent.as_deref() != Some(&id));
    if library.comments.len() == before { absent() } else { StatusCode::NO_CONTENT.into_response() }
}
