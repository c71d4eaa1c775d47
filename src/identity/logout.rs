//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4): that a session at the identity provider is over, as the
//! provider signed it.
//!
//! [`check`] decides whether a token is one, on its claims alone. That it is used once is for the record to say.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{crypto::jws::Audience, platform::clock::Timestamp};

/// How far the provider's clock and ours may be apart, in seconds.
const SKEW: i64 = 60;

/// How long after it was issued a logout token is acted upon, in seconds, whatever its `exp` says: a provider delivers
/// at once, and what comes later is somebody's copy.
const LONGEST_WAY: i64 = 10 * 60;

/// The longest `jti`, `sid` and `sub`, in bytes.
const LONGEST_ID: usize = 256;

/// The member of `events` that makes a token a logout token (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The claims of a logout token, before anything is known of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: Audience,
    pub jti: Option<String>,
    pub sub: Option<String>,
    pub sid: Option<String>,
    pub events: Option<Value>,
    /// That it is there at all is what matters (§2.4): it would make an ID token of it.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// A token as it was read: the header's `typ` and the moments, in seconds since the Unix epoch, beside the claims.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    pub kind: Option<String>,
    pub claims: Claims,
    pub expires_at: i64,
    pub issued_at: Option<i64>,
}

/// What a logout token has to say.
#[derive(Debug, Clone, Copy)]
pub struct Expectations<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
}

/// Whose logout it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Of one session at the provider, and of this person where it says so.
    Session { sid: String, subject: Option<String> },
    /// Of every session of a person.
    Person { subject: String },
}

/// A logout that the provider tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logout {
    pub whose: Whose,
    /// By the provider's clock, in seconds since the Unix epoch.
    pub issued_at: i64,
    /// Unique among the issuer's logout tokens.
    pub id: String,
    /// Until when a copy of the token could be accepted, in seconds since the Unix epoch.
    pub accepted_until: i64,
}

/// What is wrong with a logout token. For the log, and as a word for the provider's administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoutError {
    #[error("typ is not logout+jwt")]
    Kind,
    #[error("iss is another issuer")]
    Issuer,
    #[error("aud does not hold our client id")]
    Audience,
    #[error("iat is missing")]
    NoIssueTime,
    #[error("iat lies ahead")]
    IssuedAhead,
    #[error("it has expired, or was issued more than ten minutes ago")]
    Expired,
    #[error("jti is missing, empty or longer than 256 bytes")]
    Id,
    #[error("events does not hold the back-channel logout event as an object")]
    Event,
    #[error("nonce is there, which is forbidden")]
    Nonce,
    #[error("neither sid nor sub is there, or one is empty or longer than 256 bytes")]
    NobodyNamed,
}

/// What a token tells of, if it is a logout token for us, now (§2.6, steps 3 to 8).
///
/// # Errors
/// The first rule that it breaks.
pub fn check(received: &Received, expected: Expectations<'_>, now: Timestamp) -> Result<Logout, LogoutError> {
    let Received { kind, claims, expires_at, issued_at } = received;
    if !kind.as_deref().is_none_or(is_logout_token) {
        return Err(LogoutError::Kind);
    }
    if claims.iss != expected.issuer {
        return Err(LogoutError::Issuer);
    }
    if !claims.aud.as_slice().iter().any(|audience| audience == expected.client_id) {
        return Err(LogoutError::Audience);
    }
    let issued_at = issued_at.ok_or(LogoutError::NoIssueTime)?;
    let now = now.seconds();
    if issued_at > now.saturating_add(SKEW) {
        return Err(LogoutError::IssuedAhead);
    }
    let accepted_until = (*expires_at).min(issued_at.saturating_add(LONGEST_WAY)).saturating_add(SKEW);
    if now >= accepted_until {
        return Err(LogoutError::Expired);
    }
    let id = claims.jti.as_deref().filter(|id| is_name(id)).ok_or(LogoutError::Id)?;
    // Other events may stand beside it: Keycloak's `revoke_offline_access` is one, and not even an object.
    if !claims.events.as_ref().and_then(|events| events.get(EVENT)).is_some_and(Value::is_object) {
        return Err(LogoutError::Event);
    }
    if claims.others.contains_key("nonce") {
        return Err(LogoutError::Nonce);
    }
    let whose = whose(claims).ok_or(LogoutError::NobodyNamed)?;
    Ok(Logout { whose, issued_at, id: id.to_owned(), accepted_until })
}

fn whose(claims: &Claims) -> Option<Whose> {
    if ![&claims.sid, &claims.sub].into_iter().flatten().all(|name| is_name(name)) {
        return None;
    }
    let subject = claims.sub.clone();
    match claims.sid.clone() {
        Some(sid) => Some(Whose::Session { sid, subject }),
        None => subject.map(|subject| Whose::Person { subject }),
    }
}

/// `logout+jwt` is recommended, `JWT` is what providers say that do not follow it (§2.4); an omitted `application/` does
/// not matter, nor does case (RFC 7515 §4.1.9).
fn is_logout_token(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    matches!(kind.strip_prefix("application/").unwrap_or(&kind), "logout+jwt" | "jwt")
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_ID
}

#[cfg(test)]
mod tests;
