//! Who calls `/2.0`, and whether the token's scopes are enough: once, before any handler.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::errors::Refusal;
use super::scopes;
use crate::accounts::{self, Person};
use crate::clock;
use crate::request::{Query, base_url, bearer_token, own_url};
use crate::world::World;

/// A request by a known person, as handlers see it.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) caller: Person,
    pub(crate) query: Query,
    /// `http://host`
    pub(crate) base: String,
    /// The URL that was asked, without its query.
    pub(crate) url: String,
    /// The URL with its query, exactly as it was asked.
    pub(crate) address: String,
}

#[derive(Clone)]
struct Caller(Person);

impl<S: Sync> FromRequestParts<S> for Ask {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Some(Caller(caller)) = parts.extensions.get::<Caller>().cloned() else {
            return Err(not_valid());
        };
        Ok(Self {
            caller,
            query: Query::of(&parts.uri),
            base: base_url(&parts.headers),
            url: own_url(parts),
            address: format!("{}{}", base_url(&parts.headers), parts.uri),
        })
    }
}

/// Lets a request under `/2.0` pass when its token is good for it.
pub(crate) async fn guard(State(world): State<Arc<World>>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path != "/2.0" && !path.starts_with("/2.0/") {
        return next.run(request).await;
    }
    let needed = scopes::required(request.method(), path);
    let (caller, granted) = match authenticate(&world, &request) {
        Ok(known) => known,
        Err(refusal) => return refusal.into_response(),
    };
    let missing = needed.filter(|scope| !scopes::cover(&granted, scope));
    let mut response = if let Some(scope) = missing {
        lacks_scope(scope, &granted).into_response()
    } else {
        request.extensions_mut().insert(Caller(caller));
        next.run(request).await
    };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&granted.join(", ")) {
        headers.insert("x-oauth-scopes", value);
    }
    let accepted = HeaderValue::from_static(needed.unwrap_or_default());
    headers.insert("x-accepted-oauth-scopes", accepted);
    headers.insert("x-credential-type", HeaderValue::from_static("oauth2"));
    response
}

fn authenticate(world: &World, request: &Request) -> Result<(Person, Vec<String>), Refusal> {
    // Only the header counts: `access_token` in the query or the body is no longer an option.
    let token = bearer_token(request.headers()).ok_or_else(not_valid)?;
    if world.settings().shared_tokens.iter().any(|shared| shared == token) {
        return of_workspace(request.uri().path());
    }
    let known = world.read(|ledger| ledger.access_tokens.get(token).cloned());
    let known = known.ok_or_else(not_valid)?;
    if known.expires_at <= clock::now() {
        return Err(unauthorized("Access token expired. Use your refresh token to obtain a new access token."));
    }
    let person = accounts::find(&known.account).ok_or_else(not_valid)?;
    Ok((person, known.scopes))
}

/// An access token of the workspace acts as somebody whom nobody can ask for.
fn of_workspace(path: &str) -> Result<(Person, Vec<String>), Refusal> {
    if path == "/2.0/user" {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "This API is only accessible with the following authentication types",
        ));
    }
    let person = accounts::find("test-workspace-token").ok_or_else(not_valid)?;
    let scopes = ["account", "repository", "pullrequest", "repository:write", "pullrequest:write"];
    Ok((person, scopes.map(str::to_owned).to_vec()))
}

fn not_valid() -> Refusal {
    unauthorized("Token is invalid, expired, or not supported for this endpoint.")
}

fn unauthorized(message: &str) -> Refusal {
    let challenge = HeaderValue::from_static("OAuth realm=\"Bitbucket.org HTTP\"");
    Refusal::new(StatusCode::UNAUTHORIZED, message).header(header::WWW_AUTHENTICATE, challenge)
}

fn lacks_scope(needed: &str, granted: &[String]) -> Refusal {
    Refusal::with(
        StatusCode::FORBIDDEN,
        json!({
            "message": "Your credentials lack one or more required privilege scopes.",
            "detail": {"required": [needed], "granted": granted},
        }),
    )
}
