//! A key is replaced: before, while both are live, and after the old one is gone.

use postern_tests::{
    client::{Answer, Client},
    instance::{SEALING_KEY, SIGNING_KEY, instance},
    person::Person,
};
use serde_json::{Value, json};

use super::{OTHER_KEY, complete_turn};

fn both_sealing_keys() -> Value {
    json!({ "SEALING_KEY": OTHER_KEY, "SEALING_KEY_PREVIOUS": SEALING_KEY })
}

fn both_signing_keys() -> Value {
    json!({ "SIGNING_KEY": OTHER_KEY, "SIGNING_KEY_PREVIOUS": SIGNING_KEY })
}

fn assert_reads(client: &Client) {
    let answer = client.call("bitbucket_list_workspaces", json!({}));
    assert!(!answer.is_error(), "{answer:?}");
}

/// The ids of the keys that sealed the person's tokens.
fn sealed_with(person: &Person<'_>) -> [String; 2] {
    let sql = "SELECT substr(access_token, 4, 8) AS access, substr(refresh_token, 4, 8) AS refresh FROM connections
        WHERE user_id = ?1";
    let rows = instance().sql(sql, &[&person.user_id()]);
    ["access", "refresh"].map(|column| rows[0][column].as_str().expect("a key's id").to_owned())
}

/// How much of the record depends on the previous key, as housekeeping finds it.
fn dependents(purpose: &str) -> i64 {
    instance().cron();
    let rows = instance().sql("SELECT dependents FROM keys WHERE purpose = ?1 AND NOT is_current", &[purpose]);
    rows[0]["dependents"].as_i64().expect("a previous key")
}

/// Answers a call that waits for the person's account, with links as the client shows them.
fn call_with_links(client: &Client, more: Value) -> Answer {
    let mut params = json!({ "name": "bitbucket_list_workspaces", "arguments": {} });
    for (name, value) in more.as_object().into_iter().flatten() {
        params[name] = value.clone();
    }
    client.modern_with("tools/call", params, json!({ "elicitation": { "url": {} } }))
}

#[test]
fn what_the_old_key_sealed_is_read_before_during_and_after_and_not_with_the_old_key_for_long() {
    let _turn = complete_turn();
    let (busy, quiet) = (Person::connected(), Person::connected());
    let (busy_client, quiet_client) = (Client::of(&busy), Client::of(&quiet));
    assert_reads(&busy_client);
    let old = sealed_with(&busy);

    instance().set_variables(&both_sealing_keys());
    assert_reads(&busy_client);
    assert!(sealed_with(&busy).iter().all(|key| !old.contains(key)), "what is used is sealed anew at once");
    assert_eq!(sealed_with(&quiet), old);
    assert_eq!(dependents("sealing"), 0, "and the rest by housekeeping");
    assert_eq!(sealed_with(&quiet), sealed_with(&busy));
    assert_reads(&quiet_client);

    instance().set_variables(&json!({ "SEALING_KEY": OTHER_KEY }));
    assert_reads(&busy_client);
    assert_reads(&quiet_client);
}

#[test]
fn session_ids_and_request_states_outlive_the_key_that_sealed_them_while_it_is_live() {
    let _turn = complete_turn();
    let person = Person::developer();
    let client = Client::of(&person);
    let session = client.initialize("2025-11-25", json!({})).header("mcp-session-id").to_owned();
    let state = call_with_links(&client, json!({})).result()["requestState"].clone();
    assert!(state.is_string() && !session.is_empty());
    let in_session = || {
        let body = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" }).to_string();
        client.post(&body, &[("mcp-protocol-version", "2025-11-25"), ("mcp-session-id", &session)]).status
    };

    instance().set_variables(&both_sealing_keys());
    assert_eq!(in_session(), 200);
    person.connect_bitbucket();
    let responses = json!({ "bitbucket_connect": { "action": "accept" } });
    let answer = call_with_links(&client, json!({ "requestState": state, "inputResponses": responses }));
    assert!(!answer.is_error(), "{answer:?}");

    instance().set_variables(&json!({ "SEALING_KEY": OTHER_KEY }));
    assert_eq!(in_session(), 404, "it is the key that opens it");
}

#[test]
fn a_new_signing_key_logs_nobody_out() {
    let _turn = complete_turn();
    let person = Person::connected();
    let mut client = Client::of(&person);
    let arguments =
        |cursor: Value| json!({ "workspace": "acme", "repository": "backend", "limit": 5, "cursor": cursor });
    let first_page = client
        .call("bitbucket_list_pull_requests", json!({ "workspace": "acme", "repository": "backend", "limit": 5 }));
    let text = first_page.text();
    let (_, rest) = text.split_once("cursor").expect("another page");
    let cursor = rest.split(|character: char| !character.is_ascii_alphanumeric() && !"._-".contains(character));
    let cursor = cursor.max_by_key(|word| word.len()).expect("a cursor").to_owned();
    let (mut browser, page) = person.signed_in_at("/connections");

    instance().set_variables(&both_signing_keys());
    assert_eq!(client.call("whoami", json!({})).status, 200, "access tokens live on");
    let next = client.call("bitbucket_list_pull_requests", arguments(cursor.into()));
    assert!(!next.is_error(), "cursors too: {next:?}");
    let form = page.forms().into_iter().find(|form| form.action.contains("/sign-out")).expect("a form");
    assert!(browser.submit(&page, &form, None).expect("signed out").status.is_success(), "and open forms");

    let old = client.refresh_token.clone();
    client.keep(&client.refresh(&old, &[]).json());
    let again = client.refresh(&old, &[]);
    assert_eq!(again.status, 200, "an answer that was lost during the rotation: {again:?}");
    assert!(dependents("signing") > 0, "so the old key cannot go yet");
    // Within the reuse of superseded tokens another window may still come with one of the old key.
    instance().sql("UPDATE grants SET signing_key_at = 0 WHERE client_id = ?1", &[&client.id]);
    client.keep(&client.refresh(again.json()["refresh_token"].as_str().expect("one"), &[]).json());
    let rows = instance().sql("SELECT signing_key FROM grants WHERE client_id = ?1", &[&client.id]);
    let previous = instance().sql("SELECT id FROM keys WHERE purpose = 'signing' AND NOT is_current", &[]);
    assert_ne!(
        rows[0]["signing_key"], previous[0]["id"],
        "from the second refresh after that on nothing depends on it"
    );

    instance().set_variables(&json!({ "SIGNING_KEY": OTHER_KEY }));
    assert_eq!(client.call("whoami", json!({})).status, 200);
    assert_eq!(client.refresh(&client.refresh_token, &[]).status, 200);
    assert_eq!(client.refresh(&old, &[]).json()["error"], "invalid_grant");
}
