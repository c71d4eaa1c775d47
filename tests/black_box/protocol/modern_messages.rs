//! Rows 1–8, 24–32, 40 and 43: the message of a modern request.

use postern_tests::{
    client::{Answer, Client, MODERN, meta},
    person::Person,
    wire::Connection,
};
use serde_json::{Value, json};

use super::{CLIENT, LIST, NEEDS_BITBUCKET, VERSION, assert_error, body, events, list_with, shows_links};

const PARSE: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;

/// Lists tools with that `_meta`, which may be null.
fn list_with_meta(meta: Value) -> Answer {
    CLIENT.post(&body("tools/list", json!({}), meta), &[VERSION, LIST])
}

/// A right `_meta` with one key changed, or left out by null.
fn changed_meta(key: &str, value: Value) -> Value {
    let mut meta = meta(MODERN, json!({}));
    let key = format!("io.modelcontextprotocol/{key}");
    match value {
        Value::Null => drop(meta.as_object_mut().expect("an object").shift_remove(&key)),
        value => meta[key] = value,
    }
    meta
}

#[test]
fn row_1_discovery_tells_the_version_the_capabilities_and_who_we_are() {
    let answer = CLIENT.modern("server/discover", json!({}));
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let result = answer.result();
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["supportedVersions"], json!([MODERN]));
    assert!(result["capabilities"]["tools"].is_object(), "{result}");
    assert!(result["ttlMs"].is_u64(), "{result}");
    assert_eq!(result["cacheScope"], "public");
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "postern");
    assert_eq!(result.get("serverInfo"), None);
}

#[test]
fn row_2_the_modern_era_has_no_sessions() {
    let right = [VERSION, LIST];
    let without = list_with(&right);
    let with = list_with(&[VERSION, LIST, ("Mcp-Session-Id", "x")]);
    assert_eq!((without.header("mcp-session-id"), with.header("mcp-session-id")), ("", ""));
    assert_eq!((with.status, with.body), (without.status, without.body));
}

#[test]
fn row_3_a_textual_id_stays_a_text() {
    let body = body("tools/list", json!({}), meta(MODERN, json!({}))).replace(r#""id":7"#, r#""id":"abc""#);
    assert_eq!(CLIENT.post(&body, &[VERSION, LIST]).json()["id"], "abc");
}

#[test]
fn row_4_a_request_without_meta_is_invalid() {
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {} }).to_string();
    let answer = CLIENT.post(&body, &[VERSION, LIST]);
    assert_error(&answer, 400, INVALID_PARAMS);
    assert_eq!(answer.json()["id"], 7);
}

#[test]
fn row_5_meta_without_a_version_is_invalid() {
    assert_error(&list_with_meta(changed_meta("protocolVersion", Value::Null)), 400, INVALID_PARAMS);
}

#[test]
fn row_6_meta_without_capabilities_is_invalid() {
    assert_error(&list_with_meta(changed_meta("clientCapabilities", Value::Null)), 400, INVALID_PARAMS);
}

#[test]
fn row_7_clients_need_not_say_who_they_are() {
    assert_eq!(list_with_meta(changed_meta("clientInfo", Value::Null)).status, 200);
}

#[test]
fn row_8_a_key_of_the_wrong_type_is_invalid() {
    for (key, value) in [("clientCapabilities", json!([1])), ("protocolVersion", json!(1)), ("logLevel", json!("loud"))]
    {
        assert_error(&list_with_meta(changed_meta(key, value)), 400, INVALID_PARAMS);
    }
}

#[test]
fn row_24_what_is_not_json_is_answered_without_an_id() {
    let answer = CLIENT.post("{oops", &[VERSION, LIST]);
    assert_error(&answer, 400, PARSE);
    assert_eq!(answer.json().get("id"), None);
}

#[test]
fn row_25_an_id_that_is_null_or_a_fraction_is_refused() {
    for id in ["null", "1.5", "true"] {
        let body = body("tools/list", json!({}), meta(MODERN, json!({})));
        let answer = CLIENT.post(&body.replace(r#""id":7"#, &format!(r#""id":{id}"#)), &[VERSION, LIST]);
        assert_error(&answer, 400, INVALID_REQUEST);
    }
}

#[test]
fn row_26_a_batch_with_something_modern_is_refused() {
    let batch = format!("[{}]", body("tools/list", json!({}), meta(MODERN, json!({}))));
    assert_error(&CLIENT.post(&batch, &[VERSION, LIST]), 400, INVALID_REQUEST);
}

#[test]
fn row_27_an_empty_batch_is_refused() {
    assert_error(&CLIENT.post("[]", &[]), 400, INVALID_REQUEST);
}

#[test]
fn row_28_a_response_is_refused() {
    assert_error(&CLIENT.post(r#"{"jsonrpc":"2.0","id":7,"result":{}}"#, &[VERSION]), 400, INVALID_REQUEST);
}

#[test]
fn row_29_a_notification_is_accepted_in_silence() {
    let params = json!({ "requestId": 1, "_meta": meta(MODERN, json!({})) });
    let body = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params }).to_string();
    let answer = CLIENT.post(&body, &[VERSION]);
    assert_eq!((answer.status, answer.body.as_str()), (202, ""));
}

#[test]
fn row_30_an_unknown_method_is_not_found() {
    let answer = CLIENT.modern("foo/bar", json!({}));
    assert_error(&answer, 404, METHOD_NOT_FOUND);
    assert_eq!(answer.json()["id"], 7);
}

#[test]
fn row_31_methods_of_the_legacy_era_are_not_found() {
    let initialize =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "x", "version": "1" } });
    for (method, params) in [
        ("ping", json!({})),
        ("logging/setLevel", json!({ "level": "info" })),
        ("resources/subscribe", json!({ "uri": "x:y" })),
        ("initialize", initialize),
    ] {
        assert_error(&CLIENT.modern(method, params), 404, METHOD_NOT_FOUND);
    }
}

#[test]
fn row_32_methods_that_are_not_advertised_are_not_found() {
    for method in ["resources/subscribe", "roots/list", "sampling/createMessage", "tasks/list"] {
        assert_error(&CLIENT.modern(method, json!({})), 404, METHOD_NOT_FOUND);
    }
}

#[test]
fn row_40_a_stream_has_no_ids_is_not_buffered_and_ends_with_the_response() {
    let answer = CLIENT.modern("subscriptions/listen", json!({ "notifications": {} }));
    assert_eq!(answer.header("x-accel-buffering"), "no");
    assert!(!answer.body.lines().any(|line| line.starts_with("id:")), "{answer:?}");
    assert_eq!(events(&answer).last().expect("an event")["id"], 7);
}

#[test]
fn row_43_a_capability_holds_for_one_request_of_a_connection() {
    let unconnected = Client::of(&Person::developer());
    let bearer = format!("Bearer {}", unconnected.access_token);
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
        VERSION,
        ("Mcp-Method", "tools/call"),
        ("Mcp-Name", NEEDS_BITBUCKET),
    ];
    let mut connection = Connection::open(&unconnected.origin);
    let mut call = |capabilities| {
        let body = body("tools/call", json!({ "name": NEEDS_BITBUCKET }), meta(MODERN, capabilities));
        connection.post("/mcp", &headers, &body).result()["resultType"].clone()
    };
    assert_eq!((call(shows_links()), call(json!({}))), (json!("input_required"), json!("complete")));
}
