//! Replies that are streams: tables A 40 and 41.

use super::*;

/// A call that reports this progress before it answers, by a client that wants it under this token.
fn reporting(reports: &[u64], token: Option<Value>, answer: Option<Answer<ToolResult>>, sending: Sending) -> Payload {
    let world = World::new();
    world.reports.replace(reports.iter().map(|progress| (*progress, "so far")).collect());
    world.answers.borrow_mut().extend(answer.map(Ok));
    let mut body: Value = serde_json::from_slice(&sending.body).unwrap();
    if let Some(token) = token {
        body["params"]["_meta"]["progressToken"] = token;
    }
    Sending { body: body.to_string().into_bytes(), ..sending }.to(&world)
}

fn modern_call() -> Sending {
    modern("tools/call", json!({ "name": "whoami" }))
}

fn legacy_call() -> Sending {
    legacy("tools/call", json!({ "name": "whoami" }))
}

fn progress(events: &[Value]) -> Vec<&Value> {
    events.iter().filter(|event| event["method"] == "notifications/progress").map(|event| &event["params"]).collect()
}

#[test]
fn row_40_a_stream_says_how_it_is_not_to_be_kept() {
    let received = reporting(&[1], Some(json!("t")), None, modern_call());
    assert_eq!(received.header("content-type"), Some("text/event-stream"));
    assert_eq!(received.header("cache-control"), Some("no-cache, no-transform"));
    assert_eq!(received.header("x-accel-buffering"), Some("no"));
}

#[test]
fn row_40_a_stream_ends_with_the_response() {
    for call in [modern_call(), legacy_call()] {
        let events = events(&reporting(&[1], Some(json!("t")), None, call).text);
        assert_eq!(events.last().unwrap()["result"]["content"][0]["text"], "done");
        assert_eq!(events.len(), 2);
    }
}

#[test]
fn row_40_a_stream_has_no_event_ids() {
    assert!(!reporting(&[1], Some(json!("t")), None, modern_call()).text.contains("\nid:"));
}

#[test]
fn row_41_nothing_is_reported_without_a_token() {
    for call in [modern_call(), legacy_call()] {
        let received = reporting(&[1, 2], None, None, call);
        assert_eq!(received.header("content-type"), Some("application/json"));
    }
}

#[test]
fn row_41_a_token_alone_makes_no_stream() {
    let received = reporting(&[], Some(json!("t")), None, modern_call());
    assert_eq!(received.header("content-type"), Some("application/json"));
}

#[test]
fn row_41_the_token_comes_back_as_it_was_sent() {
    for token in [json!("t"), json!(7)] {
        let events = events(&reporting(&[1], Some(token.clone()), None, modern_call()).text);
        assert_eq!(progress(&events)[0]["progressToken"], token);
    }
}

#[test]
fn row_41_a_token_of_another_type_is_none() {
    for token in [json!({}), json!(1.5), json!(null), json!([])] {
        assert_eq!(reporting(&[1], Some(token), None, modern_call()).header("content-type"), Some("application/json"));
    }
}

#[test]
fn row_41_progress_only_rises() {
    let events = events(&reporting(&[1, 1, 3, 2, 4], Some(json!("t")), None, modern_call()).text);
    let reported: Vec<_> = progress(&events).iter().map(|params| params["progress"].as_u64().unwrap()).collect();
    assert_eq!(reported, [1, 3, 4]);
}

#[test]
fn an_answer_with_a_status_of_its_own_ends_a_stream_as_an_error() {
    let received = reporting(&[1], Some(json!("t")), Some(Answer::GrantEnded), modern_call());
    let last = events(&received.text).pop().unwrap();
    assert_eq!((&last["id"], &last["error"]["code"]), (&json!(7), &json!(-32603)));
}

#[test]
fn a_batch_is_answered_in_one_piece() {
    let world = World::new();
    world.reports.replace(vec![(1, "so far")]);
    let call = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": { "name": "whoami", "_meta": { "progressToken": "t" } } });
    let received = post(json!([call]).to_string()).to(&world);
    assert_eq!(received.json()[0]["result"]["content"][0]["text"], "done");
}

#[test]
fn who_takes_json_alone_gets_no_stream() {
    for call in [modern_call(), legacy_call()] {
        let received = reporting(&[1], Some(json!("t")), None, call.with("accept", "application/json"));
        assert_eq!(received.header("content-type"), Some("application/json"));
        assert_eq!(received.told().0, "done");
    }
}

#[test]
fn who_takes_events_alone_gets_the_answer_as_one() {
    for call in [modern_call(), legacy_call()] {
        let received = call.with("accept", "text/event-stream").answer();
        assert_eq!(received.header("content-type"), Some("text/event-stream"));
        assert_eq!(events(&received.text).len(), 1);
    }
}

#[test]
fn the_session_of_who_takes_events_alone_is_told_as_well() {
    let received =
        legacy("initialize", json!({ "protocolVersion": "2025-11-25" })).with("accept", "text/event-stream").answer();
    assert!(received.header("mcp-session-id").is_some());
}

#[test]
fn an_error_of_http_is_json_to_everybody() {
    let received = modern("foo", json!({})).with("accept", "text/event-stream").answer();
    assert_eq!(received.error(), (404, -32601));
}

#[test]
fn nobody_listens_without_taking_a_stream() {
    let listen = modern("subscriptions/listen", json!({ "notifications": { "toolsListChanged": true } }));
    let get = legacy("ping", json!({})).by(Method::Get);
    for sending in [listen, get] {
        assert_eq!(sending.with("accept", "application/json").answer().status, 406);
    }
}
