//! `GET /oauth/token/accessible-resources` and `GET /me`: which sites a token is for, and whose it is; and which id a site
//! has.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::accounts::{self, Person};
use crate::clock;
use crate::ledger::Consent;
use crate::request::{base_url, basic_credential, bearer_token};
use crate::world::World;

/// The site of the sandbox itself.
pub(crate) const MAIN: &str = "11111111-1111-4111-8111-111111111111";
/// One whose pages have `(eu)` in their titles; people open it at `localhost`.
pub(crate) const EUROPE: &str = "22222222-2222-4222-8222-222222222222";
/// One of somebody else's organisation.
pub(crate) const ELSEWHERE: &str = "33333333-3333-4333-8333-333333333333";

/// Whose token a request carries, and what they granted; none where it is worth nothing.
pub(super) fn authenticate(world: &World, headers: &HeaderMap) -> Option<(Person, Consent)> {
    let token = bearer_token(headers).filter(|token| token.starts_with(super::token::ACCESS))?;
    let (known, consent) = world.read(|ledger| {
        let known = ledger.access_tokens.get(token).cloned()?;
        let consent = ledger.consents.get(&known.account).cloned()?;
        Some((known, consent))
    })?;
    let person = accounts::find(&known.account)?;
    (known.expires_at > clock::now()).then_some((person, consent))
}

/// `GET /_edge/tenant_info`: what a site tells everybody.
pub(crate) async fn tenant_info() -> Json<Value> {
    Json(json!({"cloudId": MAIN}))
}

/// Whether a request carries an API token with scopes.
pub(super) fn has_scoped_token(world: &World, headers: &HeaderMap) -> bool {
    let settings = world.settings();
    basic_credential(headers)
        .is_some_and(|(email, token)| email == settings.confluence_email && settings.scoped_tokens.contains(&token))
}

/// As the gateway refuses a token.
pub(super) fn unauthorized(message: &str) -> Response {
    (StatusCode::UNAUTHORIZED, Json(json!({"code": 401, "message": message}))).into_response()
}

pub(crate) async fn list(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    let Some((_, consent)) = authenticate(&world, &headers) else { return unauthorized("Unauthorized") };
    let sites: Vec<Value> = consent
        .sites
        .iter()
        .map(|id| {
            let (name, url) = name_and_address(id, &headers);
            json!({"id": id, "name": name, "url": url, "scopes": consent.scopes, "avatarUrl": format!("{url}/logo.png")})
        })
        .collect();
    Json(sites).into_response()
}

fn name_and_address(id: &str, headers: &HeaderMap) -> (&'static str, String) {
    let base = base_url(headers);
    match id {
        MAIN => ("acme", base),
        EUROPE => ("acme-eu", base.replace("127.0.0.1", "localhost")),
        _ => ("elsewhere", "https://elsewhere.atlassian.net".to_owned()),
    }
}

pub(crate) async fn me(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    let Some((person, consent)) = authenticate(&world, &headers) else { return unauthorized("Unauthorized") };
    if !consent.scopes.iter().any(|scope| scope == "read:me") {
        return unauthorized("Unauthorized; scope does not match");
    }
    let address = format!("{}@example.com", person.name);
    let account =
        json!({"account_id": person.account_id(), "email": address, "name": person.name, "account_type": "atlassian"});
    Json(account).into_response()
}
