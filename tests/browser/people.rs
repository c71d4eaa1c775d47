//! The end of a person's access, and of everybody's, as an administrator brings it about.

use std::sync::LazyLock;

use postern_tests::{
    client::Client,
    instance::{Instance, instance},
    person::Person,
};
use serde_json::json;

use crate::{administration::eventually, visitor::Visitor};

/// How much longer a request takes on a slow network, in milliseconds.
const SLOW: u32 = 400;

/// A Postern of its own: whoever locks all access would stop the other tests.
static STOPPED: LazyLock<Instance> = LazyLock::new(|| Instance::of("dist"));

/// What the person's AI client hears when it calls.
fn status(client: &Client) -> u16 {
    client.call("whoami", json!({})).status
}

fn page_of(person: &Person<'_>) -> String {
    format!("/admin/people/{}", person.user_id())
}

/// An administrator who has found that person in the list of people.
fn administrator_at(person: &Person<'_>) -> Visitor {
    let visitor = Visitor::signed_in(&Person::administrator(), "/admin/people");
    visitor.fill("Name or e-mail", &person.username);
    visitor.click("button", "Find");
    visitor.see(&person.username);
    visitor.go(&page_of(person));
    visitor
}

fn disable(administrator: &Visitor, reason: &str) {
    administrator.fill("Reason", reason);
    administrator.click("button", "Disable");
    administrator.see("Everything is over");
}

#[test]
fn a_person_whom_an_administrator_disables_is_out_with_client_and_browser() {
    let person = Person::developer();
    let client = Client::of(&person);
    let browser = Visitor::signed_in(&person, "/connections");
    disable(&administrator_at(&person), "left the company");
    assert_eq!(status(&client), 401);
    browser.go("/");
    browser.see("The small, watched gate");
    // The session at the identity provider goes on, and is not enough.
    browser.go("/connections");
    browser.see("You are not signed in");
}

#[test]
fn the_list_of_people_says_who_is_disabled_and_why() {
    let person = Person::developer();
    person.signed_in_at("/connections");
    let visitor = administrator_at(&person);
    disable(&visitor, "lost a laptop");
    visitor.go("/admin/people");
    visitor.fill("Name or e-mail", &person.username);
    visitor.choose("Access", "yes");
    visitor.click("button", "Find");
    visitor.see("lost a laptop");
    let rows = visitor.rows();
    let row = rows.iter().find(|row| row.contains(&person.username)).expect("the person's row");
    assert!(row.contains("Disabled") && row.contains("lost a laptop"), "{row}");
}

#[test]
fn a_person_whom_an_administrator_enables_signs_in_again_and_what_ended_stays_ended() {
    let person = Person::developer();
    let client = Client::of(&person);
    let visitor = administrator_at(&person);
    disable(&visitor, "by mistake");
    visitor.click("button", "Enable");
    visitor.see("Enabled");
    let browser = Visitor::signed_in(&person, "/connections");
    assert_eq!(browser.heading(), "Connections");
    assert_eq!(status(&client), 401);
}

#[test]
fn a_person_whose_everything_an_administrator_ends_begins_anew() {
    let person = Person::connected();
    let client = Client::of(&person);
    let browser = Visitor::signed_in(&person, "/connections");
    let visitor = administrator_at(&person);
    visitor.click("button", "End everything of this person");
    visitor.see("Everything is over");
    assert_eq!(status(&client), 401);
    browser.go("/");
    browser.see("The small, watched gate");
    browser.go("/connections");
    browser.see("Not connected");
}

#[test]
fn disabling_takes_a_reason() {
    let person = Person::developer();
    let client = Client::of(&person);
    let visitor = administrator_at(&person);
    visitor.click("button", "Disable");
    let missing = "document.getElementById('reason').validity.valueMissing";
    assert_eq!(visitor.evaluate(missing), json!(true), "the browser asks for it");
    assert_eq!(status(&client), 200);
}

#[test]
fn a_double_click_on_a_slow_network_ends_at_the_page_that_says_that_everything_is_over() {
    let person = Person::developer();
    let client = Client::of(&person);
    let visitor = administrator_at(&person);
    visitor.fill("Reason", "in a hurry");
    visitor.click_twice("Disable", 120, SLOW);
    visitor.see("Everything is over");
    assert_eq!(status(&client), 401);
}

#[test]
fn a_keyboard_is_enough_to_find_a_person_and_to_disable_them() {
    let person = Person::developer();
    let client = Client::of(&person);
    let visitor = Visitor::signed_in(&Person::administrator(), "/admin/people");
    visitor.tab_to("Name or e-mail");
    visitor.type_in(&person.username);
    visitor.press("Enter");
    visitor.see(&person.username);
    visitor.go(&page_of(&person));
    visitor.tab_to("Reason");
    visitor.type_in("left the company");
    visitor.tab_to("Disable");
    visitor.press("Enter");
    visitor.see("Everything is over");
    assert_eq!(status(&client), 401);
}

#[test]
fn an_administrator_finds_no_button_to_disable_themselves() {
    let administrator = Person::administrator();
    let visitor = Visitor::signed_in(&administrator, "/");
    visitor.go(&page_of(&administrator));
    assert!(!visitor.text().contains("lets this person in no more"), "{}", visitor.text());
}

#[test]
fn when_all_access_is_locked_calls_and_sign_ins_end_and_go_on_once_the_lock_is_lifted() {
    let administrator = Person::new("test-admin-emergency", &STOPPED);
    let person = Person::new("test-stopped", &STOPPED);
    let client = Client::of(&person);
    let browser = Visitor::signed_in(&person, "/connections");
    let visitor = Visitor::signed_in(&administrator, "/admin/people");
    visitor.slow_down(SLOW);
    visitor.click("link", "Lock all access");
    visitor.see("only administrators can sign in");
    visitor.fill("Reason", "a token leaked");
    visitor.click("button", "Lock now");
    visitor.see("a token leaked");
    let stopped = client.call("whoami", json!({}));
    assert!(stopped.is_error() && stopped.text().contains("locked all access"), "{stopped:?}");
    browser.go(person.url("/connections").as_str());
    browser.see("You are not signed in");

    visitor.click("button", "Lift the lock: All access");
    visitor.see("Nothing is locked");
    browser.go(person.url("/connections").as_str());
    browser.see("Not connected");
    assert!(eventually(|| !client.call("whoami", json!({})).is_error()), "the same client goes on");
}

#[test]
fn only_administrators_see_who_has_signed_in() {
    let visitor = Visitor::signed_in(&Person::developer(), "/admin/people");
    visitor.see("This page is for administrators");
    assert!(visitor.url().starts_with(&instance().url), "{}", visitor.url());
}
