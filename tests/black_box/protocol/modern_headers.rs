//! Rows 9–23 and 33–39: what HTTP says beside the body of a modern request.

use postern_tests::{
    client::{Answer, MODERN, meta, send},
    instance::ALLOWED_ORIGIN,
    wire::Connection,
};
use serde_json::json;

use super::{CLIENT, LIST, VERSION, assert_error, body, list_with};

const HEADER_MISMATCH: i64 = -32020;
const UNSUPPORTED_VERSION: i64 = -32022;

/// Lists tools with that version in the body and that in the header.
fn list_in(claimed: &str, header: &str) -> Answer {
    CLIENT.post(&body("tools/list", json!({}), meta(claimed, json!({}))), &[("MCP-Protocol-Version", header), LIST])
}

/// Calls `whoami` with this `Mcp-Name`.
fn whoami_as(name: &str) -> Answer {
    let body = body("tools/call", json!({ "name": "whoami" }), meta(MODERN, json!({})));
    CLIENT.post(&body, &[VERSION, ("Mcp-Method", "tools/call"), ("Mcp-Name", name)])
}

#[test]
fn row_9_a_missing_version_header_is_a_mismatch() {
    assert_error(&list_with(&[LIST]), 400, HEADER_MISMATCH);
}

#[test]
fn row_10_a_version_header_that_differs_from_the_body_is_a_mismatch() {
    assert_error(&list_in(MODERN, "2025-11-25"), 400, HEADER_MISMATCH);
}

#[test]
fn row_11_a_version_to_come_is_unsupported_and_the_answer_names_ours() {
    let answer = list_in("2099-01-01", "2099-01-01");
    assert_error(&answer, 400, UNSUPPORTED_VERSION);
    assert_eq!(answer.json()["error"]["data"], json!({ "supported": [MODERN], "requested": "2099-01-01" }));
}

#[test]
fn row_12_a_claim_naming_a_legacy_version_is_unsupported() {
    assert_error(&list_in("2025-11-25", "2025-11-25"), 400, UNSUPPORTED_VERSION);
}

#[test]
fn row_13_a_modern_header_over_an_unknown_version_is_a_mismatch() {
    assert_error(&list_in("v999.0.0", MODERN), 400, HEADER_MISMATCH);
}

#[test]
fn row_14_a_missing_method_header_is_a_mismatch() {
    assert_error(&list_with(&[VERSION]), 400, HEADER_MISMATCH);
}

#[test]
fn row_15_a_method_header_that_differs_in_word_or_case_is_a_mismatch() {
    for method in ["tools/call", "Tools/List"] {
        assert_error(&list_with(&[VERSION, ("Mcp-Method", method)]), 400, HEADER_MISMATCH);
    }
}

#[test]
fn row_16_names_of_headers_are_read_in_any_case_and_values_without_outer_space() {
    let bearer = format!("Bearer {}", CLIENT.access_token);
    let headers = [
        ("AUTHORIZATION", bearer.as_str()),
        ("Content-type", "application/json"),
        ("mcp-protocol-version", MODERN),
        ("MCP-METHOD", "   tools/list  "),
    ];
    let body = body("tools/list", json!({}), meta(MODERN, json!({})));
    let answer = Connection::open(&CLIENT.origin).post("/mcp", &headers, &body);
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn row_17_a_missing_name_header_is_a_mismatch() {
    assert_error(&whoami_as(""), 400, HEADER_MISMATCH);
}

#[test]
fn row_18_a_name_header_that_differs_from_the_body_is_a_mismatch() {
    for name in ["other", "Whoami"] {
        assert_error(&whoami_as(name), 400, HEADER_MISMATCH);
    }
}

#[test]
fn row_19_a_name_in_base64_is_decoded() {
    let answer = whoami_as("=?base64?d2hvYW1p?=");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.is_error());
}

#[test]
fn row_20_a_name_in_bad_base64_is_a_mismatch() {
    assert_error(&whoami_as("=?base64?d2hvYW1p*?="), 400, HEADER_MISMATCH);
}

#[test]
fn row_21_a_marker_in_upper_case_is_no_marker() {
    assert_error(&whoami_as("=?BASE64?d2hvYW1p?="), 400, HEADER_MISMATCH);
}

#[test]
fn row_22_no_tool_asks_for_a_parameter_in_a_header() {
    let tools = CLIENT.modern("tools/list", json!({})).result()["tools"].to_string();
    assert!(!tools.contains("x-mcp-header"), "{tools}");
}

#[test]
fn row_23_an_unknown_parameter_header_is_ignored() {
    let body = body("tools/call", json!({ "name": "whoami" }), meta(MODERN, json!({})));
    let headers = [VERSION, ("Mcp-Method", "tools/call"), ("Mcp-Name", "whoami"), ("Mcp-Param-Zzz", "1")];
    assert_eq!(CLIENT.post(&body, &headers).status, 200);
}

#[test]
fn row_33_another_content_type_is_refused() {
    for content_type in ["text/plain", "application/jsonl", ""] {
        assert_eq!(list_with(&[VERSION, LIST, ("content-type", content_type)]).status, 415, "{content_type}");
    }
}

#[test]
fn row_34_a_body_beyond_the_limit_is_refused() {
    let answer = CLIENT.post(&" ".repeat(2 << 20), &[VERSION, LIST]);
    assert_eq!(answer.status, 413, "{answer:?}");
}

#[test]
fn row_35_other_verbs_are_told_to_post() {
    let bearer = format!("Bearer {}", CLIENT.access_token);
    for verb in ["GET", "DELETE", "PUT"] {
        let headers = [("authorization", bearer.as_str()), ("accept", "text/event-stream")];
        let answer = send(verb, &CLIENT.resource(), &headers, b"");
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{verb}");
    }
}

#[test]
fn row_36_a_foreign_origin_is_refused() {
    assert_eq!(list_with(&[VERSION, LIST, ("Origin", "https://evil.example")]).status, 403);
}

#[test]
fn row_37_null_is_a_foreign_origin_and_ours_is_not() {
    for (origin, status) in [("null", 403), ("", 200), (CLIENT.origin.as_str(), 200), (ALLOWED_ORIGIN, 200)] {
        assert_eq!(list_with(&[VERSION, LIST, ("Origin", origin)]).status, status, "{origin}");
    }
}

#[test]
fn row_38_a_preflight_needs_no_token_and_allows_every_header_of_mcp() {
    let needed = "authorization,content-type,mcp-method,mcp-name,mcp-protocol-version";
    let headers = [
        ("origin", ALLOWED_ORIGIN),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", needed),
    ];
    let answer = send("OPTIONS", &CLIENT.resource(), &headers, b"");
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, ALLOWED_ORIGIN));
    let allowed = answer.header("access-control-allow-headers").to_ascii_lowercase();
    let allowed: Vec<&str> = allowed.split(',').map(str::trim).collect();
    for header in needed.split(',') {
        assert!(allowed.contains(&header), "{header} is not among {allowed:?}");
    }
}

#[test]
fn row_39_a_page_can_read_the_challenge() {
    let answer = list_with(&[VERSION, LIST, ("authorization", ""), ("origin", ALLOWED_ORIGIN)]);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (401, ALLOWED_ORIGIN));
    let exposed = answer.header("access-control-expose-headers").to_ascii_lowercase();
    assert!(exposed.contains("www-authenticate"), "{answer:?}");
}
