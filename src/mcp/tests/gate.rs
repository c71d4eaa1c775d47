//! What is checked before the body: tables A 33–39 and E.

use super::*;

#[test]
fn row_33_another_content_type_is_415() {
    assert_eq!(modern("tools/list", json!({})).with("content-type", "text/plain").answer().status, 415);
    assert_eq!(modern("tools/list", json!({})).without("content-type").answer().status, 415);
}

#[test]
fn row_33_parameters_of_the_content_type_are_fine() {
    let sending = modern("tools/list", json!({})).with("content-type", "Application/JSON; charset=utf-8");
    assert_eq!(sending.answer().status, 200);
}

#[test]
fn a_body_with_a_content_coding_is_415_and_the_coding_named() {
    let received = modern("tools/list", json!({})).with("content-encoding", "gzip").answer();
    assert_eq!((received.status, received.header("accept-encoding")), (415, Some("identity")));
    assert!(received.text.contains("Content-Encoding: gzip"), "{}", received.text);
    assert_eq!(modern("tools/list", json!({})).with("content-encoding", "Identity").answer().status, 200);
}

#[test]
fn row_34_a_body_over_the_limit_is_413() {
    let mut request = modern("tools/list", json!({})).request();
    request.body = Body::TooLarge;
    assert_eq!(exchange(&World::new(), request).status, 413);
}

#[test]
fn row_35_other_verbs_are_405_and_told_to_post() {
    for method in [Method::Get, Method::Head, Method::Put, Method::Patch, Method::Delete, Method::Other] {
        let received = post("").by(method).answer();
        assert_eq!((received.status, received.header("allow")), (405, Some("POST")), "{method:?}");
    }
}

#[test]
fn row_36_a_foreign_origin_is_403_and_gets_no_access() {
    let received = modern("tools/list", json!({})).with("origin", "https://evil.example").answer();
    assert_eq!((received.status, received.header("access-control-allow-origin")), (403, None));
}

#[test]
fn row_36_a_foreign_origin_is_403_before_the_token_is_looked_at() {
    let sending = modern("tools/list", json!({})).without("authorization").with("origin", "https://evil.example");
    assert_eq!(sending.answer().status, 403);
}

#[test]
fn row_37_a_null_origin_is_403() {
    assert_eq!(modern("tools/list", json!({})).with("origin", "null").answer().status, 403);
}

#[test]
fn row_37_no_origin_and_our_own_are_fine() {
    assert_eq!(modern("tools/list", json!({})).answer().status, 200);
    assert_eq!(modern("tools/list", json!({})).with("origin", "https://postern.example").answer().status, 200);
}

#[test]
fn row_38_a_preflight_needs_no_token_and_allows_every_header_of_mcp() {
    let sending = post("").without("authorization").with("origin", "https://postern.example").by(Method::Options);
    let received = sending.answer();
    assert_eq!(received.status, 204);
    assert_eq!(received.header("access-control-allow-origin"), Some("https://postern.example"));
    let allowed = received.header("access-control-allow-headers").unwrap();
    for header in ["authorization", "content-type", "mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id"]
    {
        assert!(allowed.split(", ").any(|one| one == header), "{header}");
    }
}

#[test]
fn row_39_a_challenge_can_be_read_across_origins() {
    let received = post("{}").without("authorization").with("origin", "https://postern.example").answer();
    assert_eq!(received.status, 401);
    assert_eq!(received.header("access-control-allow-origin"), Some("https://postern.example"));
    assert!(received.header("access-control-expose-headers").unwrap().contains("WWW-Authenticate"));
}

#[test]
fn row_39_each_answer_varies_by_origin_and_allows_one() {
    let received = modern("tools/list", json!({})).with("origin", "https://postern.example").answer();
    let allowed = received.headers.iter().filter(|(name, _)| name == "access-control-allow-origin").count();
    assert_eq!((received.header("vary"), allowed), (Some("Origin"), 1));
}

#[test]
fn row_100_no_token_is_401_with_a_challenge() {
    let received = post("{}").without("authorization").answer();
    let challenge = received.header("www-authenticate").unwrap();
    assert_eq!(received.status, 401);
    assert!(challenge.contains("oauth-protected-resource/mcp\"") && challenge.contains("scope="), "{challenge}");
}

#[test]
fn row_101_the_real_check_refuses_a_token_that_is_none_of_ours() {
    let world = World::new();
    let request = modern("tools/list", json!({})).with("authorization", "Bearer bad").request();
    let response = futures_executor::block_on(crate::mcp::handle(&world.context, request));
    assert_eq!(response.status, 401);
}

#[test]
fn row_104_every_verb_and_method_needs_a_token() {
    for method in [Method::Get, Method::Delete, Method::Post] {
        assert_eq!(post("{}").without("authorization").by(method).answer().status, 401, "{method:?}");
    }
    for sending in [modern("server/discover", json!({})), legacy("initialize", json!({}))] {
        assert_eq!(sending.without("authorization").answer().status, 401);
    }
}

#[test]
fn the_body_is_not_looked_at_without_a_token() {
    assert_eq!(post("{oops").without("authorization").answer().status, 401);
}

#[test]
fn row_105_a_scope_too_small_is_403_naming_every_scope() {
    for sending in [modern("tools/call", json!({ "name": "w" })), legacy("tools/call", json!({ "name": "w" }))] {
        let received = sending.to(&World::answering(Answer::InsufficientScope(Scope::Write)));
        let challenge = received.header("www-authenticate").unwrap();
        assert_eq!(received.status, 403);
        assert!(challenge.contains("insufficient_scope") && challenge.contains("read write"), "{challenge}");
    }
}

#[test]
fn row_108_a_revoked_grant_is_401_to_whatever_a_client_begins_with() {
    let world = World::new();
    world.grant_ended.set(true);
    for sending in [
        modern("server/discover", json!({})),
        modern("tools/list", json!({})),
        legacy("initialize", json!({ "protocolVersion": "2025-11-25" })),
        legacy("ping", json!({})),
        legacy("tools/list", json!({})),
    ] {
        assert_eq!(sending.clone().to(&world).status, 401, "{}", String::from_utf8_lossy(&sending.body));
    }
}

#[test]
fn row_108_a_revoked_grant_is_401_to_a_call() {
    for sending in [modern("tools/call", json!({ "name": "w" })), legacy("tools/call", json!({ "name": "w" }))] {
        let received = sending.to(&World::answering(Answer::GrantEnded));
        assert_eq!(received.status, 401);
        assert!(received.header("www-authenticate").unwrap().contains("invalid_token"));
    }
}

#[test]
fn a_panic_is_500_to_its_own_request_in_both_eras() {
    for (sending, id) in [
        (modern("tools/call", json!({ "name": "defective" })), 7),
        (legacy("tools/call", json!({ "name": "defective" })), 2),
    ] {
        let received = sending.answer();
        assert_eq!(received.error(), (500, -32603));
        let json = received.json();
        assert_eq!(json["id"], id);
        assert_eq!(json["error"]["message"], "internal error; request id request-1");
    }
}
