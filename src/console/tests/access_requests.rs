//! Access for a time, as those who ask, approvers and administrators see it.

use futures_executor::block_on;
use serde_json::json;

use crate::{
    console::testing::{Shown, context_with_approvers, open, post, signed_in, submit},
    context::Context,
    governance::policy_revisions::{self, Change},
    identifiers::UserId,
    identity::browser,
};

/// Where everybody may ask for merging, and whoever approves lets them.
fn asking(granting: &str) -> Context {
    let context = context_with_approvers();
    let longest = (granting != "automatic").then_some(30);
    let document = json!({
        "toolsets": [{"name": "Merging", "tools": {"names": ["bitbucket_merge_pull_request"]}}],
        "profiles": [{"name": "merge <b>", "subjects": ["everyone"], "toolsets": ["Merging"], "granting": granting,
            "longest_minutes": longest}],
    });
    let change = Change { by: &UserId::new("ada"), saw: 0, summary: "a test" };
    let kept = block_on(policy_revisions::keep(&context, &change, serde_json::from_value(document).unwrap())).unwrap();
    assert_eq!(kept.problems(), None);
    context
}

fn ask(context: &Context, person: &str, fields: &str) -> Shown {
    submit(context, person, "/access", "/access", &format!("profile=merge+%3Cb%3E&{fields}"))
}

fn shown(context: &Context, person: &str, page: &str) -> String {
    open(context, Some(person), page).html
}

fn decide(context: &Context, person: &str, fields: &str) -> Shown {
    let page = shown(context, person, "/approvals");
    let id = page.split_once("name=\"request\" value=\"").expect("a request").1.split('"').next().unwrap().to_owned();
    submit(context, person, "/approvals", "/access/decide", &format!("request={id}&{fields}"))
}

#[test]
fn whoever_may_ask_is_shown_for_what_and_asks_with_a_reason() {
    let context = asking("on_request");
    let page = shown(&context, "dana", "/access");
    assert!(page.contains("merge &lt;b&gt;") && page.contains("for at most 30 minutes"), "{page}");
    assert_eq!(ask(&context, "dana", "minutes=10&reason=").status, 400);
    assert_eq!(ask(&context, "dana", "minutes=10&reason=a+release+%3Ci%3E").status, 303);
    let page = shown(&context, "dana", "/access");
    assert!(page.contains("Yours") && page.contains("a release &lt;i&gt;"), "{page}");
    assert_eq!(ask(&context, "dana", "minutes=10&reason=again").status, 409, "they have it already");
}

#[test]
fn nobody_asks_for_what_is_not_there_for_them() {
    let context = asking("automatic");
    assert!(shown(&context, "dana", "/access").contains("There is nothing that you could ask for"));
    let browser = block_on(browser::current(&context, &signed_in("dana"))).unwrap().unwrap();
    let token = browser.form_token(&context.settings, "/access");
    let body = format!("form_token={token}&profile=merge+%3Cb%3E&minutes=10&reason=please");
    assert_eq!(post(&context, Some("dana"), "/access", &body).status, 404);
}

#[test]
fn an_approver_sees_who_asks_for_what_and_lets_them_have_it() {
    let context = asking("on_approval");
    ask(&context, "dana", "minutes=20&reason=a+release");
    assert!(shown(&context, "dana", "/access").contains("Waits for an approver"));
    let queue = shown(&context, "bob", "/approvals");
    for part in
        ["Dana &lt;Developer&gt;", "for 20 minutes", "a release", "merge &lt;b&gt;", "bitbucket_merge_pull_request"]
    {
        assert!(queue.contains(part), "{part}: {queue}");
    }
    assert_eq!(decide(&context, "bob", "decision=approve").status, 303);
    assert!(shown(&context, "dana", "/access").contains("Yours"));
    assert!(!shown(&context, "bob", "/approvals").contains("Access that is asked for"));
}

#[test]
fn a_denial_needs_a_reason_which_its_person_reads() {
    let context = asking("on_approval");
    ask(&context, "dana", "minutes=20&reason=a+release");
    assert_eq!(decide(&context, "bob", "decision=deny&reason=").status, 400);
    assert_eq!(decide(&context, "bob", "decision=deny&reason=not+on+Fridays").status, 303);
    let page = shown(&context, "dana", "/access");
    assert!(page.contains("Denied") && page.contains("not on Fridays"), "{page}");
}

#[test]
fn an_approver_neither_sees_nor_decides_on_their_own_request() {
    let context = asking("on_approval");
    ask(&context, "bob", "minutes=20&reason=mine");
    assert!(!shown(&context, "bob", "/approvals").contains("mine"));
    let page = shown(&context, "carol", "/approvals");
    let id = page.split_once("name=\"request\" value=\"").unwrap().1.split('"').next().unwrap();
    let browser = block_on(browser::current(&context, &signed_in("bob"))).unwrap().unwrap();
    let token = browser.form_token(&context.settings, "/access/decide");
    let body = format!("form_token={token}&request={id}&decision=approve");
    let answer = post(&context, Some("bob"), "/access/decide", &body);
    assert!(answer.status == 403 && answer.html.contains("This is your own request"), "{}", answer.html);
}

#[test]
fn its_person_and_administrators_end_what_was_given_and_nobody_else_does() {
    for by in ["dana", "ada"] {
        let context = asking("on_request");
        ask(&context, "dana", "minutes=20&reason=a+release");
        let page = shown(&context, by, "/access");
        let id = page.split_once("name=\"request\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
        assert!(!shown(&context, "bob", "/access").contains(&id));
        let browser = block_on(browser::current(&context, &signed_in("bob"))).unwrap().unwrap();
        let token = browser.form_token(&context.settings, "/access/end");
        let body = format!("form_token={token}&request={id}");
        assert_eq!(post(&context, Some("bob"), "/access/end", &body).status, 404);
        assert_eq!(submit(&context, by, "/access", "/access/end", &format!("request={id}")).status, 303);
        assert!(shown(&context, "dana", "/access").contains("Over"));
    }
}

#[test]
fn nobody_breaks_the_glass_on_an_old_sign_in_or_whom_the_policy_does_not_name() {
    let context = context_with_approvers();
    let document = json!({"break_glass": {"subjects": ["role:approver"]}});
    let change = Change { by: &UserId::new("ada"), saw: 0, summary: "a test" };
    block_on(policy_revisions::keep(&context, &change, serde_json::from_value(document).unwrap())).unwrap();
    assert!(shown(&context, "bob", "/access").contains("/sign-in?max_age=0"));
    assert!(!shown(&context, "dana", "/access").contains("Break the glass"));
    for (person, status) in [("bob", 403), ("dana", 404)] {
        let browser = block_on(browser::current(&context, &signed_in(person))).unwrap().unwrap();
        let token = browser.form_token(&context.settings, "/access/break-glass");
        let body = format!("form_token={token}&minutes=10&reason=an+outage");
        assert_eq!(post(&context, Some(person), "/access/break-glass", &body).status, status, "{person}");
    }
}
