//! The endpoint `/mcp`, requirement by requirement: each test bears the number of its row in `tests/rows.md`.

mod elicitation;
mod legacy;
mod modern_headers;
mod modern_messages;
mod resource_server;
mod results;
mod server_card;

use std::sync::LazyLock;

use postern_tests::{
    client::{Answer, Client, MODERN, meta},
    person::Person,
};
use serde_json::{Value, json};

/// A client of somebody who has connected their account, for tests that leave nothing behind.
static CLIENT: LazyLock<Client> = LazyLock::new(|| Client::of(&Person::connected()));
/// The same of somebody who has not.
static UNCONNECTED: LazyLock<Client> = LazyLock::new(|| Client::of(&Person::developer()));

/// A tool that needs an account at Bitbucket, and no arguments.
const NEEDS_BITBUCKET: &str = "bitbucket_list_workspaces";
/// A file that everybody with an account may read.
const FILE: &str = "bitbucket://acme/backend/src/HEAD/README.md";
/// The lists, each with the member that holds its entries.
const LISTS: [(&str, &str); 4] = [
    ("tools/list", "tools"),
    ("resources/list", "resources"),
    ("resources/templates/list", "resourceTemplates"),
    ("prompts/list", "prompts"),
];
const VERSION: (&str, &str) = ("MCP-Protocol-Version", MODERN);
const LIST: (&str, &str) = ("Mcp-Method", "tools/list");

/// The body of a modern request, with this `_meta`.
fn body(method: &str, parameters: Value, meta: Value) -> String {
    let mut params = parameters;
    params["_meta"] = meta;
    json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }).to_string()
}

/// Lists tools with a body that is right and no headers of MCP but these.
fn list_with(headers: &[(&str, &str)]) -> Answer {
    CLIENT.post(&body("tools/list", json!({}), meta(MODERN, json!({}))), headers)
}

/// A client that can show a link.
fn shows_links() -> Value {
    json!({ "elicitation": { "url": {} } })
}

fn assert_error(answer: &Answer, status: u16, code: i64) {
    assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
}

/// The messages of an event stream.
fn events(answer: &Answer) -> Vec<Value> {
    assert!(answer.header("content-type").starts_with("text/event-stream"), "{answer:?}");
    let event = |event: &str| {
        let data = event.strip_prefix("event: message\ndata: ").unwrap_or_else(|| panic!("not a message: {event}"));
        serde_json::from_str(data).expect("JSON in one line")
    };
    answer.body.split_terminator("\n\n").map(event).collect()
}
