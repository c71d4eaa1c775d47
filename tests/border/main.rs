//! What other hosts answer, up to the border between the runtime and WebAssembly: asked of workerd itself, for a harness
//! that plays the network in Node.js decodes bodies by itself.

use std::{process::Command, sync::LazyLock};

use postern_tests::instance::root;
use serde_json::{Value, json};

/// As in border.mjs: how much of a body is taken, in bytes.
const LIMIT: u64 = 5_000;
/// The most that the runtime gives of a body in one piece, in bytes.
const PIECE: u64 = 64 * 1024;

static OUTCOMES: LazyLock<Value> = LazyLock::new(|| {
    let root = root();
    let mut node = Command::new(root.join("node_modules/.bin/node"));
    let output = node.arg("tests/border/border.mjs").current_dir(root).output().expect("Node.js runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
});

fn outcome(host: &str) -> &'static Value {
    let outcome = &OUTCOMES[host];
    assert!(outcome.is_object(), "no host is called {host}");
    outcome
}

/// The answer was cut at the limit, and hardly more of it was ever there.
fn is_cut(host: &str) {
    let outcome = outcome(host);
    assert_eq!((&outcome["truncated"], &outcome["length"]), (&json!(true), &json!(LIMIT)), "{outcome}");
    assert!(outcome["materialised"].as_u64().is_some_and(|bytes| bytes <= LIMIT + PIECE), "{outcome}");
}

#[test]
fn an_answer_is_decoded() {
    let outcome = outcome("an answer in gzip");
    assert_eq!((&outcome["text"], &outcome["truncated"]), (&json!("an answer"), &json!(false)), "{outcome}");
}

#[test]
fn the_limit_counts_decoded_bytes_where_the_length_is_announced() {
    is_cut("a bomb of known length");
}

#[test]
fn the_limit_counts_decoded_bytes_where_the_length_is_not_announced() {
    is_cut("a bomb in chunks");
}

#[test]
fn the_limit_holds_for_an_error() {
    is_cut("a bomb as an error");
}

#[test]
fn a_redirect_is_not_followed_and_the_limit_holds_for_its_body() {
    assert_eq!(outcome("a bomb behind a redirect")["status"], 302);
    is_cut("a bomb behind a redirect");
}

#[test]
fn a_body_of_one_byte_more_than_the_limit_is_cut() {
    is_cut("a body longer than it may be");
    assert_eq!(outcome("a body as long as it may be")["truncated"], false);
}

#[test]
fn reading_a_body_without_an_end_stops_at_the_limit_and_hangs_up() {
    is_cut("a body without an end");
    assert_eq!(outcome("a body without an end")["hungUp"], true);
}

#[test]
fn trailers_are_left_aside() {
    assert_eq!(outcome("trailers")["text"], "an answer");
}

#[test]
fn a_body_that_breaks_off_is_no_answer() {
    assert_eq!(outcome("a body that breaks off")["refused"], "Error");
}

#[test]
fn a_passed_deadline_ends_the_request_to_a_host_that_says_nothing() {
    let outcome = outcome("no answer");
    assert_eq!((&outcome["refused"], &outcome["hungUp"]), (&json!("TimeoutError"), &json!(true)), "{outcome}");
}

#[test]
fn a_passed_deadline_ends_the_request_within_a_slow_body() {
    let outcome = outcome("a slow body");
    assert_eq!((&outcome["refused"], &outcome["hungUp"]), (&json!("TimeoutError"), &json!(true)), "{outcome}");
}

#[test]
fn of_a_stranger_no_content_coding_is_asked_for() {
    assert_eq!(outcome("an answer, of a stranger")["accepted"], "identity");
    assert_eq!(outcome("an answer in identity, of a stranger")["text"], "an answer");
}

#[test]
fn of_a_stranger_an_answer_with_a_content_coding_is_refused_by_its_name() {
    for (host, coding) in
        [("an answer in gzip", "gzip"), ("a bomb of known length", "br"), ("a bomb in chunks", "gzip")]
    {
        let outcome = outcome(&format!("{host}, of a stranger"));
        assert_eq!((&outcome["refused"], &outcome["detail"]), (&json!("ContentCodingError"), &json!(coding)));
    }
}
