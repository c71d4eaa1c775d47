//! A cursor continues the call it came from, and nothing else.

use serde_json::{Value, json};

use super::{DEVELOPER, Developer, backend, cursor};

const REFUSAL: &str = "This cursor does not continue this call.";

/// A cursor to the second page of pull requests.
fn page_cursor() -> String {
    let text = DEVELOPER.done("bitbucket_list_pull_requests", backend(json!({ "limit": 5 })));
    cursor(&text).expect("a cursor").to_owned()
}

/// A cursor into a diff.
fn part_cursor() -> String {
    let text = DEVELOPER.done("bitbucket_get_pull_request_diff", backend(json!({ "pull_request": 2 })));
    cursor(&text).expect("a cursor").to_owned()
}

fn refused(developer: &Developer, tool: &str, arguments: Value) {
    let text = developer.refused(tool, arguments);
    assert!(text.contains(REFUSAL) && text.contains("leave `cursor` out to start over"), "{text}");
}

#[test]
fn a_cursor_of_another_tool_is_refused() {
    refused(&DEVELOPER, "bitbucket_list_repositories", json!({ "workspace": "acme", "cursor": page_cursor() }));
    refused(&DEVELOPER, "bitbucket_list_workspaces", json!({ "cursor": part_cursor() }));
}

#[test]
fn a_cursor_of_other_arguments_is_refused() {
    let others = json!({ "workspace": "acme", "repository": "website", "limit": 5, "cursor": page_cursor() });
    refused(&DEVELOPER, "bitbucket_list_pull_requests", others);
    let others = backend(json!({ "pull_request": 1, "cursor": part_cursor() }));
    refused(&DEVELOPER, "bitbucket_get_pull_request_diff", others);
}

#[test]
fn a_cursor_of_another_person_is_refused() {
    let stranger = Developer::connected();
    let page = backend(json!({ "limit": 5, "cursor": page_cursor() }));
    refused(&stranger, "bitbucket_list_pull_requests", page);
    let part = backend(json!({ "pull_request": 2, "cursor": part_cursor() }));
    refused(&stranger, "bitbucket_get_pull_request_diff", part);
}

#[test]
fn a_cursor_that_was_tampered_with_is_refused() {
    let cursor = page_cursor();
    let other = if cursor.starts_with('c') { "d" } else { "c" };
    for cursor in [format!("{other}{}", &cursor[1..]), "cGFnZT0y".to_owned(), format!("{cursor}A")] {
        refused(&DEVELOPER, "bitbucket_list_pull_requests", backend(json!({ "limit": 5, "cursor": cursor })));
    }
}

#[test]
fn a_cursor_outlives_the_access_token_it_was_made_with() {
    let developer = Developer::connected();
    let arguments = backend(json!({ "limit": 5 }));
    let text = developer.done("bitbucket_list_pull_requests", arguments);
    developer.fault(json!({ "kind": "expire_access_tokens" }));
    let next = backend(json!({ "limit": 5, "cursor": cursor(&text).expect("a cursor") }));
    developer.done("bitbucket_list_pull_requests", next);
}

#[test]
fn a_cursor_can_be_used_again() {
    let arguments = backend(json!({ "limit": 5, "cursor": page_cursor() }));
    let first = DEVELOPER.done("bitbucket_list_pull_requests", arguments.clone());
    assert_eq!(DEVELOPER.done("bitbucket_list_pull_requests", arguments), first);
}
