//! Providers that do not answer in time. Each takes as long as the deadline, so they wait side by side.

use std::{
    sync::{LazyLock, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Developer, backend};

const READ: &str = "bitbucket_list_pull_requests";
const WRITE: &str = "bitbucket_add_pull_request_comment";

/// A call that met a silent provider.
struct Waited {
    developer: Developer,
    text: String,
    took: Duration,
}

type Waiting = Mutex<Option<thread::JoinHandle<Waited>>>;

static CALLS: LazyLock<[Waiting; 3]> = LazyLock::new(|| {
    let hang = |method| json!({ "kind": "hang", "path": "/2.0/repositories", "method": method, "seconds": 40 });
    [
        begin(hang("GET"), READ, json!({})),
        begin(hang("POST"), WRITE, json!({ "pull_request": 10, "text": "into silence" })),
        begin(json!({ "kind": "slow_token_endpoint", "millis": 40_000, "times": 1 }), READ, json!({})),
    ]
});

fn begin(fault: Value, tool: &'static str, arguments: Value) -> Waiting {
    Mutex::new(Some(thread::spawn(move || {
        let developer = Developer::connected();
        if fault["kind"] == "slow_token_endpoint" {
            developer.fault(json!({ "kind": "expire_access_tokens" }));
        }
        developer.fault(fault);
        let start = Instant::now();
        let text = developer.refused(tool, backend(arguments));
        Waited { developer, text, took: start.elapsed() }
    })))
}

fn ended(index: usize) -> Waited {
    let waiting = CALLS[index].lock().expect("one test each").take();
    waiting.expect("one test each").join().expect("the call was refused in words")
}

#[test]
fn a_read_without_an_answer_ends_at_the_deadline_with_the_next_step() {
    let waited = ended(0);
    assert!(waited.took < Duration::from_secs(20), "{:?}", waited.took);
    assert!(waited.text.contains("did not answer within 15 s. Next: try again, or ask for"), "{}", waited.text);
    // Once more would take as long again.
    assert_eq!(waited.developer.requests("GET").len(), 1);
}

#[test]
fn a_write_without_an_answer_has_an_unknown_outcome_and_is_sent_once() {
    let waited = ended(1);
    assert!(waited.text.contains("Unknown whether done: Bitbucket gave no answer"), "{}", waited.text);
    assert_eq!(waited.developer.requests("POST").len(), 1);
    assert_eq!(waited.developer.audited(WRITE, 2)[1]["outcome"], "unknown");
}

#[test]
fn a_token_endpoint_without_an_answer_costs_the_call_but_not_the_connection() {
    let waited = ended(2);
    assert!(waited.took < Duration::from_secs(15), "{:?}", waited.took);
    assert!(waited.text.contains("did not renew Postern's access"), "{}", waited.text);
    assert!(waited.text.contains("try again in a minute"), "{}", waited.text);
    waited.developer.done(READ, backend(json!({})));
}
