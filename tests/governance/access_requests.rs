//! Access for a time: asked for by a form, approved by another person, used by a client, and taken back.

use std::time::Duration;

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::{Value, json};
use testkit::browser::{Form, Page};

use super::{
    access_policy::{Kept, keep},
    in_force, names, ran, turn, until,
};

const GET: &str = "bitbucket_get_repository";
const COMMENT: &str = "bitbucket_add_pull_request_comment";

/// Everybody reads, and comments on pull requests once they ask.
fn commenting(granting: &str) -> Kept {
    let kept = keep(&json!({
        "toolsets": [{"name": "reading", "tools": {"classes": ["read"]}}, {"name": "commenting", "tools": {"names": [COMMENT]}}],
        "profiles": [
            {"name": "readers", "subjects": ["everyone"], "toolsets": ["reading"]},
            {"name": "commenters", "subjects": ["everyone"], "toolsets": ["commenting"], "granting": granting,
             "longest_minutes": 60},
        ],
    }));
    in_force();
    kept
}

fn comment() -> Value {
    json!({"workspace": "acme", "repository": "backend", "pull_request": 6, "text": "by asking"})
}

/// Fills in the first such form of the page and sends it.
fn send(
    person: &Person<'_>,
    path: &str,
    is_it: impl Fn(&Form) -> bool,
    fields: &[(&str, &str)],
    button: Option<(&str, &str)>,
) -> Page {
    let (mut browser, page) = person.signed_in_at(path);
    let mut form =
        page.forms().into_iter().find(|form| is_it(form)).unwrap_or_else(|| panic!("no form: {}", page.body));
    fields.iter().for_each(|(name, value)| form.set(name, value));
    browser.submit(&page, &form, button).expect("a page")
}

fn ask(person: &Person<'_>, reason: &str) -> Page {
    let fields = [("profile", "commenters"), ("minutes", "30"), ("reason", reason)];
    send(person, "/access", |form| form.action == "/access", &fields, None)
}

/// The kinds of events of that person, once these are among them.
fn recorded(person: &Person<'_>, kinds: &[&str]) {
    let user = person.user_id();
    until("the events", || {
        let rows = instance().sql("SELECT kind FROM events WHERE person = ?1", &[&user]).to_string();
        kinds.iter().all(|kind| rows.contains(&format!("\"{kind}\"")))
    });
}

#[test]
fn a_refused_call_names_what_to_ask_for_and_runs_once_an_approver_has_said_yes_until_it_is_taken_back() {
    let _turn = turn();
    let _kept = commenting("on_approval");
    let person = Person::connected();
    let client = Client::of(&person);
    let refused = client.call(COMMENT, comment());
    assert!(refused.text().contains("\u{201c}commenters\u{201d}") && refused.text().contains("/access"), "{refused:?}");
    assert!(!names(&client).contains(&COMMENT.to_owned()), "what has to be asked for is not listed");
    let page = ask(&person, "release of today");
    assert!(page.body.contains("Waits for an approver"), "{}", page.body);
    assert!(!ran(&client.call(COMMENT, comment())));
    let approver = Person::administrator();
    let of_this = |form: &Form| form.action == "/access/decide" && form.has_button("decision", "approve");
    let (_, queue) = approver.signed_in_at("/approvals");
    assert!(queue.body.contains("release of today"), "{}", queue.body);
    send(&approver, "/approvals", of_this, &[], Some(("decision", "approve")));
    let taken = until("the access", || ran(&client.call(COMMENT, comment())));
    assert!(taken < Duration::from_secs(5), "{taken:?}");
    let page = send(&person, "/access", |form| form.action == "/access/end", &[], None);
    assert!(page.body.contains("Over"), "{}", page.body);
    let taken = until("the end of the access", || !ran(&client.call(COMMENT, comment())));
    assert!(taken < Duration::from_secs(5), "{taken:?}");
    recorded(&person, &["access_requested", "access_request_approved", "access_request_ended"]);
}

#[test]
fn what_needs_no_approver_is_given_at_once_once_and_to_one_person_alone() {
    let _turn = turn();
    let _kept = commenting("on_request");
    let person = Person::connected();
    let client = Client::of(&person);
    assert!(!ran(&client.call(COMMENT, comment())));
    let page = ask(&person, "a quick one");
    assert!(page.body.contains("Yours"), "{}", page.body);
    until("the access", || ran(&client.call(COMMENT, comment())));
    assert!(ran(&client.call(GET, json!({"workspace": "acme", "repository": "backend"}))));
    let again = ask(&person, "and again");
    assert_eq!(again.status.as_u16(), 409, "{}", again.body);
    let others = Client::of(&Person::connected());
    assert!(!ran(&others.call(COMMENT, comment())), "it is one person's");
}

#[test]
fn a_thousand_requests_of_one_person_are_bounded() {
    let _turn = turn();
    let _kept = commenting("on_approval");
    let person = Person::developer();
    let mut last = 0;
    for _ in 0..25 {
        last = ask(&person, "again and again").status.as_u16();
        if last == 429 {
            break;
        }
        send(&person, "/access", |form| form.action == "/access/end", &[], None);
    }
    assert_eq!(last, 429);
    let rows = instance().sql("SELECT id FROM access_requests WHERE person = ?1", &[&person.user_id()]);
    assert_eq!(rows.as_array().expect("rows").len(), 20);
}
