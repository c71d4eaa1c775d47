//! `POST /site/oauth2/access_token` and `/revoke`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawForm, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::clock;
use crate::identifier;
use crate::ledger::{AccessToken, Ledger, RefreshToken};
use crate::request::{Query, basic_credential};
use crate::settings::{Consumer, Settings};
use crate::world::World;

/// An OAuth error: `{"error": …, "error_description": …}`, status 400.
struct Problem(&'static str, &'static str);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({"error": self.0, "error_description": self.1});
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}

const INVALID_REFRESH: Problem = Problem("invalid_grant", "Invalid refresh_token");

/// A token pair for a code or for the last refresh token.
pub(crate) async fn issue(State(world): State<Arc<World>>, headers: HeaderMap, RawForm(form): RawForm) -> Response {
    let form = Query::parse(&String::from_utf8_lossy(&form));
    let settings = world.settings();
    let Some(consumer) = authenticate(&settings, &headers, &form) else {
        return Problem("unauthorized_client", "Invalid OAuth client credentials").into_response();
    };
    let (Ok(access), Ok(refresh)) = (identifier::secret("bb-at-"), identifier::secret("bb-rt-")) else {
        return Problem("server_error", "no random bytes").into_response();
    };
    // One turn under the lock: of two exchanges of the same token, one comes second.
    let changed = world.change(|ledger| -> Result<_, Problem> {
        let account = match form.get("grant_type") {
            Some("authorization_code") => redeem_code(ledger, consumer, &form),
            Some("refresh_token") => use_refresh_token(ledger, consumer, &settings, &form),
            _ => Err(Problem("unsupported_grant_type", "Unsupported grant_type")),
        }?;
        let lifetime = settings.access_token_lifetime;
        let milliseconds = u64::try_from(lifetime.as_millis()).unwrap_or(0);
        let access_token = AccessToken {
            account: account.clone(),
            scopes: consumer.scopes.clone(),
            expires_at: clock::now() + milliseconds,
        };
        let refresh_token =
            RefreshToken { consumer: consumer.key.clone(), account: account.clone(), used_at: None, revoked: false };
        ledger.access_tokens.insert(access.clone(), access_token);
        ledger.refresh_tokens.insert(refresh.clone(), refresh_token);
        Ok((account, lifetime.as_secs()))
    });
    let (account, expires_in) = match changed {
        Ok(Ok(issued)) => issued,
        Ok(Err(problem)) => return problem.into_response(),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let mut body = json!({
        "access_token": access,
        "refresh_token": refresh,
        "expires_in": expires_in,
        "scopes": consumer.scopes.join(" "),
        "token_type": "bearer",
    });
    if form.get("grant_type") == Some("refresh_token") {
        world.control.count_refresh(&account);
    } else if let Some(members) = body.as_object_mut() {
        // A curiosity of the real answer: the grant's name, not the request's `state`.
        members.insert("state".into(), Value::from("authorization_code"));
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Undocumented, but several public projects call it: the token stops working.
pub(crate) async fn revoke(State(world): State<Arc<World>>, headers: HeaderMap, RawForm(form): RawForm) -> Response {
    let form = Query::parse(&String::from_utf8_lossy(&form));
    let settings = world.settings();
    if authenticate(&settings, &headers, &form).is_none() {
        return Problem("unauthorized_client", "Invalid OAuth client credentials").into_response();
    }
    let token = form.get("token").unwrap_or_default();
    let changed = world.change(|ledger| {
        ledger.access_tokens.remove(token);
        if let Some(known) = ledger.refresh_tokens.get_mut(token) {
            known.revoked = true;
        }
    });
    match changed {
        Ok(()) => StatusCode::OK.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The consumer by Basic credential, or by what the form says.
fn authenticate<'a>(settings: &'a Settings, headers: &HeaderMap, form: &Query) -> Option<&'a Consumer> {
    let (key, secret) = match basic_credential(headers) {
        Some((key, secret)) => (decode(&key), decode(&secret)),
        None => (form.get("client_id")?.to_owned(), form.get("client_secret")?.to_owned()),
    };
    let mut all = settings.consumers.iter();
    all.find(|consumer| consumer.key == key && consumer.secret == secret)
}

/// RFC 6749 §2.3.1: both halves of a Basic credential are form-encoded.
fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn redeem_code(ledger: &mut Ledger, consumer: &Consumer, form: &Query) -> Result<String, Problem> {
    let invalid = Problem("invalid_grant", "The specified code is not valid.");
    // Removed whatever comes of it: a code is good for one attempt.
    let Some(code) = ledger.codes.remove(form.get("code").unwrap_or_default()) else {
        return Err(invalid);
    };
    let redirect_uri = form.get("redirect_uri").map(str::to_owned);
    if code.expires_at <= clock::now() || code.consumer != consumer.key {
        return Err(invalid);
    }
    if code.redirect_uri != redirect_uri {
        return Err(Problem("invalid_grant", "redirect_uri does not match"));
    }
    Ok(code.account)
}

fn use_refresh_token(
    ledger: &mut Ledger,
    consumer: &Consumer,
    settings: &Settings,
    form: &Query,
) -> Result<String, Problem> {
    let token = form.get("refresh_token").unwrap_or_default();
    let Some(known) = ledger.refresh_tokens.get_mut(token) else {
        return Err(INVALID_REFRESH);
    };
    if known.revoked || known.consumer != consumer.key {
        return Err(INVALID_REFRESH);
    }
    let now = clock::now();
    let leeway = u64::try_from(settings.refresh_leeway.as_millis()).unwrap_or(0);
    if known.used_at.is_some_and(|used| now >= used + leeway) {
        return Err(INVALID_REFRESH);
    }
    known.used_at.get_or_insert(now);
    Ok(known.account.clone())
}
