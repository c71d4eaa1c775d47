//! Streams that tell of changes, in both eras: rows 54 and 55.

use super::*;

/// A world whose list of tools is this when a stream asks; then its grant has ended.
fn world(heard: &[&'static str]) -> Rc<World> {
    let world = World::new();
    world.heard.borrow_mut().extend(heard);
    world
}

fn listen(id: &str, filter: Value, heard: &[&'static str]) -> Payload {
    let sending = modern("subscriptions/listen", json!({ "notifications": filter }));
    let body = String::from_utf8(sending.body.clone()).unwrap().replace("\"id\":7", &format!("\"id\":{id}"));
    Sending { body: body.into_bytes(), ..sending }.to(&world(heard))
}

fn tools_changed() -> Value {
    json!({ "toolsListChanged": true })
}

fn get(headers: &[(&str, &str)], heard: &[&'static str]) -> Payload {
    let sending = headers.iter().fold(post("").by(Method::Get), |sending, (name, value)| sending.with(name, value));
    sending.to(&world(heard))
}

const LEGACY: (&str, &str) = ("mcp-protocol-version", "2025-11-25");

fn methods(received: &Payload) -> Vec<String> {
    let method = |event: Value| event["method"].as_str().unwrap_or("result").to_owned();
    events(&received.text).into_iter().map(method).collect()
}

#[test]
fn row_54_listening_is_acknowledged_first_and_ends_with_a_result() {
    let received = listen("7", tools_changed(), &["a"]);
    assert_eq!(received.header("content-type"), Some("text/event-stream"));
    assert_eq!(methods(&received), ["notifications/subscriptions/acknowledged", "result"]);
}

#[test]
fn row_54_what_is_honoured_is_what_is_asked_for_and_there() {
    let filters = [
        (tools_changed(), tools_changed()),
        (
            json!({ "toolsListChanged": true, "promptsListChanged": true, "resourceSubscriptions": ["a:b"] }),
            tools_changed(),
        ),
        (json!({ "toolsListChanged": false }), json!({})),
        (json!({ "toolsListChanged": "yes" }), json!({})),
        (json!({}), json!({})),
    ];
    for (filter, honoured) in filters {
        assert_eq!(events(&listen("7", filter, &["a"]).text)[0]["params"]["notifications"], honoured);
    }
}

#[test]
fn row_54_each_change_is_told_once() {
    let received = listen("7", tools_changed(), &["a", "a", "b", "b", "a"]);
    let changed = "notifications/tools/list_changed";
    assert_eq!(methods(&received), ["notifications/subscriptions/acknowledged", changed, changed, "result"]);
}

#[test]
fn row_54_every_event_carries_the_id_as_sent() {
    for (sent, id) in [("7", json!(7)), (r#""7""#, json!("7"))] {
        let events = events(&listen(sent, tools_changed(), &["a", "b"]).text);
        assert_eq!(events[0]["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id);
        assert_eq!(events[1]["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id);
        assert_eq!(events[2]["result"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id);
    }
}

#[test]
fn row_55_listening_needs_a_filter() {
    for params in [json!({}), json!({ "notifications": [1] })] {
        assert_eq!(modern("subscriptions/listen", params).answer().error(), (200, -32602));
    }
}

#[test]
fn who_listens_without_a_live_grant_is_challenged() {
    assert_eq!(listen("7", tools_changed(), &[]).status, 401);
    assert_eq!(get(&[LEGACY], &[]).status, 401);
}

#[test]
fn a_legacy_client_hears_of_changes_on_its_get() {
    let received = get(&[LEGACY], &["a", "b", "b"]);
    assert_eq!(received.header("content-type"), Some("text/event-stream"));
    assert_eq!(methods(&received), ["notifications/tools/list_changed"]);
}

#[test]
fn a_client_of_the_oldest_revision_is_known_by_its_session() {
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": { "name": "x", "version": "1" } } });
    let answer = post(initialize.to_string()).answer();
    let session = answer.header("mcp-session-id").unwrap();
    assert_eq!(get(&[("mcp-session-id", session)], &["a"]).status, 200);
}

#[test]
fn a_get_with_an_unknown_session_is_404() {
    assert_eq!(get(&[LEGACY, ("mcp-session-id", "x")], &["a"]).status, 404);
}

#[test]
fn row_35_a_get_of_the_modern_era_is_405() {
    for headers in [&[("mcp-protocol-version", "2026-07-28")][..], &[]] {
        let received = get(headers, &["a"]);
        assert_eq!((received.status, received.header("allow")), (405, Some("POST")));
    }
}

#[test]
fn a_legacy_stream_falls_silent_when_its_grant_ends_and_ends_a_minute_later() {
    let world = world(&["a"]);
    let clock = world.context.platform.clock.clone();
    let opened = clock.now();
    let received = post("").by(Method::Get).with(LEGACY.0, LEGACY.1).to(&world);
    assert_eq!(methods(&received), [""; 0]);
    let lived = clock.now().since(opened);
    assert!(lived >= Duration::from_mins(1) && lived < Duration::from_mins(2), "{lived:?}");
}

#[test]
fn a_modern_stream_ends_when_its_grant_does() {
    let world = world(&["a"]);
    let clock = world.context.platform.clock.clone();
    let opened = clock.now();
    modern("subscriptions/listen", json!({ "notifications": tools_changed() })).to(&world);
    assert!(clock.now().since(opened) < Duration::from_secs(60), "it went on without a grant");
}

#[test]
fn a_stream_ends_after_an_hour() {
    let heard = ["a"; 10_000];
    assert_eq!(methods(&listen("7", tools_changed(), &heard)).last().unwrap(), "result");
}
