//! The identity provider's token endpoint (OpenID Connect Core 1.0 §3.1.3 and §12): codes and refresh tokens in, tokens
//! out. Bodies never reach the log.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

use super::discovery::{LIMITS, Provider};
use crate::{
    context::Context,
    crypto::secret::Secret,
    platform::{fetch::OutboundRequest, http::Method, json},
};

/// What the provider gave.
pub struct Tokens {
    pub id_token: Option<Secret>,
    /// Good for the provider's own userinfo endpoint.
    pub access_token: Option<Secret>,
    pub refresh_token: Option<Secret>,
    /// What was granted, where that is not what was asked for (RFC 6749 §5.1).
    pub scope: Option<String>,
}

/// Why the provider gave nothing. For the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The code or refresh token is worth nothing (RFC 6749 §5.2).
    #[error("the token endpoint answered with status {0} and invalid_grant")]
    InvalidGrant(u16),
    /// The provider wants to see the person first (OpenID Connect Core 1.0 §3.1.2.6).
    #[error("the token endpoint wants the person to sign in: {0}")]
    NeedsPerson(String),
    #[error("the token endpoint {0}")]
    Unavailable(String),
}

/// Redeems an authorization code.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn redeem(
    context: &Context,
    provider: &Provider,
    code: &str,
    redirect_uri: &str,
    verifier: &Secret,
) -> Result<Tokens, TokenError> {
    let parameters = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier.expose()),
    ];
    send(context, provider, &parameters).await
}

/// Uses a refresh token. Where there is a successor in the answer, this one may be worth nothing from now on.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn refresh(context: &Context, provider: &Provider, token: &Secret) -> Result<Tokens, TokenError> {
    send(context, provider, &[("grant_type", "refresh_token"), ("refresh_token", token.expose())]).await
}

/// Sends a request that is authenticated by client_secret_basic (RFC 6749 §2.3.1).
async fn send(context: &Context, provider: &Provider, parameters: &[(&str, &str)]) -> Result<Tokens, TokenError> {
    #[derive(Deserialize)]
    struct Given {
        id_token: Option<String>,
        access_token: Option<String>,
        refresh_token: Option<String>,
        scope: Option<String>,
    }
    let identity = &context.settings.identity;
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = format!("{}:{}", encode(&identity.client_id), encode(identity.client_secret.expose()));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let request = OutboundRequest {
        method: Method::Post,
        url: provider.token_endpoint.clone(),
        headers: vec![
            ("accept".into(), "application/json".to_owned()),
            ("content-type".into(), "application/x-www-form-urlencoded".to_owned()),
            ("authorization".into(), format!("Basic {}", STANDARD.encode(credentials))),
        ],
        body: Some(body.into_bytes()),
        limits: LIMITS,
    };
    let answer = context.platform.http.send(request).await;
    let answer = answer.map_err(|error| TokenError::Unavailable(format!("cannot be reached: {error}")))?;
    if answer.status != 200 {
        return Err(refusal(answer.status, &answer.body));
    }
    // The parser's own words may quote the body.
    let given: Given = json::from_slice(&answer.body)
        .map_err(|_| TokenError::Unavailable("answered with something else than tokens".to_owned()))?;
    Ok(Tokens {
        id_token: given.id_token.map(Secret::new),
        access_token: given.access_token.map(Secret::new),
        refresh_token: given.refresh_token.map(Secret::new),
        scope: given.scope,
    })
}

fn refusal(status: u16, body: &[u8]) -> TokenError {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let refusal = json::from_slice::<Refusal>(body).map(|refusal| refusal.error);
    let error = refusal.as_deref().map_or(Cow::Borrowed("no OAuth error"), shortened);
    match &*error {
        "invalid_grant" if (400..500).contains(&status) => TokenError::InvalidGrant(status),
        "interaction_required" | "login_required" | "consent_required" => TokenError::NeedsPerson(error.into_owned()),
        _ => TokenError::Unavailable(format!("answered with status {status} and {error:?}")),
    }
}

/// A text of the provider, no longer than the log needs it.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    text.chars().take(100).collect()
}
