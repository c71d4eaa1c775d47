//! What clients send beside the letter of the protocol, and mean well: one way of writing is as good as another.

use super::*;

fn called(arguments: &str) -> (Rc<World>, Payload) {
    let world = World::new();
    let params = format!(r#"{{"name":"w","arguments":{arguments}}}"#);
    let received = post(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#)).to(&world);
    (world, received)
}

fn arguments_of(arguments: &str) -> Value {
    let (world, received) = called(arguments);
    assert_eq!(received.told(), ("done".into(), false));
    Value::Object(world.called.borrow()[0].arguments.clone())
}

fn initialize_under(header: &str) -> Payload {
    let params = json!({ "protocolVersion": "2025-06-18", "capabilities": [], "clientInfo": { "name": "x" } });
    legacy("initialize", params).with("mcp-protocol-version", header).answer()
}

#[test]
fn initialize_settles_the_version_by_its_body_whatever_unknown_one_the_header_names() {
    for header in ["2024-11-05", "1999-01-01", "", "2099-01-01"] {
        assert_eq!(initialize_under(header).result()["protocolVersion"], "2025-06-18", "{header:?}");
    }
}

#[test]
fn a_client_of_2024_11_05_names_it_in_each_request() {
    assert_eq!(legacy("ping", json!({})).with("mcp-protocol-version", "2024-11-05").answer().status, 200);
}

#[test]
fn an_empty_list_is_an_empty_object() {
    assert_eq!(post(r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#).answer().result(), json!({}));
    assert_eq!(arguments_of("[]"), json!({}));
}

#[test]
fn arguments_may_be_a_text_that_holds_them() {
    assert_eq!(arguments_of(r#""{\"repository\":\"web\"}""#), json!({ "repository": "web" }));
    assert_eq!(arguments_of(r#""""#), json!({}));
}

#[test]
fn names_that_clients_add_to_arguments_are_left_out() {
    assert_eq!(
        arguments_of(r#"{"toolCallId":"call_1","_placeholder":true,"repository":"web"}"#),
        json!({
            "repository": "web"
        })
    );
}

#[test]
fn arguments_that_cannot_be_read_are_refused_for_the_true_reason() {
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(130), "]".repeat(130));
    for (arguments, reason) in [
        (r#"{"cql":"text ~ \ud83d"}"#, "surrogate pair"),
        (deep.as_str(), "levels deep"),
        (r#"{"limit":1e400}"#, "too large"),
        ("[1]", "must be an object"),
    ] {
        let (world, received) = called(arguments);
        assert_eq!(received.error(), (200, -32602));
        assert!(received.text.contains(reason), "{}", received.text);
        assert_eq!(world.names_called().len(), 0);
    }
}

#[test]
fn a_member_that_is_null_counts_as_left_out() {
    let ping = post(r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":null,"result":null,"error":null}"#).answer();
    assert_eq!(ping.result(), json!({}));
    for response in [
        r#"{"jsonrpc":"2.0","id":"x","method":null,"result":{},"error":null}"#,
        r#"{"jsonrpc":"2.0","id":"x","result":null,"error":{"code":-1,"message":"declined"}}"#,
        r#"{"jsonrpc":"2.0","id":"x","result":null}"#,
    ] {
        assert_eq!(post(response).answer().status, 202, "{response}");
    }
}

#[test]
fn a_byte_order_mark_is_read_over() {
    assert_eq!(post("\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}").answer().result(), json!({}));
}

#[test]
fn a_whole_number_is_an_id_however_it_is_written_and_comes_back_as_it_came() {
    for id in ["1.0", "-7.00", "1e21", "2.5e1"] {
        let received = post(format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#)).answer();
        assert!(received.status == 200 && received.text.contains(&format!(r#""id":{id},"#)), "{}", received.text);
    }
}

#[test]
fn an_empty_cursor_is_none() {
    for list in [modern("tools/list", json!({ "cursor": "" })), legacy("tools/list", json!({ "cursor": "" }))] {
        assert!(list.answer().result()["tools"].is_array());
    }
}
