//! What is above and below pages, and moving them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::library::{Library, Page};
use super::pages::{absent, list_page};
use super::v1_error;
use crate::request::Query;
use crate::world::World;

fn below<'l>(library: &'l Library, id: &str) -> impl Iterator<Item = &'l Page> {
    library.pages.iter().filter(move |page| page.parent.as_deref() == Some(id) && page.status == "current")
}

/// `GET /wiki/api/v2/pages/{id}/direct-children`
pub(crate) async fn children(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let library = world.library();
    let Some(parent) = library.page(&id) else { return absent() };
    let child = |page: &Page| {
        json!({
            "id": page.id,
            "status": page.status,
            "title": page.title,
            "type": "page",
            "spaceId": library.space_of(page).map(|space| space.id),
            "childPosition": null,
        })
    };
    list_page(&headers, &uri, below(&library, &parent.id).map(child).collect())
}

/// `GET /wiki/api/v2/pages/{id}/descendants?depth=`
pub(crate) async fn descendants(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let library = world.library();
    if library.page(&id).is_none() {
        return absent();
    }
    let deepest = Query::of(&uri).get("depth").and_then(|depth| depth.parse().ok()).unwrap_or(1);
    let mut found = Vec::new();
    push_below(&library, &id, 1, deepest, &mut found);
    list_page(&headers, &uri, found)
}

fn push_below(library: &Library, id: &str, depth: u32, deepest: u32, found: &mut Vec<Value>) {
    for page in below(library, id) {
        found.push(json!({
            "id": page.id,
            "status": page.status,
            "title": page.title,
            "type": "page",
            "parentId": page.parent,
            "depth": depth,
            "childPosition": null,
        }));
        if depth < deepest {
            push_below(library, &page.id, depth + 1, deepest, found);
        }
    }
}

/// `GET /wiki/api/v2/pages/{id}/ancestors`
pub(crate) async fn ancestors(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let library = world.library();
    let Some(page) = library.page(&id) else { return absent() };
    let mut above = Vec::new();
    let mut next = page.parent.as_deref().and_then(|parent| library.page(parent));
    while let Some(page) = next {
        above.insert(0, json!({"id": page.id, "type": "page"}));
        next = page.parent.as_deref().and_then(|parent| library.page(parent));
    }
    list_page(&headers, &uri, above)
}

/// v1: `PUT /wiki/rest/api/content/{id}/move/{position}/{target}`
pub(crate) async fn move_page(
    State(world): State<Arc<World>>,
    Path((id, position, target)): Path<(String, String, String)>,
) -> Response {
    let mut library = world.library();
    let Some(target) = library.page(&target).cloned() else {
        return v1_error(StatusCode::NOT_FOUND, "No target");
    };
    let parent = if position == "append" { Some(target.id) } else { target.parent };
    let Some(page) = library.page_mut(&id) else { return v1_error(StatusCode::NOT_FOUND, "No content") };
    page.parent = parent;
    page.space = target.space;
    Json(json!({"pageId": id})).into_response()
}
