//! Rows 100–108: whose tokens the endpoint takes, and how it asks for others.

use std::sync::LazyLock;

use postern_tests::{
    client::{Answer, Client, MODERN, meta, post_form, send},
    person::Person,
    token::reissued,
};
use serde_json::{Value, json};

use super::{CLIENT, LIST, VERSION, body};

static READER: LazyLock<Client> = LazyLock::new(|| Client::with_scope(&Person::connected(), "read"));

/// Lists tools with that `Authorization` header, or none.
fn list_as(authorization: &str) -> Answer {
    let body = body("tools/list", json!({}), meta(MODERN, json!({})));
    CLIENT.post(&body, &[VERSION, LIST, ("authorization", authorization)])
}

/// Lists tools with our client's token, but for those claims.
fn list_with_claims(change: impl FnOnce(&mut Value)) -> Answer {
    list_as(&format!("Bearer {}", reissued(&CLIENT.access_token, change)))
}

/// A parameter of the challenge.
fn challenged<'a>(answer: &'a Answer, parameter: &str) -> &'a str {
    let challenge = answer.header("www-authenticate").strip_prefix("Bearer ").unwrap_or_default();
    let value = challenge.split(", ").find_map(|part| part.strip_prefix(parameter)?.strip_prefix("=\""));
    value.map_or("", |value| value.trim_end_matches('"'))
}

fn metadata_url() -> String {
    format!("{}/.well-known/oauth-protected-resource/mcp", CLIENT.origin)
}

fn assert_invalid_token(answer: &Answer) {
    assert_eq!((answer.status, challenged(answer, "error")), (401, "invalid_token"), "{answer:?}");
}

#[test]
fn row_100_without_a_token_the_challenge_says_where_and_for_what_to_sign_in() {
    let answer = send("POST", &CLIENT.resource(), &[], b"{}");
    assert_eq!(answer.status, 401);
    assert_eq!(challenged(&answer, "resource_metadata"), metadata_url());
    assert_eq!(challenged(&answer, "scope"), "read write");
    assert!(answer.json()["error"].is_string(), "{answer:?}");
}

#[test]
fn row_101_a_token_that_is_none_or_has_expired_is_invalid() {
    assert_invalid_token(&list_as("Bearer bad"));
    assert_eq!(list_with_claims(|_| {}).status, 200);
    assert_invalid_token(&list_with_claims(|claims| {
        claims["exp"] = json!(claims["iat"].as_i64().expect("a time") - 60);
    }));
}

#[test]
fn row_102_a_token_for_another_audience_or_of_another_issuer_is_invalid() {
    assert_invalid_token(&list_with_claims(|claims| claims["aud"] = json!("https://other.example/mcp")));
    assert_invalid_token(&list_with_claims(|claims| claims["iss"] = json!("https://other.example")));
}

#[test]
fn row_102_the_providers_own_token_is_invalid() {
    let person = Person::connected();
    Client::of(&person).call("bitbucket_list_workspaces", json!({}));
    let requests = person.instance.upstream_requests(&person.username);
    let credentials = requests.iter().filter_map(|request| request["authorization"].as_str());
    let upstream =
        credentials.into_iter().find(|credential| credential.starts_with("Bearer ")).expect("a call with a token");
    assert_invalid_token(&list_as(upstream));
}

#[test]
fn row_103_a_token_in_the_query_is_not_looked_at() {
    let url = format!("{}?access_token={}", CLIENT.resource(), CLIENT.access_token);
    assert_eq!(send("POST", &url, &[("content-type", "application/json")], b"{}").status, 401);
}

#[test]
fn row_104_nothing_is_answered_without_a_token() {
    for verb in ["GET", "DELETE"] {
        assert_eq!(send(verb, &CLIENT.resource(), &[], b"").status, 401, "{verb}");
    }
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "x", "version": "1" },
    }});
    assert_eq!(CLIENT.post(&initialize.to_string(), &[("authorization", "")]).status, 401);
    let discover = body("server/discover", json!({}), meta(MODERN, json!({})));
    let headers = [VERSION, ("Mcp-Method", "server/discover"), ("authorization", "")];
    assert_eq!(CLIENT.post(&discover, &headers).status, 401);
}

#[test]
fn row_105_a_scope_that_is_too_small_is_challenged_with_all_that_is_needed() {
    let arguments = json!({ "workspace": "acme", "repository": "backend", "pull_request": 1, "text": "no" });
    let answer = READER.call("bitbucket_add_pull_request_comment", arguments);
    assert_eq!((answer.status, challenged(&answer, "error")), (403, "insufficient_scope"), "{answer:?}");
    assert_eq!(challenged(&answer, "scope"), "read write");
    assert_eq!(challenged(&answer, "resource_metadata"), metadata_url());
}

#[test]
fn row_106_write_includes_read() {
    let writer = Client::with_scope(&Person::connected(), "write");
    let answer = writer.call("bitbucket_list_workspaces", json!({}));
    assert_eq!((answer.status, answer.is_error()), (200, false), "{answer:?}");
}

#[test]
fn row_107_the_resources_metadata_lies_at_both_paths_for_everybody() {
    for path in ["/mcp", ""] {
        let url = format!("{}/.well-known/oauth-protected-resource{path}", CLIENT.origin);
        let answer = send("GET", &url, &[("origin", "https://anywhere.example")], b"");
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"), "{answer:?}");
        let metadata = answer.json();
        assert_eq!(metadata["resource"], CLIENT.resource());
        assert_eq!(metadata["authorization_servers"], json!([CLIENT.origin]));
        assert!(!metadata["scopes_supported"].to_string().contains("offline_access"), "{metadata}");
    }
}

#[test]
fn row_108_a_token_whose_grant_was_revoked_is_invalid_at_once() {
    let client = Client::of(&Person::developer());
    assert_eq!(client.modern("tools/list", json!({})).status, 200);
    let revocation = [("token", client.refresh_token.as_str()), ("client_id", &client.id)];
    assert_eq!(post_form(&format!("{}/revoke", client.origin), &revocation).status, 200);
    for answer in [
        client.modern("server/discover", json!({})),
        client.modern("tools/list", json!({})),
        client.call("whoami", json!({})),
        client.initialize("2025-11-25", json!({})),
        client.legacy("ping", json!({})),
        client.legacy("tools/list", json!({})),
    ] {
        assert_invalid_token(&answer);
    }
}

#[test]
fn row_108_a_disabled_persons_tokens_are_invalid_and_nobody_elses() {
    let (person, other) = (Person::developer(), Person::developer());
    let (client, second, bystander) = (Client::of(&person), Client::of(&person), Client::of(&other));
    let page = format!("/admin/people/{}", person.user_id());
    Person::administrator().press(&page, "/admin/people/disable", Some("left the company"));
    for client in [&client, &second] {
        assert_invalid_token(&client.modern("tools/list", json!({})));
    }
    assert_eq!(bystander.modern("tools/list", json!({})).status, 200);
}

#[test]
fn row_108_revoking_one_client_of_a_person_leaves_the_other() {
    let person = Person::developer();
    let (client, other) = (Client::of(&person), Client::of(&person));
    let revocation = [("token", client.access_token.as_str()), ("client_id", &client.id)];
    assert_eq!(post_form(&format!("{}/revoke", client.origin), &revocation).status, 200);
    assert_invalid_token(&client.modern("tools/list", json!({})));
    assert_eq!(other.modern("tools/list", json!({})).status, 200);
}
