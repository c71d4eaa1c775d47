use std::rc::Rc;

use serde_json::{Value, json};

use super::*;
use crate::{
    authorization::{
        clients::GrantType,
        testing::{House, Registration, error_of, json_of, signed, text},
        tokens::access_token,
    },
    governance::attributes::Role,
    identity::claimed::Claimed,
    platform::{
        http::Response,
        native::memory::{ScriptedHttp, json_answer},
    },
    settings,
};

const NOW: i64 = 1_767_225_600;
const ISSUER: &str = "https://identity.example/realms/acme";

/// A Postern whose identity provider vouches for people, and a client that may use that.
fn scene() -> (House, Registration) {
    let mut house = House::default();
    let mut settings = settings::for_tests();
    settings.identity.vouches_for_people = true;
    house.context.settings = Rc::new(settings);
    house.context.platform.http = Rc::new(ScriptedHttp::new(|request| {
        if request.url.ends_with("/keys") {
            return json_answer(200, &json!({ "keys": [{ "kty": "RSA", "kid": "1" }] }));
        }
        let endpoint = |name: &str| format!("{ISSUER}/{name}");
        let document = json!({
            "issuer": ISSUER, "jwks_uri": endpoint("keys"),
            "authorization_endpoint": endpoint("authorize"), "token_endpoint": endpoint("token"),
        });
        json_answer(200, &document)
    }));
    house.run(sql("UPDATE users SET issuer = 'https://identity.example/realms/acme'"));
    let client = house.enter(GrantType::JwtBearer.name(), Some("secret"));
    (house, client)
}

fn claims(client: &Registration) -> Value {
    json!({
        "iss": ISSUER, "sub": "alice", "aud": "https://postern.example", "client_id": client.id, "jti": "1",
        "iat": NOW, "exp": NOW + 300,
    })
}

fn header() -> Value {
    json!({ "alg": "RS256", "kid": "1", "typ": "oauth-id-jag+jwt" })
}

fn present(house: &House, client: &Registration, assertion: &str, more: &[(&str, &str)]) -> Response {
    let mut parameters = vec![("grant_type", GrantType::JwtBearer.name()), ("assertion", assertion)];
    parameters.extend(more);
    house.token(client, &parameters)
}

/// What becomes of an assertion with those claims changed (`null` leaves one out).
fn attempt(changed: &Value, more: &[(&str, &str)]) -> (u16, Value) {
    let (house, client) = scene();
    let mut claims = claims(&client);
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let reply = present(&house, &client, &signed(&header(), &claims), more);
    (reply.status, json_of(&reply))
}

#[test]
fn an_assertion_yields_an_access_token_of_the_person_and_no_refresh_token() {
    let (house, client) = scene();
    let reply = json_of(&present(&house, &client, &signed(&header(), &claims(&client)), &[]));
    assert_eq!((&reply["scope"], reply.get("refresh_token")), (&json!("read write"), None), "{reply}");
    let now = house.context.platform.clock.now();
    let principal = access_token::read(&house.context.settings, &text(&reply, "access_token"), now).unwrap();
    assert_eq!(principal.subject, Subject::Person(person::user_id(ISSUER, "alice")));
}

#[test]
fn the_token_has_the_roles_that_the_person_last_signed_in_with() {
    let (house, client) = scene();
    let settings = &house.context.settings;
    let (user, now) = (person::user_id(ISSUER, "alice"), house.context.platform.clock.now());
    house.run(person::take_id(&user, ISSUER, "alice"));
    let roles = Claimed::new(&vec![Role::Approver], now);
    house.run(
        sql("UPDATE users SET roles = ?2, roles_at = ?3, mac = ?4 WHERE id = ?1")
            .bind(&user)
            .bind(&roles.json)
            .bind(now)
            .bind(roles.mac(settings.authenticator(), &user)),
    );
    let reply = json_of(&present(&house, &client, &signed(&header(), &claims(&client)), &[]));
    let principal = access_token::read(settings, &text(&reply, "access_token"), now).unwrap();
    assert_eq!(principal.attributes.roles, [Role::Approver]);
}

#[test]
fn every_claim_counts_and_the_developer_is_told_which() {
    for (changed, told) in [
        (json!({ "iss": "https://other.example" }), "its iss"),
        (json!({ "sub": "" }), "its sub"),
        (json!({ "aud": "https://postern.example/token" }), "its aud"),
        (json!({ "aud": ["https://postern.example", "https://other.example"] }), "its aud"),
        (json!({ "client_id": "other" }), "its client_id"),
        (json!({ "resource": "https://other.example/mcp" }), "its resource"),
        (json!({ "resource": ["https://postern.example/mcp", "https://other.example/mcp"] }), "its resource"),
        (json!({ "exp": NOW - 60 }), "has expired"),
        (json!({ "iat": null }), "has expired, or"),
        (json!({ "exp": NOW + 3600 }), "longer than 5 minutes"),
        (json!({ "jti": null }), "its jti"),
        (json!({ "client_id": null }), "not a JWT"),
    ] {
        let (status, reply) = attempt(&changed, &[]);
        assert_eq!((status, &reply["error"]), (400, &json!("invalid_grant")), "{changed}: {reply}");
        assert!(text(&reply, "error_description").contains(told), "{changed}: {reply}");
    }
}

#[test]
fn our_resource_is_the_only_one_there_is() {
    for resource in [json!("https://postern.example/mcp"), json!(["https://postern.example/mcp"]), Value::Null] {
        assert_eq!(attempt(&json!({ "resource": resource }), &[]).0, 200);
    }
}

#[test]
fn another_kind_of_token_of_the_same_provider_is_no_assertion() {
    let (house, client) = scene();
    for kind in [json!("JWT"), json!("at+jwt"), Value::Null] {
        let header = json!({ "alg": "RS256", "kid": "1", "typ": kind });
        let reply = present(&house, &client, &signed(&header, &claims(&client)), &[]);
        assert_eq!(error_of(&reply), (400, "invalid_grant".into()), "{kind}");
    }
}

#[test]
fn unsigned_and_foreign_signatures_are_refused() {
    let (house, client) = scene();
    for (algorithm, id) in [("none", "1"), ("HS256", "1"), ("ES256", "1"), ("RS256", "2")] {
        let header = json!({ "alg": algorithm, "kid": id, "typ": "oauth-id-jag+jwt" });
        let reply = present(&house, &client, &signed(&header, &claims(&client)), &[]);
        assert_eq!(error_of(&reply), (400, "invalid_grant".into()), "{algorithm} {id}");
    }
}

#[test]
fn it_is_used_once() {
    let (house, client) = scene();
    let assertion = signed(&header(), &claims(&client));
    assert_eq!(present(&house, &client, &assertion, &[]).status, 200);
    assert_eq!(error_of(&present(&house, &client, &assertion, &[])), (400, "invalid_grant".into()));
}

#[test]
fn the_scope_is_what_assertion_registration_and_request_all_allow() {
    let scope = |vouched: Value, asked: &str| attempt(&json!({ "scope": vouched }), &[("scope", asked)]).1;
    assert_eq!(scope(json!("read"), "")["scope"], "read");
    assert_eq!(scope(json!("read write admin"), "")["scope"], "read write", "the client is registered for no more");
    assert_eq!(scope(Value::Null, "read")["scope"], "read");
    assert_eq!(scope(json!("read"), "write")["scope"], "read");
    assert_eq!(scope(json!("openid"), "")["error"], "invalid_scope");
    assert_eq!(scope(json!("read"), "openid")["scope"], "read", "what is unknown is not asked for");
}

#[test]
fn who_has_never_signed_in_is_put_on_record_without_roles() {
    let (house, client) = scene();
    let mut claims = claims(&client);
    claims["sub"] = json!("carol");
    claims["email"] = json!("alice@acme.example");
    assert_eq!(present(&house, &client, &signed(&header(), &claims), &[]).status, 200);
    let rows = house.run(sql("SELECT username, roles FROM users WHERE subject = 'carol'"));
    assert_eq!(rows, [json!({ "username": "alice@acme.example", "roles": "[]" })]);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants WHERE user_id = 'alice'"), 0, "an address is nobody");
}

#[test]
fn a_disabled_person_gets_nothing() {
    let (house, client) = scene();
    house.run(sql("UPDATE users SET disabled_at = 0 WHERE id = 'alice'"));
    let reply = present(&house, &client, &signed(&header(), &claims(&client)), &[]);
    assert_eq!(error_of(&reply), (400, "invalid_grant".into()));
}

#[test]
fn a_client_that_comes_back_keeps_its_grant_until_the_person_ends_it() {
    let (house, client) = scene();
    let come = |jti: &str| {
        let mut claims = claims(&client);
        claims["jti"] = json!(jti);
        assert_eq!(present(&house, &client, &signed(&header(), &claims), &[]).status, 200);
        house.number("SELECT COUNT(*) AS n FROM grants")
    };
    assert_eq!((come("1"), come("2")), (1, 1));
    house.run(sql("UPDATE grants SET revoked_at = 0"));
    assert_eq!(come("3"), 2);
}

#[test]
fn it_is_for_clients_that_an_administrator_allowed_it() {
    let (house, _) = scene();
    let other = house.enter("client_credentials", Some("secret"));
    let reply = present(&house, &other, &signed(&header(), &claims(&other)), &[]);
    assert_eq!(error_of(&reply), (400, "unauthorized_client".into()));
}

#[test]
fn nobody_is_vouched_for_unless_the_operator_says_so() {
    let (mut house, client) = scene();
    house.context.settings = Rc::new(settings::for_tests());
    let reply = present(&house, &client, &signed(&header(), &claims(&client)), &[]);
    assert_eq!(error_of(&reply), (400, "unsupported_grant_type".into()));
}
