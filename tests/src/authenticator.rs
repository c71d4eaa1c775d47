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

fn key_id() -> String {
    let id = URL_SAFE_NO_PAD.encode(Sha256::digest([b"postern key id".as_slice(), &key()].concat()));
    id[..8].to_owned()
}

/// These events, objects of column name to value, as a chain of that shard has them from its beginning on.
pub fn chain(shard: &str, epoch: i64, events: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut link = String::new();
    let mut linked = |(index, mut event): (usize, Value)| {
        let sequence = index + 1;
        let parts = [shard, &epoch.to_string(), &sequence.to_string(), &link, &event.to_string()];
        link = authenticate("chain of the audit log", &parts);
        let place = serde_json::json!({ "shard": shard, "epoch": epoch, "sequence": sequence, "link": link, "link_key": key_id() });
        event.as_object_mut().expect("an event").extend(place.as_object().expect("a place").clone());
        event
    };
    events.enumerate().map(&mut linked).collect()
}

/// How a credential of that kind, mostly the table that keeps it, is kept.
pub fn hash(kind: &str, credential: &str) -> String {
    authenticate("hash of a credential", &[kind, credential])
}

/// The column `mac` of a row with these values.
pub fn row(table: &str, values: &[Value]) -> String {
    let values = Value::from(values.to_vec()).to_string();
    format!("{}.{}", key_id(), authenticate("row of the record", &[table, &values]))
}
