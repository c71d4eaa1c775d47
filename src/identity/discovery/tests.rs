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

fn context(http: &ScriptedHttp, clock: &TestClock) -> Context {
    let mut platform = native::platform(http.clone());
    platform.clock = Rc::new(clock.clone());
    Context { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("request") }
}

fn discover(document: Value) -> Result<Provider, ProviderError> {
    let http = ScriptedHttp::new(move |_| json_answer(200, &document));
    block_on(provider(&context(&http, &TestClock::default())))
}

fn with(name: &str, value: &str) -> Value {
    let mut document = document();
    document[name] = value.into();
    document
}

#[test]
fn the_document_lies_under_the_issuer_and_is_fetched_once() {
    let http = ScriptedHttp::new(|_| json_answer(200, &document()));
    let context = context(&http, &TestClock::default());
    block_on(provider(&context)).unwrap();
    block_on(provider(&context)).unwrap();
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
    for name in ["token_endpoint", "userinfo_endpoint"] {
        let error = discover(with(name, "http://identity.example/token")).unwrap_err();
        assert_eq!(error, ProviderError::UnsafeEndpoint(name));
    }
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
    let error = block_on(provider(&context(&http, &TestClock::default()))).unwrap_err();
    assert!(matches!(error, ProviderError::Status { status: 503, .. }));
    assert!(matches!(discover(json!([])).unwrap_err(), ProviderError::Malformed { .. }));
}

#[test]
fn a_key_is_among_those_at_the_providers_address() {
    let http = ScriptedHttp::new(|_| json_answer(200, &json!({ "keys": [{ "kty": "RSA", "kid": "1" }] })));
    let context = context(&http, &TestClock::default());
    let provider: Provider = serde_json::from_value(document()).unwrap();
    let found = |id| block_on(key(&context, &provider, Some(id), Algorithm::Rs256)).unwrap().is_some();
    assert!(found("1") && !found("2"));
    assert_eq!(http.sent.borrow()[0].url, provider.jwks_uri);
}

#[test]
fn a_cached_document_is_checked_like_a_fetched_one() {
    let http = ScriptedHttp::new(|_| json_answer(200, &document()));
    let context = context(&http, &TestClock::default());
    let planted = with("token_endpoint", "http://thief.example/token").to_string();
    block_on(context.platform.cache.put(&format!("identity/provider/{ISSUER}"), planted, PROVIDER_LIFE));
    let found = block_on(provider(&context)).unwrap();
    assert_eq!(found.token_endpoint, document()["token_endpoint"].as_str().unwrap());
}
