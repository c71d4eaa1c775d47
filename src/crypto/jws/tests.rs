use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_executor::block_on;
use serde_json::{Map, json};

use super::*;
use crate::platform::native::memory::TrustingSignatures;

fn token(header: &Value, payload: &Value, signature: &[u8]) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", encode(header), encode(payload), URL_SAFE_NO_PAD.encode(signature))
}

fn verify(text: &str) -> Result<Verified<Map<String, Value>>, JwsError> {
    block_on(Unverified::read(text)?.verify(&TrustingSignatures, &json!({})))
}

fn claims() -> Value {
    json!({ "exp": 2, "iat": 1, "aud": "a" })
}

#[test]
fn a_signed_token_gives_its_claims() {
    let verified = verify(&token(&json!({ "alg": "ES256" }), &claims(), b"valid")).unwrap();
    assert_eq!((verified.expires_at, verified.issued_at, verified.not_before), (2, Some(1), None));
    assert_eq!(verified.claims["aud"], "a");
}

#[test]
fn a_wrong_signature_is_refused() {
    let error = verify(&token(&json!({ "alg": "RS256" }), &claims(), b"wrong")).unwrap_err();
    assert!(matches!(error, JwsError::Signature));
}

#[test]
fn unsigned_and_symmetric_algorithms_are_refused() {
    for algorithm in ["none", "HS256", "RS384", "rs256", ""] {
        let error = verify(&token(&json!({ "alg": algorithm }), &claims(), b"valid")).unwrap_err();
        assert!(matches!(error, JwsError::Algorithm(_)), "{algorithm}");
    }
}

#[test]
fn a_header_that_must_be_understood_is_refused() {
    let header = json!({ "alg": "RS256", "crit": ["exp"] });
    assert!(matches!(verify(&token(&header, &claims(), b"valid")).unwrap_err(), JwsError::Critical));
}

#[test]
fn a_token_without_an_end_is_refused() {
    let error = verify(&token(&json!({ "alg": "RS256" }), &json!({ "iat": 1 }), b"valid")).unwrap_err();
    assert!(matches!(error, JwsError::Malformed(_)));
}

#[test]
fn what_is_no_token_is_refused() {
    for text in ["", "a.b", "a.b.c.d", "ey.ey.ey", "…"] {
        assert!(matches!(verify(text).unwrap_err(), JwsError::Malformed(_)), "{text}");
    }
}

fn rsa(id: &str) -> Value {
    json!({"kty": "RSA", "kid": id, "n": "…", "e": "AQAB"})
}

#[test]
fn a_key_of_another_kind_or_use_is_not_chosen() {
    let encryption = json!({"kty": "RSA", "kid": "1", "use": "enc"});
    assert_eq!(choose(&[encryption], Some("1"), Algorithm::Rs256), None);
    assert_eq!(choose(&[rsa("1")], Some("1"), Algorithm::Es256), None);
    let another_algorithm = json!({"kty": "RSA", "kid": "1", "alg": "RS512"});
    assert_eq!(choose(&[another_algorithm], Some("1"), Algorithm::Rs256), None);
}

#[test]
fn without_an_id_the_only_suitable_key_is_chosen_and_none_of_two() {
    assert!(choose(&[rsa("1")], None, Algorithm::Rs256).is_some());
    assert_eq!(choose(&[rsa("1"), rsa("2")], None, Algorithm::Rs256), None);
}
