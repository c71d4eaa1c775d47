//! Messages, envelopes and headers of the modern era: table A 3–32.

use super::*;

const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#;

fn list_with(meta: Value) -> Sending {
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": { "_meta": meta } });
    post(body.to_string()).with("mcp-protocol-version", "2026-07-28").with("mcp-method", "tools/list")
}

fn claiming(version: &str, header: &str) -> Payload {
    list_with(json!({
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
    }))
    .with("mcp-protocol-version", header)
    .answer()
}

fn list_with_id(id: &str) -> Payload {
    post(format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/list","params":{{{META}}}}}"#))
        .with("mcp-protocol-version", "2026-07-28")
        .with("mcp-method", "tools/list")
        .answer()
}

#[test]
fn row_3_an_id_is_given_back_as_it_came() {
    for id in [
        r#""abc""#,
        r#""7""#,
        "7",
        "-7",
        "0",
        "1.0",
        "-2.50e1",
        "1e21",
        r#""""#,
        "123456789012345678901234567890",
        r#""\u00e9\n""#,
    ] {
        let received = list_with_id(id);
        assert!(received.text.contains(&format!(r#""id":{id},"#)), "{id}: {}", received.text);
    }
}

#[test]
fn row_4_a_missing_meta_is_told_with_the_id() {
    let body = r#"{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{}}"#;
    let received = post(body).with("mcp-protocol-version", "2026-07-28").with("mcp-method", "tools/list").answer();
    assert_eq!(received.error(), (400, -32602));
    assert_eq!(received.json()["id"], 7);
}

#[test]
fn row_4_missing_params_are_a_missing_meta() {
    let body = r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#;
    let received = post(body).with("mcp-protocol-version", "2026-07-28").with("mcp-method", "tools/list").answer();
    let missing = &received.json()["error"]["data"]["envelope"]["missing"];
    assert_eq!(received.error(), (400, -32602));
    assert_eq!(missing.as_array().map(Vec::len), Some(2));
}

#[test]
fn row_5_a_missing_version_is_refused() {
    let received = list_with(json!({ "io.modelcontextprotocol/clientCapabilities": {} })).answer();
    assert_eq!(received.error(), (400, -32602));
    assert!(received.text.contains("protocolVersion"));
}

#[test]
fn row_6_missing_capabilities_are_refused() {
    let received = list_with(json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28" })).answer();
    assert_eq!(received.error(), (400, -32602));
    assert!(received.text.contains("clientCapabilities"));
}

#[test]
fn row_7_client_information_is_optional() {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    assert_eq!(list_with(meta).answer().status, 200);
}

#[test]
fn row_8_wrong_types_are_refused() {
    let valid = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let wrong = [
        ("io.modelcontextprotocol/clientCapabilities", json!([1])),
        ("io.modelcontextprotocol/clientCapabilities", Value::Null),
        ("io.modelcontextprotocol/protocolVersion", json!(1)),
        ("io.modelcontextprotocol/protocolVersion", Value::Null),
        ("io.modelcontextprotocol/logLevel", json!("loud")),
        ("io.modelcontextprotocol/logLevel", json!(1)),
    ];
    for (key, value) in wrong {
        let mut meta = valid.clone();
        meta[key] = value.clone();
        assert_eq!(list_with(meta).answer().error(), (400, -32602), "{key} {value}");
    }
}

#[test]
fn row_8_a_meta_that_is_no_object_is_refused() {
    assert_eq!(list_with(json!(["2026-07-28"])).answer().error(), (400, -32602));
}

#[test]
fn row_8_a_valid_log_level_is_ignored() {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/logLevel": "debug",
    });
    assert_eq!(list_with(meta).answer().status, 200);
}

#[test]
fn row_9_the_version_header_is_required() {
    let received = modern("tools/list", json!({})).without("mcp-protocol-version").answer();
    assert_eq!(received.error(), (400, -32020));
}

#[test]
fn row_10_a_version_header_that_differs_is_refused() {
    assert_eq!(claiming("2026-07-28", "2025-11-25").error(), (400, -32020));
}

#[test]
fn row_11_a_future_version_is_told_what_is_supported() {
    let received = claiming("2099-01-01", "2099-01-01");
    assert_eq!(received.error(), (400, -32022));
    let data = &received.json()["error"]["data"];
    assert_eq!(*data, json!({ "supported": ["2026-07-28"], "requested": "2099-01-01" }));
}

#[test]
fn row_12_a_claim_of_a_legacy_version_is_unsupported() {
    assert_eq!(claiming("2025-11-25", "2025-11-25").error(), (400, -32022));
}

#[test]
fn row_13_a_mismatch_comes_before_an_unknown_version() {
    assert_eq!(claiming("v999.0.0", "2026-07-28").error(), (400, -32020));
}

#[test]
fn row_14_the_method_header_is_required() {
    assert_eq!(modern("tools/list", json!({})).without("mcp-method").answer().error(), (400, -32020));
}

#[test]
fn row_15_a_method_header_that_differs_is_refused() {
    for method in ["tools/call", "Tools/List", "tools/list, tools/list", ""] {
        let received = modern("tools/list", json!({})).with("mcp-method", method).answer();
        assert_eq!(received.error(), (400, -32020), "{method}");
    }
}

#[test]
fn row_16_spaces_around_a_header_are_no_part_of_it() {
    let sending = modern("tools/list", json!({})).with("mcp-method", " \t tools/list  ");
    assert_eq!(sending.answer().status, 200);
}

#[test]
fn row_17_the_name_header_is_required() {
    let received = modern("tools/call", json!({ "name": "whoami" })).without("mcp-name").answer();
    assert_eq!(received.error(), (400, -32020));
}

#[test]
fn row_18_a_name_header_that_differs_is_refused() {
    let received = modern("tools/call", json!({ "name": "whoami" })).with("mcp-name", "other").answer();
    assert_eq!(received.error(), (400, -32020));
}

#[test]
fn row_18_a_name_header_without_a_name_is_refused() {
    let received = modern("tools/call", json!({})).with("mcp-name", "whoami").answer();
    assert_eq!(received.error(), (400, -32020));
}

#[test]
fn row_18_a_resource_is_named_by_its_uri() {
    let without = modern("resources/read", json!({ "uri": "a:b" })).without("mcp-name");
    assert_eq!(without.answer().error(), (400, -32020));
    assert_eq!(
        modern("resources/read", json!({ "uri": "a:b" })).with("mcp-name", "a:c").answer().error(),
        (400, -32020)
    );
    assert_eq!(modern("resources/read", json!({ "uri": "a:b" })).answer().status, 200);
}

#[test]
fn row_19_a_sentinel_is_decoded() {
    let sending = modern("tools/call", json!({ "name": "whoami" })).with("mcp-name", "=?base64?d2hvYW1p?=");
    assert_eq!(sending.answer().status, 200);
}

#[test]
fn row_20_a_bad_sentinel_is_refused() {
    let sending = modern("tools/call", json!({ "name": "whoami" })).with("mcp-name", "=?base64?d2hvYW1p*?=");
    assert_eq!(sending.answer().error(), (400, -32020));
}

#[test]
fn row_21_an_upper_case_marker_is_literal() {
    let sending = modern("tools/call", json!({ "name": "whoami" })).with("mcp-name", "=?BASE64?d2hvYW1p?=");
    assert_eq!(sending.answer().error(), (400, -32020));
}

#[test]
fn row_23_unknown_parameter_headers_are_ignored() {
    let sending = modern("tools/call", json!({ "name": "whoami" })).with("mcp-param-zzz", "1");
    assert_eq!(sending.answer().status, 200);
}

#[test]
fn row_24_what_is_not_json_is_refused_without_an_id() {
    for body in ["{oops", "", "  ", "{\"jsonrpc\":\"2.0\"", "\u{feff}\u{feff}{}"] {
        let received = post(body).with("mcp-protocol-version", "2026-07-28").answer();
        assert_eq!(received.error(), (400, -32700), "{body}");
        assert_eq!(received.json().get("id"), None);
    }
}

#[test]
fn row_24_what_is_not_utf_8_is_not_json() {
    assert_eq!(post([b'"', 0xff, b'"']).answer().error(), (400, -32700));
}

#[test]
fn row_25_an_id_that_is_no_string_or_integer_is_refused_without_it() {
    for id in ["null", "1.5", "1.05e1", "10e-1", "true", "[]", "{}"] {
        let received = list_with_id(id);
        assert_eq!(received.error(), (400, -32600), "{id}");
        assert_eq!(received.json().get("id"), None, "{id}");
    }
}

#[test]
fn row_26_a_batch_with_a_modern_element_is_refused() {
    let element = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{{{META}}}}}"#);
    let ping = r#"{"jsonrpc":"2.0","id":8,"method":"ping"}"#;
    for body in [format!("[{element}]"), format!("[{ping},{element}]")] {
        assert_eq!(post(body.clone()).with("mcp-protocol-version", "2026-07-28").answer().error(), (400, -32600));
        assert_eq!(post(body).answer().error(), (400, -32600));
    }
}

#[test]
fn row_27_an_empty_batch_is_refused() {
    assert_eq!(post(" [ ] ").answer().error(), (400, -32600));
}

#[test]
fn row_28_a_posted_response_with_a_modern_header_is_refused() {
    let sending = post(r#"{"jsonrpc":"2.0","id":7,"result":{}}"#).with("mcp-protocol-version", "2026-07-28");
    assert_eq!(sending.answer().error(), (400, -32600));
}

#[test]
fn row_29_a_notification_is_accepted_and_not_answered() {
    let body = format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":1,{META}}}}}"#);
    for sending in [post(body.clone()), post(body).with("mcp-protocol-version", "2026-07-28")] {
        let received = sending.answer();
        assert_eq!((received.status, received.text.as_str()), (202, ""));
    }
}

#[test]
fn a_modern_request_that_lacks_its_id_is_told_so() {
    let world = World::new();
    let body = format!(r#"{{"jsonrpc":"2.0","method":"tools/call","params":{{"name":"w",{META}}}}}"#);
    assert_eq!(post(body).to(&world).error(), (400, -32600));
    assert!(world.names_called().is_empty());
}

#[test]
fn row_30_an_unknown_method_is_404_with_the_id() {
    let received = modern("foo/bar", json!({})).answer();
    assert_eq!(received.error(), (404, -32601));
    assert_eq!(received.json()["id"], 7);
}

#[test]
fn row_31_methods_of_the_legacy_era_are_404() {
    let initialize = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {} });
    assert_eq!(modern("initialize", initialize).answer().error(), (404, -32601));
    for method in ["ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"] {
        assert_eq!(modern(method, json!({})).answer().error(), (404, -32601), "{method}");
    }
}

#[test]
fn row_32_families_that_are_not_advertised_are_404() {
    for method in ["resources/subscribe", "roots/list", "sampling/createMessage", "tasks/list"] {
        assert_eq!(modern(method, json!({})).answer().error(), (404, -32601), "{method}");
    }
}

#[test]
fn shapes_that_are_not_json_rpc_are_refused() {
    let bodies = [
        "5",
        "null",
        r#""text""#,
        "{}",
        r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#,
        r#"{"id":7,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":7}"#,
        r#"{"jsonrpc":"2.0","id":7,"method":5}"#,
        r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":[1]}"#,
        r#"{"jsonrpc":"2.0","id":7,"method":"ping","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":7,"result":{},"error":{}}"#,
        r#"{"jsonrpc":"2.0","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":7,"error":null}"#,
        r#"{"jsonrpc":"2.0","id":7,"method":"ping","extra":1}"#,
        r#"{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/call"}"#,
        r#"{"jsonrpc":"2.0","id":7,"id":8,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","name":"b"}}"#,
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":{},"_meta":{}}}"#,
    ];
    for body in bodies {
        assert_eq!(post(body).answer().error(), (400, -32600), "{body}");
    }
}

#[test]
fn a_readable_id_is_given_back_with_a_malformed_request() {
    assert_eq!(post(r#"{"id":7,"method":"ping"}"#).answer().json()["id"], 7);
}

#[test]
fn nesting_without_end_is_refused() {
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let call = format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"w","arguments":{{"a":{nested}}}}}}}"#
    );
    assert_eq!(post(call).answer().error(), (200, -32602));
    assert_eq!(post(nested).answer().json()[0]["error"]["code"], -32600);
}
