//! ID tokens (OpenID Connect Core 1.0 §2): who signed in, as the identity provider signed it at the sign-in or later.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::discovery::{self, Provider, ProviderError};
use crate::{
    context::Context,
    crypto::jws::{Audience, JwsError, Unverified},
    platform::clock::Timestamp,
};

/// How far the provider's clock and ours may be apart, in seconds.
const SKEW: i64 = 60;

/// The claims of an ID token.
#[derive(Debug, Clone, PartialEq)]
pub struct IdClaims {
    pub issuer: String,
    pub subject: String,
    pub audience: Vec<String>,
    pub authorized_party: Option<String>,
    /// Seconds since the Unix epoch, as `issued_at`.
    pub expires_at: i64,
    pub issued_at: i64,
    pub nonce: Option<String>,
    /// Every other claim: names, roles, groups.
    pub others: Map<String, Value>,
}

impl IdClaims {
    /// A claim that is text and not blank.
    pub fn text(&self, name: &str) -> Option<&str> {
        text(&self.others, name)
    }
}

/// A claim that is text and not blank.
pub(super) fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// What the claims must say.
#[derive(Debug, Clone, Copy)]
pub struct Expectations<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    /// Of the sign-in; a token that came for a refresh token has none (§12.2).
    pub nonce: Option<&'a str>,
}

/// Why claims are not those of this sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    #[error("iss is another issuer")]
    Issuer,
    #[error("sub is empty")]
    Subject,
    #[error("aud does not hold our client id")]
    Audience,
    #[error("azp is not our client id, or is missing beside several audiences")]
    AuthorizedParty,
    #[error("exp has passed")]
    Expired,
    #[error("iat lies ahead")]
    IssuedAhead,
    #[error("nonce is not the one of this sign-in")]
    Nonce,
}

/// Why an ID token was not accepted. For the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IdTokenError {
    #[error("the ID token {0}")]
    Jws(#[from] JwsError),
    #[error("the ID token does not say when it was issued")]
    NoIssueTime,
    #[error("the provider has no key {0:?} for the ID token")]
    UnknownKey(Option<String>),
    #[error("the ID token's {0}")]
    Claims(#[from] ClaimError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

#[derive(Deserialize)]
struct Payload {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    nonce: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// The claims of an ID token that the provider signed for this sign-in.
///
/// # Errors
/// As [`IdTokenError`] says.
pub async fn verify(
    context: &Context,
    provider: &Provider,
    token: &str,
    expectations: Expectations<'_>,
) -> Result<IdClaims, IdTokenError> {
    let unverified = Unverified::read(token)?;
    let key_id = unverified.key_id();
    let key = discovery::key(context, provider, key_id, unverified.algorithm)
        .await?
        .ok_or_else(|| IdTokenError::UnknownKey(key_id.map(|id| id.chars().take(100).collect())))?;
    let verified = unverified.verify::<Payload>(context.platform.signatures.as_ref(), &key).await?;
    let claims = IdClaims {
        issuer: verified.claims.iss,
        subject: verified.claims.sub,
        audience: verified.claims.aud.as_slice().to_vec(),
        authorized_party: verified.claims.azp,
        expires_at: verified.expires_at,
        issued_at: verified.issued_at.ok_or(IdTokenError::NoIssueTime)?,
        nonce: verified.claims.nonce,
        others: verified.claims.others,
    };
    check_claims(&claims, expectations, context.platform.clock.now())?;
    Ok(claims)
}

/// Whether the claims are those of this sign-in, now (OpenID Connect Core 1.0 §3.1.3.7).
///
/// # Errors
/// The first claim that is not.
pub fn check_claims(claims: &IdClaims, expected: Expectations<'_>, now: Timestamp) -> Result<(), ClaimError> {
    let now = now.seconds();
    if claims.issuer != expected.issuer {
        return Err(ClaimError::Issuer);
    }
    if claims.subject.is_empty() {
        return Err(ClaimError::Subject);
    }
    if !claims.audience.iter().any(|audience| audience == expected.client_id) {
        return Err(ClaimError::Audience);
    }
    match &claims.authorized_party {
        Some(party) if party != expected.client_id => return Err(ClaimError::AuthorizedParty),
        None if claims.audience.len() > 1 => return Err(ClaimError::AuthorizedParty),
        _ => {}
    }
    if now >= claims.expires_at.saturating_add(SKEW) {
        return Err(ClaimError::Expired);
    }
    if claims.issued_at > now.saturating_add(SKEW) {
        return Err(ClaimError::IssuedAhead);
    }
    if expected.nonce.is_some() && claims.nonce.as_deref() != expected.nonce {
        return Err(ClaimError::Nonce);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
