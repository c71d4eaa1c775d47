//! A call that a rule sends to approval: made once, by another person's word, on what they looked at.

use std::{thread, time::Duration};

use postern_tests::{
    client::{Answer, Client},
    instance::instance,
    person::Person,
};
use serde_json::{Value, json};
use testkit::browser::{Form, Page};
use url::Url;

use super::{
    access_policy::{Kept, keep},
    turn, until,
};

pub const TOOL: &str = "bitbucket_add_pull_request_comment";
const PULL_REQUEST: u64 = 6;

/// Comments of pull requests are held until somebody else has looked at them, for as long as the test goes on.
pub fn four_eyes() -> Kept {
    let tools = json!({ "names": [TOOL] });
    keep(
        &json!({ "rules": [{ "name": "four eyes", "tools": tools, "then": "approve", "reason": "Somebody else looks." }] }),
    )
}

pub fn arguments(text: &str) -> Value {
    json!({ "workspace": "acme", "repository": "backend", "pull_request": PULL_REQUEST, "text": text })
}

/// A call by a client that shows links, with what a retry carries.
fn call(client: &Client, text: &str, more: &Value) -> Answer {
    let mut params = json!({ "name": TOOL, "arguments": arguments(text) });
    for (name, value) in more.as_object().into_iter().flatten() {
        params[name] = value.clone();
    }
    client.modern_with("tools/call", params, json!({ "elicitation": { "url": {} } }))
}

/// The state and the link of a call that waits.
fn waiting(answer: &Answer) -> (Value, String) {
    let result = answer.result();
    assert_eq!(result["resultType"], "input_required", "{answer:?}");
    let link = result["inputRequests"]["approval"]["params"]["url"].as_str().expect("a link").to_owned();
    (result["requestState"].clone(), link)
}

pub fn link_in(text: &str) -> String {
    text.lines().find(|line| line.contains("/approvals/")).expect("a link").to_owned()
}

/// The comments of that text, as the provider has them.
pub fn written(person: &Person<'_>, text: &str) -> usize {
    let path = format!("/repositories/acme/backend/pullrequests/{PULL_REQUEST}/comments?pagelen=100");
    let comments = person.bitbucket(&path).json()["values"].as_array().expect("comments").clone();
    comments.iter().filter(|comment| comment["content"]["raw"] == text).count()
}

/// Opens the link as that person and presses the button.
pub fn decide(person: &Person<'_>, link: &str, decision: &str, reason: &str) -> Page {
    let path = Url::parse(link).expect("a URL").path().to_owned();
    let (mut browser, page) = person.signed_in_at(&path);
    let decides = |form: &Form| form.action == "/approvals/decide" && form.has_button("decision", decision);
    let mut form = page.forms().into_iter().find(decides).unwrap_or_else(|| panic!("no button: {}", page.body));
    if !reason.is_empty() {
        form.set("reason", reason);
    }
    browser.submit(&page, &form, Some(("decision", decision))).expect("a page")
}

/// The kinds of the person's events.
pub fn kinds(person: &Person<'_>, wanted: &[&str]) -> Vec<Value> {
    let (user, mut found) = (person.user_id(), Vec::new());
    until("the events", || {
        let query = "SELECT kind, outcome, reason FROM events WHERE person = ?1 ORDER BY at, position";
        found = instance().sql(query, &[&user]).as_array().expect("rows").clone();
        wanted.iter().all(|kind| found.iter().any(|event| event["kind"] == *kind))
    });
    found
}

#[test]
fn a_client_that_shows_links_is_held_and_goes_on_once_its_call_is_approved() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    let client = Client::of(&person);
    let (state, link) = waiting(&call(&client, "held", &json!({})));
    let (_, page) = person.signed_in_at(Url::parse(&link).expect("a URL").path());
    assert!(page.body.contains("This is your own call") && !page.body.contains("Approve once"), "{}", page.body);
    assert_eq!(written(&person, "held"), 0);
    let retry = json!({ "requestState": state, "inputResponses": { "approval": { "action": "accept" } } });
    let answer = thread::scope(|scope| {
        let held = scope.spawn(|| call(&client, "held", &retry));
        thread::sleep(Duration::from_secs(1));
        let page = decide(&Person::administrator(), &link, "approve", "");
        assert!(page.body.contains("Approved"), "{}", page.body);
        held.join().expect("an answer")
    });
    assert!(!answer.is_error(), "{answer:?}");
    assert_eq!(written(&person, "held"), 1);
    kinds(&person, &["approval_requested", "approval_given", "approval_used"]);
    let id = link.rsplit('/').next().expect("an id");
    let names_it = |event: &Value| event["reason"].as_str().is_some_and(|reason| reason.contains(id));
    // Outcomes are recorded after the answer was given.
    until("the outcome of the approved call", || {
        let of_call = kinds(&person, &["call"]).into_iter().filter(|event| event["kind"] == "call" && names_it(event));
        of_call.into_iter().any(|event| event["outcome"] == "succeeded")
    });
    let again = client.call(TOOL, arguments("held"));
    assert!(again.is_error() && again.text().contains("was used"), "{again:?}");
    assert_eq!(written(&person, "held"), 1);
}

#[test]
fn the_page_shows_an_approver_who_asks_for_what_and_what_it_is_about() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    let (_, link) = waiting(&call(&Client::of(&person), "a remark <b>", &json!({})));
    let approver = Person::administrator();
    let (mut browser, page) = approver.signed_in_at("/approvals");
    assert!(page.body.contains(Url::parse(&link).expect("a URL").path()), "{}", page.body);
    let page = browser.open(Url::parse(&link).expect("a URL")).expect("a page");
    for part in ["black box", "acme/backend#6", "a remark &lt;b&gt;", "pull request", "Approve once", "Looked at"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}

#[test]
fn a_client_without_links_is_told_in_words_and_calls_again() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    let client = Client::of(&person);
    let answer = client.call(TOOL, arguments("in words"));
    assert!(answer.is_error() && answer.text().contains("send the same call again"), "{answer:?}");
    decide(&Person::administrator(), &link_in(&answer.text()), "approve", "");
    let answer = client.call(TOOL, arguments("in words"));
    assert!(!answer.is_error(), "{answer:?}");
    assert_eq!(written(&person, "in words"), 1);
}

#[test]
fn a_denied_call_is_told_why() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    let client = Client::of(&person);
    let link = link_in(&client.call(TOOL, arguments("denied")).text());
    decide(&Person::administrator(), &link, "deny", "not before the freeze");
    let answer = client.call(TOOL, arguments("denied"));
    assert!(answer.is_error() && answer.text().contains("not before the freeze"), "{answer:?}");
    assert_eq!(written(&person, "denied"), 0);
}

#[test]
fn an_approver_does_not_decide_on_their_own_call() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::administrator();
    person.connect_bitbucket();
    let link = link_in(&Client::of(&person).call(TOOL, arguments("their own")).text());
    let (_, page) = person.signed_in_at(Url::parse(&link).expect("a URL").path());
    assert!(page.body.contains("This is your own call") && !page.body.contains("Approve once"), "{}", page.body);
}

#[test]
fn two_devices_that_go_on_at_once_make_one_call() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    let client = Client::of(&person);
    let link = link_in(&client.call(TOOL, arguments("twice at once")).text());
    decide(&Person::administrator(), &link, "approve", "");
    let answers: Vec<Answer> = thread::scope(|scope| {
        let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| client.call(TOOL, arguments("twice at once")))).collect();
        calls.into_iter().map(|call| call.join().expect("an answer")).collect()
    });
    assert_eq!(answers.iter().filter(|answer| !answer.is_error()).count(), 1, "{answers:?}");
    assert_eq!(written(&person, "twice at once"), 1);
}
