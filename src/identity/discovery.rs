//! The identity provider's public documents: its discovery document (OpenID Connect Discovery 1.0 §4) and its
//! keys (RFC 7517), fetched when they are needed and cached.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::key_set;
use crate::{
    context::Context,
    platform::{
        fetch::{ContentCoding, HttpError, Limits, OutboundRequest},
        http::Method,
        json,
        signature::Algorithm,
    },
};

const PROVIDER_LIFE: Duration = Duration::from_secs(60 * 60);

/// What Postern takes of the identity provider's time and bytes for one request.
pub(super) const LIMITS: Limits =
    Limits { deadline: Duration::from_secs(10), bytes: 64 * 1024, coding: ContentCoding::Decoded };

/// What Postern needs of the discovery document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    /// Where claims are to be had with an access token (OpenID Connect Core 1.0 §5.3).
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    /// Every authorization response of this provider carries `iss` (RFC 9207 §3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    pub scopes_supported: Vec<String>,
}

impl Provider {
    /// Whether it may give refresh tokens that outlive the session there (OpenID Connect Core 1.0 §11).
    pub fn offers_offline_access(&self) -> bool {
        self.scopes_supported.iter().any(|scope| scope == OFFLINE_ACCESS)
    }
}

/// The scope of a refresh token that outlives the session at the provider.
pub(super) const OFFLINE_ACCESS: &str = "offline_access";

/// Why the identity provider is of no use at the moment. For the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    #[error("{url}: {error}")]
    Unreachable { url: String, error: HttpError },
    #[error("{url} answered with status {status}")]
    Status { url: String, status: u16 },
    #[error("{0} is larger than 64 KB")]
    TooLarge(String),
    #[error("{url} is not the document it should be: {error}")]
    Malformed { url: String, error: String },
    #[error("the discovery document is of the issuer {0:?}, which is not OIDC_ISSUER")]
    AnotherIssuer(String),
    #[error("the discovery document's {0} is neither https nor at the issuer's own origin")]
    UnsafeEndpoint(&'static str),
}

/// The provider that people sign in with, from the cache for up to an hour.
///
/// # Errors
/// Where its document cannot be fetched or does not hold what it must.
pub async fn provider(context: &Context) -> Result<Provider, ProviderError> {
    if let Some(provider) = cached(context).await {
        return Ok(provider);
    }
    let issuer = &context.settings.identity.issuer;
    let url = format!("{issuer}/.well-known/openid-configuration");
    let provider = check(read(&url, &fetch(context, &url).await?)?, issuer)?;
    if let Ok(text) = serde_json::to_string(&provider) {
        context.platform.cache.put(&document_of(issuer), text, PROVIDER_LIFE).await;
    }
    Ok(provider)
}

/// Where the cache has what that issuer's document says.
fn document_of(issuer: &str) -> String {
    format!("identity/provider/{issuer}")
}

async fn cached(context: &Context) -> Option<Provider> {
    let issuer = &context.settings.identity.issuer;
    let cached = context.platform.cache.get(&document_of(issuer)).await?;
    check(json::from_str(&cached).ok()?, issuer).ok()
}

fn check(provider: Provider, issuer: &str) -> Result<Provider, ProviderError> {
    if provider.issuer != issuer {
        return Err(ProviderError::AnotherIssuer(provider.issuer));
    }
    let endpoints = [
        ("authorization_endpoint", &provider.authorization_endpoint),
        ("token_endpoint", &provider.token_endpoint),
        ("jwks_uri", &provider.jwks_uri),
    ];
    let userinfo = provider.userinfo_endpoint.iter().map(|endpoint| ("userinfo_endpoint", endpoint));
    for (name, endpoint) in endpoints.into_iter().chain(userinfo) {
        if !is_safe(endpoint, issuer) {
            return Err(ProviderError::UnsafeEndpoint(name));
        }
    }
    Ok(provider)
}

/// Plain http is only for an issuer that is itself plain http, which settings allow on loopback alone.
fn is_safe(endpoint: &str, issuer: &str) -> bool {
    match (url::Url::parse(endpoint), url::Url::parse(issuer)) {
        (Ok(endpoint), Ok(issuer)) => endpoint.scheme() == "https" || endpoint.origin() == issuer.origin(),
        _ => false,
    }
}

/// The provider's key of that id for that algorithm; without an id, its only key for the algorithm.
///
/// # Errors
/// Where the keys cannot be fetched.
pub async fn key(
    context: &Context,
    provider: &Provider,
    id: Option<&str>,
    algorithm: Algorithm,
) -> Result<Option<Value>, ProviderError> {
    let uri = &provider.jwks_uri;
    let cache_key = keys_at(uri);
    key_set::key(context, &cache_key, id, algorithm, async || read(uri, &fetch(context, uri).await?)).await
}

/// The same key where it is known without a request to anybody.
pub async fn cached_key(context: &Context, id: Option<&str>, algorithm: Algorithm) -> Option<Value> {
    let provider = cached(context).await?;
    key_set::cached(context, &keys_at(&provider.jwks_uri), id, algorithm).await
}

/// Where the cache has the keys that are published there.
fn keys_at(uri: &str) -> String {
    format!("identity/keys/{uri}")
}

async fn fetch(context: &Context, url: &str) -> Result<Vec<u8>, ProviderError> {
    let request = OutboundRequest {
        method: Method::Get,
        url: url.to_owned(),
        headers: vec![("accept".into(), "application/json".to_owned())],
        body: None,
        limits: LIMITS,
    };
    let answer = context
        .platform
        .http
        .send(request)
        .await
        .map_err(|error| ProviderError::Unreachable { url: url.to_owned(), error })?;
    if answer.truncated {
        return Err(ProviderError::TooLarge(url.to_owned()));
    }
    if answer.status != 200 {
        return Err(ProviderError::Status { url: url.to_owned(), status: answer.status });
    }
    Ok(answer.body)
}

fn read<T: serde::de::DeserializeOwned>(url: &str, body: &[u8]) -> Result<T, ProviderError> {
    json::from_slice(body).map_err(|error| ProviderError::Malformed { url: url.to_owned(), error: error.to_string() })
}

#[cfg(test)]
mod tests;
