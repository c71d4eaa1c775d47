//! Row 42: hanging up ends the work, as far as it can be ended.

use super::*;

/// How long the provider is silent in these tests, in seconds.
const SILENCE: u32 = 4;

fn pairs(story: &[(String, String)]) -> Vec<(&str, &str)> {
    story.iter().map(|(phase, outcome)| (phase.as_str(), outcome.as_str())).collect()
}

#[test]
fn row_42_hanging_up_ends_the_request_upstream_and_leaves_its_outcome() {
    let person = person();
    let client = Client::of(&person);
    silence(&person, "GET", SILENCE);
    let connection = call(&client, MODERN, READ, &json!({}));
    assert_eq!(upstream_request(&person)["status"], Value::Null);
    connection.hang_up();
    assert_eq!(pairs(&story(&person, 1)), [("outcome", "cancelled")]);
    sleep(Duration::from_secs(u64::from(SILENCE)));
    assert_eq!(upstream_request(&person)["status"], Value::Null, "the provider answered somebody");
    assert_eq!(pairs(&story(&person, 1)), [("outcome", "cancelled")]);
}

#[test]
fn row_42_hanging_up_ends_the_read_of_a_resource() {
    let person = person();
    let client = Client::of(&person);
    silence(&person, "GET", SILENCE);
    let uri = json!({ "uri": "bitbucket://acme/backend/src/main/README.md" });
    let connection = send(&client, MODERN, "resources/read", uri, &json!({}));
    upstream_request(&person);
    connection.hang_up();
    assert_eq!(pairs(&story(&person, 1)), [("outcome", "cancelled")]);
}

#[test]
fn row_42_a_write_that_was_sent_comes_to_its_end() {
    let person = person();
    let client = Client::of(&person);
    silence(&person, "POST", SILENCE);
    let connection = call(&client, MODERN, WRITE, &json!({}));
    upstream_request(&person);
    connection.hang_up();
    assert_eq!(pairs(&story(&person, 2)), [("intent", "started"), ("outcome", "succeeded")]);
}

#[test]
fn row_42_a_stream_that_is_closed_ends_its_request_upstream() {
    let person = person();
    let client = Client::of(&person);
    silence(&person, "GET", 12);
    let mut connection = call(&client, MODERN, READ, &json!({ "progressToken": "t" }));
    assert_eq!(connection.head().0, 200);
    assert_eq!(connection.message().expect("progress")["method"], "notifications/progress");
    connection.hang_up();
    assert_eq!(pairs(&story(&person, 1)), [("outcome", "cancelled")]);
}

#[test]
fn a_legacy_client_that_hangs_up_cancels_nothing() {
    let person = person();
    let client = Client::of(&person);
    silence(&person, "GET", SILENCE);
    let connection = call(&client, "2025-11-25", READ, &json!({}));
    upstream_request(&person);
    connection.hang_up();
    assert_eq!(pairs(&story(&person, 1)), [("outcome", "succeeded")]);
}
