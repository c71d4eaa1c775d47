//! What approvers let through for a time beside a call: calls like it, until they end it, and no others.

use postern_tests::{
    client::{Answer, Client},
    person::Person,
};
use serde_json::{Value, json};
use testkit::browser::Form;
use url::Url;

use super::{
    access_policy::{Kept, keep},
    approvals::{TOOL, arguments, kinds, link_in},
    turn, until,
};

/// Comments are looked at, by a rule that lets approvers let them through for at most so many minutes.
fn rule(longest_minutes: u32) -> Value {
    let tools = json!({ "names": [TOOL] });
    json!({ "name": "looked at", "tools": tools, "then": "approve", "longest_minutes": longest_minutes })
}

fn looked_at() -> Kept {
    keep(&json!({ "rules": [rule(30)] }))
}

fn comment(client: &Client, text: &str) -> Answer {
    client.call(TOOL, arguments(text))
}

/// The link of a call that is held.
fn held(answer: &Answer) -> String {
    assert!(answer.is_error(), "{answer:?}");
    link_in(&answer.text())
}

/// Opens the link as that person, and lets calls like it through.
fn let_through(person: &Person<'_>, link: &str, minutes: u32) {
    let (mut browser, page) = person.signed_in_at(Url::parse(link).expect("a URL").path());
    let lets = |form: &Form| form.has_button("decision", "approve_like");
    let mut form = page.forms().into_iter().find(lets).unwrap_or_else(|| panic!("no button: {}", page.body));
    assert!(page.body.contains("that you have not seen") && page.body.contains("acme/backend"), "{}", page.body);
    form.set("minutes", &minutes.to_string());
    let page = browser.submit(&page, &form, Some(("decision", "approve_like"))).expect("a page");
    assert!(page.status.is_success(), "{}", page.body);
}

#[test]
fn calls_like_an_approved_one_go_through_by_one_grant_and_their_events_name_the_approval() {
    let (_turn, _rule) = (turn(), looked_at());
    let person = Person::connected();
    let (client, other) = (Client::of(&person), Client::of(&person));
    let link = held(&comment(&client, "series: the first"));
    let_through(&Person::administrator(), &link, 20);
    for text in ["series: the first", "series: the second", "series: the third"] {
        let answer = comment(&client, text);
        assert!(!answer.is_error(), "{text}: {answer:?}");
    }
    held(&comment(&other, "series: by another grant"));
    let id = link.rsplit('/').next().expect("an id").to_owned();
    until("the events of three calls", || {
        let made = kinds(&person, &["approval_given"]).into_iter().filter(|event| {
            event["kind"] == "call"
                && event["outcome"] == "succeeded"
                && event["reason"].as_str().is_some_and(|reason| reason.contains(&id))
        });
        made.count() == 3
    });
}

#[test]
fn what_approvers_let_through_is_held_again_at_once_when_somebody_ends_it() {
    let (_turn, _rule) = (turn(), looked_at());
    let person = Person::connected();
    let client = Client::of(&person);
    let link = held(&comment(&client, "series: ended"));
    let_through(&Person::administrator(), &link, 20);
    let id = link.rsplit('/').next().expect("an id").to_owned();
    assert!(!comment(&client, "series: before the end").is_error());
    let (mut browser, page) = Person::administrator().signed_in_at("/approvals");
    let ends =
        |form: &Form| form.action == "/approvals/end" && form.fields.contains(&("approval".to_owned(), id.clone()));
    let form = page.forms().into_iter().find(ends).unwrap_or_else(|| panic!("no form: {}", page.body));
    browser.submit(&page, &form, None).expect("a page");
    held(&comment(&client, "series: after the end"));
    kinds(&person, &["approval_given", "approval_series_ended"]);
}

#[test]
fn a_rule_that_comes_to_allow_less_ends_what_was_let_through_by_it() {
    let _turn = turn();
    let person = Person::connected();
    let client = Client::of(&person);
    let _rule = looked_at();
    let_through(&Person::administrator(), &held(&comment(&client, "series: before less")), 20);
    assert!(!comment(&client, "series: still").is_error());
    Person::administrator().keep_access_policy(&json!({ "rules": [rule(10)] }));
    held(&comment(&client, "series: after less"));
}
