//! Tokens that others signed (JWT in JWS, RFC 7515 and RFC 7519) with RS256 or ES256, checked by the keys they publish.

use jwt_compact::UntrustedToken;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::platform::{
    Fault,
    signature::{Algorithm, Signatures},
};

/// A token whose signature was not verified yet.
pub struct Unverified<'a> {
    token: UntrustedToken<'a, Extensions>,
    /// What the signature is over.
    signed: &'a str,
    pub algorithm: Algorithm,
}

#[derive(Deserialize)]
struct Extensions {
    crit: Option<Value>,
}

/// The claims of a token whose signature was verified.
#[derive(Debug, Clone)]
pub struct Verified<T> {
    pub claims: T,
    /// Seconds since the Unix epoch, as `issued_at` and `not_before`.
    pub expires_at: i64,
    pub issued_at: Option<i64>,
    pub not_before: Option<i64>,
}

/// Why a token is not accepted. For the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JwsError {
    #[error("is not a JWT of the right form: {0}")]
    Malformed(String),
    #[error("is signed with {0:?}, not RS256 or ES256")]
    Algorithm(String),
    #[error("has header parameters that must be understood")]
    Critical,
    #[error("is signed with a key that is of no use: {0}")]
    Key(Fault),
    #[error("has a wrong signature")]
    Signature,
}

fn malformed(error: impl std::fmt::Display) -> JwsError {
    JwsError::Malformed(error.to_string())
}

impl<'a> Unverified<'a> {
    /// Reads the header of a token, whose algorithm has to be one of ours (RFC 8725 §3.1).
    ///
    /// # Errors
    /// Where it is no token, or one that can never be accepted.
    pub fn read(text: &'a str) -> Result<Self, JwsError> {
        let token = UntrustedToken::<Extensions>::try_from(text).map_err(malformed)?;
        if token.header().other_fields.crit.is_some() {
            return Err(JwsError::Critical);
        }
        let algorithm = match token.algorithm() {
            "RS256" => Algorithm::Rs256,
            "ES256" => Algorithm::Es256,
            other => return Err(JwsError::Algorithm(other.chars().take(20).collect())),
        };
        let (signed, _) = text.rsplit_once('.').ok_or_else(|| malformed("it has no signature"))?;
        Ok(Self { token, signed, algorithm })
    }

    /// `kid`: the key it says it is signed with.
    pub fn key_id(&self) -> Option<&str> {
        self.token.header().key_id.as_deref()
    }

    /// `typ`: the kind of token it says it is.
    pub fn kind(&self) -> Option<&str> {
        self.token.header().token_type.as_deref()
    }

    /// Claims that anybody could have written: only to find out whose keys to ask for.
    ///
    /// # Errors
    /// Where they do not have the shape of `T`.
    pub fn unverified_claims<T: DeserializeOwned>(&self) -> Result<T, JwsError> {
        Ok(self.token.deserialize_claims_unchecked::<T>().map_err(malformed)?.custom)
    }

    /// Verifies the signature by a key, a JWK. Whether its times are right is for the caller to decide.
    ///
    /// # Errors
    /// Where the signature is not of that key, or the claims lack an end or do not have the shape of `T`.
    pub async fn verify<T: DeserializeOwned>(
        &self,
        signatures: &dyn Signatures,
        key: &Value,
    ) -> Result<Verified<T>, JwsError> {
        let message = self.signed.as_bytes();
        let valid = signatures.verify(self.algorithm, key, message, self.token.signature_bytes()).await;
        if !valid.map_err(JwsError::Key)? {
            return Err(JwsError::Signature);
        }
        let claims = self.token.deserialize_claims_unchecked::<T>().map_err(malformed)?;
        Ok(Verified {
            expires_at: claims.expiration.ok_or_else(|| malformed("it has no exp"))?.timestamp(),
            issued_at: claims.issued_at.map(|moment| moment.timestamp()),
            not_before: claims.not_before.map(|moment| moment.timestamp()),
            claims: claims.custom,
        })
    }
}

/// `aud`: one audience or a list of them (RFC 7519 §4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// The key of that id for that algorithm among a JWK set's (RFC 7517 §5); without an id, the only one for the algorithm.
pub fn choose(keys: &[Value], id: Option<&str>, algorithm: Algorithm) -> Option<Value> {
    let mut suitable = keys
        .iter()
        .filter(|key| suits(key, algorithm) && id.is_none_or(|id| key.get("kid").and_then(Value::as_str) == Some(id)));
    let first = suitable.next();
    if suitable.next().is_some() { None } else { first.cloned() }
}

fn suits(key: &Value, algorithm: Algorithm) -> bool {
    let member = |name: &str| key.get(name).and_then(Value::as_str);
    let (kind, name) = match algorithm {
        Algorithm::Rs256 => (member("kty") == Some("RSA"), "RS256"),
        Algorithm::Es256 => (member("kty") == Some("EC") && member("crv") == Some("P-256"), "ES256"),
    };
    kind && matches!(member("use"), None | Some("sig")) && member("alg").is_none_or(|alg| alg == name)
}

#[cfg(test)]
mod tests;
