//! Acts that need a sign-in of just now: to break the glass, and to approve where a rule asks for it.

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::{Value, json};
use url::Url;

use super::{access_policy::keep, in_force, ran, turn, until};

const COMMENT: &str = "bitbucket_add_pull_request_comment";

fn comment() -> Value {
    json!({"workspace": "acme", "repository": "backend", "pull_request": 6, "text": "in an emergency"})
}

/// The address that leads to a page of ours by a sign-in that is at most so old.
fn by_fresh_sign_in(path: &str, max_age: u32) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
    format!("/sign-in?max_age={max_age}&return_to={encoded}")
}

#[test]
fn whoever_breaks_the_glass_after_a_fresh_sign_in_is_stopped_by_no_rule_and_each_call_is_marked() {
    let _turn = turn();
    let person = Person::connected();
    let _kept = keep(&json!({
        "rules": [{"name": "frozen", "tools": {"names": [COMMENT]}, "then": "block"}],
        "break_glass": {"subjects": ["group:/engineering"], "longest_minutes": 30},
    }));
    in_force();
    let client = Client::of(&person);
    assert!(!ran(&client.call(COMMENT, comment())));
    let (_, page) = person.signed_in_at("/access");
    assert!(page.body.contains("Sign in anew") && !page.body.contains("/access/break-glass"), "{}", page.body);
    let (mut browser, page) = person.signed_in_at(&by_fresh_sign_in("/access", 0));
    let mut form = page.forms().into_iter().find(|form| form.action == "/access/break-glass").expect("the form");
    form.set("minutes", "10");
    form.set("reason", "production is down");
    let page = browser.submit(&page, &form, None).expect("a page");
    assert!(page.status.is_success() && page.body.contains("Yours"), "{}", page.body);
    until("the override", || ran(&client.call(COMMENT, comment())));
    let user = person.user_id();
    until("the events", || {
        let rows = instance().sql("SELECT kind, reason FROM events WHERE person = ?1", &[&user]).to_string();
        rows.contains("production is down") && rows.contains("break-glass over the rule frozen")
    });
}

#[test]
fn an_approver_whose_sign_in_is_old_signs_in_anew_and_comes_back_to_the_call() {
    let _turn = turn();
    let _kept = keep(&json!({"rules": [{"name": "four eyes", "tools": {"names": [COMMENT]}, "then": "approve",
        "fresh_sign_in_minutes": 5}]}));
    in_force();
    let person = Person::connected();
    let client = Client::of(&person);
    let comment = json!({"workspace": "acme", "repository": "backend", "pull_request": 6, "text": "fresh"});
    let told = client.call(COMMENT, comment.clone()).text();
    let link = told.lines().find(|line| line.contains("/approvals/")).expect("a link").to_owned();
    let path = Url::parse(&link).expect("a URL").path().to_owned();
    let approver = Person::administrator();
    let (_, page) = approver.signed_in_at(&path);
    assert!(page.body.contains("Sign in anew") && !page.body.contains("Approve once"), "{}", page.body);
    let (mut browser, page) = approver.signed_in_at(&by_fresh_sign_in(&path, 300));
    assert_eq!(page.url.path(), path);
    let form = page.forms().into_iter().find(|form| form.has_button("decision", "approve")).expect("a button");
    let page = browser.submit(&page, &form, Some(("decision", "approve"))).expect("a page");
    assert!(page.body.contains("Approved"), "{}", page.body);
    assert!(!client.call(COMMENT, comment).is_error());
}
