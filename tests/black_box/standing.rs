//! What becomes of people after they signed in, beside a certified identity provider: what it says of them later, and
//! its logouts. What a real Keycloak does is in `tests/keycloak`.

use postern_tests::{
    client::{Answer, Client, post_form},
    instance::instance,
    person::Person,
    service::{now, unique},
};
use serde_json::{Value, json};

/// From now on the provider's word on them is too old.
fn age_word(person: &Person<'_>) {
    let update = "UPDATE standings SET vouched_at = 0 WHERE user_id = ?1";
    instance().sql(update, &[&person.user_id()]);
}

fn refresh(client: &mut Client) -> Answer {
    let answer = client.refresh(&client.refresh_token, &[]);
    if answer.status == 200 {
        client.keep(&answer.json());
    }
    answer
}

#[test]
fn a_person_in_good_standing_goes_on_while_the_provider_rotates_its_tokens() {
    let person = Person::developer();
    let mut client = Client::of(&person);
    for _ in 0..3 {
        age_word(&person);
        assert_eq!(refresh(&mut client).status, 200);
    }
    let kinds = instance().sql("SELECT kind, state FROM standings WHERE user_id = ?1", &[&person.user_id()]);
    assert_eq!(kinds, json!([{ "kind": "offline", "state": "good" }]));
}

#[test]
fn a_person_who_was_disabled_at_the_provider_loses_every_client_at_its_next_word() {
    let person = Person::developer();
    let (mut client, other) = (Client::of(&person), Client::of(&person));
    instance().change_person(&person.username, &json!({ "disabled": true }));
    assert_eq!(client.call("whoami", json!({})).status, 200, "its last word still holds");
    age_word(&person);
    let refused = refresh(&mut client);
    assert_eq!((refused.status, refused.json()["error"].as_str()), (400, Some("invalid_grant")), "{refused:?}");
    for client in [client, other] {
        assert_eq!(client.call("whoami", json!({})).status, 401);
    }
}

#[test]
fn roles_follow_the_providers_next_word() {
    let person = Person::administrator();
    let (mut browser, page) = person.signed_in_at("/admin/tools");
    assert_eq!(page.status.as_u16(), 200);
    instance().change_person(&person.username, &json!({ "roles": [] }));
    age_word(&person);
    assert_eq!(browser.open(page.url).expect("a page").status.as_u16(), 403);
}

#[test]
fn roles_follow_the_userinfo_endpoint_where_a_refresh_brings_no_id_token() {
    let person = Person::administrator();
    let (mut browser, page) = person.signed_in_at("/admin/tools");
    instance().change_person(&person.username, &json!({ "idTokenOnce": true }));
    age_word(&person);
    assert_eq!(browser.open(page.url.clone()).expect("a page").status.as_u16(), 200);
    instance().change_person(&person.username, &json!({ "roles": [] }));
    age_word(&person);
    assert_eq!(browser.open(page.url).expect("a page").status.as_u16(), 403);
}

/// A logout token of the identity provider, with claims replaced.
fn logout_token(person: &Person<'_>, changed: Value) -> String {
    let rows = instance().sql("SELECT issuer, subject FROM users WHERE username = ?1", &[&person.username]);
    let mut claims = json!({
        "iss": rows[0]["issuer"], "sub": rows[0]["subject"], "aud": "postern", "iat": now(), "exp": now() + 120,
        "jti": unique(), "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    for (name, value) in changed.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    instance().jwt(None, &json!({ "typ": "logout+jwt" }), &claims)
}

fn send(token: &str) -> Answer {
    post_form(&format!("{}/identity/backchannel-logout", instance().url), &[("logout_token", token)])
}

fn sessions(person: &Person<'_>) -> i64 {
    let query = "SELECT COUNT(*) AS n FROM browser_sessions WHERE user_id = ?1";
    instance().sql(query, &[&person.user_id()])[0]["n"].as_i64().expect("a number")
}

#[test]
fn a_logout_at_the_provider_signs_out_the_browser_of_that_session_once() {
    let person = Person::developer();
    person.signed_in_at("/connections");
    person.signed_in_at("/connections");
    let query = "SELECT provider_session FROM browser_sessions WHERE user_id = ?1";
    let sid = instance().sql(query, &[&person.user_id()])[0]["provider_session"].clone();
    let token = logout_token(&person, json!({ "sid": sid }));
    let accepted = send(&token);
    assert_eq!((accepted.status, accepted.header("cache-control")), (200, "no-store"), "{accepted:?}");
    assert_eq!(sessions(&person), 1);
    let again = send(&token);
    assert_eq!((again.status, again.header("cache-control")), (400, "no-store"), "{again:?}");
}

#[test]
fn a_logout_token_that_is_none_of_ours_ends_nothing() {
    let person = Person::developer();
    person.signed_in_at("/connections");
    for changed in [json!({ "aud": "other" }), json!({ "iss": "https://evil.example" }), json!({ "nonce": "n" })] {
        assert_eq!(send(&logout_token(&person, changed.clone())).status, 400, "{changed}");
    }
    let stranger = instance().key("RS256");
    let claims = json!({ "iss": "x" });
    let forged = instance().jwt(Some(&stranger["private"]), &json!({ "typ": "logout+jwt" }), &claims);
    assert_eq!(send(&forged).status, 400);
    assert_eq!(sessions(&person), 1);
}
