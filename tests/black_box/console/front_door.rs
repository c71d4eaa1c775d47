//! Paths and methods as people and programs really send them, and the host that is answered at.

use postern_tests::{client::send, instance::instance};
use serde_json::json;

use super::BROWSER;

fn url(path: &str) -> String {
    format!("{}{path}", instance().url)
}

#[test]
fn a_slash_after_the_address_of_mcp_loses_nobody_on_the_way_to_sign_in() {
    let challenged = send("POST", &url("/mcp/"), &[("content-type", "application/json")], b"{}");
    assert_eq!(challenged.status, 401);
    assert!(challenged.header("www-authenticate").contains("resource_metadata="), "{challenged:?}");
    let metadata = send("GET", &url("/.well-known/oauth-protected-resource/mcp/"), &[], b"");
    assert_eq!((metadata.status, &metadata.json()["resource"]), (200, &json!(url("/mcp"))));
}

#[test]
fn head_is_answered_wherever_get_is() {
    for path in ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-authorization-server", "/health", "/"]
    {
        let (get, head) = (send("GET", &url(path), &[BROWSER], b""), send("HEAD", &url(path), &[BROWSER], b""));
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{path}");
        assert_eq!(head.body, "", "{path}");
    }
}

#[test]
fn a_program_that_is_lost_is_told_the_way_in_json() {
    for (method, path) in
        [("POST", "/"), ("GET", "/sse"), ("GET", "/token"), ("GET", "/.well-known/openid-configuration")]
    {
        let answer = send(method, &url(path), &[("accept", "application/json")], b"");
        assert!(matches!(answer.status, 404 | 405), "{path}: {answer:?}");
        assert_eq!(answer.json()["mcp_url"], url("/mcp"), "{path}");
    }
    assert_eq!(send("GET", &url("/register"), &[], b"").header("allow"), "POST");
}

#[test]
fn a_browser_at_the_address_of_mcp_is_shown_how_clients_are_connected() {
    let answer = send("GET", &url("/mcp"), &[BROWSER], b"");
    assert_eq!((answer.status, answer.header("location")), (303, "/connect-a-client"));
}

#[test]
fn another_host_is_refused_but_for_health() {
    let host = ("host", "postern.elsewhere.example");
    let refused = send("POST", &url("/mcp"), &[host], b"{}");
    assert_eq!(refused.status, 421, "{refused:?}");
    assert!(refused.body.contains(&instance().url), "{refused:?}");
    assert_eq!(send("GET", &url("/health"), &[host], b"").status, 200);
}

#[test]
fn every_answer_is_taken_for_what_it_says_it_is() {
    for path in ["/mcp", "/token", "/health", "/", "/nowhere", "/.well-known/oauth-authorization-server"] {
        assert_eq!(send("GET", &url(path), &[], b"").header("x-content-type-options"), "nosniff", "{path}");
    }
}
