//! A person who says no at Bitbucket.

use postern_tests::{client::Client, person::Person};
use serde_json::json;
use url::Url;

use super::{at_callback, browser_of, call, connection, is_prompted, link, retry};

/// The person opens the link of a call and cancels at Bitbucket: the page they end at, and the call's state.
fn cancelled(person: &Person<'_>, client: &Client) -> (testkit::browser::Page, serde_json::Value) {
    let first_answer = call(client);
    let (mut browser, _) = browser_of(person, "/connections");
    let page = browser.open(Url::parse(&link(&first_answer)).expect("a URL")).expect("the link's page");
    let back = at_callback(person, &mut browser, &page, "deny");
    (browser.open(back).expect("a page"), first_answer.result()["requestState"].clone())
}

#[test]
fn the_page_says_that_nothing_changed() {
    let person = Person::developer();
    let (page, _) = cancelled(&person, &Client::of(&person));
    assert!(page.body.contains("not granted at Bitbucket, so nothing changed"), "{}", page.body);
    assert_eq!(connection(&person), json!([]));
}

#[test]
fn the_waiting_call_ends_in_words() {
    let person = Person::developer();
    let client = Client::of(&person);
    let (_, state) = cancelled(&person, &client);
    let answer = retry(&client, &state);
    assert!(answer.is_error() && answer.text().contains("refused at the provider, so nothing was done"), "{answer:?}");
}

#[test]
fn the_next_call_asks_again() {
    let person = Person::developer();
    let client = Client::of(&person);
    cancelled(&person, &client);
    assert!(is_prompted(&client));
}

#[test]
fn a_refusal_keeps_the_account_that_was_connected_before() {
    let person = Person::connected();
    let client = Client::of(&person);
    let before = connection(&person);
    let (mut browser, page) = browser_of(&person, "/connections");
    let back = at_callback(&person, &mut browser, &page, "deny");
    browser.open(back).expect("a page");
    assert_eq!(connection(&person), before);
    assert!(!is_prompted(&client));
}
