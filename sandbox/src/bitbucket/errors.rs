//! How Bitbucket says no: a JSON error, or an HTML page that no caller must ever see.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::access::Ask;
use crate::accounts::Person;
use crate::identifier;
use crate::request::escape;
use crate::samples::NoRoute;

/// An answer that is not what was asked for.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Response>);

impl Refusal {
    /// `{"type": "error", "error": {"message": …}}`
    pub(crate) fn new(status: StatusCode, message: &str) -> Self {
        Self::with(status, json!({ "message": message }))
    }

    pub(crate) fn with(status: StatusCode, error: Value) -> Self {
        let body = json!({"type": "error", "error": error});
        Self(Box::new((status, Json(body)).into_response()))
    }

    pub(crate) fn bad_request(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// The page of the web application, which greets the caller by name and carries a token of
    /// their web session.
    pub(crate) fn page(caller: &Person) -> Self {
        let body = not_found_page(Some(caller));
        Self(Box::new((StatusCode::NOT_FOUND, Html(body)).into_response()))
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers_mut().insert(name, value);
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, &format!("the sandbox itself failed: {error:#}"))
    }
}

/// What every address answers that is not an endpoint.
pub(crate) async fn page_not_found(ask: Result<Ask, Refusal>) -> Response {
    let page = match ask {
        Ok(ask) => Refusal::page(&ask.caller).into_response(),
        Err(_) => (StatusCode::NOT_FOUND, Html(not_found_page(None))).into_response(),
    };
    (Extension(NoRoute), page).into_response()
}

/// The cross-workspace reads that Atlassian removed in April 2026.
pub(crate) async fn gone() -> Refusal {
    Refusal::with(
        StatusCode::GONE,
        json!({
            "message": "This API has been removed.",
            "detail": "CHANGE-2770: cross-workspace APIs are no longer available. See https://developer.atlassian.com/cloud/bitbucket/changelog/#CHANGE-2770",
        }),
    )
    .header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

/// The 404 page; the profile and the token in it are there so that a test can prove they go nowhere.
pub(crate) fn not_found_page(caller: Option<&Person>) -> String {
    let profile = caller.map_or(Value::Null, |person| {
        json!({
            "displayName": person.display_name,
            "uuid": person.uuid(),
            "accountId": person.account_id(),
            "email": format!("{}@acme.example", person.name),
            "apiToken": format!("ATWEB-{}", identifier::uuid("web token", &person.name)),
        })
    });
    let profile = escape(&profile.to_string());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <title>404 - Bitbucket</title>\
         <meta id=\"bb-bootstrap\" data-current-user=\"{profile}\"></head>\
         <body><h1>Oops, you've found a dead link.</h1>\
         <p>Use the links at the top to get back.</p></body></html>\n"
    )
}
