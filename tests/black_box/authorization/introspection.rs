//! A client asks what its own tokens are worth (RFC 7662).

use postern_tests::{
    client::{Answer, Client, post_form},
    instance::instance,
    person::Person,
    service::Service,
};
use serde_json::{Value, json};

use super::{assert_refused, client, origin};

/// A client with a secret, and tokens of that person's.
fn confidential(person: &Person<'_>) -> (Client, String) {
    let registered =
        postern_tests::client::register(origin(), json!({ "token_endpoint_auth_method": "client_secret_post" }));
    let registered = registered.json();
    let text = |name: &str| registered[name].as_str().expect("text").to_owned();
    let mut client = Client::registered(origin());
    client.id = text("client_id");
    let secret = text("client_secret");
    let code = client.consented(person, &[]);
    client.keep(&client.redeem(&code, &[("client_secret", &secret)]).json());
    (client, secret)
}

fn ask((client, secret): &(Client, String), token: &str) -> Answer {
    let fields = [("client_id", client.id.as_str()), ("client_secret", secret), ("token", token)];
    post_form(&format!("{}/introspect", origin()), &fields)
}

fn introspect(client: &(Client, String), token: &str) -> Value {
    let answer = ask(client, token);
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    answer.json()
}

fn inactive() -> Value {
    json!({ "active": false })
}

#[test]
fn a_client_learns_what_its_own_tokens_are_worth() {
    let person = Person::developer();
    let client = confidential(&person);
    let access = introspect(&client, &client.0.access_token);
    assert_eq!((&access["active"], &access["token_type"]), (&json!(true), &json!("Bearer")), "{access}");
    assert_eq!((&access["sub"], &access["client_id"]), (&json!(person.user_id()), &json!(client.0.id)));
    assert_eq!((&access["iss"], &access["aud"]), (&json!(origin()), &json!(client.0.resource())));
    assert_eq!(access["scope"], "read write");
    let refresh = introspect(&client, &client.0.refresh_token);
    assert_eq!((&refresh["active"], &refresh["scope"]), (&json!(true), &json!("read write")), "{refresh}");
}

#[test]
fn it_learns_nothing_of_its_persons_roles_and_groups() {
    let client = confidential(&Person::administrator());
    let access = introspect(&client, &client.0.access_token);
    let shown: Vec<&String> = access.as_object().expect("an object").keys().collect();
    assert_eq!(shown, ["active", "token_type", "client_id", "sub", "scope", "iss", "aud", "iat", "exp", "jti"]);
}

#[test]
fn of_other_clients_tokens_it_learns_nothing_though_they_are_of_the_same_person() {
    let person = Person::developer();
    let (asking, other) = (confidential(&person), Client::of(&person));
    for token in [other.access_token.as_str(), &other.refresh_token, "unknown"] {
        assert_eq!(introspect(&asking, token), inactive());
    }
    let service = Service::with_secret(instance(), "client_credentials");
    assert_eq!(introspect(&asking, &service.client().access_token), inactive());
    assert_eq!(service.post("/introspect", &[("token", &other.access_token)]).json(), inactive());
}

#[test]
fn a_revoked_token_is_worth_nothing_at_once() {
    let client = confidential(&Person::developer());
    let (id, secret) = (client.0.id.as_str(), client.1.as_str());
    let fields = [("client_id", id), ("client_secret", secret), ("token", client.0.refresh_token.as_str())];
    assert_eq!(post_form(&format!("{}/revoke", origin()), &fields).status, 200);
    for token in [&client.0.access_token, &client.0.refresh_token] {
        assert_eq!(introspect(&client, token), inactive());
    }
}

#[test]
fn a_services_token_is_its_own() {
    let service = Service::with_secret(instance(), "client_credentials");
    let token = service.client().access_token;
    let answer = service.post("/introspect", &[("token", &token)]).json();
    assert_eq!((&answer["active"], &answer["sub"]), (&json!(true), &json!(format!("service:{}", service.id))));
    service.post("/revoke", &[("token", &token)]);
    assert_eq!(service.post("/introspect", &[("token", &token)]).json(), inactive());
}

#[test]
fn who_does_not_prove_to_be_a_client_learns_nothing() {
    let public = client();
    let fields = [("client_id", public.id.as_str()), ("token", &public.access_token)];
    assert_refused(&post_form(&format!("{}/introspect", origin()), &fields), "invalid_client");
    let (client, _) = confidential(&Person::developer());
    let token = client.access_token.clone();
    assert_refused(&ask(&(client, "guessed".into()), &token), "invalid_client");
}
