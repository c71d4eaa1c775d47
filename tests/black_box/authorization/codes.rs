//! Rows 123–126: a code becomes tokens once, for whom it was made, in time.

use std::{sync::Barrier, thread};

use postern_tests::{
    authenticator::hash,
    client::{Client, parameter, sha256},
    instance::instance,
    person::Person,
};

use super::{assert_refused, mcp_status, origin};

fn with_code() -> (Client, String) {
    let client = Client::registered(origin());
    let code = client.consented(&Person::developer(), &[]);
    (client, code)
}

#[test]
fn row_123_the_reply_is_as_the_specification_wants_it() {
    let (client, code) = with_code();
    let answer = client.redeem(&code, &[]);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let reply = answer.json();
    assert_eq!((reply["token_type"].as_str(), reply["scope"].as_str()), (Some("Bearer"), Some("read write")));
    assert!(reply["expires_in"].as_u64().is_some_and(|seconds| (300..=3600).contains(&seconds)), "{reply}");
    assert!(reply["access_token"].is_string() && reply["refresh_token"].is_string());
}

#[test]
fn row_124_a_code_is_worth_nothing_without_its_verifier() {
    let (client, code) = with_code();
    let other = sha256("another verifier");
    assert_refused(&client.redeem(&code, &[("code_verifier", &other)]), "invalid_grant");
    assert_refused(&client.redeem(&code, &[("code_verifier", "")]), "invalid_request");
    assert_eq!(client.redeem(&code, &[]).status, 200, "whoever has the code alone must not be able to use it up");
}

#[test]
fn row_124_a_code_goes_with_the_redirect_it_was_sent_to() {
    let (client, code) = with_code();
    let other = "http://127.0.0.1:33418/other";
    assert_refused(&client.redeem(&code, &[("redirect_uri", other)]), "invalid_grant");
}

#[test]
fn row_124_a_code_is_for_the_client_that_asked() {
    let (_, code) = with_code();
    assert_refused(&Client::registered(origin()).redeem(&code, &[]), "invalid_grant");
}

#[test]
fn row_124_a_code_is_for_the_resource_that_was_asked_for() {
    let (client, code) = with_code();
    assert_refused(&client.redeem(&code, &[("resource", "https://other.example/mcp")]), "invalid_target");
}

#[test]
fn row_124_a_code_that_was_never_given_is_no_code() {
    let (client, _) = with_code();
    assert_refused(&client.redeem("guessed", &[]), "invalid_grant");
}

/// Lets the client's code have been redeemed that many seconds earlier.
fn age(client: &Client, seconds: u32) {
    let age = "UPDATE authorization_codes SET consumed_at = consumed_at - ?2 * 1000 WHERE client_id = ?1";
    instance().sql(age, &[&client.id, &seconds.to_string()]);
}

#[test]
fn row_125_a_code_used_again_later_ends_what_it_gave() {
    let (mut client, code) = with_code();
    client.keep(&client.redeem(&code, &[]).json());
    assert_eq!(mcp_status(&client), 200);
    age(&client, 11);
    assert_refused(&client.redeem(&code, &[]), "invalid_grant");
    assert_eq!(mcp_status(&client), 401);
    assert_refused(&client.refresh(&client.refresh_token, &[]), "invalid_grant");
}

#[test]
fn row_125_a_second_use_ends_no_other_access_of_the_person() {
    let person = Person::developer();
    let bystander = Client::of(&person);
    let client = Client::registered(origin());
    let code = client.consented(&person, &[]);
    client.redeem(&code, &[]);
    age(&client, 11);
    assert_refused(&client.redeem(&code, &[]), "invalid_grant");
    assert_eq!(mcp_status(&bystander), 200);
}

#[test]
fn row_125_of_uses_at_the_same_time_one_succeeds_and_lives() {
    let (mut client, code) = with_code();
    let start = Barrier::new(12);
    let answers = thread::scope(|scope| {
        let redeem = || {
            start.wait();
            client.redeem(&code, &[])
        };
        let threads: Vec<_> = (0..12).map(|_| scope.spawn(redeem)).collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect::<Vec<_>>()
    });
    let (given, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(given.len(), 1, "{given:?}");
    refused.iter().for_each(|answer| assert_refused(answer, "invalid_grant"));
    client.keep(&given[0].json());
    assert_eq!(mcp_status(&client), 200);
}

#[test]
fn row_126_a_code_expires() {
    let (client, code) = with_code();
    let hash = hash("authorization_codes", &code);
    let rows = instance()
        .sql("SELECT expires_at - unixepoch() * 1000 AS left FROM authorization_codes WHERE code_hash = ?1", &[&hash]);
    assert!(rows[0]["left"].as_i64().is_some_and(|left| left <= 61_000), "{rows}");
    instance()
        .sql("UPDATE authorization_codes SET expires_at = unixepoch() * 1000 - 1000 WHERE code_hash = ?1", &[&hash]);
    assert_refused(&client.redeem(&code, &[]), "invalid_grant");
}

#[test]
fn two_codes_of_one_client_are_two_grants() {
    let person = Person::developer();
    let client = Client::registered(origin());
    let codes = [(); 2].map(|()| parameter(&client.authorize(&person, &[], "approve"), "code").expect("a code"));
    let [first, second] = codes.map(|code| client.redeem(&code, &[]).json());
    let mut client = client;
    client.keep(&second);
    let revoked = first["refresh_token"].as_str().expect("a refresh token");
    postern_tests::client::post_form(&format!("{}/revoke", origin()), &[("token", revoked), ("client_id", &client.id)]);
    assert_refused(&client.refresh(revoked, &[]), "invalid_grant");
    assert_eq!(mcp_status(&client), 200);
}
