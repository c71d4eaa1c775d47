use std::rc::Rc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_executor::block_on;
use serde_json::json;

use super::*;
use crate::{
    identifiers::RequestId,
    platform::native::{
        self,
        memory::{ScriptedHttp, json_answer},
    },
    settings,
};

const NOW: Timestamp = Timestamp(1_767_225_600_000);
const EXPECTED: Expectations<'_> =
    Expectations { issuer: "https://identity.example", client_id: "postern", nonce: Some("nonce") };

fn claims() -> IdClaims {
    IdClaims {
        issuer: "https://identity.example".into(),
        subject: "subject".into(),
        audience: vec!["postern".into()],
        authorized_party: None,
        expires_at: NOW.seconds() + 300,
        issued_at: NOW.seconds(),
        nonce: Some("nonce".into()),
        others: Map::new(),
    }
}

fn check(change: impl FnOnce(&mut IdClaims)) -> Result<(), ClaimError> {
    let mut claims = claims();
    change(&mut claims);
    check_claims(&claims, EXPECTED, NOW)
}

#[test]
fn claims_of_this_sign_in_are_accepted() {
    assert_eq!(check(|_| {}), Ok(()));
}

#[test]
fn another_issuer_is_refused_even_for_a_slash() {
    assert_eq!(check(|claims| claims.issuer.push('/')), Err(ClaimError::Issuer));
}

#[test]
fn an_empty_subject_is_refused() {
    assert_eq!(check(|claims| claims.subject.clear()), Err(ClaimError::Subject));
}

#[test]
fn another_audience_is_refused() {
    assert_eq!(check(|claims| claims.audience = vec!["account".into()]), Err(ClaimError::Audience));
    assert_eq!(check(|claims| claims.audience.clear()), Err(ClaimError::Audience));
}

#[test]
fn several_audiences_need_us_as_the_authorized_party() {
    let two = || vec!["account".into(), "postern".into()];
    assert_eq!(check(|claims| claims.audience = two()), Err(ClaimError::AuthorizedParty));
    let authorized = |claims: &mut IdClaims| {
        claims.audience = two();
        claims.authorized_party = Some("postern".into());
    };
    assert_eq!(check(authorized), Ok(()));
}

#[test]
fn another_authorized_party_is_refused() {
    assert_eq!(check(|claims| claims.authorized_party = Some("another".into())), Err(ClaimError::AuthorizedParty));
}

#[test]
fn an_expired_token_is_refused_after_the_skew() {
    assert_eq!(check(|claims| claims.expires_at = NOW.seconds() - 59), Ok(()));
    assert_eq!(check(|claims| claims.expires_at = NOW.seconds() - 60), Err(ClaimError::Expired));
}

#[test]
fn a_token_from_the_future_is_refused_beyond_the_skew() {
    assert_eq!(check(|claims| claims.issued_at = NOW.seconds() + 60), Ok(()));
    assert_eq!(check(|claims| claims.issued_at = NOW.seconds() + 61), Err(ClaimError::IssuedAhead));
}

#[test]
fn the_nonce_of_another_sign_in_or_none_is_refused() {
    assert_eq!(check(|claims| claims.nonce = Some("another".into())), Err(ClaimError::Nonce));
    assert_eq!(check(|claims| claims.nonce = None), Err(ClaimError::Nonce));
}

fn token(header: Value, payload: Value, signature: &[u8]) -> String {
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", encode(header), encode(payload), URL_SAFE_NO_PAD.encode(signature))
}

fn payload() -> Value {
    json!({
        "iss": "https://identity.example", "sub": "subject", "aud": ["postern"], "nonce": "nonce",
        "exp": NOW.seconds() + 300, "iat": NOW.seconds(), "name": " Dana ", "groups": ["/engineering"],
    })
}

fn verify_token(token: &str) -> Result<IdClaims, IdTokenError> {
    let http = ScriptedHttp::new(|_| json_answer(200, &json!({"keys": [{"kty": "RSA", "kid": "1"}]})));
    let context = Context {
        settings: Rc::new(settings::for_tests()),
        platform: native::platform(http),
        request_id: RequestId::new("request"),
    };
    let provider = Provider {
        issuer: "https://identity.example".into(),
        authorization_endpoint: String::new(),
        token_endpoint: String::new(),
        jwks_uri: "https://identity.example/keys".into(),
        userinfo_endpoint: None,
        authorization_response_iss_parameter_supported: false,
        scopes_supported: Vec::new(),
    };
    block_on(verify(&context, &provider, token, EXPECTED))
}

#[test]
fn a_signed_token_gives_its_claims() {
    let claims = verify_token(&token(json!({"alg": "RS256", "kid": "1"}), payload(), b"valid")).unwrap();
    assert_eq!((claims.subject.as_str(), claims.text("name")), ("subject", Some("Dana")));
    assert_eq!(claims.others["groups"], json!(["/engineering"]));
}

#[test]
fn a_wrong_signature_is_refused() {
    let error = verify_token(&token(json!({"alg": "RS256", "kid": "1"}), payload(), b"wrong")).unwrap_err();
    assert!(matches!(error, IdTokenError::Jws(JwsError::Signature)));
}

#[test]
fn a_key_the_provider_does_not_have_is_refused() {
    let error = verify_token(&token(json!({"alg": "RS256", "kid": "2"}), payload(), b"valid")).unwrap_err();
    assert!(matches!(error, IdTokenError::UnknownKey(Some(_))));
}

#[test]
fn a_token_that_does_not_say_when_it_was_issued_is_refused() {
    let mut payload = payload();
    payload.as_object_mut().unwrap().remove("iat");
    let error = verify_token(&token(json!({"alg": "RS256", "kid": "1"}), payload, b"valid")).unwrap_err();
    assert!(matches!(error, IdTokenError::NoIssueTime));
}
