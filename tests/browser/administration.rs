//! What administrators decide and look up.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use postern_tests::{client::Client, person::Person};
use serde_json::json;

use crate::visitor::Visitor;

/// Longer than decisions and entries of the audit may take to show.
const PATIENCE: Duration = Duration::from_secs(15);

/// Waits until it holds.
pub fn eventually(holds: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if holds() {
            return true;
        }
        sleep(Duration::from_millis(200));
    }
    false
}

fn lists(client: &Client, tool: &str) -> bool {
    let tools = client.modern("tools/list", json!({})).result()["tools"].clone();
    tools.as_array().is_some_and(|tools| tools.iter().any(|one| one["name"] == tool))
}

#[test]
fn a_tool_that_an_administrator_disables_disappears_from_clients() {
    let client = Client::of(&Person::developer());
    assert!(lists(&client, "confluence_get_page"));
    let visitor = Visitor::signed_in(&Person::administrator(), "/admin/tools");
    visitor.click("button", "Disable: Read a Confluence page");
    assert!(eventually(|| !lists(&client, "confluence_get_page")));
}

#[test]
fn a_tool_that_an_administrator_approves_is_there_again() {
    let client = Client::of(&Person::developer());
    let visitor = Visitor::signed_in(&Person::administrator(), "/admin/tools");
    visitor.click("button", "Disable: Search Confluence");
    assert!(eventually(|| !lists(&client, "confluence_search")));
    visitor.click("button", "Approve: Search Confluence");
    assert!(eventually(|| lists(&client, "confluence_search")));
}

#[test]
fn a_decision_is_shown_with_who_made_it() {
    let administrator = Person::administrator();
    let visitor = Visitor::signed_in(&administrator, "/admin/tools");
    visitor.click("button", "Disable: Get a Bitbucket pull request's diff");
    let shown = |text: &str| visitor.row("bitbucket_get_pull_request_diff").contains(text);
    assert!(eventually(|| shown("Disabled") && shown(&administrator.username)));
}

#[test]
fn a_developer_sees_no_way_to_administer() {
    let visitor = Visitor::signed_in(&Person::developer(), "/");
    assert!(!visitor.text().contains("Audit"));
}

#[test]
fn the_audit_can_be_narrowed_to_one_person() {
    let (person, other) = (Person::developer(), Person::developer());
    Client::of(&other).call("whoami", json!({}));
    Client::of(&person).call("whoami", json!({}));
    let visitor = Visitor::signed_in(&Person::administrator(), "/admin/audit");
    let rows_of = |username: &str| {
        visitor.choose("Kind", "call");
        visitor.fill("User name or id", username);
        visitor.click("button", "Filter");
        visitor.rows()
    };
    assert!(eventually(|| !rows_of(&other.username).is_empty()));
    assert!(eventually(|| !rows_of(&person.username).is_empty()));
    let rows = visitor.rows();
    assert!(rows.len() == 1 && rows[0].contains(&person.username), "{rows:?}");
}

#[test]
fn the_audit_can_be_narrowed_to_one_outcome() {
    let person = Person::connected();
    let client = Client::of(&person);
    client.call("whoami", json!({}));
    client.call("bitbucket_get_repository", json!({ "workspace": "acme", "repository": "missing" }));
    let visitor = Visitor::signed_in(&Person::administrator(), "/admin/audit");
    visitor.choose("Kind", "call");
    visitor.fill("User name or id", &person.username);
    let rows_with = |outcome: &str| {
        visitor.choose("Outcome", outcome);
        visitor.click("button", "Filter");
        visitor.rows()
    };
    assert!(eventually(|| rows_with("").len() == 2));
    assert!(eventually(|| matches!(&rows_with("succeeded")[..], [row] if row.contains("succeeded"))));
}

#[test]
fn a_client_is_entered_with_a_secret_that_is_shown_once_and_removed_by_one_button() {
    let visitor = Visitor::signed_in(&Person::administrator(), "/admin/clients");
    visitor.fill("Name, as people know it", "Release Robot");
    visitor.fill("Redirect URIs, one a line, where people sign in", "https://robot.example/callback");
    visitor.click("button", "Enter this client");
    visitor.see("Release Robot is known here now");
    visitor.see("Copy the secret now.");
    visitor.click("link", "Done");
    assert!(visitor.row("Release Robot").contains("https://robot.example/callback"));
    visitor.click("button", "Remove Release Robot");
    visitor.see("No client has been entered yet.");
}

#[test]
fn what_is_wrong_with_a_client_is_said_beside_what_was_written() {
    let visitor = Visitor::signed_in(&Person::administrator(), "/admin/clients");
    visitor.fill("Name, as people know it", "Misspelt Robot");
    visitor.fill("Redirect URIs, one a line, where people sign in", "http://robot.example/callback");
    visitor.click("button", "Enter this client");
    visitor.see("Line 1 of the redirect URIs");
    assert_eq!(visitor.evaluate("document.getElementById('name').value"), json!("Misspelt Robot"));
}

#[test]
fn a_credential_of_the_organisations_is_entered_tested_and_removed_on_its_page_and_never_shown() {
    let visitor = Visitor::signed_in(&Person::administrator(), "/admin/accounts");
    let enter = |token: &str| {
        visitor.fill("Token or value for Confluence", token);
        visitor.click("button", "Test it at Confluence, and keep it");
    };
    visitor.fill("E-mail address, or name of the header, for Confluence", "postern@example.com");
    enter("mistyped-token");
    visitor.see("the token is wrong, has ended or was revoked");
    // The address is still there, and the token is not.
    enter("sandbox-confluence-token");
    visitor.see("Kept: ");
    assert!(!visitor.text().contains("sandbox-confluence-token"));
    visitor.click("button", "Test Confluence");
    visitor.see("It works: ");
    visitor.click("button", "Remove the credential of Confluence");
    visitor.see("From the settings");
}
