//! Answers that come piece by piece, and clients that hang up: asked of workerd directly.

mod cancellation;
mod isolates;
mod progress;
mod subscriptions;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use postern_tests::{
    client::{Client, MODERN, meta},
    instance::direct,
    person::Person,
    wire::Connection,
};
use serde_json::{Value, json};

const READ: &str = "bitbucket_list_repositories";
const WRITE: &str = "bitbucket_add_pull_request_comment";

/// Somebody whom no other test knows, with a connected account.
fn person() -> Person<'static> {
    static COUNTER: AtomicU32 = AtomicU32::new(1);
    let person = Person::new(&format!("test-{}", COUNTER.fetch_add(1, Ordering::Relaxed)), direct());
    person.connect_bitbucket();
    person
}

/// Sends a message, with these members of `_meta` beside the usual ones in the modern era, and waits for nothing.
fn send(client: &Client, era: &str, method: &str, mut params: Value, more: &Value) -> Connection {
    params["_meta"] = if era == MODERN { meta(MODERN, json!({})) } else { json!({}) };
    for (name, value) in more.as_object().expect("members") {
        params["_meta"][name] = value.clone();
    }
    let name = params["name"].as_str().or(params["uri"].as_str()).unwrap_or_default().to_owned();
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }).to_string();
    let bearer = format!("Bearer {}", client.access_token);
    let mut headers = vec![
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
        ("Accept", "application/json, text/event-stream"),
        ("MCP-Protocol-Version", era),
    ];
    if era == MODERN {
        headers.push(("Mcp-Method", method));
        headers.extend((!name.is_empty()).then_some(("Mcp-Name", name.as_str())));
    }
    let mut connection = Connection::open(&client.origin);
    connection.send("POST", "/mcp", &headers, &body);
    connection
}

fn call(client: &Client, era: &str, tool: &str, more: &Value) -> Connection {
    let arguments = match tool {
        WRITE => json!({ "workspace": "acme", "repository": "backend", "pull_request": 1, "text": "into silence" }),
        _ => json!({ "workspace": "acme" }),
    };
    send(client, era, "tools/call", json!({ "name": tool, "arguments": arguments }), more)
}

/// Makes the provider silent towards the person's next request of that method.
fn silence(person: &Person<'_>, method: &str, seconds: u32) {
    let account = &person.username;
    direct().fault(&json!({ "kind": "hang", "account": account, "path": "/2.0/repositories", "method": method, "seconds": seconds }));
}

/// What the provider was asked by such a call of the person's, once it was.
fn upstream_request(person: &Person<'_>) -> Value {
    let mut found = Value::Null;
    until("a request upstream", || {
        let requests = direct().upstream_requests(&person.username);
        let mut calls = requests
            .iter()
            .filter(|request| request["path"].as_str().is_some_and(|path| path.starts_with("/2.0/repositories")));
        found = calls.next().cloned().unwrap_or_default();
        !found.is_null()
    });
    found
}

/// The phases and outcomes on record for that person, once there are as many.
fn story(person: &Person<'_>, rows: usize) -> Vec<(String, String)> {
    let user = person.user_id();
    let mut story = Vec::new();
    until("as many rows of the audit", || {
        let query = "SELECT phase, outcome FROM events WHERE person = ?1 AND kind = 'call' ORDER BY position";
        let found = direct().sql(query, &[&user]);
        let text = |row: &Value, column: &str| row[column].as_str().expect("text").to_owned();
        story = found.as_array().expect("rows").iter().map(|row| (text(row, "phase"), text(row, "outcome"))).collect();
        story.len() >= rows
    });
    story
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(15), "{what}: does not come to be");
        sleep(Duration::from_millis(100));
    }
}
