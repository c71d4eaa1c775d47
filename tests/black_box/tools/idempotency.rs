//! A write that is sent again under its idempotency key is done once.

use std::thread;

use postern_tests::client::{Answer, MODERN, meta};
use serde_json::{Value, json};

use super::{Developer, backend};

const TOOL: &str = "bitbucket_add_pull_request_comment";

/// Comments under a key, in the modern era.
fn comment(developer: &Developer, key: &Value, text: &str) -> Answer {
    let arguments = backend(json!({ "pull_request": 9, "text": text }));
    call(developer, key, TOOL, arguments)
}

fn call(developer: &Developer, key: &Value, tool: &str, arguments: Value) -> Answer {
    let mut meta = meta(MODERN, json!({}));
    meta["postern/idempotencyKey"] = key.clone();
    let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params }).to_string();
    let headers = [("mcp-protocol-version", MODERN), ("mcp-method", "tools/call"), ("mcp-name", tool)];
    developer.client.post(&body, &headers)
}

#[test]
fn two_that_are_sent_at_once_are_done_once_and_answered_alike() {
    let developer = Developer::connected();
    developer.fault(json!({ "kind": "hang", "path": "/2.0/repositories", "method": "POST", "seconds": 2 }));
    let send = || comment(&developer, &json!("at once"), "once");
    let answers = thread::scope(|scope| {
        let both = [scope.spawn(send), scope.spawn(send)];
        both.map(|one| one.join().expect("an answer"))
    });
    assert!(answers.iter().all(|answer| !answer.is_error()), "{answers:?}");
    assert_eq!(answers[0].text(), answers[1].text());
    assert_eq!(developer.requests("POST").len(), 1);
}

#[test]
fn a_repeated_call_has_the_answer_of_the_first_in_either_era_and_through_a_gate() {
    let developer = Developer::connected();
    let first = comment(&developer, &json!("again"), "once").text();
    assert_eq!(comment(&developer, &json!("again"), "once").text(), first);
    let arguments = backend(json!({ "pull_request": 9, "text": "once" }));
    let through_a_gate = json!({ "operation": TOOL, "arguments": arguments.clone() });
    assert_eq!(call(&developer, &json!("again"), "postern_write", through_a_gate).text(), first);
    let key = json!({ "postern/idempotencyKey": "again" });
    let legacy = json!({ "name": TOOL, "arguments": arguments, "_meta": key });
    assert_eq!(developer.client.legacy("tools/call", legacy).text(), first);
    assert_eq!(developer.requests("POST").len(), 1);
    assert_eq!(comment(&developer, &json!("another"), "once").text().contains("Undo: "), first.contains("Undo: "));
    assert_eq!(developer.requests("POST").len(), 2);
}

#[test]
fn a_key_with_other_arguments_is_refused() {
    let developer = Developer::connected();
    comment(&developer, &json!("taken"), "once");
    let refused = comment(&developer, &json!("taken"), "twice");
    assert!(refused.is_error() && refused.text().starts_with("Not run: this idempotency key was used"), "{refused:?}");
    assert_eq!(developer.requests("POST").len(), 1);
}

#[test]
fn an_outcome_that_nobody_knows_is_repeated_as_such_and_what_changed_nothing_is_sent_again() {
    let developer = Developer::connected();
    let fault = |status: u16| {
        developer.fault(json!({ "kind": "status", "status": status, "method": "POST", "path": "/2.0/repositories" }));
    };
    fault(503);
    let unknown = comment(&developer, &json!("unknown"), "once");
    assert!(unknown.text().starts_with("Unknown whether done"), "{unknown:?}");
    assert_eq!(comment(&developer, &json!("unknown"), "once").text(), unknown.text());
    assert_eq!(developer.requests("POST").len(), 1);
    fault(403);
    assert!(comment(&developer, &json!("refused"), "once").is_error());
    assert!(!comment(&developer, &json!("refused"), "once").is_error());
}

#[test]
fn a_key_that_is_no_text_of_a_fit_length_is_refused() {
    let developer = Developer::connected();
    for key in [json!(7), json!(""), json!("k".repeat(256))] {
        assert_eq!(comment(&developer, &key, "never").code(), -32602, "{key}");
    }
    assert!(developer.requests("POST").is_empty());
}

#[test]
fn the_outcome_is_kept_for_whoever_sends_again_after_the_object_was_evicted() {
    let developer = Developer::connected();
    let first = comment(&developer, &json!("kept"), "once").text();
    developer.person.instance.evict(&developer.person.user_id());
    assert_eq!(comment(&developer, &json!("kept"), "once").text(), first);
    assert_eq!(developer.requests("POST").len(), 1);
}
