//! Open streams hear of changes.

use std::sync::{Mutex, PoisonError};

use postern_tests::client::send as request;

use super::*;

/// A tool that no other test of this program uses.
const TOOL: &str = "confluence_search";
/// Within this a change reaches those who listen.
const PROMPT: Duration = Duration::from_secs(10);

/// Decides on the tool, as an administrator does on the page. Changes take turns.
fn decide(state: &str) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let administrator = Person::new("test-admin-listening", direct());
    let (mut browser, page) = administrator.signed_in_at("/admin/tools");
    let has_tool = |field: &(String, String)| field.0 == "tool" && field.1 == TOOL;
    let form = page.forms().into_iter().find(|form| form.fields.iter().any(has_tool)).expect("the tool's form");
    browser.submit(&page, &form, Some(("state", state))).expect("decided");
}

fn listen(client: &Client) -> Connection {
    let mut connection = send(
        client,
        MODERN,
        "subscriptions/listen",
        json!({ "notifications": { "toolsListChanged": true } }),
        &json!({}),
    );
    assert_eq!(connection.head().0, 200);
    let acknowledged = connection.message().expect("the acknowledgement");
    assert_eq!(acknowledged["params"]["notifications"], json!({ "toolsListChanged": true }));
    connection
}

/// The GET of a legacy client.
fn get(client: &Client) -> Connection {
    let bearer = format!("Bearer {}", client.access_token);
    let headers =
        [("Authorization", bearer.as_str()), ("Accept", "text/event-stream"), ("MCP-Protocol-Version", "2025-11-25")];
    let mut connection = Connection::open(&client.origin);
    connection.send("GET", "/mcp", &headers, "");
    assert_eq!(connection.head().0, 200);
    connection
}

#[test]
fn a_change_reaches_open_streams_of_both_eras_within_ten_seconds() {
    let client = Client::of(&person());
    let (mut modern, mut legacy) = (listen(&client), get(&client));
    decide("disabled");
    let decided = Instant::now();
    let notification = modern.message().expect("a change");
    assert_eq!(notification["method"], "notifications/tools/list_changed");
    assert_eq!(notification["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], 7);
    assert_eq!(legacy.message().expect("a change")["method"], "notifications/tools/list_changed");
    assert!(decided.elapsed() < PROMPT, "{:?}", decided.elapsed());
    decide("approved");
    assert_eq!(modern.message().expect("a change")["method"], "notifications/tools/list_changed");
}

#[test]
fn row_54_a_stream_ends_with_its_tagged_result_when_the_grant_does() {
    let client = Client::of(&person());
    let mut stream = listen(&client);
    let fields = [("token", client.refresh_token.as_str()), ("client_id", client.id.as_str())];
    assert_eq!(postern_tests::client::post_form(&format!("{}/revoke", client.origin), &fields).status, 200);
    let last = std::iter::from_fn(|| stream.message()).last().expect("a result");
    assert_eq!(last["result"]["resultType"], "complete", "{last}");
    assert_eq!(last["result"]["_meta"]["io.modelcontextprotocol/subscriptionId"], 7);
}

#[test]
fn the_oldest_of_nine_streams_ends() {
    let client = Client::of(&person());
    let mut streams: Vec<_> = (0..9).map(|_| listen(&client)).collect();
    let last = std::iter::from_fn(|| streams[0].message()).last().expect("a result");
    assert_eq!(last["result"]["resultType"], "complete", "{last}");
}

#[test]
fn row_35_a_get_of_no_legacy_client_is_405() {
    let client = Client::of(&person());
    let bearer = format!("Bearer {}", client.access_token);
    let headers = [("Authorization", bearer.as_str()), ("Accept", "text/event-stream")];
    let answer = request("GET", &client.resource(), &headers, b"");
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
}
