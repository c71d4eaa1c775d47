//! Two people, two clients: what is one's is of no use to the other. Cursors are looked at beside the tools.

use std::thread;

use postern_tests::{client::Client, person::Person};
use serde_json::json;

use super::{TOOL, browser_of, call, is_prompted, retry};
use crate::tools::Developer;

const INVALID_PARAMS: i64 = -32602;

fn session_of(client: &Client) -> String {
    client.initialize("2025-11-25", json!({})).header("mcp-session-id").to_owned()
}

fn status_with_session(client: &Client, session: &str) -> u16 {
    let ping = r#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#;
    client.post(ping, &[("mcp-protocol-version", "2025-11-25"), ("mcp-session-id", session)]).status
}

#[test]
fn a_waiting_call_of_one_does_not_go_on_for_another_who_is_connected() {
    let (person, other) = (Person::developer(), Developer::connected());
    let state = call(&Client::of(&person)).result()["requestState"].clone();
    assert_eq!(retry(&other.client, &state).code(), INVALID_PARAMS);
}

#[test]
fn a_waiting_call_of_one_client_does_not_go_on_for_another_of_the_same_person() {
    let person = Person::developer();
    let state = call(&Client::of(&person)).result()["requestState"].clone();
    assert_eq!(retry(&Client::of(&person), &state).code(), INVALID_PARAMS);
}

#[test]
fn a_session_of_one_client_is_unknown_to_another_client_and_person() {
    let person = Person::developer();
    let client = Client::of(&person);
    let session = session_of(&client);
    assert_eq!(status_with_session(&client, &session), 200);
    assert_eq!(status_with_session(&Client::of(&person), &session), 404);
    assert_eq!(status_with_session(&Client::of(&Person::developer()), &session), 404);
}

#[test]
fn connecting_one_person_connects_nobody_else() {
    let other = Client::of(&Person::developer());
    let person = Person::connected();
    assert!(!is_prompted(&Client::of(&person)) && is_prompted(&other));
}

#[test]
fn pages_of_one_name_nothing_of_the_other() {
    let (person, other) = (Person::connected(), Person::connected());
    // Longer than a name that it could be the beginning of.
    let marked = |page: &str| page.contains(&format!(">{}<", other.username)) || page.contains(&other.user_id());
    for path in ["/", "/connections", "/clients"] {
        let (_, page) = browser_of(&person, path);
        assert!(!marked(&page.body), "{path}: {}", page.body);
    }
    assert!(marked(&browser_of(&other, "/connections").1.body), "what is looked for would be found");
}

#[test]
fn calls_of_two_people_at_once_are_each_answered_in_their_own_name() {
    let developers = [Developer::connected(), Developer::connected()];
    thread::scope(|scope| {
        for developer in &developers {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let text = developer.done("whoami", json!({}));
                        assert!(text.contains(&format!("connected as {};", developer.person.username)), "{text}");
                        developer.done(TOOL, json!({}));
                    }
                });
            }
        }
    });
    for developer in &developers {
        let all = developer.person.instance.upstream_requests(&developer.person.username);
        let calls = all.iter().filter(|request| request["path"] == "/2.0/user/workspaces").count();
        assert_eq!(calls, 20);
    }
}

#[test]
fn an_expired_token_of_one_costs_the_other_nothing() {
    let (one, other) = (Developer::connected(), Developer::connected());
    one.fault(json!({ "kind": "revoke_refresh_tokens" }));
    one.fault(json!({ "kind": "expire_access_tokens" }));
    assert!(is_prompted(&one.client));
    other.done(TOOL, json!({}));
    assert_eq!(super::connection(&other.person)[0]["version"], 1);
}
