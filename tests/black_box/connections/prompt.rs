//! A call without an account: each client is asked in its own way.

use postern_tests::{
    client::{Answer, Client},
    person::Person,
};
use serde_json::{Value, json};

use super::{TOOL, call, is_prompted, link, rows_of};
use crate::tools::backend;

/// The tools that need the account, with arguments that are right.
fn tools_of_bitbucket() -> Vec<(&'static str, Value)> {
    vec![
        ("bitbucket_list_workspaces", json!({})),
        ("bitbucket_list_repositories", json!({ "workspace": "acme" })),
        ("bitbucket_get_repository", backend(json!({}))),
        ("bitbucket_list_pull_requests", backend(json!({}))),
        ("bitbucket_get_pull_request", backend(json!({ "pull_request": 1 }))),
        ("bitbucket_get_pull_request_diff", backend(json!({ "pull_request": 1 }))),
        ("bitbucket_add_pull_request_comment", backend(json!({ "pull_request": 1, "text": "x" }))),
        ("bitbucket_get_file", backend(json!({ "path": "README.md" }))),
    ]
}

fn legacy_call(client: &Client, version: &str, capabilities: Value) -> Answer {
    let session = client.initialize(version, capabilities);
    let body = json!({
        "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": TOOL, "arguments": {} },
    });
    let headers = [("mcp-protocol-version", version), ("mcp-session-id", session.header("mcp-session-id"))];
    client.post(&body.to_string(), &headers)
}

fn shows_links() -> Value {
    json!({ "elicitation": { "url": {} } })
}

#[test]
fn every_tool_of_bitbucket_asks_for_the_account() {
    let client = Client::of(&Person::developer());
    for (tool, arguments) in tools_of_bitbucket() {
        let params = json!({ "name": tool, "arguments": arguments });
        let answer = client.modern_with("tools/call", params, shows_links());
        assert!(link(&answer).contains("/connect/bitbucket?e="), "{tool}");
    }
}

#[test]
fn tools_that_need_no_account_of_the_persons_own_ask_for_none() {
    let client = Client::of(&Person::developer());
    for (tool, arguments) in [
        ("whoami", json!({})),
        ("confluence_search", json!({ "query": "type = page" })),
        ("confluence_get_page", json!({ "page": "98306" })),
    ] {
        let answer = client.call(tool, arguments);
        assert!(!answer.is_error(), "{answer:?}");
    }
}

#[test]
fn whoami_says_that_no_account_is_connected() {
    let text = Client::of(&Person::developer()).call("whoami", json!({})).text();
    assert!(text.contains("bitbucket: not connected"), "{text}");
}

#[test]
fn a_modern_client_that_shows_links_gets_one_with_the_reason() {
    let answer = call(&Client::of(&Person::developer()));
    let params = &answer.result()["inputRequests"]["bitbucket_connect"]["params"];
    assert!(params["message"].as_str().is_some_and(|text| text.contains("Connect your Bitbucket account")), "{params}");
}

#[test]
fn a_legacy_client_that_shows_links_gets_one_in_an_error() {
    let answer = legacy_call(&Client::of(&Person::developer()), "2025-11-25", shows_links());
    assert_eq!((answer.status, answer.code()), (200, -32042), "{answer:?}");
    let elicitation = &answer.json()["error"]["data"]["elicitations"][0];
    assert_eq!(elicitation["mode"], "url");
    assert!(elicitation["url"].as_str().is_some_and(|url| url.contains("/connect/bitbucket?e=")), "{answer:?}");
    assert!(elicitation["elicitationId"].is_string(), "{answer:?}");
}

#[test]
fn any_other_client_gets_the_link_as_text() {
    let client = Client::of(&Person::developer());
    for answer in [
        client.call(TOOL, json!({})),
        legacy_call(&client, "2025-11-25", json!({})),
        legacy_call(&client, "2025-06-18", shows_links()),
        legacy_call(&client, "2025-03-26", json!({})),
    ] {
        assert!(answer.is_error() && answer.text().contains("/connect/bitbucket?e="), "{answer:?}");
    }
}

#[test]
fn a_call_that_was_not_made_is_no_change() {
    let person = Person::developer();
    let arguments = backend(json!({ "pull_request": 1, "text": "x" }));
    Client::of(&person).call("bitbucket_add_pull_request_comment", arguments);
    assert_eq!(person.instance.upstream_requests(&person.username), [] as [Value; 0]);
}

#[test]
fn a_link_is_stored_by_its_hash_alone() {
    let person = Person::developer();
    let link = link(&call(&Client::of(&person)));
    let (_, id) = link.split_once("?e=").expect("an id");
    let stored = rows_of(&person, "elicitations").to_string();
    assert!(stored.contains("id_hash") && !stored.contains(id), "{stored}");
}

#[test]
fn each_client_of_a_person_asks_for_itself_and_one_connection_serves_all() {
    let person = Person::developer();
    let (one, other) = (Client::of(&person), Client::of(&person));
    assert!(is_prompted(&one) && is_prompted(&other));
    person.connect_bitbucket();
    assert!(!is_prompted(&one) && !is_prompted(&other));
}
