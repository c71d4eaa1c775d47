//! Confluence Cloud under `/wiki`: v2 for what it has, v1 for the rest.

mod attachments;
mod comments;
mod cql;
mod document;
pub(crate) mod library;
mod page_texts;
mod page_tree;
mod page_writes;
mod pages;
mod people;
mod reading;
mod search;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Extension, Json, Router};
use serde_json::json;

use crate::request::basic_credential;
use crate::samples::NoRoute;
use crate::world::World;

/// Every endpoint there is.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/wiki/spaces/{space}/pages/{id}", get(reading::show))
        .route("/wiki/spaces/{space}/pages/{id}/{title}", get(reading::show_titled))
        .route("/wiki/api/v2/spaces", get(pages::spaces))
        .route("/wiki/api/v2/spaces/{id}", get(pages::space))
        .route("/wiki/api/v2/spaces/{id}/pages", get(pages::of_space))
        .route("/wiki/api/v2/pages", get(pages::list).post(page_writes::create))
        .route("/wiki/api/v2/pages/{id}", get(pages::show).put(page_writes::update).delete(page_writes::delete))
        .route("/wiki/api/v2/pages/{id}/title", put(page_writes::rename))
        .route("/wiki/api/v2/pages/{id}/versions", get(page_writes::versions))
        .route("/wiki/api/v2/pages/{id}/labels", get(page_writes::labels))
        .route("/wiki/api/v2/pages/{id}/direct-children", get(page_tree::children))
        .route("/wiki/api/v2/pages/{id}/descendants", get(page_tree::descendants))
        .route("/wiki/api/v2/pages/{id}/ancestors", get(page_tree::ancestors))
        .route("/wiki/api/v2/pages/{id}/attachments", get(attachments::of_page))
        .route("/wiki/api/v2/pages/{id}/{comments}", get(comments::of_page))
        .route("/wiki/api/v2/attachments/{id}", get(attachments::show).delete(attachments::delete))
        .route("/wiki/api/v2/footer-comments", post(comments::create_footer))
        .route("/wiki/api/v2/inline-comments", post(comments::create_inline))
        .route(
            "/wiki/api/v2/footer-comments/{id}",
            get(comments::footer).put(comments::update_footer).delete(comments::delete),
        )
        .route(
            "/wiki/api/v2/inline-comments/{id}",
            get(comments::inline).put(comments::update_inline).delete(comments::delete),
        )
        .route("/wiki/api/v2/{comments}/{id}/children", get(comments::replies))
        .route("/wiki/api/v2/users-bulk", post(people::bulk))
        .route("/wiki/rest/api/search", get(search::search))
        .route("/wiki/rest/api/user/current", get(people::current))
        .route("/wiki/rest/api/content/{id}/label", post(page_writes::add_labels).delete(page_writes::remove_label))
        .route("/wiki/rest/api/content/{id}/version", post(page_writes::restore_version))
        .route("/wiki/rest/api/content/{id}/move/{position}/{target}", put(page_tree::move_page))
        .route("/wiki/rest/api/content/{id}/child/attachment", post(attachments::upload))
        .route("/wiki/rest/api/content/{id}/child/attachment/{attachment}/download", get(attachments::download))
        .route("/wiki/{*rest}", get(not_found))
}

async fn not_found() -> Response {
    (Extension(NoRoute), v2_error(StatusCode::NOT_FOUND, "NOT_FOUND", "Not Found")).into_response()
}

/// Lets a request under `/wiki` pass when it carries the site's Basic credential.
pub(crate) async fn guard(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // What people open has no credential here: there is nothing to keep.
    if path != "/wiki" && !path.starts_with("/wiki/") || path.starts_with("/wiki/spaces/") {
        return next.run(request).await;
    }
    let settings = world.settings();
    let is_known = |(email, token): (String, String)| {
        email == settings.confluence_email
            && (token == settings.confluence_token || settings.shared_tokens.contains(&token))
    };
    if basic_credential(request.headers()).is_some_and(is_known) {
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
