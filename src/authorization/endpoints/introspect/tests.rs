use futures_executor::block_on;

use super::*;
use crate::authorization::testing::{House, Registration, error_of, json_of, post, text, with_client};

fn ask(house: &House, client: &Registration, token: &str) -> Response {
    let parameters = with_client(client, &[("token", token), ("token_type_hint", "whatever")]);
    block_on(introspect(&house.context, &post(&parameters))).unwrap()
}

/// A confidential client with tokens of Alice's.
fn scene() -> (House, Registration, Value) {
    let house = House::default();
    let client = house.register("client_secret_post");
    let tokens = house.tokens(&client);
    (house, client, tokens)
}

fn is_inactive(house: &House, client: &Registration, token: &str) -> bool {
    let reply = ask(house, client, token);
    (reply.status, json_of(&reply)) == (200, json!({ "active": false }))
}

#[test]
fn an_access_token_of_the_clients_own_is_described() {
    let (house, client, tokens) = scene();
    let told = json_of(&ask(&house, &client, &text(&tokens, "access_token")));
    assert_eq!(told["active"], true);
    assert_eq!(told["token_type"], "Bearer");
    assert_eq!(told["client_id"], client.id.as_str());
    assert_eq!((&told["sub"], &told["scope"]), (&json!("alice"), &json!("read write")));
    assert_eq!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap(), 900);
}

#[test]
fn so_is_a_refresh_token_until_it_is_used() {
    let (house, client, tokens) = scene();
    let refresh_token = text(&tokens, "refresh_token");
    let told = json_of(&ask(&house, &client, &refresh_token));
    assert_eq!((&told["active"], &told["scope"]), (&json!(true), &json!("read write")));
    let next = text(&json_of(&house.refresh(&client, &refresh_token)), "refresh_token");
    assert!(is_inactive(&house, &client, &refresh_token));
    assert_eq!(json_of(&ask(&house, &client, &next))["active"], true);
}

#[test]
fn of_another_clients_tokens_nothing_is_told_nor_of_any_text() {
    let (house, _, tokens) = scene();
    let other = house.register("client_secret_post");
    for token in [text(&tokens, "access_token"), text(&tokens, "refresh_token"), "x".into(), "postern_refresh_".into()]
    {
        assert!(is_inactive(&house, &other, &token), "{token}");
    }
}

#[test]
fn what_is_over_is_not_active() {
    let (house, client, tokens) = scene();
    house.run(sql("UPDATE users SET disabled_at = 0 WHERE id = 'alice'"));
    assert!(is_inactive(&house, &client, &text(&tokens, "refresh_token")));
    house.run(sql("UPDATE users SET disabled_at = NULL"));
    house.run(sql("UPDATE grants SET revoked_at = 0"));
    assert!(is_inactive(&house, &client, &text(&tokens, "refresh_token")));
    house.wait(900);
    assert!(is_inactive(&house, &client, &text(&tokens, "access_token")));
}

#[test]
fn whether_an_access_token_is_live_is_asked_of_the_session() {
    let (house, client, tokens) = scene();
    ask(&house, &client, &text(&tokens, "access_token"));
    assert!(house.sessions.told.borrow().iter().any(|told| told.contains("is_live")));
}

#[test]
fn a_public_client_is_told_nothing() {
    let house = House::default();
    let (client, refresh_token) = house.refreshable();
    assert_eq!(error_of(&ask(&house, &client, &refresh_token)), (400, "invalid_client".into()));
}

#[test]
fn a_client_has_to_be_itself() {
    let (house, client, tokens) = scene();
    let unproven = Registration { secret: Some("wrong".into()), ..client };
    assert_eq!(error_of(&ask(&house, &unproven, &text(&tokens, "access_token"))), (400, "invalid_client".into()));
}

#[test]
fn a_token_has_to_be_named() {
    let (house, client, _) = scene();
    assert_eq!(error_of(&ask(&house, &client, "")), (400, "invalid_request".into()));
}
