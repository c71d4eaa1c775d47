//! Results of the modern era: tables A 1, 2, 43 and B.

use super::*;

#[test]
fn row_1_discovery_has_the_shape_of_the_specification() {
    let result = modern("server/discover", json!({})).answer().result();
    assert_eq!(result["supportedVersions"], json!(["2026-07-28"]));
    assert_eq!(
        result["capabilities"],
        json!({
            "tools": { "listChanged": true },
            "resources": {},
            "prompts": {},
            "completions": {},
            "extensions": { "io.modelcontextprotocol/skills": {}, "io.modelcontextprotocol/tasks": {} },
        })
    );
    assert_eq!((&result["ttlMs"], &result["cacheScope"]), (&json!(3_600_000), &json!("public")));
    let who = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
    assert_eq!(who["websiteUrl"], "https://postern.example");
    assert_eq!(who["icons"][0]["src"], "https://postern.example/assets/postern.svg");
    assert_eq!(result.get("serverInfo"), None);
}

#[test]
fn row_2_there_is_no_session() {
    let plain = modern("server/discover", json!({})).answer();
    let with_a_session = modern("server/discover", json!({})).with("mcp-session-id", "x").answer();
    assert_eq!(plain.header("mcp-session-id"), None);
    assert_eq!(plain, with_a_session);
}

#[test]
fn row_43_capabilities_hold_for_one_request_alone() {
    let world = World::new();
    world.answers.borrow_mut().extend([1, 2].map(|_| Ok(Answer::LinkNeeded(link()))));
    let call = |capabilities| modern_with(capabilities, "tools/call", json!({ "name": "w" })).to(&world).result();
    assert_eq!(call(json!({ "elicitation": { "url": {} } }))["resultType"], "input_required");
    assert_eq!(call(json!({}))["resultType"], "complete");
}

#[test]
fn row_44_every_result_says_its_type_and_who_gave_it() {
    let results = [
        modern("server/discover", json!({})).answer().result(),
        modern("tools/list", json!({})).answer().result(),
        modern("tools/call", json!({ "name": "whoami" })).answer().result(),
        events(&modern("subscriptions/listen", json!({ "notifications": {} })).answer().text)[1]["result"].clone(),
    ];
    for result in results {
        assert_eq!(result["resultType"], "complete", "{result}");
        assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "postern", "{result}");
    }
}

#[test]
fn row_45_lists_say_how_long_they_hold_and_calls_do_not() {
    let list = modern("tools/list", json!({})).answer().result();
    assert_eq!((&list["ttlMs"], &list["cacheScope"]), (&json!(300_000), &json!("private")));
    let call = modern("tools/call", json!({ "name": "whoami" })).answer().result();
    assert_eq!((call.get("ttlMs"), call.get("cacheScope")), (None, None));
}

#[test]
fn tools_are_listed_as_they_are_defined() {
    let list = modern("tools/list", json!({})).answer().result();
    assert_eq!(list["tools"], json!([{ "name": "whoami", "inputSchema": { "type": "object" } }]));
}

#[test]
fn row_49_arguments_are_optional() {
    let world = World::new();
    assert_eq!(modern("tools/call", json!({ "name": "whoami" })).to(&world).told(), ("done".into(), false));
    assert_eq!(world.called.borrow()[0].arguments, Map::new());
}

#[test]
fn arguments_reach_the_tool_as_sent() {
    let world = World::new();
    modern("tools/call", json!({ "name": "w", "arguments": { "b": [1, null], "a": "\u{1F600}" } })).to(&world);
    assert_eq!(Value::Object(world.called.borrow()[0].arguments.clone()), json!({ "b": [1, null], "a": "\u{1F600}" }));
}

#[test]
fn row_50_an_unknown_tool_is_an_error_on_200() {
    let received = modern("tools/call", json!({ "name": "nope" })).to(&World::answering(Answer::Unknown));
    assert_eq!(received.error(), (200, -32602));
}

#[test]
fn malformed_params_of_a_call_are_an_error_on_200() {
    for params in [json!({}), json!({ "name": "w", "arguments": [1] }), json!({ "name": 5 })] {
        assert_eq!(modern("tools/call", params.clone()).answer().error(), (200, -32602), "{params}");
    }
}

#[test]
fn row_51_a_tool_that_failed_gives_a_result() {
    let failed = Answer::Failed("no such repository".into());
    let received = modern("tools/call", json!({ "name": "w" })).to(&World::answering(failed));
    assert_eq!(received.told(), ("no such repository".into(), true));
}

#[test]
fn row_53_a_cursor_that_was_never_given_out_is_refused() {
    for cursor in [json!("zzz"), json!(" "), json!(1)] {
        let received = modern("tools/list", json!({ "cursor": cursor })).answer();
        assert_eq!(received.error(), (200, -32602));
    }
}

#[test]
fn row_56_a_fault_tells_the_request_id_and_nothing_else() {
    let world = World::new();
    world.answers.borrow_mut().push_back(Err(Fault::new("database", "secret detail")));
    let received = modern("tools/call", json!({ "name": "w" })).to(&world);
    assert_eq!(received.error(), (200, -32603));
    assert_eq!(received.json()["error"]["message"], "internal error; request id request-1");
}

#[test]
fn no_answer_may_be_cached_on_its_way() {
    assert_eq!(modern("tools/list", json!({})).answer().header("cache-control"), Some("no-store"));
}
