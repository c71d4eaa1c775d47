//! What Postern's record holds of credentials, and how its rows are authenticated: for tests that put rows there as
//! Postern would.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::instance::SIGNING_KEY;

fn key() -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(SIGNING_KEY).expect("a key")
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("any length")
}

fn authenticate(purpose: &str, parts: &[&str]) -> String {
    let derived = mac(&key()).chain_update(purpose).finalize().into_bytes();
    let each = |mac: Hmac<Sha256>, part: &&str| mac.chain_update((part.len() as u64).to_be_bytes()).chain_update(part);
    URL_SAFE_NO_PAD.encode(parts.iter().fold(mac(&derived), each).finalize().into_bytes())
}

/// How a credential of that kind, mostly the table that keeps it, is kept.
pub fn hash(kind: &str, credential: &str) -> String {
    authenticate("hash of a credential", &[kind, credential])
}

/// The column `mac` of a row with these values.
pub fn row(table: &str, values: &[Value]) -> String {
    let id = URL_SAFE_NO_PAD.encode(Sha256::digest([b"postern key id".as_slice(), &key()].concat()));
    let values = Value::from(values.to_vec()).to_string();
    format!("{}.{}", &id[..8], authenticate("row of the record", &[table, &values]))
}
