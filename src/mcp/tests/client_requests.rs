//! Asking a legacy client on the stream of its own request.

use super::{legacy::session, *};
use crate::mcp::messages::input::{InputNeeded, InputRequest};

fn needed() -> Answer<ToolResult> {
    let form = InputRequest::Form { message: "Who?".into(), schema: json!({ "type": "object" }) };
    Answer::InputNeeded(InputNeeded { requests: vec![("who", form)], memory: Some(json!("asked")) })
}

fn accepted() -> ClientResponse {
    ClientResponse { result: Some(json!({ "action": "accept" })) }
}

/// A call that needs a form, by a client that shows forms; what is found of its response, look by look.
fn call(world: &Rc<World>, responses: impl IntoIterator<Item = Option<ClientResponse>>) -> Payload {
    world.answers.borrow_mut().push_back(Ok(needed()));
    world.responses.borrow_mut().extend(responses);
    let id = session(world, "2025-11-25", json!({ "elicitation": {} }));
    legacy("tools/call", json!({ "name": "t" })).with("mcp-session-id", &id).to(world)
}

/// What the client posts in answer to the request of ours that it was sent.
fn response(to: &Payload) -> Sending {
    let id = events(&to.text)[0]["id"].clone();
    post(json!({ "jsonrpc": "2.0", "id": id, "result": { "action": "accept" } }).to_string())
}

#[test]
fn the_request_goes_out_on_the_stream_before_the_answer() {
    let events = events(&call(&World::new(), [Some(accepted())]).text);
    assert_eq!(events[0]["method"], "elicitation/create");
    assert_eq!(events[0]["params"]["message"], "Who?");
    assert_eq!(events[1]["result"]["content"][0]["text"], "done");
}

#[test]
fn the_call_runs_with_the_response() {
    let world = World::new();
    call(&world, [None, None, Some(accepted())]);
    let brought = world.brought.borrow().last().cloned();
    assert_eq!(brought, Some((Some(json!("asked")), json!({ "who": { "action": "accept" } }))));
}

#[test]
fn a_client_that_refuses_ends_the_call() {
    let events = events(&call(&World::new(), [Some(ClientResponse { result: None })]).text);
    assert_eq!(events[1]["error"]["code"], -31000);
}

#[test]
fn a_client_that_never_responds_is_not_waited_for_forever() {
    let world = World::new();
    let before = world.context.platform.clock.now();
    let events = events(&call(&world, []).text.replace(": keep-alive\n\n", ""));
    assert_eq!(events[1]["error"]["code"], -31000);
    assert!(world.context.platform.clock.now().since(before) >= Duration::from_mins(5));
}

#[test]
fn a_client_that_declared_nothing_is_not_asked() {
    let sent = legacy("tools/call", json!({ "name": "t" })).to(&World::answering(needed()));
    assert_eq!(sent.error(), (200, -32021));
}

#[test]
fn a_call_in_a_batch_is_refused_in_words() {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "t" } });
    let received = post(json!([request]).to_string()).to(&World::answering(needed()));
    assert_eq!(received.json()[0]["result"]["isError"], true);
}

#[test]
fn a_posted_response_is_kept_for_who_waits() {
    let world = World::new();
    let posted = response(&call(&world, [Some(accepted())]));
    assert_eq!(posted.to(&world).status, 202);
    assert_eq!(world.kept.borrow()[0].1, accepted());
}

#[test]
fn a_response_to_what_was_never_asked_is_read_over() {
    let world = World::new();
    for id in [json!("made up"), json!(1)] {
        let posted = post(json!({ "jsonrpc": "2.0", "id": id, "result": {} }).to_string());
        assert_eq!(posted.to(&world).status, 202);
    }
    assert!(world.kept.borrow().is_empty());
}

#[test]
fn nor_is_one_kept_to_what_another_was_asked() {
    let world = World::new();
    let posted = response(&call(&world, [Some(accepted())]));
    for other in ["mallory/editor", "alice/terminal"] {
        assert_eq!(posted.clone().of(other).to(&world).status, 202);
    }
    assert!(world.kept.borrow().is_empty());
}
