//! A person's own Bitbucket account and AI clients.

use postern_tests::{client::Client, instance::instance, person::Person};

use crate::visitor::Visitor;

/// As that account of Bitbucket's sandbox, which exists once it is asked for.
pub fn grant_at_bitbucket(visitor: &Visitor, person: &Person<'_>) {
    visitor.see("Confirm access to your account");
    visitor.fill("or another one (test-…)", &person.username);
    visitor.click("button", "Grant access");
}

#[test]
fn connecting_bitbucket_shows_the_account_that_clients_work_with() {
    let person = Person::developer();
    let visitor = Visitor::signed_in(&person, "/connections");
    visitor.click("button", "Connect Bitbucket");
    grant_at_bitbucket(&visitor, &person);
    visitor.see("Bitbucket is connected");
    visitor.click("link", "See your connections");
    visitor.see("Disconnect");
    assert!(visitor.text().contains(&person.username), "{}", visitor.text());
}

#[test]
fn refusing_at_bitbucket_connects_nothing() {
    let visitor = Visitor::signed_in(&Person::developer(), "/connections");
    visitor.click("button", "Connect Bitbucket");
    visitor.click("button", "Cancel");
    visitor.see("Bitbucket was not connected");
    visitor.go("/connections");
    visitor.see("Not connected");
}

#[test]
fn disconnecting_is_done_with_one_button() {
    let person = Person::connected();
    let visitor = Visitor::signed_in(&person, "/connections");
    visitor.click("button", "Disconnect");
    visitor.see("Not connected");
}

#[test]
fn a_client_that_a_person_ends_leaves_their_list() {
    let person = Person::developer();
    Client::of(&person);
    let visitor = Visitor::signed_in(&person, "/clients");
    visitor.click("button", "End access of black box");
    visitor.see("You have not allowed any yet.");
}

#[test]
fn a_client_that_a_person_ends_gets_no_more_tokens() {
    let person = Person::developer();
    let client = Client::of(&person);
    let visitor = Visitor::signed_in(&person, "/clients");
    visitor.click("button", "End access of black box");
    visitor.arrive(&format!("{}/clients", instance().url));
    visitor.see("You have not allowed any yet.");
    assert_eq!(client.refresh(&client.refresh_token, &[]).json()["error"], "invalid_grant");
}
