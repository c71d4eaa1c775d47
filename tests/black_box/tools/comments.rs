//! The one tool that writes.

use serde_json::{Value, json};

use super::{Developer, backend};

const TOOL: &str = "bitbucket_add_pull_request_comment";

/// Comments of a pull request that this account wrote, as the sandbox has them.
fn written(developer: &Developer, pull_request: u64) -> Vec<Value> {
    let path = format!("/repositories/acme/backend/pullrequests/{pull_request}/comments?pagelen=100");
    let comments = developer.bitbucket(&path).json()["values"].as_array().expect("comments").clone();
    let own = |comment: &Value| comment["user"]["nickname"] == developer.person.username.as_str();
    comments.into_iter().filter(own).collect()
}

#[test]
fn a_comment_is_added_in_the_persons_own_name() {
    let developer = Developer::connected();
    let text = developer.done(TOOL, backend(json!({ "pull_request": 6, "text": "Looks *good*.\n\n- yes" })));
    let written = written(&developer, 6);
    assert_eq!(written.len(), 1);
    assert_eq!(written[0]["content"]["raw"], "Looks *good*.\n\n- yes");
    assert!(text.contains(&format!("comment: {}\n", written[0]["id"])), "{text}");
}

#[test]
fn a_comment_can_be_about_a_line() {
    let developer = Developer::connected();
    let arguments = json!({ "pull_request": 6, "text": "here", "path": "docs/notes/06.md", "line": 3 });
    developer.done(TOOL, backend(arguments));
    assert_eq!(written(&developer, 6)[0]["inline"], json!({ "path": "docs/notes/06.md", "to": 3 }));
}

#[test]
fn a_comment_can_be_a_reply() {
    let developer = Developer::connected();
    developer.done(TOOL, backend(json!({ "pull_request": 7, "text": "one" })));
    let first = written(&developer, 7)[0]["id"].clone();
    developer.done(TOOL, backend(json!({ "pull_request": 7, "text": "two", "reply_to": first })));
    assert_eq!(written(&developer, 7)[1]["parent"]["id"], first);
}

#[test]
fn a_comment_is_audited_before_and_after() {
    let developer = Developer::connected();
    developer.done(TOOL, backend(json!({ "pull_request": 8, "text": "audited" })));
    let rows = developer.audited(TOOL, 2);
    let phases: Vec<_> = rows.iter().map(|row| (row["phase"].clone(), row["outcome"].clone())).collect();
    assert_eq!(phases, [(json!("intent"), json!("started")), (json!("outcome"), json!("succeeded"))]);
    assert_eq!(rows[0]["request_id"], rows[1]["request_id"]);
    assert_eq!(rows[0]["arguments_digest"], rows[1]["arguments_digest"]);
    assert_eq!((&rows[1]["target"], &rows[1]["upstream_status"]), (&json!("acme/backend#8"), &json!(201)));
}

#[test]
fn the_audit_keeps_no_text_of_a_comment() {
    let developer = Developer::connected();
    developer.done(TOOL, backend(json!({ "pull_request": 8, "text": "a private remark" })));
    let rows = developer.audited(TOOL, 2);
    assert!(!json!(rows).to_string().contains("private remark"), "{rows:?}");
}

#[test]
fn a_comment_that_bitbucket_refuses_is_audited_as_failed() {
    let developer = Developer::connected();
    developer.refused(TOOL, backend(json!({ "pull_request": 9_999, "text": "to nobody" })));
    let rows = developer.audited(TOOL, 2);
    assert_eq!((&rows[1]["outcome"], &rows[1]["upstream_status"]), (&json!("failed"), &json!(404)));
}

#[test]
fn a_read_is_audited_with_its_outcome_alone() {
    let developer = Developer::connected();
    developer.done("bitbucket_get_pull_request", backend(json!({ "pull_request": 1 })));
    let rows = developer.audited("bitbucket_get_pull_request", 1);
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["phase"], &rows[0]["outcome"]), (&json!("outcome"), &json!("succeeded")));
}
