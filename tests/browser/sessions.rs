//! The browsers that a person is signed in with, and their end by the person's own hand.

use postern_tests::{client::Client, person::Person};
use serde_json::json;

use crate::{administration::eventually, visitor::Visitor};

/// A person's two browsers, both at the page that lists them.
fn two_browsers(person: &Person<'_>) -> [Visitor; 2] {
    let browsers = [Visitor::new(), Visitor::new()];
    for browser in &browsers {
        browser.sign_in(person, "/sessions");
    }
    browsers[0].go("/sessions");
    browsers
}

/// Whether the front page does not know who is there. Other pages lead through the identity provider, whose own session
/// goes on, and back.
fn is_signed_out(browser: &Visitor) -> bool {
    browser.go("/");
    browser.text().contains("The small, watched gate")
}

#[test]
fn a_person_sees_both_of_their_browsers_and_which_is_this_one() {
    let [here, _there] = two_browsers(&Person::developer());
    let rows = here.rows();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(rows.iter().filter(|row| row.contains("This one")).count(), 1, "{rows:?}");
    assert!(rows.iter().all(|row| row.contains("Chrom") && row.contains("Linux")), "{rows:?}");
}

#[test]
fn a_browser_that_a_person_ends_is_signed_out_and_the_other_goes_on() {
    let [here, there] = two_browsers(&Person::developer());
    here.click("button", "Sign out Chrome on Linux");
    assert!(eventually(|| here.rows().len() == 1), "{:?}", here.rows());
    assert!(is_signed_out(&there));
    here.see("This one");
}

#[test]
fn signing_out_everywhere_signs_both_out_and_leaves_clients_connected() {
    let person = Person::developer();
    let client = Client::of(&person);
    let [here, there] = two_browsers(&person);
    here.slow_down(400);
    here.click("button", "Sign out everywhere");
    here.see("The small, watched gate");
    assert!(is_signed_out(&here) && is_signed_out(&there));
    assert_eq!(client.call("whoami", json!({})).status, 200);
}

#[test]
fn ending_everything_ends_clients_too() {
    let person = Person::developer();
    let client = Client::of(&person);
    let [here, there] = two_browsers(&person);
    here.click("button", "End everything of mine");
    here.see("The small, watched gate");
    assert!(is_signed_out(&there));
    assert_eq!(client.call("whoami", json!({})).status, 401);
}

#[test]
fn a_keyboard_is_enough_to_sign_out_everywhere() {
    let [here, there] = two_browsers(&Person::developer());
    here.tab_to("Sign out everywhere");
    here.press("Enter");
    here.see("The small, watched gate");
    assert!(is_signed_out(&there));
}
