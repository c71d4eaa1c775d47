use futures_executor::block_on;
use serde_json::{Value, json};

use super::*;
use crate::{
    authorization::{
        endpoints::token,
        testing::{House, Registration, error_of, json_of, post, signed, text},
    },
    platform::{
        database::sql,
        http::Response,
        limiter::Limit,
        native::memory::{ScriptedHttp, json_answer},
    },
};

const NOW: i64 = 1_767_225_600;

fn claims(client: &str) -> Value {
    json!({
        "iss": client, "sub": client, "aud": "https://postern.example/token", "jti": "1",
        "iat": NOW, "exp": NOW + 300,
    })
}

/// Asks for a service's token with that assertion.
fn ask(house: &House, assertion: &str, more: &[(&str, &str)]) -> Response {
    let mut parameters =
        vec![("grant_type", "client_credentials"), ("client_assertion_type", TYPE), ("client_assertion", assertion)];
    parameters.extend(more);
    block_on(token::token(&house.context, &post(&parameters))).unwrap()
}

fn header() -> Value {
    json!({ "alg": "ES256", "kid": "1" })
}

fn scene() -> (House, Registration) {
    let house = House::default();
    let client = house.enter("client_credentials", None);
    (house, client)
}

/// What becomes of an assertion with those claims changed: the status, and what is wrong.
fn attempt(changed: &Value) -> (u16, String) {
    let (house, client) = scene();
    let mut claims = claims(&client.id);
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let reply = ask(&house, &signed(&header(), &claims), &[("client_id", &client.id)]);
    let body = json_of(&reply);
    (reply.status, body["error_description"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn an_assertion_says_who_the_client_is() {
    let (house, client) = scene();
    let reply = ask(&house, &signed(&header(), &claims(&client.id)), &[]);
    assert_eq!(reply.status, 200, "{}", json_of(&reply));
}

#[test]
fn its_audience_is_the_issuer_or_the_token_endpoint() {
    assert_eq!(attempt(&json!({ "aud": "https://postern.example" })).0, 200);
    assert_eq!(attempt(&json!({ "aud": ["https://postern.example"] })).0, 200);
}

#[test]
fn every_claim_counts_and_the_developer_is_told_which() {
    for (changed, told) in [
        (json!({ "iss": "other" }), "its iss"),
        (json!({ "aud": "https://other.example/token" }), "its aud"),
        (json!({ "aud": ["https://postern.example", "https://other.example"] }), "its aud"),
        (json!({ "exp": NOW - 60 }), "has expired"),
        (json!({ "exp": NOW + 3600 }), "longer than 5 minutes"),
        (json!({ "jti": null }), "its jti"),
        (json!({ "exp": null }), "not a JWT"),
    ] {
        let (status, description) = attempt(&changed);
        assert_eq!(status, 400, "{changed}");
        assert!(description.contains(told), "{changed}: {description}");
    }
}

#[test]
fn it_is_used_once() {
    let (house, client) = scene();
    let assertion = signed(&header(), &claims(&client.id));
    assert_eq!(ask(&house, &assertion, &[]).status, 200);
    let again = ask(&house, &assertion, &[]);
    assert_eq!(error_of(&again), (400, "invalid_client".into()));
    assert!(text(&json_of(&again), "error_description").contains("used before"));
}

#[test]
fn ids_of_two_clients_do_not_meet() {
    let (house, client) = scene();
    let other = house.enter("client_credentials", None);
    for client in [client, other] {
        assert_eq!(ask(&house, &signed(&header(), &claims(&client.id)), &[]).status, 200);
    }
}

#[test]
fn a_refused_assertion_is_not_used_up() {
    let (house, client) = scene();
    let early = signed(
        &header(),
        &json!({
            "iss": client.id, "sub": client.id, "aud": "https://postern.example", "jti": "1",
            "iat": NOW + 120, "exp": NOW + 300,
        }),
    );
    assert_eq!(ask(&house, &early, &[]).status, 400);
    house.wait(120);
    assert_eq!(ask(&house, &early, &[]).status, 200);
}

#[test]
fn another_clients_name_does_not_go_with_it() {
    let (house, client) = scene();
    let other = house.enter("client_credentials", None);
    let assertion = signed(&header(), &claims(&client.id));
    assert_eq!(error_of(&ask(&house, &assertion, &[("client_id", &other.id)])), (400, "invalid_request".into()));
}

#[test]
fn a_key_that_the_client_does_not_have_is_refused() {
    let (house, client) = scene();
    for header in [json!({ "alg": "ES256", "kid": "2" }), json!({ "alg": "RS256", "kid": "1" })] {
        assert_eq!(error_of(&ask(&house, &signed(&header, &claims(&client.id)), &[])), (400, "invalid_client".into()));
    }
}

#[test]
fn a_client_with_a_secret_cannot_sign_instead_nor_one_with_keys_use_a_secret() {
    let (house, client) = scene();
    let with_secret = house.enter("client_credentials", Some("secret"));
    let assertion = signed(&header(), &claims(&with_secret.id));
    assert_eq!(error_of(&ask(&house, &assertion, &[])), (400, "invalid_client".into()));
    let with_keys = Registration { secret: Some("secret".into()), ..client };
    let reply = house.token(&with_keys, &[("grant_type", "client_credentials")]);
    assert_eq!(error_of(&reply), (400, "invalid_client".into()));
    assert!(text(&json_of(&reply), "error_description").contains("private_key_jwt"));
}

/// A client whose keys are at its own address, where that answers.
fn remote(answer: impl Fn() -> Value + 'static, status: u16) -> (House, Registration, ScriptedHttp) {
    let (mut house, client) = scene();
    let http = ScriptedHttp::new(move |_| json_answer(status, &answer()));
    house.context.platform.http = std::rc::Rc::new(http.clone());
    house.change_clients(sql("UPDATE clients SET jwks = NULL, jwks_uri = 'https://client.example/keys'"));
    (house, client, http)
}

#[test]
fn keys_at_an_address_are_fetched_once_for_many_assertions() {
    let (house, client, http) = remote(|| json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "1" }] }), 200);
    for jti in ["1", "2"] {
        let mut claims = claims(&client.id);
        claims["jti"] = json!(jti);
        assert_eq!(ask(&house, &signed(&header(), &claims), &[]).status, 200);
    }
    let sent: Vec<String> = http.sent.borrow().iter().map(|request| request.url.clone()).collect();
    assert_eq!(sent, ["https://client.example/keys"]);
}

#[test]
fn keys_that_could_not_be_fetched_are_not_asked_for_again_for_a_minute() {
    let (house, client, http) = remote(|| json!({}), 503);
    for expected in [1, 1] {
        ask(&house, &signed(&header(), &claims(&client.id)), &[]);
        assert_eq!(http.sent.borrow().len(), expected);
    }
    house.wait(60);
    ask(&house, &signed(&header(), &claims(&client.id)), &[]);
    assert_eq!(http.sent.borrow().len(), 2);
}

#[test]
fn no_keys_are_fetched_for_a_network_or_from_a_host_beyond_the_limit() {
    let (house, client, http) = remote(|| json!({}), 503);
    house.limiter.exhausted.set(Some(Limit::Fetches));
    let reply = ask(&house, &signed(&header(), &claims(&client.id)), &[]);
    assert_eq!(error_of(&reply), (400, "invalid_client".into()));
    assert!(http.sent.borrow().is_empty());
    assert_eq!(house.limiter.keys(Limit::Fetches), ["to:client.example"]);
}

#[test]
fn a_cache_takes_the_name_of_the_longest_address_of_keys() {
    let (house, client, http) = remote(|| json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "1" }] }), 200);
    let uri = format!("https://client.example/{}", "k".repeat(477));
    house.change_clients(sql("UPDATE clients SET jwks_uri = ?1").bind(&uri));
    assert_eq!(ask(&house, &signed(&header(), &claims(&client.id)), &[]).status, 200);
    assert_eq!((uri.len(), http.sent.borrow().len()), (500, 1));
    let keys = house.cache.keys();
    assert!(keys.iter().any(|key| key.starts_with("clients/keys/")) && keys.iter().all(|key| key.len() <= 512));
}

#[test]
fn an_assertion_for_what_the_client_may_not_do_is_not_used_up() {
    let (house, client) = scene();
    let assertion = signed(&header(), &claims(&client.id));
    let forbidden =
        [("grant_type", "refresh_token"), ("client_assertion_type", TYPE), ("client_assertion", &assertion)];
    let reply = block_on(token::token(&house.context, &post(&forbidden))).unwrap();
    assert_eq!(error_of(&reply), (400, "unauthorized_client".into()));
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM used_assertions"), 0);
    assert_eq!(ask(&house, &assertion, &[]).status, 200);
}

#[test]
fn keys_that_cannot_be_fetched_prove_nothing_and_the_developer_is_told() {
    for (answer, status) in [(json!({ "keys": [] }), 503), (json!([]), 200)] {
        let (house, client, _) = remote(move || answer.clone(), status);
        let reply = ask(&house, &signed(&header(), &claims(&client.id)), &[]);
        assert_eq!(error_of(&reply), (400, "invalid_client".into()));
        assert!(text(&json_of(&reply), "error_description").contains("jwks_uri"));
    }
}
