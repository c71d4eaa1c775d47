//! Signed tokens (JWT, HS256) that Postern issues and checks without asking anybody.

use jwt_compact::{
    AlgorithmExt as _, Claims, Header, UntrustedToken,
    alg::{Hs256, Hs256Key},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{key::KeyPair, secret::Secret};
use crate::platform::{Fault, clock::Timestamp};

/// What a token of ours says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T> {
    pub claims: T,
    /// Seconds since the Unix epoch, as `expires_at`.
    pub issued_at: i64,
    pub expires_at: i64,
}

/// Signs with the current key; accepts either.
#[derive(Debug, Clone)]
pub struct Signer {
    keys: KeyPair,
    /// The JWT's `typ`, so that a token of one kind is not taken for another (RFC 8725 §3.11).
    kind: &'static str,
}

impl Signer {
    pub const fn new(keys: KeyPair, kind: &'static str) -> Self {
        Self { keys, kind }
    }

    /// A JWT of these claims that ends at `expires`.
    ///
    /// # Errors
    /// Where the claims are not a JSON object.
    pub fn sign<T: Serialize>(&self, claims: T, issued: Timestamp, expires: Timestamp) -> Result<Secret, Fault> {
        let header = Header::empty().with_key_id(self.keys.current.id()).with_token_type(self.kind);
        let mut claims = Claims::new(claims);
        claims.issued_at = moment(issued);
        claims.expiration = moment(expires);
        Hs256
            .token(&header, &claims, &Hs256Key::new(self.keys.current.bytes()))
            .map(Secret::new)
            .map_err(|error| Fault::new("sign", error))
    }

    /// What a token says that a live key signed, of this kind and not ended; `None` for any other text.
    pub fn verify<T: DeserializeOwned>(&self, token: &str, now: Timestamp) -> Option<Verified<T>> {
        let untrusted = UntrustedToken::new(token).ok()?;
        if untrusted.header().token_type.as_deref() != Some(self.kind) {
            return None;
        }
        let key = self.keys.find(untrusted.header().key_id.as_deref()?)?;
        let token = Hs256.validator::<T>(&Hs256Key::new(key.bytes())).validate(&untrusted).ok()?;
        let (_, claims) = token.into_parts();
        let (issued_at, expires_at) = (claims.issued_at?.timestamp(), claims.expiration?.timestamp());
        (expires_at > now.seconds()).then_some(Verified { claims: claims.custom, issued_at, expires_at })
    }
}

fn moment(timestamp: Timestamp) -> Option<chrono::DateTime<chrono::Utc>> {
    chrono::DateTime::from_timestamp(timestamp.seconds(), 0)
}
