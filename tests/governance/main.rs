//! What may happen, and the record of what did. These tests change the policy of a Postern of their own, so they
//! take turns.

mod access_policy;
mod access_requests;
mod api;
mod approvals;
mod audit;
mod audit_page;
mod delivery;
mod evidence;
mod feed;
mod fresh_sign_in;
mod notices;
mod pages;
mod paths;
mod people;
mod resources;
mod segments;
mod series;
mod stories;
mod taint;
mod tasks;
mod tools;
mod verification;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

use postern_tests::{
    client::{Answer, Client},
    instance::instance,
    person::Person,
};
use serde_json::{Map, Value, json};

/// Waits for the policy to be this test's alone. Every tool is approved then.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    approve_all();
    turn
}

/// Approves every tool anew.
fn approve_all() {
    change("DELETE FROM tools");
    Person::administrator().approve_all_tools();
}

/// Changes the policy behind the Worker's back, as another isolate would: it is in force there within five seconds.
fn change(statement: &str) {
    instance().sql(statement, &[]);
    instance().sql("UPDATE policy SET version = version + 1", &[]);
}

/// Waits until what was changed behind the Worker's back is in force.
fn in_force() {
    sleep(Duration::from_secs(5));
}

/// Undoes what was decided of these tools, as if they had just come to be.
fn forget(which: &str) {
    change(&format!("DELETE FROM tools WHERE {which}"));
    in_force();
}

fn decide(tool: &str, state: &str) {
    Person::administrator().decide(tool, state);
}

/// Every operation that the client may run, each by itself.
fn listed(client: &Client) -> Vec<Value> {
    client.every_tool()
}

fn names(client: &Client) -> Vec<String> {
    listed(client).iter().map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
}

/// Arguments that a tool of this definition accepts.
fn arguments(definition: &Value) -> Value {
    let known = json!({
        "workspace": "acme", "repository": "backend", "pull_request": 1, "path": "README.md",
        "text": "a comment", "page": "98305", "query": "type = page",
    });
    let required = definition["inputSchema"]["required"].as_array().cloned().unwrap_or_default();
    let value = |name: &Value| {
        let name = name.as_str().expect("a name");
        (name.to_owned(), known.get(name).unwrap_or_else(|| panic!("no value for {name} of {definition}")).clone())
    };
    Value::Object(required.iter().map(value).collect::<Map<_, _>>())
}

/// Whether Postern let the call run, whatever became of it then.
fn ran(answer: &Answer) -> bool {
    !(answer.is_error() && ["Not run: ", "Refused: `"].iter().any(|start| answer.text().starts_with(start)))
}

/// Asks again and again until it holds; how long that took.
fn until(what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(15), "{what} does not come to be");
        sleep(Duration::from_millis(100));
    }
    start.elapsed()
}

/// The audit's rows of that person, oldest first, once there are as many. An intent and an outcome come to the log on two
/// ways.
fn audit(person: &Person<'_>, rows: usize) -> Vec<Value> {
    let user = person.user_id();
    let mut found = Vec::new();
    until(&format!("audit of {rows} rows"), || {
        let query = "SELECT * FROM events WHERE person = ?1 AND kind = 'call' ORDER BY at, phase, position";
        found = instance().sql(query, &[&user]).as_array().expect("rows").clone();
        found.len() >= rows
    });
    assert_eq!(found.len(), rows, "{found:?}");
    found
}
