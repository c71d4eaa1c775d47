//! Which secrets were in use, where each may be, and the forms in which one may hide.

use super::http::{Answer, Request};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// Shorter ones are not secrets but a test's idea of a bad one, and would be found by chance.
const SHORTEST: usize = 16;

/// What a secret is called.
pub(super) type Kind = &'static str;

const ACCESS_TOKEN: Kind = "access token";
const REFRESH_TOKEN: Kind = "refresh token";
const CLIENT_SECRET: Kind = "client secret";
const SESSION_COOKIE: Kind = "session cookie";
const UPSTREAM_TOKEN: Kind = "upstream token";
const IDENTITY_TOKEN: Kind = "identity provider's token";
const SETTING: Kind = "secret setting";

/// There is one of each in a whole run.
pub(super) const KINDS: [Kind; 7] =
    [ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_SECRET, SESSION_COOKIE, UPSTREAM_TOKEN, IDENTITY_TOKEN, SETTING];

/// Each secret with its kind.
pub(super) type Secrets = BTreeMap<String, Kind>;

/// How settings end that are secrets of the identity provider or of a provider's site, whatever that is called.
const OF_SITES: [&str; 2] = ["_CLIENT_SECRET", "_API_TOKEN"];

/// The other settings that are secrets.
const SETTINGS: [&str; 4] = ["SIGNING_KEY", "SIGNING_KEY_PREVIOUS", "SEALING_KEY", "SEALING_KEY_PREVIOUS"];

fn keep(secrets: &mut Secrets, kind: Kind, secret: &str) {
    if secret.len() >= SHORTEST {
        secrets.insert(secret.to_owned(), kind);
    }
}

/// Of the variables that a Worker was started with.
pub(super) fn of_settings(secrets: &mut Secrets, variables: &BTreeMap<String, String>) {
    let is_secret = |name: &str| SETTINGS.contains(&name) || OF_SITES.iter().any(|ending| name.ends_with(ending));
    for (_, value) in variables.iter().filter(|(name, _)| is_secret(name)) {
        keep(secrets, SETTING, value);
    }
}

/// Of an answer that the identity provider or a provider gave to the Worker's own request for tokens.
pub(super) fn of_issued(secrets: &mut Secrets, body: &str) {
    let tokens: Value = serde_json::from_str(body).unwrap_or_default();
    let kind = if tokens.get("id_token").is_some() { IDENTITY_TOKEN } else { UPSTREAM_TOKEN };
    for token in ["access_token", "refresh_token", "id_token"].iter().filter_map(|name| tokens.get(name)?.as_str()) {
        keep(secrets, kind, token);
    }
}

/// Of an exchange between a client and the Worker. What the answer hands to its owner is taken out of it, once: that is
/// the one place where it may be.
pub(super) fn taken_from(secrets: &mut Secrets, request: &Request, answer: &mut Answer) {
    of_proof(secrets, request, answer.status);
    for (_, value) in answer.headers.0.iter_mut().filter(|(name, _)| name == "set-cookie") {
        let cookie = between(value, "__Host-postern_session=", ";");
        take(secrets, SESSION_COOKIE, cookie, value);
    }
    let mut body = String::from_utf8_lossy(&answer.body).into_owned();
    let handed_out = match (&*request.method, request.path(), answer.status) {
        ("POST", "/token", 200) => {
            vec![(ACCESS_TOKEN, member(&body, "access_token")), (REFRESH_TOKEN, member(&body, "refresh_token"))]
        }
        ("POST", "/register", 201) => vec![(CLIENT_SECRET, member(&body, "client_secret"))],
        ("POST", "/admin/clients", 200) => {
            vec![(CLIENT_SECRET, between(&body, "<dt>Client secret</dt><dd><code>", "</code>"))]
        }
        _ => return,
    };
    for (kind, secret) in handed_out {
        take(secrets, kind, secret, &mut body);
    }
    answer.body = body.into_bytes();
}

fn take(secrets: &mut Secrets, kind: Kind, secret: Option<String>, place: &mut String) {
    if let Some(secret) = secret {
        *place = place.replacen(&secret, "", 1);
        keep(secrets, kind, &secret);
    }
}

/// The secret by which a client proved itself with success.
fn of_proof(secrets: &mut Secrets, request: &Request, status: u16) {
    if status != 200 || !matches!(request.path(), "/token" | "/introspect" | "/revoke") {
        return;
    }
    let basic = request.headers.get("authorization").and_then(|value| value.strip_prefix("Basic "));
    let basic = basic.and_then(|credential| String::from_utf8(STANDARD.decode(credential).ok()?).ok());
    let basic = basic.and_then(|credential| Some(format!("client_secret={}", credential.split_once(':')?.1)));
    for form in [request.body.as_slice(), basic.unwrap_or_default().as_bytes()] {
        for (_, secret) in form_urlencoded::parse(form).filter(|(name, _)| name == "client_secret") {
            keep(secrets, CLIENT_SECRET, &secret);
        }
    }
}

fn member(json: &str, name: &str) -> Option<String> {
    serde_json::from_str::<Value>(json).ok()?.get(name)?.as_str().map(str::to_owned)
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (secret, _) = text.split_once(before)?.1.split_once(after)?;
    Some(secret.to_owned()).filter(|secret| !secret.is_empty())
}

/// The byte strings by any of which the secret is given away: as it is, as forms, JSON and base64 show it, and a key
/// decoded. Of a token in parts the last is looked for, which nobody can guess and which makes the others good.
pub(super) fn forms(secret: &str) -> Vec<Vec<u8>> {
    let core = secret.rsplit('.').next().filter(|last| last.len() >= SHORTEST).unwrap_or(secret);
    let escaped = Value::from(core).to_string();
    let mut forms = vec![
        core.as_bytes().to_vec(),
        form_urlencoded::byte_serialize(core.as_bytes()).collect::<String>().into_bytes(),
        escaped.trim_matches('"').as_bytes().to_vec(),
    ];
    for before in 0..3 {
        // As base64 shows it when it follows so many bytes, without the characters that depend on its neighbours.
        let bytes = [&vec![0; before], core.as_bytes()].concat();
        let range = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        let encoded = [STANDARD.encode(&bytes), URL_SAFE.encode(&bytes)];
        forms.extend(encoded.iter().filter_map(|text| Some(text.get(range.clone())?.as_bytes().to_vec())));
    }
    let decoded = STANDARD.decode(core).or_else(|_| URL_SAFE_NO_PAD.decode(core)).unwrap_or_default();
    forms.extend((decoded.len() >= SHORTEST).then_some(decoded));
    forms.sort_unstable();
    forms.dedup();
    forms
}
