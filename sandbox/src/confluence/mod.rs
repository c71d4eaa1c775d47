//! Confluence Cloud under `/wiki`: v2 for spaces and pages, v1 for search.

mod cql;
mod document;
pub(crate) mod library;
mod page_texts;
mod pages;
mod search;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::request::basic_credential;
use crate::world::World;

/// Every endpoint there is.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/wiki/api/v2/spaces", get(pages::spaces))
        .route("/wiki/api/v2/spaces/{id}", get(pages::space))
        .route("/wiki/api/v2/spaces/{id}/pages", get(pages::of_space))
        .route("/wiki/api/v2/pages", get(pages::list))
        .route("/wiki/api/v2/pages/{id}", get(pages::show))
        .route("/wiki/rest/api/search", get(search::search))
        .route("/wiki/{*rest}", get(not_found))
}

async fn not_found() -> Response {
    v2_error(StatusCode::NOT_FOUND, "NOT_FOUND", "Not Found")
}

/// Lets a request under `/wiki` pass when it carries the site's Basic credential.
pub(crate) async fn guard(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path != "/wiki" && !path.starts_with("/wiki/") {
        return next.run(request).await;
    }
    let settings = world.settings();
    let known = (settings.confluence_email, settings.confluence_token);
    if basic_credential(request.headers()) == Some(known) {
        return next.run(request).await;
    }
    let mut response = if path.starts_with("/wiki/api/v2/") {
        v2_error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Unauthorized")
    } else {
        let message = "Client must be authenticated to access this resource.";
        let body = json!({"message": message, "status-code": 401});
        (StatusCode::UNAUTHORIZED, Json(body)).into_response()
    };
    let challenge = HeaderValue::from_static("Basic realm=\"Confluence\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

/// `{"errors": [{"status": …, "code": …, "title": …, "detail": null}]}`
fn v2_error(status: StatusCode, code: &str, title: &str) -> Response {
    let error = json!({"status": status.as_u16(), "code": code, "title": title, "detail": null});
    (status, Json(json!({ "errors": [error] }))).into_response()
}

/// `{"statusCode": …, "data": …, "message": …}`
fn v1_error(status: StatusCode, message: &str) -> Response {
    let data = json!({"authorized": true, "valid": false, "errors": [], "successful": false});
    let body = json!({
        "statusCode": status.as_u16(),
        "data": data,
        "message": format!("com.atlassian.confluence.api.service.exceptions.BadRequestException: {message}"),
    });
    (status, Json(body)).into_response()
}
