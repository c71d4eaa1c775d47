//! What a panic must leave alone. The Worker with fixtures has tools with a defect, in the Worker itself and in the
//! Session object, and tools that take their time beside them.

use std::{
    thread::{self, sleep},
    time::Duration,
};

use postern_tests::{
    client::{Answer, Client},
    person::Person,
};
use serde_json::json;

use crate::FIXTURES;

/// The name of a tool with a defect, and of one without that is at work in the same place.
const IN_THE_WORKER: (&str, &str) = ("postern_panic", "postern_slow");
const IN_THE_OBJECT: (&str, &str) = ("postern_panic_in_the_object", "postern_slow_in_the_object");

/// Calls of the slow tool that were under way while others panicked, and the answers to those others.
fn beside((defect, slow): (&str, &str), of: &Client) -> (Vec<Answer>, Vec<Answer>) {
    let bystander = Client::of(&Person::new("test-bystander", &FIXTURES));
    thread::scope(|scope| {
        let slow = [of, &bystander, of, &bystander].map(|client| scope.spawn(move || client.call(slow, json!({}))));
        sleep(Duration::from_millis(300));
        let panicking = [(); 3].map(|()| scope.spawn(|| of.call(defect, json!({}))));
        (
            slow.map(|call| call.join().expect("an answer")).into(),
            panicking.map(|call| call.join().expect("an answer")).into(),
        )
    })
}

/// The id under which the log says more.
fn request_id(answer: &Answer) -> String {
    let message = answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    message.strip_prefix("internal error; request id ").unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

fn assert_alone(place: (&str, &str), username: &str) {
    let client = Client::of(&Person::new(username, &FIXTURES));
    let (slow, panicked) = beside(place, &client);
    for answer in &slow {
        assert_eq!(answer.text(), "Done.", "{answer:?}");
    }
    for answer in &panicked {
        assert_eq!((answer.status, answer.code(), &answer.json()["id"]), (500, -32603, &json!(7)), "{answer:?}");
    }
    assert_eq!(client.call(place.1, json!({})).text(), "Done.");
}

#[test]
fn a_panic_in_the_worker_fails_its_own_request_alone() {
    assert_alone(IN_THE_WORKER, "test-panic-worker");
}

#[test]
fn a_panic_in_the_session_object_fails_its_own_request_alone() {
    assert_alone(IN_THE_OBJECT, "test-panic-object");
}

#[test]
fn a_panic_gives_the_request_id_under_which_the_log_says_where_it_was() {
    let client = Client::of(&Person::new("test-panic-log", &FIXTURES));
    for tool in [IN_THE_WORKER.0, IN_THE_OBJECT.0] {
        let answer = client.call(tool, json!({}));
        let logs = FIXTURES.logs();
        let is_logged =
            logs.lines().any(|line| line.contains(&request_id(&answer)) && line.contains("an MCP request failed"));
        assert!(is_logged, "{answer:?}");
    }
    assert!(FIXTURES.logs().contains("a defect, at src/session/defect.rs"));
}

#[test]
fn a_panic_behind_the_head_of_a_stream_is_its_last_message() {
    let client = Client::of(&Person::new("test-panic-stream", &FIXTURES));
    let progress = json!({ "progressToken": "p" });
    let params = json!({ "name": "postern_panic_after_progress", "arguments": {}, "_meta": progress });
    let answer = client.legacy("tools/call", params);
    let events: Vec<&str> = answer.body.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let [first, last] = events[..] else { panic!("{answer:?}") };
    assert!(first.contains("notifications/progress"), "{first}");
    assert!(last.contains("-32603") && last.contains("request id"), "{last}");
}
