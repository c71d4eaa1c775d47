//! A change is sent once, whatever happens, and nobody claims to know more than is known.

use serde_json::{Value, json};

use super::{Developer, backend};

const TOOL: &str = "bitbucket_add_pull_request_comment";

struct Commented {
    text: String,
    /// How often the change was sent.
    requests: usize,
    /// The audit's last word on it.
    audited: Value,
}

/// A comment that meets this fault.
fn comment(fault: Value) -> Commented {
    let developer = Developer::connected();
    let mut fault = fault;
    fault["method"] = json!("POST");
    fault["path"] = json!("/2.0/repositories");
    developer.fault(fault);
    let text = developer.refused(TOOL, backend(json!({ "pull_request": 9, "text": "once" })));
    let audited = developer.audited(TOOL, 2).remove(1);
    Commented { text, requests: developer.requests("POST").len(), audited }
}

#[test]
fn a_change_that_meets_a_failing_provider_is_sent_once() {
    for status in [500, 502, 503, 504, 555] {
        assert_eq!(comment(json!({ "kind": "status", "status": status })).requests, 1, "{status}");
    }
}

#[test]
fn a_change_that_meets_a_failing_provider_has_an_unknown_outcome() {
    let commented = comment(json!({ "kind": "status", "status": 503 }));
    for part in ["Unknown whether done", "answered 503", "may or may not have happened", "bitbucket_get_pull_request"] {
        assert!(commented.text.contains(part), "{part} in {}", commented.text);
    }
}

#[test]
fn an_unknown_outcome_is_audited_as_such() {
    let commented = comment(json!({ "kind": "status", "status": 500 }));
    assert_eq!(
        (&commented.audited["outcome"], &commented.audited["upstream_status"]),
        (&json!("unknown"), &json!(500))
    );
}

#[test]
fn a_change_whose_answer_breaks_off_has_an_unknown_outcome_and_is_sent_once() {
    let commented = comment(json!({ "kind": "truncate" }));
    assert!(commented.text.contains("Unknown whether done"), "{}", commented.text);
    assert_eq!((commented.requests, &commented.audited["outcome"]), (1, &json!("unknown")));
}

#[test]
fn a_change_that_was_refused_did_not_happen() {
    let commented = comment(json!({ "kind": "status", "status": 409 }));
    assert!(commented.text.contains("changed meanwhile"), "{}", commented.text);
    assert_eq!((commented.requests, &commented.audited["outcome"]), (1, &json!("failed")));
}

#[test]
fn a_change_beyond_the_quota_is_not_sent_again() {
    let commented = comment(json!({ "kind": "status", "status": 429, "headers": { "Retry-After": "1" } }));
    assert!(commented.text.contains("try again in 1 s"), "{}", commented.text);
    assert_eq!((commented.requests, &commented.audited["outcome"]), (1, &json!("failed")));
}

#[test]
fn a_change_is_not_sent_on_to_where_a_redirect_points() {
    let location = "/2.0/repositories/acme/backend/pullrequests/9/comments";
    let commented = comment(json!({ "kind": "status", "status": 307, "headers": { "Location": location } }));
    assert_eq!(commented.requests, 1);
    assert!(commented.text.contains("nothing was written"), "{}", commented.text);
}

#[test]
fn a_change_refused_for_an_expired_token_is_sent_with_the_next_one() {
    let developer = Developer::connected();
    developer.fault(json!({ "kind": "expire_access_tokens" }));
    developer.done(TOOL, backend(json!({ "pull_request": 9, "text": "late" })));
    let statuses: Vec<_> = developer.requests("POST").iter().map(|request| request["status"].clone()).collect();
    assert_eq!(statuses, [401, 201]);
}
