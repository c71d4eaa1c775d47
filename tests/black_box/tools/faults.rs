//! What a read says when the provider fails: what happened and the next step, and nothing of what the provider sent.

use serde_json::{Value, json};

use super::{Developer, backend};

const LIST: &str = "bitbucket_list_pull_requests";

/// What the sandbox's HTML page holds of the caller, and what no answer may.
const PRIVATE: [&str; 5] = ["ATWEB-", "acme.example", "712020:", "<html", "dead link"];

/// The sentence of a list that meets this answer.
fn sentence(fault: Value) -> String {
    let developer = Developer::connected();
    let mut fault = fault;
    fault["kind"] = json!("status");
    fault["path"] = json!("/2.0/repositories");
    developer.fault(fault);
    let text = developer.refused(LIST, backend(json!({})));
    for private in PRIVATE {
        assert!(!text.contains(private), "{private} in {text}");
    }
    text
}

fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} in {text:?}");
    }
}

/// What a developer's list came to after that fault, and how many requests it took.
fn after(fault: Value) -> (bool, usize) {
    let developer = Developer::connected();
    let mut fault = fault;
    fault["path"] = json!("/2.0/repositories");
    developer.fault(fault);
    let answer = developer.client.call(LIST, backend(json!({})));
    (!answer.is_error(), developer.requests("GET").len())
}

#[test]
fn bad_request_quotes_what_was_wrong() {
    let error = json!({ "message": "Bad request", "fields": { "sort": ["Invalid field name"] } });
    let text = sentence(json!({ "status": 400, "body": { "type": "error", "error": error } }));
    assert_says(&text, &["Bad request", "sort: Invalid field name", "change the arguments"]);
}

#[test]
fn a_missing_scope_is_named_and_leads_to_an_administrator() {
    let detail = json!({ "required": ["pullrequest:write", "account"], "granted": ["account", "repository"] });
    let error = json!({ "message": "Your credentials lack one or more required privilege scopes.", "detail": detail });
    let text = sentence(json!({ "status": 403, "body": { "type": "error", "error": error } }));
    assert_says(&text, &["scope pullrequest:write (", "administrator adds it", "Repeating the call does not help"]);
}

#[test]
fn a_missing_permission_is_quoted_and_leads_to_an_administrator() {
    let error = json!({ "message": "You do not have access to this repository." });
    let text = sentence(json!({ "status": 403, "body": { "type": "error", "error": error } }));
    assert_says(&text, &["You do not have access to this repository", "ask an administrator"]);
}

#[test]
fn what_is_not_found_may_be_hidden() {
    let error = json!({ "message": "Repository acme/backend not found" });
    let text = sentence(json!({ "status": 404, "body": { "type": "error", "error": error } }));
    assert_says(&text, &["Repository acme/backend not found", "does not exist, or your account may not see it"]);
    assert_says(&text, &["bitbucket_list_repositories"]);
}

#[test]
fn a_page_of_html_is_not_passed_on_when_nothing_is_found() {
    let text = sentence(json!({ "status": 404, "html": true }));
    assert_says(&text, &["does not exist, or your account may not see it", "bitbucket_list_repositories"]);
}

#[test]
fn a_page_of_html_is_not_passed_on_as_data() {
    let text = sentence(json!({ "status": 200, "html": true }));
    assert_says(&text, &["something other than the data", "try again"]);
}

#[test]
fn a_page_of_html_is_not_passed_on_as_a_diff() {
    let developer = Developer::connected();
    developer.fault(json!({ "kind": "status", "path": "/2.0/repositories", "status": 200, "html": true }));
    let text = developer.refused("bitbucket_get_pull_request_diff", backend(json!({ "pull_request": 1 })));
    assert!(PRIVATE.iter().all(|private| !text.contains(private)), "{text}");
}

#[test]
fn a_conflict_is_to_be_read_again() {
    let text = sentence(json!({ "status": 409 }));
    assert_says(&text, &["changed meanwhile", "read it again"]);
}

#[test]
fn what_is_no_longer_offered_is_told_to_an_administrator() {
    let text = sentence(json!({ "status": 410 }));
    assert_says(&text, &["no longer offers this", "tell an administrator"]);
}

#[test]
fn a_long_wait_is_told() {
    let text = sentence(json!({ "status": 429, "headers": { "Retry-After": "30" } }));
    assert_says(&text, &["try again in 30 s", "the quota is shared"]);
}

#[test]
fn a_short_wait_is_waited() {
    let fault = json!({ "kind": "status", "status": 429, "headers": { "Retry-After": "1" } });
    assert_eq!(after(fault), (true, 2));
}

#[test]
fn a_quota_without_a_word_on_when_is_not_asked_again_at_once() {
    assert_eq!(after(json!({ "kind": "status", "status": 429 })), (false, 1));
}

#[test]
fn a_failing_provider_is_asked_once_more() {
    for status in [500, 502, 503, 504] {
        assert_eq!(after(json!({ "kind": "status", "status": status })), (true, 2), "{status}");
    }
}

#[test]
fn a_provider_that_keeps_failing_is_left_alone() {
    let text = sentence(json!({ "status": 503, "times": 2 }));
    assert_says(&text, &["failing at the moment (503)", "try again in a minute"]);
    assert_eq!(after(json!({ "kind": "status", "status": 503, "times": 9 })), (false, 2));
}

#[test]
fn what_takes_too_long_to_compute_is_asked_for_in_smaller_parts() {
    let text = sentence(json!({ "status": 555 }));
    assert_says(&text, &["takes too long", "ask for a smaller part"]);
    assert_eq!(after(json!({ "kind": "status", "status": 555 })), (false, 1));
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_once_more() {
    assert_eq!(after(json!({ "kind": "truncate" })), (true, 2));
}

#[test]
fn an_answer_that_keeps_breaking_off_is_not_taken_for_a_whole_one() {
    let developer = Developer::connected();
    developer.fault(json!({ "kind": "truncate", "path": "/2.0/repositories", "times": 9 }));
    let text = developer.refused("bitbucket_get_pull_request_diff", backend(json!({ "pull_request": 1 })));
    assert_says(&text, &["broke off its answer", "try again"]);
    assert!(!text.contains("+++ b/"), "{text}");
}

#[test]
fn a_redirect_to_a_strangers_host_is_not_followed() {
    let text = sentence(json!({ "status": 302, "headers": { "Location": "https://attacker.example/collect" } }));
    assert_says(&text, &["does not follow", "Next: tell an administrator"]);
    assert!(!text.contains("attacker.example"), "{text}");
}

#[test]
fn confluence_refusing_the_organisations_account_leads_to_an_administrator() {
    // All share one account there: this page is asked for in this test alone.
    super::DEVELOPER.person.instance.fault(&json!({
        "kind": "status", "account": "confluence", "path": "/wiki/api/v2/pages/98529", "status": 401,
        "body": { "code": 401, "message": "Unauthorized" },
    }));
    let text = super::DEVELOPER.refused("confluence_get_page", json!({ "page": "98529" }));
    assert_says(&text, &["an administrator has to renew", "CONFLUENCE_API_TOKEN"]);
}

#[test]
fn a_fault_of_one_account_is_no_other_accounts_business() {
    let (one, other) = (Developer::connected(), Developer::connected());
    one.fault(json!({ "kind": "status", "path": "/2.0/repositories", "status": 403, "times": 5 }));
    one.refused(LIST, backend(json!({})));
    other.done(LIST, backend(json!({})));
}
