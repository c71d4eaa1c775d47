use std::rc::Rc;

use futures_executor::block_on;
use serde_json::json;

use super::*;
use crate::{
    identifiers::RequestId,
    platform::native::{
        self,
        memory::{ScriptedHttp, TestClock, json_answer},
    },
    settings,
};

const ISSUER: &str = "https://identity.example/realms/acme";

fn document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://identity.example/auth",
        "token_endpoint": "https://identity.example/token",
        "jwks_uri": "https://identity.example/keys",
    })
}

fn postern(http: &ScriptedHttp, clock: &TestClock) -> Postern {
    let mut platform = native::platform(http.clone());
    platform.clock = Rc::new(clock.clone());
    Postern { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("request") }
}

fn discover(document: Value) -> Result<Provider, ProviderError> {
    let http = ScriptedHttp::new(move |_| json_answer(200, &document));
    block_on(provider(&postern(&http, &TestClock::default())))
}

fn with(name: &str, value: &str) -> Value {
    let mut document = document();
    document[name] = value.into();
    document
}

#[test]
fn the_document_lies_under_the_issuer_and_is_fetched_once() {
    let http = ScriptedHttp::new(|_| json_answer(200, &document()));
    let postern = postern(&http, &TestClock::default());
    block_on(provider(&postern)).unwrap();
    block_on(provider(&postern)).unwrap();
    let sent: Vec<String> = http.sent.borrow().iter().map(|request| request.url.clone()).collect();
    assert_eq!(sent, [format!("{ISSUER}/.well-known/openid-configuration")]);
}

#[test]
fn a_document_of_another_issuer_is_refused_even_for_a_slash() {
    let error = discover(with("issuer", &format!("{ISSUER}/"))).unwrap_err();
    assert_eq!(error, ProviderError::AnotherIssuer(format!("{ISSUER}/")));
}

#[test]
fn a_plain_http_endpoint_of_an_https_issuer_is_refused() {
    let error = discover(with("token_endpoint", "http://identity.example/token")).unwrap_err();
    assert_eq!(error, ProviderError::UnsafeEndpoint("token_endpoint"));
}

#[test]
fn a_script_is_no_endpoint() {
    let error = discover(with("authorization_endpoint", "javascript:alert(1)")).unwrap_err();
    assert_eq!(error, ProviderError::UnsafeEndpoint("authorization_endpoint"));
}

#[test]
fn an_endpoint_on_another_https_host_is_accepted() {
    assert!(discover(with("token_endpoint", "https://token.example/")).is_ok());
}

#[test]
fn plain_http_is_accepted_at_a_plain_http_issuers_own_origin_alone() {
    assert!(is_safe("http://127.0.0.1:8791/token", "http://127.0.0.1:8791"));
    assert!(!is_safe("http://127.0.0.1:9999/token", "http://127.0.0.1:8791"));
}

#[test]
fn a_document_that_cannot_be_fetched_is_told_apart_from_a_bad_one() {
    let http = ScriptedHttp::new(|_| json_answer(503, &json!({})));
    let error = block_on(provider(&postern(&http, &TestClock::default()))).unwrap_err();
    assert!(matches!(error, ProviderError::Status { status: 503, .. }));
    assert!(matches!(discover(json!([])).unwrap_err(), ProviderError::Malformed { .. }));
}

fn rsa(id: &str) -> Value {
    json!({"kty": "RSA", "kid": id, "n": "…", "e": "AQAB"})
}

/// Each answer of the provider holds one more key than the one before: `1`, then `1` and `2`, ….
fn rotating() -> ScriptedHttp {
    let count = std::cell::Cell::new(0);
    ScriptedHttp::new(move |_| {
        count.set(count.get() + 1);
        let keys: Vec<Value> = (1..=count.get()).map(|number| rsa(&number.to_string())).collect();
        json_answer(200, &json!({ "keys": keys }))
    })
}

fn find(postern: &Postern, id: &str) -> bool {
    let provider: Provider = serde_json::from_value(document()).unwrap();
    block_on(key(postern, &provider, Some(id), Algorithm::Rs256)).unwrap().is_some()
}

#[test]
fn a_known_key_comes_from_the_cache() {
    let http = rotating();
    let postern = postern(&http, &TestClock::default());
    assert!(find(&postern, "1") && find(&postern, "1"));
    assert_eq!(http.sent.borrow().len(), 1);
}

#[test]
fn an_unknown_key_is_looked_up_again_but_not_within_30_seconds() {
    let http = rotating();
    let clock = TestClock::default();
    let postern = postern(&http, &clock);
    assert!(find(&postern, "1"));
    assert!(!find(&postern, "2"));
    assert_eq!(http.sent.borrow().len(), 1);
    clock.advance(Duration::from_secs(30));
    assert!(find(&postern, "2"));
    assert_eq!(http.sent.borrow().len(), 2);
}

#[test]
fn keys_are_fetched_anew_after_ten_minutes() {
    let http = rotating();
    let clock = TestClock::default();
    let postern = postern(&http, &clock);
    assert!(find(&postern, "1"));
    clock.advance(KEYS_LIFE);
    assert!(find(&postern, "1"));
    assert_eq!(http.sent.borrow().len(), 2);
}
