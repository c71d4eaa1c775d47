//! Rows 40 and 41: what takes long is reported to those who asked.

use super::*;

/// The messages of an answer that the provider is silent for 12 s before.
fn messages(era: &str, more: &Value) -> (std::collections::BTreeMap<String, String>, Vec<Value>) {
    let person = person();
    let client = Client::of(&person);
    silence(&person, "GET", 12);
    let mut connection = call(&client, era, READ, more);
    let (status, headers) = connection.head();
    assert_eq!((status, headers["content-type"].as_str()), (200, "text/event-stream"));
    (headers, std::iter::from_fn(|| connection.message()).collect())
}

#[test]
fn row_40_a_stream_ends_with_the_response_and_is_not_kept() {
    let (headers, messages) = messages(MODERN, &json!({ "progressToken": "t" }));
    assert_eq!(headers["x-accel-buffering"], "no");
    assert_eq!(headers["cache-control"], "no-cache, no-transform");
    let last = messages.last().expect("a response");
    assert_eq!((&last["id"], &last["result"]["resultType"]), (&json!(7), &json!("complete")));
}

#[test]
fn row_41_progress_rises_under_the_token_in_both_eras() {
    for (era, token) in [(MODERN, json!(9)), ("2025-11-25", json!("t"))] {
        let (_, messages) = messages(era, &json!({ "progressToken": token }));
        let (last, progress) = messages.split_last().expect("messages");
        assert!(last["result"].is_object() && progress.len() >= 2, "{messages:?}");
        let reported: Vec<_> =
            progress.iter().map(|message| message["params"]["progress"].as_u64().expect("a number")).collect();
        assert!(reported.is_sorted_by(|earlier, later| earlier < later), "{reported:?}");
        assert!(progress.iter().all(|message| message["params"]["progressToken"] == token), "{progress:?}");
    }
}

/// A merge by a client that wants progress, which Bitbucket says is pending at the first two looks.
fn slow_merge(era: &str, pull_request: u64) -> Vec<Value> {
    let person = person();
    let client = Client::with_scope(&person, "read write admin");
    let mut arguments = json!({ "workspace": "acme", "repository": "checkout", "pull_request": pull_request });
    let text = client.call("bitbucket_get_pull_request", arguments.clone()).text();
    let source = text.lines().find_map(|line| line.strip_prefix("source: ")).expect("a source");
    arguments["commit"] = json!(source.rsplit(' ').next());
    direct().fault(&json!({
        "kind": "status",
        "account": person.username,
        "path": format!("/2.0/repositories/acme/checkout/pullrequests/{pull_request}/merge/task-status"),
        "status": 200,
        "body": { "task_status": "PENDING" },
        "times": 2,
    }));
    let params = json!({ "name": "bitbucket_merge_pull_request", "arguments": arguments });
    let mut connection = send(&client, era, "tools/call", params, &json!({ "progressToken": "merge" }));
    assert_eq!(connection.head().0, 200);
    std::iter::from_fn(|| connection.message()).collect()
}

#[test]
fn row_41_each_look_at_a_merge_that_goes_on_is_reported_in_both_eras() {
    for (era, pull_request) in [(MODERN, 2), ("2025-11-25", 3)] {
        let messages = slow_merge(era, pull_request);
        let (last, reports) = messages.split_last().expect("messages");
        assert_eq!(last["result"]["isError"], Value::Null, "{last}");
        assert!(last["result"]["content"][0]["text"].as_str().expect("text").contains("state: MERGED"), "{last}");
        for (looks, report) in reports.iter().enumerate() {
            let message = report["params"]["message"].as_str().expect("a message");
            let beginning = format!("Bitbucket is at work on acme/checkout#{pull_request}; looked at {looks} of ");
            assert!(message.starts_with(&beginning), "{message}");
        }
        assert_eq!(reports.len(), 3, "{messages:?}");
    }
}

#[test]
fn row_41_without_a_token_the_answer_is_one_piece() {
    let person = person();
    let client = Client::of(&person);
    silence(&person, "GET", 6);
    assert_eq!(call(&client, MODERN, READ, &json!({})).head().1["content-type"], "application/json");
}
