//! The legacy era: table D.

use std::time::Duration;

use super::*;

fn initialize(version: &str, capabilities: Value) -> Sending {
    let params = json!({
        "protocolVersion": version,
        "capabilities": capabilities,
        "clientInfo": { "name": "x", "version": "1" },
    });
    post(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }).to_string())
}

fn able() -> Value {
    json!({ "elicitation": { "url": {} } })
}

/// The session id of a client that initialized so.
pub(super) fn session(world: &Rc<World>, version: &str, capabilities: Value) -> String {
    initialize(version, capabilities).to(world).header("mcp-session-id").unwrap().to_owned()
}

fn ping() -> Sending {
    legacy("ping", json!({}))
}

#[test]
fn row_83_a_known_version_is_echoed() {
    for version in ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] {
        let result = initialize(version, json!({})).answer().result();
        assert_eq!(result["protocolVersion"], version);
        assert_eq!(
            result["capabilities"],
            json!({ "tools": { "listChanged": true }, "resources": {}, "prompts": {}, "completions": {} })
        );
        assert_eq!(result["serverInfo"]["name"], "postern");
    }
}

#[test]
fn who_we_are_is_told_in_the_members_that_the_revision_has() {
    let told = |version: &str| {
        let result = initialize(version, json!({})).answer().result();
        let mut members: Vec<_> = result["serverInfo"].as_object().unwrap().keys().cloned().collect();
        members.sort_unstable();
        members.join(" ")
    };
    assert_eq!(told("2024-11-05"), "name version");
    assert_eq!(told("2025-03-26"), "name version");
    assert_eq!(told("2025-06-18"), "name title version");
    assert_eq!(told("2025-11-25"), "description icons name title version websiteUrl");
}

#[test]
fn row_84_any_other_version_is_answered_with_the_newest_of_the_era() {
    for version in ["2099-01-01", "2026-07-28", "2024-10-07"] {
        assert_eq!(initialize(version, json!({})).answer().result()["protocolVersion"], "2025-11-25");
    }
}

#[test]
fn row_85_initialize_with_a_modern_header_is_refused() {
    let sending = initialize("2025-11-25", json!({})).with("mcp-protocol-version", "2026-07-28");
    assert_eq!(sending.answer().error(), (400, -32020));
}

#[test]
fn initialize_with_a_legacy_header_is_fine() {
    assert_eq!(initialize("2025-11-25", json!({})).with("mcp-protocol-version", "2025-06-18").answer().status, 200);
}

#[test]
fn initialize_without_a_version_is_an_error_on_200() {
    assert_eq!(legacy("initialize", json!({})).answer().error(), (200, -32602));
}

#[test]
fn initialize_works_with_a_session_that_is_over() {
    assert_eq!(initialize("2025-11-25", json!({})).with("mcp-session-id", "x").answer().status, 200);
}

#[test]
fn row_86_a_session_id_is_visible_ascii() {
    let id = session(&World::new(), "2025-11-25", able());
    assert!(id.bytes().all(|byte| byte.is_ascii_graphic()), "{id}");
}

#[test]
fn a_session_serves_its_owner() {
    let world = World::new();
    let id = session(&world, "2025-11-25", json!({}));
    assert_eq!(ping().with("mcp-session-id", &id).to(&world).status, 200);
}

#[test]
fn row_87_the_session_of_another_user_or_client_is_404() {
    let world = World::new();
    let id = session(&world, "2025-11-25", json!({}));
    for other in ["mallory/editor", "alice/terminal"] {
        assert_eq!(ping().with("mcp-session-id", &id).of(other).to(&world).status, 404, "{other}");
    }
}

#[test]
fn row_88_a_garbage_session_is_404_for_every_message() {
    let notification = post(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    let batch = post(r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#);
    for sending in [ping(), notification, batch] {
        for id in ["x", "", "v2.aaaa.bbbb"] {
            assert_eq!(sending.clone().with("mcp-session-id", id).answer().status, 404, "{id}");
        }
    }
}

#[test]
fn a_session_is_over_after_30_days() {
    let world = World::new();
    let id = session(&world, "2025-11-25", json!({}));
    drop(world.context.platform.clock.sleep(Duration::from_hours(30 * 24)));
    assert_eq!(ping().with("mcp-session-id", &id).to(&world).status, 404);
}

#[test]
fn row_89_notifications_and_responses_are_accepted_and_not_answered() {
    for body in [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
        r#"{"jsonrpc":"2.0","id":7,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"x"}}"#,
    ] {
        let received = post(body).with("mcp-protocol-version", "2025-11-25").answer();
        assert_eq!((received.status, received.text.as_str()), (202, ""), "{body}");
    }
}

#[test]
fn row_90_ping_is_answered_with_nothing() {
    assert_eq!(ping().answer().json(), json!({ "jsonrpc": "2.0", "id": 2, "result": {} }));
}

#[test]
fn row_91_an_unknown_method_is_an_error_on_200() {
    for method in ["foo", "server/discover", "logging/setLevel", "resources/subscribe", "subscriptions/listen"] {
        assert_eq!(legacy(method, json!({})).answer().error(), (200, -32601), "{method}");
    }
}

#[test]
fn row_92_tools_are_listed_without_anything_modern() {
    let list = legacy("tools/list", json!({})).answer().result();
    assert_eq!(list, json!({ "tools": [{ "name": "whoami", "inputSchema": { "type": "object" } }] }));
}

#[test]
fn row_92_tools_are_called_without_anything_modern() {
    let result = legacy("tools/call", json!({ "name": "whoami" })).answer().result();
    assert_eq!(result, json!({ "content": [{ "type": "text", "text": "done" }] }));
}

#[test]
fn an_unknown_tool_is_an_error_on_200() {
    let received = legacy("tools/call", json!({ "name": "nope" })).to(&World::answering(Answer::Unknown));
    assert_eq!(received.error(), (200, -32602));
}

#[test]
fn a_cursor_that_was_never_given_out_is_an_error_on_200() {
    assert_eq!(legacy("tools/list", json!({ "cursor": "zzz" })).answer().error(), (200, -32602));
}

#[test]
fn a_null_cursor_is_none() {
    assert_eq!(legacy("tools/list", json!({ "cursor": null })).answer().status, 200);
}

#[test]
fn row_93_a_version_of_no_era_is_400() {
    assert_eq!(ping().with("mcp-protocol-version", "1999-01-01").answer().status, 400);
}

#[test]
fn row_94_no_version_header_is_fine() {
    assert_eq!(legacy("tools/list", json!({})).without("mcp-protocol-version").answer().status, 200);
}

#[test]
fn row_95_a_batch_is_answered_in_its_order() {
    let body = r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},
        {"jsonrpc":"2.0","method":"notifications/initialized"},
        {"jsonrpc":"2.0","id":"b","method":"foo"},
        5]"#;
    let received = post(body).answer();
    let answers = received.json();
    assert_eq!(received.status, 200);
    assert_eq!(answers[0], json!({ "jsonrpc": "2.0", "id": 1, "result": {} }));
    assert_eq!((&answers[1]["id"], &answers[1]["error"]["code"]), (&json!("b"), &json!(-32601)));
    assert_eq!((answers[2].get("id"), &answers[2]["error"]["code"]), (None, &json!(-32600)));
    assert_eq!(answers.as_array().unwrap().len(), 3);
}

#[test]
fn row_95_a_batch_of_notifications_is_accepted() {
    let body = r#"[{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":7,"result":{}}]"#;
    let received = post(body).answer();
    assert_eq!((received.status, received.text.as_str()), (202, ""));
}

#[test]
fn row_95_a_batch_holds_no_initialize() {
    let body = r#"[{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26"}}]"#;
    let received = post(body).answer();
    assert_eq!((received.status, &received.json()[0]["error"]["code"]), (200, &json!(-32600)));
}

#[test]
fn a_batch_holds_at_most_twenty_messages() {
    let batch = |size: usize| {
        let messages = vec![r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#; size];
        post(format!("[{}]", messages.join(","))).answer()
    };
    assert_eq!(batch(20).status, 200);
    assert_eq!(batch(21).error(), (400, -32600));
}

#[test]
fn a_scope_too_small_within_a_batch_does_not_undo_the_rest() {
    let world = World::answering(done());
    world.answers.borrow_mut().push_back(Ok(Answer::InsufficientScope(Scope::Write)));
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"w"}}"#;
    let answers = post(format!("[{call},{call}]")).to(&world).json();
    assert_eq!(answers[0]["result"]["content"][0]["text"], "done");
    assert_eq!(answers[1]["result"]["isError"], true);
}

#[test]
fn row_96_a_client_that_can_show_links_gets_them_in_the_error() {
    let world = World::answering(Answer::LinkNeeded(link()));
    let id = session(&world, "2025-11-25", able());
    let received = legacy("tools/call", json!({ "name": "bb" })).with("mcp-session-id", &id).to(&world);
    assert_eq!(received.error(), (200, -32042));
    assert_eq!(
        received.json()["error"]["data"]["elicitations"],
        json!([{ "mode": "url", "elicitationId": "e1", "url": link().url, "message": link().message }])
    );
}

#[test]
fn row_97_every_other_client_is_told_in_words() {
    for (version, capabilities) in [
        ("2025-11-25", json!({})),
        ("2025-11-25", json!({ "elicitation": {} })),
        ("2025-06-18", able()),
        ("2025-03-26", able()),
    ] {
        let world = World::answering(Answer::LinkNeeded(link()));
        let id = session(&world, version, capabilities);
        let received = legacy("tools/call", json!({ "name": "bb" })).with("mcp-session-id", &id).to(&world);
        let (text, is_error) = received.told();
        assert!(is_error && text.contains(&link().url) && text.contains("ask again"), "{text}");
    }
}

#[test]
fn row_97_a_client_without_a_session_is_told_in_words() {
    let received = legacy("tools/call", json!({ "name": "bb" })).to(&World::answering(Answer::LinkNeeded(link())));
    assert!(received.told().1);
}

#[test]
fn a_fault_tells_the_request_id_on_200() {
    let world = World::new();
    world.answers.borrow_mut().push_back(Err(Fault::new("database", "secret detail")));
    let received = legacy("tools/call", json!({ "name": "w" })).to(&world);
    assert_eq!(received.error(), (200, -32603));
    assert!(!received.text.contains("secret"));
}

#[test]
fn row_99_both_eras_live_side_by_side() {
    let world = World::new();
    for _ in 0..3 {
        assert_eq!(modern("server/discover", json!({})).to(&world).result()["resultType"], "complete");
        assert_eq!(ping().to(&world).result(), json!({}));
    }
}
