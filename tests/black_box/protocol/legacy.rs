//! Rows 83–99: the revisions that begin with `initialize`.

use std::sync::LazyLock;

use postern_tests::{
    client::{Answer, Client, MODERN, meta},
    person::Person,
    wire::Connection,
};
use serde_json::{Value, json};

use super::{CLIENT, NEEDS_BITBUCKET, UNCONNECTED, VERSION, assert_error, body, shows_links};

const LATEST: (&str, &str) = ("MCP-Protocol-Version", "2025-11-25");
const PING: &str = r#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#;

static OTHER_PERSON: LazyLock<Client> = LazyLock::new(|| Client::of(&Person::developer()));

fn request(method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 2, "method": method, "params": params }).to_string()
}

/// Calls a tool that needs an account, after `initialize` in that version with those capabilities.
fn call_after_initialize(version: &str, capabilities: Value) -> Answer {
    let initialized = UNCONNECTED.initialize(version, capabilities);
    let session = initialized.header("mcp-session-id");
    let call = request("tools/call", json!({ "name": NEEDS_BITBUCKET, "arguments": {} }));
    UNCONNECTED.post(&call, &[("MCP-Protocol-Version", version), ("Mcp-Session-Id", session)])
}

#[test]
fn row_83_initialize_echoes_the_version_and_tells_capabilities_and_who_we_are() {
    for version in ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] {
        let result = CLIENT.initialize(version, json!({})).result();
        assert_eq!(result["protocolVersion"], version);
        assert!(result["capabilities"]["tools"].is_object(), "{result}");
        assert_eq!(result["serverInfo"]["name"], "postern");
    }
}

#[test]
fn row_84_any_other_version_is_answered_with_the_latest_of_this_era() {
    for version in ["2099-01-01", MODERN] {
        let answer = CLIENT.initialize(version, json!({}));
        assert_eq!((answer.status, &answer.result()["protocolVersion"]), (200, &json!("2025-11-25")), "{version}");
    }
}

#[test]
fn row_85_initialize_with_a_modern_header_is_a_mismatch() {
    let params =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "x", "version": "1" } });
    assert_error(&CLIENT.post(&request("initialize", params), &[VERSION]), 400, -32020);
}

#[test]
fn row_86_a_session_id_is_visible_ascii() {
    let answer = CLIENT.initialize("2025-11-25", json!({}));
    let id = answer.header("mcp-session-id");
    assert!(!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic()), "{answer:?}");
}

#[test]
fn row_87_a_session_of_another_user_is_unknown() {
    let answer = CLIENT.initialize("2025-11-25", json!({}));
    let session = ("Mcp-Session-Id", answer.header("mcp-session-id"));
    assert_eq!(CLIENT.post(PING, &[LATEST, session]).status, 200);
    assert_eq!(OTHER_PERSON.post(PING, &[LATEST, session]).status, 404);
}

#[test]
fn row_88_a_session_id_of_no_meaning_is_unknown() {
    assert_eq!(CLIENT.post(PING, &[LATEST, ("Mcp-Session-Id", "x")]).status, 404);
}

#[test]
fn row_89_notifications_and_responses_are_accepted_in_silence() {
    for message in
        [r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, r#"{"jsonrpc":"2.0","id":7,"result":{}}"#]
    {
        let answer = CLIENT.post(message, &[LATEST]);
        assert_eq!((answer.status, answer.body.as_str()), (202, ""), "{message}");
    }
}

#[test]
fn row_90_ping_is_answered_with_nothing() {
    let answer = CLIENT.post(PING, &[LATEST]);
    assert_eq!((answer.status, answer.result()), (200, json!({})));
}

#[test]
fn row_91_an_unknown_method_is_an_error_on_200() {
    assert_error(&CLIENT.legacy("foo", json!({})), 200, -32601);
}

#[test]
fn row_92_tools_are_listed_and_called_without_anything_modern() {
    assert!(CLIENT.legacy("tools/list", json!({})).result()["tools"][0]["name"].is_string());
    assert!(!CLIENT.legacy("tools/call", json!({ "name": "whoami" })).is_error());
}

#[test]
fn row_93_a_version_header_of_no_era_is_refused() {
    assert_eq!(CLIENT.post(PING, &[("MCP-Protocol-Version", "1999-01-01")]).status, 400);
}

#[test]
fn row_94_the_version_header_may_be_absent() {
    let answer = CLIENT.post(r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#, &[]);
    assert!(answer.result()["tools"].is_array(), "{answer:?}");
}

#[test]
fn row_95_every_request_of_a_batch_is_answered() {
    let other = PING.replace(r#""id":2"#, r#""id":"three""#);
    let answer = CLIENT.post(&format!("[{PING},{other}]"), &[("MCP-Protocol-Version", "2025-03-26")]);
    let ids: Vec<Value> = answer.json().as_array().expect("a batch").iter().map(|one| one["id"].clone()).collect();
    assert_eq!((answer.status, ids), (200, vec![json!(2), json!("three")]));
}

#[test]
fn row_96_a_client_that_shows_links_is_told_that_one_is_required() {
    let answer = call_after_initialize("2025-11-25", shows_links());
    assert_error(&answer, 200, -32042);
    let elicitation = &answer.json()["error"]["data"]["elicitations"][0];
    assert_eq!(elicitation["mode"], "url");
    let url = elicitation["url"].as_str().expect("a URL");
    assert!(url.starts_with(&format!("{}/connect/", UNCONNECTED.origin)), "{url}");
    for member in ["elicitationId", "message"] {
        assert!(elicitation[member].as_str().is_some_and(|text| !text.is_empty()), "{elicitation}");
    }
}

#[test]
fn row_97_any_other_client_gets_the_link_as_text() {
    for (version, capabilities) in
        [("2025-11-25", json!({})), ("2025-11-25", json!({ "elicitation": {} })), ("2025-06-18", shows_links())]
    {
        let answer = call_after_initialize(version, capabilities);
        assert!(answer.is_error(), "{answer:?}");
        assert!(answer.text().contains(&format!("{}/connect/", UNCONNECTED.origin)), "{answer:?}");
    }
}

#[test]
fn row_99_one_connection_serves_both_eras_in_turn() {
    let bearer = format!("Bearer {}", CLIENT.access_token);
    let common = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let discover = body("server/discover", json!({}), meta(MODERN, json!({})));
    let mut connection = Connection::open(&CLIENT.origin);
    for _ in 0..2 {
        let modern = [common[0], common[1], VERSION, ("Mcp-Method", "server/discover")];
        let answer = connection.post("/mcp", &modern, &discover);
        assert_eq!(answer.result()["resultType"], "complete");
        let answer = connection.post("/mcp", &[common[0], common[1], LATEST], PING);
        assert_eq!(answer.result(), json!({}));
    }
}

#[test]
fn row_98_an_unknown_resource_has_the_code_of_this_era() {
    let answer = UNCONNECTED.legacy("resources/read", json!({ "uri": "x:y" }));
    assert_eq!((answer.status, answer.code()), (200, -32002), "{answer:?}");
}
