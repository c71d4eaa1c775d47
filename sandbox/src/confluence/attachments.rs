//! Attachments: v2 for what there is, v1 for their contents.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::pages::{absent, account_id, list_page};
use super::v1_error;
use crate::clock;
use crate::request::Query;
use crate::world::World;

/// A file of a page.
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    id: String,
    page: String,
    name: String,
    comment: String,
    status: &'static str,
    at: u64,
    contents: String,
}

impl Attachment {
    fn to_json(&self) -> Value {
        let download = format!("/download/attachments/{}/{}", self.page, self.id);
        json!({
            "id": self.id,
            "status": self.status,
            "title": self.name,
            "createdAt": clock::confluence_time(self.at),
            "pageId": self.page,
            "mediaType": "text/plain",
            "comment": self.comment,
            "fileSize": self.contents.len(),
            "webuiLink": format!("/pages/viewpageattachments.action?pageId={}", self.page),
            "downloadLink": download,
            "version": {
                "number": 1,
                "authorId": account_id("developer"),
                "createdAt": clock::confluence_time(self.at),
            },
        })
    }
}

/// `GET /wiki/api/v2/pages/{id}/attachments?filename=`
pub(crate) async fn of_page(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let query = Query::of(&uri);
    let library = world.library();
    if library.page(&id).is_none() {
        return absent();
    }
    let is_listed = |attachment: &&Attachment| {
        attachment.page == id
            && attachment.status == "current"
            && query.get("filename").is_none_or(|name| name == attachment.name)
    };
    list_page(&headers, &uri, library.attachments.iter().filter(is_listed).map(Attachment::to_json).collect())
}

/// `GET /wiki/api/v2/attachments/{id}`
pub(crate) async fn show(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response {
    match world.library().attachments.iter().find(|attachment| attachment.id == id) {
        Some(attachment) => Json(attachment.to_json()).into_response(),
        None => absent(),
    }
}

/// `DELETE /wiki/api/v2/attachments/{id}`
pub(crate) async fn delete(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response {
    match world.library().attachments.iter_mut().find(|attachment| attachment.id == id) {
        Some(attachment) => attachment.status = "trashed",
        None => return absent(),
    }
    StatusCode::NO_CONTENT.into_response()
}

/// v1: `POST /wiki/rest/api/content/{id}/child/attachment`
pub(crate) async fn upload(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let of_header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !matches!(of_header("x-atlassian-token"), "nocheck" | "no-check") {
        return v1_error(StatusCode::FORBIDDEN, "XSRF check failed");
    }
    let boundary = of_header("content-type").split_once("boundary=").map(|(_, boundary)| format!("--{boundary}"));
    let text = String::from_utf8_lossy(&body);
    let parts = parts(&text, boundary.as_deref().unwrap_or("\u{0}"));
    let value = |name: &str| parts.iter().find(|part| part.name == name).map(|part| part.value.to_owned());
    let Some(file) = parts.iter().find(|part| part.name == "file") else {
        return v1_error(StatusCode::BAD_REQUEST, "At least one file is required");
    };
    let mut library = world.library();
    if library.page(&id).is_none() {
        return v1_error(StatusCode::NOT_FOUND, "No content");
    }
    let attachment = Attachment {
        id: format!("att{}", library.new_id()),
        page: id,
        name: file.file_name.to_owned(),
        comment: value("comment").unwrap_or_default(),
        status: "current",
        at: clock::now(),
        contents: file.value.to_owned(),
    };
    let added = json!({"id": attachment.id, "type": "attachment", "title": attachment.name, "version": {"number": 1}});
    library.attachments.push(attachment);
    Json(json!({"results": [added], "start": 0, "limit": 50, "size": 1, "_links": {}})).into_response()
}

/// A part of a form with files.
struct Part<'t> {
    name: &'t str,
    file_name: &'t str,
    value: &'t str,
}

fn parts<'t>(text: &'t str, boundary: &str) -> Vec<Part<'t>> {
    let part = |part: &'t str| {
        let (head, value) = part.split_once("\r\n\r\n")?;
        let quoted = |name: &str| {
            let (_, after) = head.split_once(&format!("{name}=\""))?;
            after.split('"').next()
        };
        let value = value.strip_suffix("\r\n").unwrap_or(value);
        Some(Part { name: quoted(" name")?, file_name: quoted("filename").unwrap_or_default(), value })
    };
    text.split(boundary).filter_map(part).collect()
}

/// v1: `GET /wiki/rest/api/content/{id}/child/attachment/{attachment}/download`
pub(crate) async fn download(State(world): State<Arc<World>>, Path((page, id)): Path<(String, String)>) -> Response {
    let library = world.library();
    let found = library.attachments.iter().find(|attachment| attachment.id == id && attachment.page == page);
    match found {
        Some(found) => ([(header::CONTENT_TYPE, "text/plain")], found.contents.clone()).into_response(),
        None => v1_error(StatusCode::NOT_FOUND, "No attachment"),
    }
}
