//! Row 141: the organisation's identity provider lets a client act for a person (enterprise-managed authorization).

use postern_tests::{
    client::{Answer, Client},
    instance::instance,
    person::Person,
    service::{JWT_BEARER, Service, now, unique},
};
use serde_json::{Value, json};

use super::{assert_refused, mcp_status, origin};

fn service() -> Service<'static> {
    Service::with_secret(instance(), JWT_BEARER)
}

/// The provider's name for itself and for somebody who has signed in.
fn names(person: &Person<'_>) -> (Value, Value) {
    person.signed_in_at("/connections");
    let rows = instance().sql("SELECT issuer, subject FROM users WHERE id = ?1", &[&person.user_id()]);
    (rows[0]["issuer"].clone(), rows[0]["subject"].clone())
}

/// Claims by which the provider lets that service act for that person now.
fn claims(person: &Person<'_>, service: &Service<'_>) -> Value {
    let (issuer, subject) = names(person);
    json!({
        "iss": issuer, "sub": subject, "aud": origin(), "client_id": service.id, "jti": unique(),
        "iat": now(), "exp": now() + 60, "resource": format!("{}/mcp", origin()), "scope": "read write",
    })
}

fn signed(claims: &Value) -> String {
    instance().jwt(None, &json!({ "typ": "oauth-id-jag+jwt" }), claims)
}

fn present(service: &Service<'_>, assertion: &str) -> Answer {
    service.post("/token", &[("grant_type", JWT_BEARER), ("assertion", assertion)])
}

/// The service with the person's token.
pub(super) fn vouched(person: &Person<'_>, service: &Service<'_>) -> Client {
    service.client_by(&present(service, &signed(&claims(person, service))))
}

#[test]
fn row_141_an_assertion_yields_the_persons_access_and_nothing_to_refresh_it_with() {
    let (person, service) = (Person::connected(), service());
    let reply = present(&service, &signed(&claims(&person, &service)));
    assert_eq!((reply.status, reply.json().get("refresh_token")), (200, None), "{reply:?}");
    let client = service.client_by(&reply);
    assert!(client.call("whoami", json!({})).text().contains(&person.username));
    let workspaces = client.call("bitbucket_list_workspaces", json!({}));
    assert!(!workspaces.is_error(), "the person's own account is used: {workspaces:?}");
}

#[test]
fn row_141_an_assertion_is_valid_once() {
    let (person, service) = (Person::developer(), service());
    let assertion = signed(&claims(&person, &service));
    assert_eq!(present(&service, &assertion).status, 200);
    assert_refused(&present(&service, &assertion), "invalid_grant");
}

#[test]
fn row_141_every_claim_counts() {
    let (person, service) = (Person::developer(), service());
    for (name, value) in [
        ("iss", json!("https://other.example")),
        ("aud", json!(format!("{}/token", origin()))),
        ("aud", json!([origin(), "https://other.example"])),
        ("client_id", json!("another")),
        ("resource", json!("https://other.example/mcp")),
        ("exp", json!(now() - 120)),
        ("exp", json!(now() + 3600)),
        ("iat", json!(now() + 3600)),
        ("jti", json!("")),
        ("sub", json!("")),
    ] {
        let mut claims = claims(&person, &service);
        claims[name] = value;
        assert_refused(&present(&service, &signed(&claims)), "invalid_grant");
    }
}

#[test]
fn row_141_only_this_kind_of_token_and_only_signed_by_the_provider() {
    let (person, service) = (Person::developer(), service());
    let claims = claims(&person, &service);
    for kind in ["JWT", "at+jwt"] {
        let token = instance().jwt(None, &json!({ "typ": kind }), &claims);
        assert_refused(&present(&service, &token), "invalid_grant");
    }
    let key = instance().key("RS256");
    let forged = instance().jwt(Some(&key["private"]), &json!({ "typ": "oauth-id-jag+jwt" }), &claims);
    assert_refused(&present(&service, &forged), "invalid_grant");
    let unsigned = signed(&claims);
    let unsigned = unsigned.split('.').nth(1).expect("a JWT");
    let none = "eyJhbGciOiJub25lIiwidHlwIjoib2F1dGgtaWQtamFnK2p3dCJ9"; // {"alg":"none","typ":"oauth-id-jag+jwt"}
    assert_refused(&present(&service, &format!("{none}.{unsigned}.")), "invalid_grant");
}

#[test]
fn row_141_it_is_for_the_client_that_it_names_and_that_may() {
    let (person, service, other) = (Person::developer(), service(), service());
    assert_refused(&present(&other, &signed(&claims(&person, &service))), "invalid_grant");
    let machine = Service::with_secret(instance(), "client_credentials");
    assert_refused(&present(&machine, &signed(&claims(&person, &machine))), "unauthorized_client");
    let stranger = Client::registered(origin());
    let fields = [("grant_type", JWT_BEARER), ("assertion", "x"), ("client_id", &stranger.id)];
    let answer = postern_tests::client::post_form(&format!("{}/token", origin()), &fields);
    assert_refused(&answer, "unauthorized_client");
}

#[test]
fn row_141_the_scope_is_what_all_allow() {
    let (person, service) = (Person::developer(), service());
    let mut claims = claims(&person, &service);
    claims["scope"] = json!("read");
    assert_eq!(present(&service, &signed(&claims)).json()["scope"], "read");
}

#[test]
fn row_141_who_never_signed_in_is_somebody_new_whatever_their_address() {
    let (person, service) = (Person::developer(), service());
    let mut claims = claims(&person, &service);
    claims["sub"] = json!(unique());
    claims["email"] = json!(format!("{}@acme.example", person.username));
    let client = service.client_by(&present(&service, &signed(&claims)));
    let who = client.call("whoami", json!({})).text();
    assert!(who.contains(&format!("{}@acme.example", person.username)), "{who}");
    assert!(client.call("bitbucket_list_workspaces", json!({})).is_error(), "nothing of the other's is theirs");
}

#[test]
fn row_141_each_person_has_their_own_access_and_ends_it() {
    let (one, other, service) = (Person::developer(), Person::developer(), service());
    let (client, bystander) = (vouched(&one, &service), vouched(&other, &service));
    let (_, page) = one.signed_in_at("/clients");
    assert!(page.body.contains("Nightly build") && page.body.contains("let in by"), "{}", page.body);
    assert!(client.call("whoami", json!({})).text().contains(&one.username));
    assert!(bystander.call("whoami", json!({})).text().contains(&other.username));
    assert_eq!(service.post("/revoke", &[("token", &client.access_token)]).status, 200);
    assert_eq!((mcp_status(&client), mcp_status(&bystander)), (401, 200));
}

#[test]
fn row_141_a_disabled_person_is_not_let_in() {
    let (person, service) = (Person::developer(), service());
    let claims = claims(&person, &service);
    instance().sql("UPDATE users SET disabled_at = 1 WHERE id = ?1", &[&person.user_id()]);
    assert_refused(&present(&service, &signed(&claims)), "invalid_grant");
}
