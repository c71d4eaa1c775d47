//! `POST /oauth/token`: a pair of tokens for a code, or for the last refresh token. A used one is refused.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::clock;
use crate::identifier;
use crate::ledger::{AccessToken, Ledger, RefreshToken};
use crate::settings::Settings;
use crate::world::World;

/// How access tokens begin.
pub(super) const ACCESS: &str = "atl-at-";

/// An OAuth error: its status, code and description.
struct Problem(StatusCode, &'static str, &'static str);

const INVALID_CODE: Problem = Problem(StatusCode::FORBIDDEN, "invalid_grant", "Invalid authorization code");
const INVALID_REFRESH: Problem = Problem(StatusCode::FORBIDDEN, "invalid_grant", "Unknown or invalid refresh token.");

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1, "error_description": self.2}))).into_response()
    }
}

fn member<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whose code or refresh token a request carries.
pub(crate) fn account_of(world: &World, body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    world.read(|ledger| {
        let by_code = ledger.app_codes.get(member(&body, "code")).map(|code| code.account.clone());
        by_code.or_else(|| Some(ledger.refresh_tokens.get(member(&body, "refresh_token"))?.account.clone()))
    })
}

pub(crate) async fn issue(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return Problem(StatusCode::BAD_REQUEST, "invalid_request", "The body is not JSON").into_response();
    };
    let settings = world.settings();
    let app = &settings.app;
    if member(&body, "client_id") != app.client_id || member(&body, "client_secret") != app.client_secret {
        return Problem(StatusCode::UNAUTHORIZED, "access_denied", "Unauthorized").into_response();
    }
    let (Ok(access), Ok(refresh)) = (identifier::secret(ACCESS), identifier::secret("atl-rt-")) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    // One turn under the lock: of two exchanges of the same token, one comes second.
    let changed = world.change(|ledger| -> Result<_, Problem> {
        let account = match member(&body, "grant_type") {
            "authorization_code" => redeem_code(ledger, &body),
            "refresh_token" => use_refresh_token(ledger, &settings, &body),
            _ => Err(Problem(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Unsupported grant type")),
        }?;
        let scopes = ledger.consents.get(&account).map(|consent| consent.scopes.clone()).unwrap_or_default();
        let milliseconds = u64::try_from(settings.access_token_lifetime.as_millis()).unwrap_or(0);
        let token =
            AccessToken { account: account.clone(), scopes: scopes.clone(), expires_at: clock::now() + milliseconds };
        ledger.access_tokens.insert(access.clone(), token);
        let is_offline = scopes.iter().any(|scope| scope == "offline_access");
        if is_offline {
            let consumer = app.client_id.clone();
            let token = RefreshToken { consumer, account: account.clone(), used_at: None, revoked: false };
            ledger.refresh_tokens.insert(refresh.clone(), token);
        }
        Ok((account, scopes, is_offline))
    });
    let (account, scopes, is_offline) = match changed {
        Ok(Ok(issued)) => issued,
        Ok(Err(problem)) => return problem.into_response(),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    if member(&body, "grant_type") == "refresh_token" {
        world.control.count_refresh(&account);
    }
    let mut answer = json!({
        "access_token": access,
        "expires_in": settings.access_token_lifetime.as_secs(),
        "scope": scopes.join(" "),
        "token_type": "Bearer",
    });
    if let Some(members) = answer.as_object_mut().filter(|_| is_offline) {
        members.insert("refresh_token".into(), refresh.into());
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

fn redeem_code(ledger: &mut Ledger, body: &Value) -> Result<String, Problem> {
    // Removed whatever comes of it: a code is good for one attempt.
    let code = ledger.app_codes.remove(member(body, "code")).ok_or(INVALID_CODE)?;
    let is_good = code.expires_at > clock::now() && code.redirect_uri == member(body, "redirect_uri");
    if is_good { Ok(code.account) } else { Err(INVALID_CODE) }
}

fn use_refresh_token(ledger: &mut Ledger, settings: &Settings, body: &Value) -> Result<String, Problem> {
    let known = ledger.refresh_tokens.get_mut(member(body, "refresh_token")).ok_or(INVALID_REFRESH)?;
    let now = clock::now();
    let leeway = u64::try_from(settings.refresh_leeway.as_millis()).unwrap_or(0);
    let is_used = known.used_at.is_some_and(|used| now >= used + leeway);
    if known.revoked || is_used || known.consumer != settings.app.client_id {
        return Err(INVALID_REFRESH);
    }
    known.used_at.get_or_insert(now);
    Ok(known.account.clone())
}
