//! Access tokens that Postern did not issue, signed as if it had.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::instance::SIGNING_KEY;

/// An access token with other claims, under Postern's own signature.
pub fn reissued(access_token: &str, change: impl FnOnce(&mut Value)) -> String {
    let claims = access_token.split('.').nth(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let mut claims: Value = serde_json::from_slice(&claims.expect("a JWT")).expect("claims");
    change(&mut claims);
    let master = URL_SAFE_NO_PAD.decode(SIGNING_KEY).expect("a key");
    let key = mac(&master, b"access token");
    let id = URL_SAFE_NO_PAD.encode(Sha256::digest([b"postern key id".as_slice(), &master].concat()));
    let header = json!({ "alg": "HS256", "kid": id[..8], "typ": "at+jwt" });
    let signed = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac(&key, signed.as_bytes())))
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length will do");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
