//! Asking the client for input: the rounds that share nothing but what they carry.

use super::*;
use crate::mcp::messages::input::{InputNeeded, InputRequest};

fn needed() -> Answer<ToolResult> {
    let form = InputRequest::Form { message: "Who?".into(), schema: json!({ "type": "object" }) };
    Answer::InputNeeded(InputNeeded { requests: vec![("who", form)], memory: Some(json!("asked")) })
}

/// A call by a client that shows forms.
fn call(extra: Value) -> Sending {
    let mut params = json!({ "name": "t", "arguments": { "a": 1 } });
    for (name, value) in extra.as_object().unwrap() {
        params[name] = value.clone();
    }
    modern_with(json!({ "elicitation": {} }), "tools/call", params)
}

fn retry(state: &Value) -> Sending {
    call(json!({ "requestState": state, "inputResponses": { "who": { "action": "accept" } } }))
}

fn asked() -> (Rc<World>, Value) {
    let world = World::answering(needed());
    let state = call(json!({})).to(&world).result()["requestState"].clone();
    (world, state)
}

#[test]
fn the_client_is_asked_by_the_result() {
    let result = call(json!({})).to(&World::answering(needed())).result();
    assert_eq!(result["resultType"], "input_required");
    assert_eq!(
        result["inputRequests"],
        json!({ "who": { "method": "elicitation/create", "params": {
            "mode": "form", "message": "Who?", "requestedSchema": { "type": "object" },
        }}})
    );
    assert_eq!(result.get("ttlMs"), None);
}

#[test]
fn its_retry_brings_the_answers_and_what_was_remembered() {
    let (world, state) = asked();
    assert_eq!(retry(&state).to(&world).told(), ("done".into(), false));
    let brought = world.brought.borrow().last().cloned();
    assert_eq!(brought, Some((Some(json!("asked")), json!({ "who": { "action": "accept" } }))));
}

#[test]
fn answers_without_a_state_are_brought_alone() {
    let world = World::new();
    call(json!({ "inputResponses": { "who": { "action": "accept" } } })).to(&world);
    assert_eq!(*world.brought.borrow(), [(None, json!({ "who": { "action": "accept" } }))]);
}

#[test]
fn nobody_elses_state_is_taken() {
    let (world, state) = asked();
    let others = [retry(&state).of("mallory/editor"), retry(&state).of("alice/terminal")];
    for other in others {
        assert_eq!(other.to(&world).error(), (200, -32602));
    }
    assert_eq!(world.names_called(), ["t"]);
}

#[test]
fn nor_one_of_another_call() {
    let (world, state) = asked();
    let other = call(json!({ "arguments": { "a": 2 }, "requestState": state }));
    assert_eq!(other.to(&world).error(), (200, -32602));
}

#[test]
fn answers_that_are_no_object_are_refused() {
    assert_eq!(call(json!({ "inputResponses": [1] })).answer().error(), (200, -32602));
}

#[test]
fn a_client_is_not_asked_for_what_it_did_not_declare() {
    let unable = modern("tools/call", json!({ "name": "t" })).to(&World::answering(needed()));
    assert_eq!(unable.error(), (400, -32021));
    assert_eq!(unable.json()["error"]["data"], json!({ "requiredCapabilities": { "elicitation": { "form": {} } } }));
}
