//! v2: spaces and pages.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::library::{Library, Page, Space};
use super::v2_error;
use crate::accounts;
use crate::clock;
use crate::request::{Query, base_url};
use crate::world::World;

const SINGLE_FORMATS: [&str; 7] =
    ["storage", "atlas_doc_format", "view", "export_view", "anonymous_export_view", "styled_view", "editor"];
const LIST_FORMATS: [&str; 2] = ["storage", "atlas_doc_format"];

/// `GET /wiki/api/v2/spaces`
pub(crate) async fn spaces(State(world): State<Arc<World>>, headers: HeaderMap, uri: Uri) -> Response {
    let query = Query::of(&uri);
    let named = |name: &str, value: &str| {
        let mut choices = query.all(name).flat_map(|list| list.split(',')).peekable();
        choices.peek().is_none() || choices.any(|choice| choice == value)
    };
    let values = world
        .library()
        .spaces
        .iter()
        .filter(|space| named("keys", space.key) && named("ids", space.id))
        .map(space_json)
        .collect();
    list_page(&headers, &uri, values)
}

/// `GET /wiki/api/v2/spaces/{id}`
pub(crate) async fn space(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response {
    match world.library().space(&id) {
        Some(space) => Json(space_json(space)).into_response(),
        None => absent(),
    }
}

/// `GET /wiki/api/v2/spaces/{id}/pages`
pub(crate) async fn of_space(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let library = world.library();
    match library.space(&id) {
        Some(space) => pages_of(&library, &headers, &uri, Some(space)),
        None => absent(),
    }
}

/// `GET /wiki/api/v2/pages`
pub(crate) async fn list(State(world): State<Arc<World>>, headers: HeaderMap, uri: Uri) -> Response {
    pages_of(&world.library(), &headers, &uri, None)
}

fn pages_of(library: &Library, headers: &HeaderMap, uri: &Uri, space: Option<&Space>) -> Response {
    let query = Query::of(uri);
    let format = query.get("body-format");
    if format.is_some_and(|format| !LIST_FORMATS.contains(&format)) {
        return invalid("body-format");
    }
    let spaces: Vec<&str> = query.all("space-id").flat_map(|list| list.split(',')).collect();
    let values = library
        .pages
        .iter()
        .filter(|page| space.is_none_or(|space| space.key == page.space))
        .filter(|page| {
            let id = library.space_of(page).map(|space| space.id);
            spaces.is_empty() || id.is_some_and(|id| spaces.contains(&id))
        })
        .filter(|page| query.get("id").is_none() || query.all("id").any(|id| id == page.id))
        .filter(|page| match query.get("status") {
            Some(status) => {
                query.all("status").any(|wanted| wanted == page.status)
                    || status.split(',').any(|wanted| wanted == page.status)
            }
            None => page.status == "current",
        })
        .filter(|page| query.get("title").is_none_or(|title| title == page.title))
        .map(|page| page_json(library, page, format))
        .collect();
    list_page(headers, uri, values)
}

/// `GET /wiki/api/v2/pages/{id}`
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let query = Query::of(&uri);
    let format = query.get("body-format");
    if format.is_some_and(|format| !SINGLE_FORMATS.contains(&format)) {
        return invalid("body-format");
    }
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return invalid("id");
    }
    let library = world.library();
    let is_asked_for = |page: &&Page| {
        let mut statuses = query.all("status").peekable();
        statuses.peek().is_none() || statuses.any(|status| status == page.status)
    };
    let Some(page) = library.page(&id).filter(is_asked_for) else {
        return absent();
    };
    let older;
    let page = match query.get("version").map(str::parse::<u32>) {
        None => page,
        Some(Ok(number)) if number == page.version => page,
        Some(number) => {
            let kept = page.versions.iter().find(|version| number == Ok(version.number));
            let Some(version) = kept else { return absent() };
            older = Page {
                title: version.title.clone(),
                version: version.number,
                message: version.message.clone(),
                updated: version.at,
                body: version.body.clone(),
                ..page.clone()
            };
            &older
        }
    };
    let mut answer = page_json(&library, page, format);
    if let Some(links) = answer.pointer_mut("/_links").and_then(Value::as_object_mut) {
        links.insert("base".into(), json!(format!("{}/wiki", base_url(&headers))));
    }
    if query.get("include-labels") == Some("true") {
        let labels: Vec<Value> = (1..)
            .zip(&page.labels)
            .map(|(id, name): (u32, _)| json!({"id": id.to_string(), "name": name, "prefix": "global"}))
            .collect();
        let labels = json!({"results": labels, "meta": {"hasMore": false}, "_links": {}});
        if let Some(members) = answer.as_object_mut() {
            members.insert("labels".into(), labels);
        }
    }
    Json(answer).into_response()
}

pub(super) fn absent() -> Response {
    v2_error(StatusCode::NOT_FOUND, "NOT_FOUND", "Not Found")
}

pub(super) fn invalid(parameter: &str) -> Response {
    let title = format!("Provided value for '{parameter}' is invalid");
    v2_error(StatusCode::BAD_REQUEST, "INVALID_REQUEST_PARAMETER", &title)
}

pub(super) fn account_id(name: &str) -> Value {
    accounts::find(name).map_or(Value::Null, |person| json!(person.account_id()))
}

fn space_json(space: &Space) -> Value {
    json!({
        "id": space.id,
        "key": space.key,
        "name": space.name,
        "type": "global",
        "status": "current",
        "authorId": account_id("admin"),
        "spaceOwnerId": account_id("admin"),
        "currentActiveAlias": space.key,
        "createdAt": "2024-03-01T08:00:00.000Z",
        "homepageId": space.homepage,
        "description": null,
        "icon": null,
        "_links": {"webui": format!("/spaces/{}", space.key)},
    })
}

pub(super) fn page_json(library: &Library, page: &Page, format: Option<&str>) -> Value {
    let web = page.web_path();
    let mut body = Map::new();
    if let Some(format) = format {
        let value = page.body.as_format(format);
        let content = json!({"representation": format, "value": value});
        body.insert(format.to_owned(), content);
    }
    json!({
        "id": page.id,
        "status": page.status,
        "title": page.title,
        "spaceId": library.space_of(page).map(|space| space.id),
        "parentId": page.parent,
        "parentType": page.parent.as_ref().map(|_| "page"),
        "position": null,
        "authorId": account_id(page.author),
        "ownerId": account_id(page.author),
        "lastOwnerId": null,
        "createdAt": clock::confluence_time(page.created),
        "version": {
            "number": page.version,
            "message": page.message,
            "minorEdit": false,
            "authorId": account_id(page.author),
            "createdAt": clock::confluence_time(page.updated),
        },
        // Present and empty when no format is asked for.
        "body": body,
        "_links": {
            "webui": web,
            "editui": format!("/pages/resumedraft.action?draftId={}", page.id),
            "tinyui": format!("/x/{}", page.id),
        },
    })
}

/// A cursor that says nothing to whom it was given.
pub(super) fn cursor(start: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("start:{start}"))
}

/// Where a cursor points to, or none when it is not one of ours.
pub(super) fn start_of(cursor: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.strip_prefix("start:")?.parse().ok()
}

pub(super) fn list_page(headers: &HeaderMap, uri: &Uri, values: Vec<Value>) -> Response {
    let query = Query::of(uri);
    let limit = match query.get("limit").map(str::parse::<usize>) {
        None => 25,
        Some(Ok(limit @ 1..=250)) => limit,
        Some(_) => return invalid("limit"),
    };
    let start = match query.get("cursor").map(start_of) {
        None => 0,
        Some(Some(start)) => start,
        Some(None) => return invalid("cursor"),
    };
    let base = format!("{}/wiki", base_url(headers));
    let more = start + limit < values.len();
    let results: Vec<Value> = values.into_iter().skip(start).take(limit).collect();
    let mut links = Map::new();
    links.insert("base".into(), json!(base));
    let next = format!("{}?{}", uri.path(), query.with("cursor", &cursor(start + limit)));
    if more {
        links.insert("next".into(), json!(next));
    }
    let body = Json(json!({"results": results, "_links": links}));
    if more {
        let link = format!("<{next}>; rel=\"next\", <{base}>; rel=\"base\"");
        return ([(header::LINK, link)], body).into_response();
    }
    body.into_response()
}
