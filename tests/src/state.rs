//! `requestState` that Postern did not give out, sealed as if it had.

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    client::{Client, sha256},
    instance::SEALING_KEY,
    person::Person,
};

/// The state of a call without arguments, changed, under Postern's own key.
pub fn resealed(
    state: &str,
    person: &Person<'_>,
    client: &Client,
    tool: &str,
    change: impl FnOnce(&mut Value),
) -> String {
    let (key_id, sealed) = state.rsplit_once('.').expect("a key's id");
    let sealed = URL_SAFE_NO_PAD.decode(sealed).expect("base64url");
    let (nonce, sealed) = sealed.split_at(12);
    let mut derived =
        <Hmac<Sha256> as Mac>::new_from_slice(&URL_SAFE_NO_PAD.decode(SEALING_KEY).expect("a key")).expect("a key");
    derived.update(b"request state");
    let key = Aes256Gcm::new(&derived.finalize().into_bytes());
    let place = json!(["mcp request state", person.user_id(), client.id, "tools/call", tool, sha256("{}")]).to_string();
    let at = |text| Payload { msg: text, aad: place.as_bytes() };
    let opened = key.decrypt(Nonce::from_slice(nonce), at(sealed)).expect("the state of that call");
    let mut state: Value = serde_json::from_slice(&opened).expect("JSON");
    change(&mut state);
    // A nonce of its own: the one that it had with the last bit turned over.
    let mut nonce = nonce.to_vec();
    nonce[11] ^= 1;
    let sealed = key.encrypt(Nonce::from_slice(&nonce), at(state.to_string().as_bytes())).expect("sealed");
    format!("{key_id}.{}", URL_SAFE_NO_PAD.encode([nonce, sealed].concat()))
}
