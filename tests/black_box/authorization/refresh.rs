//! Rows 127–131: refresh tokens rotate, forgive lost answers and several windows, and notice a thief.

use postern_tests::{
    client::{Answer, Client, register},
    instance::instance,
    person::Person,
};
use serde_json::json;

use super::{REUSE, age, assert_refused, client, mcp_status, origin};

fn refreshed(client: &Client, refresh_token: &str) -> String {
    let answer = client.refresh(refresh_token, &[]);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["refresh_token"].as_str().expect("a refresh token").to_owned()
}

fn assert_over(answer: &Answer) {
    assert_refused(answer, "invalid_grant");
}

#[test]
fn row_127_every_refresh_gives_a_new_token() {
    let client = client();
    let second = refreshed(&client, &client.refresh_token);
    let third = refreshed(&client, &second);
    assert!(client.refresh_token != second && second != third && client.refresh_token != third);
}

#[test]
fn row_127_the_new_access_token_works() {
    let mut client = client();
    let tokens = client.refresh(&client.refresh_token, &[]).json();
    client.keep(&tokens);
    assert_eq!(mcp_status(&client), 200);
}

#[test]
fn row_128_a_token_that_was_superseded_longer_ago_than_the_limit_ends_the_access() {
    let mut client = client();
    let tokens = client.refresh(&client.refresh_token, &[]).json();
    age(&client.id, REUSE + 1);
    assert_over(&client.refresh(&client.refresh_token, &[]));
    client.keep(&tokens);
    assert_eq!(mcp_status(&client), 401);
    assert_over(&client.refresh(&client.refresh_token, &[]));
}

#[test]
fn row_128_the_person_sees_when_and_why_it_ended() {
    let person = Person::developer();
    let client = Client::of(&person);
    replay(&client);
    let (_, page) = person.signed_in_at("/clients");
    assert!(page.body.contains("Ended in the last 30 days"), "{}", page.body);
    assert!(page.body.contains("An outdated refresh token was used"), "{}", page.body);
}

/// Presents the client's first refresh token long after it was superseded.
fn replay(client: &Client) {
    refreshed(client, &client.refresh_token);
    age(&client.id, REUSE + 1);
    assert_over(&client.refresh(&client.refresh_token, &[]));
}

#[test]
fn row_128_only_that_access_of_the_person_ends() {
    let person = Person::developer();
    let (robbed, bystander) = (Client::of(&person), Client::of(&person));
    replay(&robbed);
    assert_eq!(mcp_status(&bystander), 200);
    refreshed(&bystander, &bystander.refresh_token);
}

#[test]
fn row_128_two_machines_with_one_client_id_never_log_each_other_out() {
    let person = Person::developer();
    let mut laptop = Client::of(&person);
    let desktop = laptop.on_another_machine(&person);
    assert_eq!(laptop.id, desktop.id);
    let mut elsewhere = desktop.refresh_token.clone();
    for _ in 0..3 {
        laptop.refresh_token = refreshed(&laptop, &laptop.refresh_token);
        elsewhere = refreshed(&desktop, &elsewhere);
    }
    assert_eq!((mcp_status(&laptop), mcp_status(&desktop)), (200, 200));
    replay(&laptop);
    assert_eq!((mcp_status(&laptop), mcp_status(&desktop)), (401, 200));
    refreshed(&desktop, &elsewhere);
}

#[test]
fn row_128_the_replay_is_in_the_log_without_the_token() {
    let client = client();
    replay(&client);
    let logs = instance().logs();
    assert!(logs.contains("refresh token replayed") && logs.contains(&client.id));
    assert!(!logs.contains(&client.refresh_token));
}

#[test]
fn row_129_a_client_whose_answer_was_lost_gets_the_same_token_again() {
    let client = client();
    let successor = refreshed(&client, &client.refresh_token);
    assert_eq!(refreshed(&client, &client.refresh_token), successor);
    age(&client.id, REUSE - 60);
    assert_eq!(refreshed(&client, &client.refresh_token), successor);
    refreshed(&client, &successor);
}

#[test]
fn row_129_two_windows_that_each_keep_their_token_go_on_side_by_side() {
    let client = client();
    let (mut one, mut other) = (client.refresh_token.clone(), client.refresh_token.clone());
    for _ in 0..3 {
        one = refreshed(&client, &one);
        age(&client.id, 15 * 60);
        other = refreshed(&client, &other);
        age(&client.id, 10 * 60);
    }
    refreshed(&client, &one);
}

#[test]
fn row_130_the_token_is_of_no_use_to_another_client() {
    let client = client();
    assert_over(&Client::registered(origin()).refresh(&client.refresh_token, &[]));
    refreshed(&client, &client.refresh_token);
}

#[test]
fn row_130_a_refresh_can_narrow_the_scope_but_not_widen_it() {
    let reader = Client::with_scope(&Person::developer(), "read");
    assert_refused(&reader.refresh(&reader.refresh_token, &[("scope", "read write")]), "invalid_scope");
    let writer = client();
    let narrowed = writer.refresh(&writer.refresh_token, &[("scope", "read")]).json();
    assert_eq!(narrowed["scope"], "read");
    let next = writer.refresh(narrowed["refresh_token"].as_str().expect("a token"), &[]).json();
    assert_eq!(next["scope"], "read write", "the grant keeps what the person consented to (RFC 6749 section 6)");
}

#[test]
fn row_130_a_refresh_is_for_the_same_resource() {
    let client = client();
    let other = [("resource", "https://other.example/mcp")];
    assert_refused(&client.refresh(&client.refresh_token, &other), "invalid_target");
}

#[test]
fn row_131_a_client_that_did_not_register_for_refreshing_gets_no_refresh_token() {
    let client = Client::registered_as(origin(), json!({ "grant_types": ["authorization_code"] }));
    let code = client.consented(&Person::developer(), &[]);
    let answer = client.redeem(&code, &[]);
    assert_eq!((answer.status, answer.json().get("refresh_token")), (200, None), "{answer:?}");
    assert_refused(&client.refresh("any", &[]), "unauthorized_client");
}

#[test]
fn row_131_a_client_that_names_no_grant_types_is_registered_for_refreshing_and_told_so() {
    let registered = postern_tests::client::register(origin(), json!({ "grant_types": null })).json();
    assert_eq!(registered["grant_types"], json!(["authorization_code", "refresh_token"]));
    let client = Client::registered_as(origin(), json!({ "grant_types": null }));
    let code = client.consented(&Person::developer(), &[]);
    assert!(client.redeem(&code, &[]).json()["refresh_token"].is_string());
}

#[test]
fn a_token_that_was_never_given_ends_nothing() {
    let client = client();
    let (start, end) = client.refresh_token.split_at(client.refresh_token.len() - 4);
    let forged = format!("{start}{}", end.chars().rev().collect::<String>());
    assert_over(&client.refresh(&forged, &[]));
    assert_eq!(mcp_status(&client), 200);
}

#[test]
fn a_confidential_client_refreshes_with_its_secret() {
    let answer = register(origin(), json!({ "token_endpoint_auth_method": "client_secret_post" })).json();
    let (id, secret) = (answer["client_id"].as_str().expect("an id"), answer["client_secret"].as_str().expect("one"));
    let mut client = Client::registered(origin());
    id.clone_into(&mut client.id);
    let code = client.consented(&Person::developer(), &[]);
    assert_eq!(client.redeem(&code, &[]).json()["error"], "invalid_client");
    let tokens = client.redeem(&code, &[("client_secret", secret)]).json();
    client.keep(&tokens);
    assert_refused(&client.refresh(&client.refresh_token, &[("client_secret", "guessed")]), "invalid_client");
    assert_eq!(client.refresh(&client.refresh_token, &[("client_secret", secret)]).status, 200);
}
