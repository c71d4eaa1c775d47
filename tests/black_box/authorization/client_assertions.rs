//! `private_key_jwt`: clients that prove themselves by a key.

use postern_tests::{
    client::{Answer, Client, REDIRECT, VERIFIER, post_form},
    instance::instance,
    person::Person,
    service::{CLIENT_ASSERTION, Service, now, unique},
};
use serde_json::{Value, json};

use super::{assert_refused, mcp_status, origin};

fn service(algorithm: &str) -> Service<'static> {
    Service::with_key(instance(), "client_credentials", algorithm)
}

/// Asks for that service's token with that assertion.
fn ask(service: &Service<'_>, assertion: &str) -> Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", &service.id),
        ("client_assertion_type", CLIENT_ASSERTION),
        ("client_assertion", assertion),
    ];
    post_form(&format!("{}/token", origin()), &fields)
}

/// Asks with an assertion of a new service, with claims changed (`null` leaves one out).
fn ask_with(changed: &Value) -> Answer {
    let service = service("ES256");
    let mut claims = service.claims();
    for (name, value) in changed.as_object().expect("members") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    ask(&service, &service.sign(&claims))
}

#[test]
fn es256_and_rs256_prove_a_client_at_every_endpoint() {
    for algorithm in ["ES256", "RS256"] {
        let service = service(algorithm);
        let client = service.client();
        assert_eq!(mcp_status(&client), 200, "{algorithm}");
        let introspection = service.post("/introspect", &[("token", &client.access_token)]);
        assert_eq!(introspection.json()["active"], true, "{introspection:?}");
        assert_eq!(service.post("/revoke", &[("token", &client.access_token)]).status, 200);
        assert_eq!(mcp_status(&client), 401);
    }
}

#[test]
fn the_audience_is_the_issuer_or_the_token_endpoint_and_nobody_else() {
    let token_endpoint = format!("{}/token", origin());
    assert_eq!(ask_with(&json!({ "aud": token_endpoint })).status, 200);
    assert_refused(&ask_with(&json!({ "aud": "https://other.example" })), "invalid_client");
    assert_refused(&ask_with(&json!({ "aud": [origin(), "https://other.example"] })), "invalid_client");
}

#[test]
fn an_assertion_is_the_clients_own_short_lived_and_not_over() {
    for changed in [
        json!({ "iss": "other" }),
        json!({ "exp": now() - 120 }),
        json!({ "exp": now() + 3600 }),
        json!({ "exp": null }),
        json!({ "nbf": now() + 200, "exp": now() + 290 }),
        json!({ "jti": null }),
    ] {
        assert_refused(&ask_with(&changed), "invalid_client");
    }
}

#[test]
fn an_assertion_is_used_once_also_by_many_at_the_same_time() {
    let service = service("ES256");
    let assertion = service.sign(&service.claims());
    let answers = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| ask(&service, &assertion))).collect();
        asking.into_iter().map(|asking| asking.join().expect("an answer")).collect::<Vec<_>>()
    });
    let (given, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(given.len(), 1);
    refused.iter().for_each(|answer| assert_refused(answer, "invalid_client"));
}

#[test]
fn nobody_signs_for_another_client() {
    let (service, other) = (service("ES256"), service("ES256"));
    assert_refused(&ask(&service, &other.sign(&service.claims())), "invalid_client");
    let token = service.client().access_token;
    assert_eq!(other.post("/introspect", &[("token", &token)]).json(), json!({ "active": false }));
}

#[test]
fn unsigned_assertions_are_none() {
    let service = service("ES256");
    let assertion = service.sign(&service.claims());
    let claims = assertion.split('.').nth(1).expect("a JWT");
    let none = "eyJhbGciOiJub25lIn0"; // {"alg":"none"}
    assert_refused(&ask(&service, &format!("{none}.{claims}.")), "invalid_client");
}

/// A client that registered itself, and the key that it signs a new assertion with for each request.
struct Signing {
    client: Client,
    key: Value,
}

impl Signing {
    fn registered(key: Value, keys: &Value) -> Self {
        let mut changed = json!({ "token_endpoint_auth_method": "private_key_jwt" });
        changed.as_object_mut().expect("members").extend(keys.as_object().expect("members").clone());
        Self { client: Client::registered_as(origin(), changed), key }
    }

    fn post(&self, fields: &[(&str, &str)]) -> Answer {
        let id = &self.client.id;
        let claims = json!({ "iss": id, "sub": id, "aud": origin(), "jti": unique(), "exp": now() + 60 });
        let assertion = instance().jwt(Some(&self.key["private"]), &json!({}), &claims);
        let proof = [("client_assertion_type", CLIENT_ASSERTION), ("client_assertion", assertion.as_str())];
        post_form(&format!("{}/token", origin()), &[fields, &proof].concat())
    }

    /// Redeems the code of a consent.
    fn redeem(&self) -> Answer {
        let code = self.client.consented(&Person::developer(), &[]);
        let redeem = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", REDIRECT)];
        self.post(&[&redeem[..], &[("code_verifier", VERIFIER)]].concat())
    }
}

#[test]
fn a_person_can_let_in_a_client_with_a_key() {
    let key = instance().key("ES256");
    let keys = json!({ "jwks": { "keys": [key["public"]] } });
    let mut signing = Signing::registered(key, &keys);
    let tokens = signing.redeem();
    assert_eq!(tokens.status, 200, "{tokens:?}");
    let refresh_token = tokens.json()["refresh_token"].as_str().expect("one").to_owned();
    assert_refused(&signing.client.refresh(&refresh_token, &[]), "invalid_client");
    let refreshed = signing.post(&[("grant_type", "refresh_token"), ("refresh_token", &refresh_token)]);
    signing.client.keep(&refreshed.json());
    assert_eq!(mcp_status(&signing.client), 200);
}

#[test]
fn keys_may_lie_at_an_address_of_the_clients() {
    let key = instance().key("RS256");
    let uri = format!("https://keys-{}.example/jwks", unique());
    let signing = Signing::registered(key.clone(), &json!({ "jwks_uri": uri }));
    let refused = signing.redeem();
    assert_refused(&refused, "invalid_client");
    assert!(refused.body.contains("jwks_uri"), "the developer is told what is out of reach: {refused:?}");
    let set = json!({ "keys": [key["public"]] }).to_string();
    instance().serve(&uri, 200, &json!({ "content-type": "application/json" }), &set);
    assert_refused(&signing.redeem(), "invalid_client");
    assert_eq!(instance().fetched(&uri).len(), 1, "a host that was out of reach is left alone for a minute");
    instance().forget("clients/keys/");
    for _ in 0..2 {
        let tokens = signing.redeem();
        assert_eq!(tokens.status, 200, "{tokens:?}");
    }
    assert_eq!(instance().fetched(&uri).len(), 2, "once out of reach, once for all");
}

#[test]
fn keys_are_looked_for_on_the_public_internet_alone() {
    for uri in ["http://keys.example/jwks", "https://127.0.0.1/jwks", "https://localhost/jwks", "https://10.0.0.1/jwks"]
    {
        let changed = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": uri });
        let refused = postern_tests::client::register(origin(), changed);
        assert_refused(&refused, "invalid_client_metadata");
    }
}
