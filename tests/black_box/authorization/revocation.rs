//! A client gives back what it has (RFC 7009).

use std::{
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    thread,
};

use postern_tests::client::{Answer, Client, post_form};
use serde_json::json;

use super::{assert_refused, client, mcp_status, origin};

fn revoke(client: &Client, token: &str) -> Answer {
    post_form(&format!("{}/revoke", origin()), &[("token", token), ("client_id", &client.id)])
}

fn assert_over(client: &Client) {
    assert_eq!(mcp_status(client), 401);
    assert_refused(&client.refresh(&client.refresh_token, &[]), "invalid_grant");
}

#[test]
fn giving_back_the_refresh_token_ends_the_access_at_once() {
    let client = client();
    assert_eq!(mcp_status(&client), 200);
    assert_eq!(revoke(&client, &client.refresh_token).status, 200);
    assert_over(&client);
}

#[test]
fn so_does_giving_back_the_access_token() {
    let client = client();
    assert_eq!(revoke(&client, &client.access_token).status, 200);
    assert_over(&client);
}

#[test]
fn no_call_begins_any_more_once_the_access_is_said_to_be_over() {
    let client = client();
    let is_over = AtomicBool::new(false);
    let first_status_then = || loop {
        let begins_then = is_over.load(SeqCst);
        let status = client.call("whoami", json!({})).status;
        if begins_then {
            return status;
        }
    };
    let before = mcp_status(&client);
    let (revoked, statuses) = thread::scope(|scope| {
        let callers = [(); 4].map(|()| scope.spawn(first_status_then));
        let revoked = revoke(&client, &client.refresh_token).status;
        is_over.store(true, SeqCst);
        (revoked, callers.map(|caller| caller.join().expect("a status")))
    });
    assert_eq!((before, revoked, statuses), (200, 200, [401; 4]));
}

#[test]
fn it_ends_nobody_elses_access() {
    let (client, other) = (client(), client());
    assert_eq!(revoke(&client, &other.refresh_token).status, 200);
    assert_eq!(revoke(&client, &other.access_token).status, 200);
    assert_eq!(mcp_status(&other), 200);
    assert_eq!(other.refresh(&other.refresh_token, &[]).status, 200);
}

#[test]
fn a_token_that_is_none_is_as_good_as_revoked() {
    let client = client();
    assert_eq!(revoke(&client, "unknown").status, 200);
    assert_eq!(revoke(&client, &client.refresh_token).status, 200);
    assert_eq!(revoke(&client, &client.refresh_token).status, 200, "twice is once");
}

#[test]
fn a_request_without_a_token_or_a_client_is_refused() {
    let client = client();
    assert_refused(&revoke(&client, ""), "invalid_request");
    let answer = post_form(&format!("{}/revoke", origin()), &[("token", &client.refresh_token)]);
    assert!(matches!(answer.status, 400 | 401), "{answer:?}");
    assert_eq!(mcp_status(&client), 200);
}

#[test]
fn a_hint_at_the_kind_of_token_is_tolerated_right_or_wrong() {
    for hint in ["access_token", "refresh_token", "something_else"] {
        let client = client();
        let fields = [("token", &*client.refresh_token), ("token_type_hint", hint), ("client_id", &*client.id)];
        assert_eq!(post_form(&format!("{}/revoke", origin()), &fields).status, 200, "{hint}");
        assert_over(&client);
    }
}

#[test]
fn another_client_of_the_same_person_ends_nothing() {
    let person = postern_tests::person::Person::developer();
    let (one, other) = (Client::of(&person), Client::of(&person));
    for token in [&other.access_token, &other.refresh_token] {
        assert_eq!(revoke(&one, token).status, 200);
    }
    assert_eq!((mcp_status(&one), mcp_status(&other)), (200, 200));
}
