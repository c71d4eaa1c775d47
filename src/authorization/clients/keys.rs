//! The keys by which a client signs its assertions (`private_key_jwt`).

use serde_json::{Map, Value};

use super::public_url::{NotPublic, PublicUrl};

/// The most keys of one client.
const MOST: usize = 10;
/// Members of a JWK that hold what nobody but the client should have (RFC 7518 §6).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Where a client's public keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientKeys {
    /// In its registration (`jwks`).
    Inline(PublicKeys),
    /// At an address of its own (`jwks_uri`).
    At(PublicUrl),
}

impl ClientKeys {
    /// Reads `jwks` or `jwks_uri` of client metadata (RFC 7591 §2).
    ///
    /// # Errors
    /// The first rule that they break.
    pub fn of_metadata(metadata: &Map<String, Value>) -> Result<Self, UnusableKeys> {
        let given = |name: &str| metadata.get(name).filter(|value| !value.is_null());
        match (given("jwks"), given("jwks_uri")) {
            (Some(set), None) => PublicKeys::of_set(set).map(Self::Inline),
            (None, Some(uri)) => Ok(Self::At(PublicUrl::parse(uri.as_str().unwrap_or_default())?)),
            _ => Err(UnusableKeys::NotOne),
        }
    }
}

/// The keys of a JWK set (RFC 7517 §5): at least one, all of them RSA or elliptic curve and without a private half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys(Vec<Value>);

/// Why a JWK set cannot be a client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKeys {
    #[error("private_key_jwt needs either jwks or jwks_uri")]
    NotOne,
    #[error("jwks_uri {0}")]
    Address(#[from] NotPublic),
    #[error("jwks is not a JWK set: an object with keys, a list of 1 to 10 JWKs (RFC 7517)")]
    NotASet,
    #[error("jwks holds a private or symmetric key: take it out, and regard it as known to others")]
    Private,
    #[error("jwks holds a key that is neither RSA nor EC")]
    Kind,
}

impl PublicKeys {
    /// Reads a JWK set.
    ///
    /// # Errors
    /// The first rule that it breaks.
    fn of_set(set: &Value) -> Result<Self, UnusableKeys> {
        Self::of_keys(set.get("keys").and_then(Value::as_array).ok_or(UnusableKeys::NotASet)?)
    }

    /// Reads the keys of a JWK set.
    ///
    /// # Errors
    /// The first rule that they break.
    pub fn of_keys(keys: &[Value]) -> Result<Self, UnusableKeys> {
        if keys.is_empty() || keys.len() > MOST {
            return Err(UnusableKeys::NotASet);
        }
        for key in keys {
            check(key.as_object().ok_or(UnusableKeys::NotASet)?)?;
        }
        Ok(Self(keys.to_vec()))
    }

    pub fn as_slice(&self) -> &[Value] {
        &self.0
    }
}

/// As a JSON array.
impl std::fmt::Display for PublicKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&Value::from(self.as_slice()).to_string())
    }
}

fn check(key: &Map<String, Value>) -> Result<(), UnusableKeys> {
    if PRIVATE_MEMBERS.iter().any(|member| key.contains_key(*member)) {
        return Err(UnusableKeys::Private);
    }
    match key.get("kty").and_then(Value::as_str) {
        Some("RSA" | "EC") => Ok(()),
        Some("oct") => Err(UnusableKeys::Private),
        _ => Err(UnusableKeys::Kind),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn outcome(set: &Value) -> Result<usize, UnusableKeys> {
        PublicKeys::of_set(set).map(|keys| keys.as_slice().len())
    }

    fn keys(metadata: Value) -> Result<ClientKeys, UnusableKeys> {
        ClientKeys::of_metadata(metadata.as_object().unwrap())
    }

    #[test]
    fn keys_are_given_once() {
        let set = json!({ "keys": [{ "kty": "RSA" }] });
        let uri = "https://client.example/keys";
        assert!(matches!(keys(json!({ "jwks": set })), Ok(ClientKeys::Inline(_))));
        assert!(matches!(keys(json!({ "jwks_uri": uri, "jwks": null })), Ok(ClientKeys::At(_))));
        assert_eq!(keys(json!({ "jwks": set, "jwks_uri": uri })), Err(UnusableKeys::NotOne));
        assert_eq!(keys(json!({})), Err(UnusableKeys::NotOne));
    }

    #[test]
    fn keys_are_at_a_public_address() {
        let private = json!({ "jwks_uri": "https://10.0.0.1/keys" });
        assert_eq!(keys(private), Err(UnusableKeys::Address(NotPublic::Address)));
    }

    #[test]
    fn public_keys_are_taken() {
        let set = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "x", "y": "y" }, { "kty": "RSA", "n": "n" }] });
        assert_eq!(outcome(&set), Ok(2));
    }

    #[test]
    fn a_private_half_is_refused() {
        for key in [json!({ "kty": "EC", "d": "d" }), json!({ "kty": "RSA", "p": "p" }), json!({ "kty": "oct" })] {
            assert_eq!(outcome(&json!({ "keys": [key] })), Err(UnusableKeys::Private));
        }
    }

    #[test]
    fn a_set_without_keys_or_of_anything_else_is_refused() {
        let many = vec![json!({ "kty": "RSA" }); 11];
        for set in [json!({}), json!([]), json!({ "keys": [] }), json!({ "keys": ["RSA"] }), json!({ "keys": many })] {
            assert_eq!(outcome(&set), Err(UnusableKeys::NotASet), "{set}");
        }
        assert_eq!(outcome(&json!({ "keys": [{ "kty": "OKP" }] })), Err(UnusableKeys::Kind));
    }
}
