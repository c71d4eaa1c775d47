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

#[test]
fn row_41_without_a_token_the_answer_is_one_piece() {
    let person = person();
    let client = Client::of(&person);
    silence(&person, "GET", 6);
    assert_eq!(call(&client, MODERN, READ, &json!({})).head().1["content-type"], "application/json");
}
