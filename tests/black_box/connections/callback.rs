//! Rows 79 and 80: the way back from Bitbucket, once, in the browser and by the person that went there.

use postern_tests::person::Person;
use serde_json::{Value, json};
use testkit::{browser::Page, journey};
use url::Url;

use super::{at_callback, browser_of, connection};

fn changed(url: &Url, parameter: &str, value: Option<&str>) -> Url {
    let mut changed = url.clone();
    let parameters: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != parameter)
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    changed.query_pairs_mut().clear().extend_pairs(parameters).extend_pairs(value.map(|value| (parameter, value)));
    changed
}

fn assert_refused(page: &Page, person: &Person<'_>) {
    assert_eq!(page.status.as_u16(), 400, "{}", page.body);
    assert!(page.body.contains("Bitbucket was not connected") && page.body.contains("Start again"), "{}", page.body);
    assert_eq!(connection(person), json!([]));
}

/// How often a code was exchanged in that account's name.
fn exchanges(person: &Person<'_>) -> usize {
    let requests = person.instance.upstream_requests(&person.username);
    requests.iter().filter(|request| request["path"] == "/site/oauth2/access_token").count()
}

#[test]
fn the_way_back_connects_the_account() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let url = at_callback(&person, &mut browser, &page, "grant");
    let page = browser.open(url).expect("a page");
    assert!(page.body.contains("Bitbucket is connected"), "{}", page.body);
    assert_eq!(connection(&person)[0]["account_name"], person.username.as_str());
}

#[test]
fn row_79_the_way_back_without_its_state_is_refused() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let url = at_callback(&person, &mut browser, &page, "grant");
    assert_refused(&browser.open(changed(&url, "state", None)).expect("a page"), &person);
}

#[test]
fn row_79_the_way_back_with_another_state_is_refused() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let url = at_callback(&person, &mut browser, &page, "grant");
    for state in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_refused(&browser.open(changed(&url, "state", Some(state))).expect("a page"), &person);
    }
}

#[test]
fn row_79_the_way_back_is_gone_once() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let url = at_callback(&person, &mut browser, &page, "grant");
    browser.open(url.clone()).expect("connected");
    let before = connection(&person);
    let page = browser.open(url).expect("a page");
    assert_eq!(page.status.as_u16(), 400, "{}", page.body);
    assert_eq!((connection(&person), exchanges(&person)), (before, 1));
}

#[test]
fn row_79_the_way_back_in_another_browser_is_refused() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let url = at_callback(&person, &mut browser, &page, "grant");
    let (mut other, _) = browser_of(&person, "/connections");
    assert_refused(&other.open(url.clone()).expect("a page"), &person);
    // Whoever tried it first took nothing away.
    browser.open(url).expect("a page");
    assert_eq!(connection(&person)[0]["state"], "connected");
}

#[test]
fn row_80_the_way_back_by_another_person_is_refused() {
    let (person, victim) = (Person::developer(), Person::developer());
    let (mut browser, page) = browser_of(&person, "/connections");
    let url = at_callback(&person, &mut browser, &page, "grant");
    let (mut other, _) = browser_of(&victim, "/connections");
    assert_refused(&other.open(url).expect("a page"), &victim);
    assert_eq!((connection(&person), exchanges(&person)), (json!([]), 0));
}

#[test]
fn row_80_the_way_back_of_a_browser_that_has_signed_out_is_refused() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let url = at_callback(&person, &mut browser, &page, "grant");
    let sign_out = page.forms().into_iter().find(|form| form.action == "/sign-out").expect("a form that signs out");
    browser.submit(&page, &sign_out, None).expect("signed out");
    // Signs in, and stops on the way to where it came from.
    let page = journey::open_signed_in(&mut browser, url, &person.account()).expect("a page");
    assert_refused(&browser.open(page.url).expect("a page"), &person);
}

#[test]
fn the_way_back_ends_after_its_time() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let url = at_callback(&person, &mut browser, &page, "grant");
    person.instance.sql("UPDATE connection_attempts SET expires_at = 1 WHERE user_id = ?1", &[&person.user_id()]);
    assert_refused(&browser.open(url).expect("a page"), &person);
}

#[test]
fn two_tabs_both_find_their_way_back() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let one = at_callback(&person, &mut browser, &page, "grant");
    let two = at_callback(&person, &mut browser, &page, "grant");
    for url in [one, two] {
        let page = browser.open(url).expect("a page");
        assert!(page.body.contains("Bitbucket is connected"), "{}", page.body);
    }
}

#[test]
fn the_state_is_stored_by_its_hash_alone() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let url = at_callback(&person, &mut browser, &page, "grant");
    let (_, state) = url.query_pairs().find(|(name, _)| name == "state").expect("a state");
    let stored: Value = super::attempts(&person);
    assert_eq!(stored.as_array().map(Vec::len), Some(1));
    assert!(!stored.to_string().contains(&*state), "{stored}");
}

#[test]
fn a_code_that_bitbucket_does_not_take_connects_nothing() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let url = at_callback(&person, &mut browser, &page, "grant");
    let page = browser.open(changed(&url, "code", Some("not-the-code"))).expect("a page");
    assert_eq!(page.status.as_u16(), 502, "{}", page.body);
    assert!(page.body.contains("Bitbucket was not connected") && !page.body.contains("not-the-code"), "{}", page.body);
    assert_eq!(connection(&person), json!([]));
}

#[test]
fn a_failing_token_endpoint_connects_nothing() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let url = at_callback(&person, &mut browser, &page, "grant");
    person.instance.fault(&json!({
        "kind": "status", "account": person.username, "path": "/site/oauth2/access_token", "status": 500,
    }));
    let page = browser.open(url).expect("a page");
    assert_eq!((page.status.as_u16(), connection(&person)), (502, json!([])));
    assert!(page.body.contains("Try again in a moment"), "{}", page.body);
}
