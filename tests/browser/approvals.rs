//! A call that needs approval, as its requester and an approver see it.

use std::sync::Once;

use postern_tests::{client::Client, person::Person};
use serde_json::json;

use crate::visitor::Visitor;

const TOOL: &str = "bitbucket_add_pull_request_comment";

/// Has comments of pull requests held, which no other test of a browser makes.
fn hold_comments() {
    static HELD: Once = Once::new();
    let tools = json!({ "names": [TOOL] });
    let rule = json!({ "name": "four eyes", "tools": tools, "then": "approve", "reason": "Somebody else looks." });
    HELD.call_once(|| Person::administrator().keep_access_policy(&json!({ "rules": [rule] })));
}

/// The link of a call of that person's, which waits.
fn asked(person: &Person<'_>, client: &Client, text: &str) -> String {
    let arguments = json!({ "workspace": "acme", "repository": "backend", "pull_request": 6, "text": text });
    let told = client.call(TOOL, arguments).text();
    let link = told.lines().find(|line| line.contains("/approvals/")).unwrap_or_else(|| panic!("no link: {told}"));
    link.strip_prefix(&person.instance.url).expect("a link of this Postern").to_owned()
}

#[test]
fn an_approver_finds_a_call_in_the_queue_and_approves_it() {
    hold_comments();
    let person = Person::connected();
    let client = Client::of(&person);
    let link = asked(&person, &client, "in the browser");
    let requester = Visitor::signed_in(&person, &link);
    requester.see("This is your own call");
    let approver = Visitor::signed_in(&Person::administrator(), "/approvals");
    approver.see("Waiting for you");
    approver.go(&link);
    approver.see("in the browser");
    approver.see("What it is about");
    approver.click("button", "Approve once");
    approver.see("1 of 1");
    let again = client.call(
        TOOL,
        json!({ "workspace": "acme", "repository": "backend", "pull_request": 6, "text": "in the browser" }),
    );
    assert!(!again.is_error(), "{again:?}");
    requester.go(&link);
    requester.see("Approved and made");
    approver.go(&link);
    approver.click("link", "What happened to it before");
    approver.see(&format!("{} needs approval to call", person.username));
}

#[test]
fn an_approver_denies_a_call_with_a_reason_that_its_requester_reads() {
    hold_comments();
    let person = Person::connected();
    let link = asked(&person, &Client::of(&person), "denied in the browser");
    let approver = Visitor::signed_in(&Person::administrator(), &link);
    approver.fill("Reason, which the person and their AI client are told", "not before the freeze");
    approver.click("button", "Deny");
    approver.see("Denied");
    let requester = Visitor::signed_in(&person, &link);
    requester.see("not before the freeze");
}

#[test]
fn an_administrator_adds_a_rule_by_its_form_and_takes_it_away() {
    hold_comments();
    let person = Person::connected();
    let visitor = Visitor::signed_in(&Person::administrator(), "/admin/policy");
    visitor.choose("Which calls is it about?", "Merging pull requests");
    visitor.fill("Whose calls? Everyone's where this is empty", &format!("person:{}", person.username));
    visitor.click("radio", "Block it");
    visitor.fill("Why? Whoever is stopped reads it", "a freeze");
    visitor.click("button", "Add the rule");
    visitor.see("Merging pull requests: block");
    visitor.see("Why: a freeze");
    let question = format!("/admin/rights?person={}&tool=bitbucket_merge_pull_request", person.username);
    visitor.go(&question);
    visitor.see("the rule Merging pull requests: block");
    visitor.go("/admin/policy");
    visitor.click("button", "Take away: Merging pull requests: block");
    visitor.see("Took away the rule Merging pull requests: block");
}
