//! Faults: which requests they hit, and what happens to these.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::LARGEST_BODY;
use super::requests::Recorded;
use crate::accounts;
use crate::bitbucket::errors::not_found_page;
use crate::ledger::Ledger;

const TOKEN_ENDPOINT: &str = "/site/oauth2/access_token";

/// A fault, as `POST /control/faults` takes it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    kind: Kind,
    /// Only requests of this account.
    account: Option<String>,
    /// Only paths that begin with this.
    path: Option<String>,
    /// Only this method.
    method: Option<String>,
    /// How many requests it hits; one when it does not say, all for `slow_token_endpoint`.
    times: Option<u64>,
    /// For `status`.
    status: Option<u16>,
    body: Option<Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    html: bool,
    /// For `take_site`: its id.
    site: Option<String>,
    /// For `hang`.
    seconds: Option<f64>,
    /// For `slow_token_endpoint`.
    millis: Option<u64>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Status,
    Hang,
    Truncate,
    ExpireAccessTokens,
    RevokeRefreshTokens,
    SlowTokenEndpoint,
    /// A person, or an administrator of the site, takes it away from Atlassian's app.
    TakeSite,
}

/// A change of the tokens that exist now.
pub(crate) struct TokenChange {
    kind: Kind,
    account: Option<String>,
    site: Option<String>,
}

impl TokenChange {
    pub(crate) fn carry_out(&self, ledger: &mut Ledger) -> Value {
        let hit = |account: &str| self.account.as_deref().is_none_or(|pattern| pattern == account);
        let mut changed = 0;
        if self.kind == Kind::ExpireAccessTokens {
            for token in ledger.access_tokens.values_mut().filter(|t| hit(&t.account)) {
                // A past moment, recent enough for the token to stay known.
                token.expires_at = token.expires_at.min(crate::clock::now());
                changed += 1;
            }
        } else if self.kind == Kind::TakeSite {
            for (_, consent) in ledger.consents.iter_mut().filter(|(account, _)| hit(account)) {
                consent.sites.retain(|site| self.site.as_ref() != Some(site));
                changed += 1;
            }
        } else {
            for token in ledger.refresh_tokens.values_mut().filter(|t| hit(&t.account)) {
                token.revoked = true;
                changed += 1;
            }
        }
        json!({ "changed": changed })
    }
}

impl Order {
    /// What is to be done at once, for the kinds that do not wait for a request.
    pub(crate) fn on_tokens(&self) -> Option<TokenChange> {
        matches!(self.kind, Kind::ExpireAccessTokens | Kind::RevokeRefreshTokens | Kind::TakeSite)
            .then(|| TokenChange { kind: self.kind, account: self.account.clone(), site: self.site.clone() })
    }

    fn hits(&self, request: &Recorded) -> bool {
        let path = match self.kind {
            Kind::SlowTokenEndpoint => Some(TOKEN_ENDPOINT),
            _ => self.path.as_deref(),
        };
        let same = |pattern: &Option<String>, found: Option<&str>| {
            pattern.as_deref().is_none_or(|pattern| found == Some(pattern))
        };
        same(&self.account, request.account.as_deref())
            && same(&self.method, Some(&request.method))
            && path.is_none_or(|path| request.path.starts_with(path))
    }

    fn effect(&self, request: &Recorded) -> Effect {
        match self.kind {
            Kind::Truncate => Effect::CutShort,
            Kind::Hang => {
                let seconds = self.seconds.unwrap_or(30.0);
                Effect::Wait(Duration::try_from_secs_f64(seconds).unwrap_or_default())
            }
            Kind::SlowTokenEndpoint => Effect::Wait(Duration::from_millis(self.millis.unwrap_or(0))),
            _ => Effect::Answer(Box::new(Answer {
                status: self.status.unwrap_or(500),
                body: self.body.clone(),
                headers: self.headers.clone(),
                html: self.html,
                account: request.account.clone(),
            })),
        }
    }
}

/// What a fault does to a request.
pub(crate) enum Effect {
    Answer(Box<Answer>),
    Wait(Duration),
    CutShort,
}

/// The answer of a `status` fault.
pub(crate) struct Answer {
    status: u16,
    body: Option<Value>,
    headers: BTreeMap<String, String>,
    html: bool,
    account: Option<String>,
}

impl Answer {
    pub(crate) fn response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match self.body {
            _ if self.html => {
                let person = self.account.as_deref().and_then(accounts::find);
                Html(not_found_page(person.as_ref())).into_response()
            }
            Some(Value::String(text)) => text.into_response(),
            Some(body) => Json(body).into_response(),
            None if status == StatusCode::TOO_MANY_REQUESTS => {
                "Rate limit for this resource has been exceeded".into_response()
            }
            None => {
                let message = status.canonical_reason().unwrap_or("Something went wrong");
                Json(json!({"type": "error", "error": {"message": message}})).into_response()
            }
        };
        *response.status_mut() = status;
        for (name, value) in self.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// The same head, with the full length promised; half of the body, then the connection breaks.
pub(crate) async fn cut_short(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    let half = body.slice(..body.len() / 2);
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let pieces = stream::unfold(Some(half), |left| async move {
        match left {
            Some(half) if !half.is_empty() => Some((Ok(half), Some(Bytes::new()))),
            _ => {
                // Time for the first half to leave before the connection does.
                tokio::time::sleep(Duration::from_millis(50)).await;
                Some((Err(std::io::Error::other("cut short")), None))
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}

/// The faults to come, in the order they were made.
#[derive(Default)]
pub(crate) struct Faults {
    orders: Vec<(u64, Order)>,
    made: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, order: Order) -> Result<u64, &'static str> {
        if order.kind == Kind::Status && order.status.is_none() {
            return Err("a status fault needs a status");
        }
        self.made += 1;
        self.orders.push((self.made, order));
        Ok(self.made)
    }

    /// The first fault that hits a request happens to it, and is used up by one.
    pub(crate) fn strike(&mut self, request: &Recorded) -> Option<Effect> {
        let position = self.orders.iter().position(|(_, order)| order.hits(request))?;
        let (_, order) = self.orders.get_mut(position)?;
        let effect = order.effect(request);
        let left = match (order.times, order.kind) {
            (None, Kind::SlowTokenEndpoint) => None,
            (times, _) => Some(times.unwrap_or(1).saturating_sub(1)),
        };
        order.times = left;
        if left == Some(0) {
            self.orders.remove(position);
        }
        Some(effect)
    }

    pub(crate) fn clear(&mut self, account: Option<&str>) {
        self.orders.retain(|(_, order)| account.is_some() && order.account.as_deref() != account);
    }

    pub(crate) fn list(&self) -> Value {
        let all: Vec<Value> = self.orders.iter().map(|(number, order)| json!({"id": number, "fault": order})).collect();
        json!({ "faults": all })
    }
}
