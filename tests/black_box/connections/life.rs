//! Connect, go on, disconnect, connect again.

use postern_tests::{client::Client, person::Person};
use serde_json::json;
use testkit::journey;

use super::{browser_of, call, connect_form, connection, is_prompted, link, retry};
use crate::tools::backend;

fn disconnect(person: &Person<'_>) {
    let (mut browser, page) = browser_of(person, "/connections");
    let form = page.forms().into_iter().find(|form| form.action == "/connections/bitbucket/disconnect");
    let page = browser.submit(&page, &form.expect("a form that disconnects"), None).expect("a page");
    assert!(page.url.path() == "/connections" && page.body.contains("Not connected"), "{}", page.body);
}

/// Connects another account than the person's own.
fn connect_as(person: &Person<'_>, account: &str) {
    let (mut browser, page) = person.signed_in_at("/connections");
    let page = browser.submit(&page, &connect_form(&page), None).expect("Bitbucket's page");
    let mut form = journey::form_with_button(&page, "decision", "grant").expect("Bitbucket's form");
    form.set("account_name", account);
    let page = browser.submit(&page, &form, Some(("decision", "grant"))).expect("back");
    assert!(page.body.contains("Bitbucket is connected"), "{}", page.body);
}

#[test]
fn the_call_that_asked_goes_on_with_its_own_arguments() {
    let person = Person::developer();
    let client = Client::of(&person);
    let shows_links = json!({ "elicitation": { "url": {} } });
    let mut params =
        json!({ "name": "bitbucket_get_pull_request", "arguments": backend(json!({ "pull_request": 2 })) });
    let first_answer = client.modern_with("tools/call", params.clone(), shows_links.clone());
    person.connect_at(&link(&first_answer));
    params["requestState"] = first_answer.result()["requestState"].clone();
    params["inputResponses"] = json!({ "bitbucket_connect": { "action": "accept" } });
    let answer = client.modern_with("tools/call", params, shows_links);
    assert!(answer.text().contains("title: Regenerate the reference and the price tables"), "{answer:?}");
}

#[test]
fn a_client_without_links_goes_on_by_calling_again() {
    let person = Person::developer();
    let client = Client::of(&person);
    let text = client.call(super::TOOL, json!({})).text();
    let link = text.split_whitespace().find(|word| word.contains("/connect/bitbucket?e=")).expect("a link").to_owned();
    person.connect_at(link.trim_end_matches('.'));
    assert!(!client.call(super::TOOL, json!({})).is_error());
}

#[test]
fn the_page_of_connections_names_the_account_and_what_was_granted() {
    let person = Person::connected();
    let (_, page) = browser_of(&person, "/connections");
    for part in [person.username.as_str(), "Connected", "Disconnect", "pullrequest"] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
}

#[test]
fn disconnecting_leaves_nothing_behind() {
    let person = Person::connected();
    assert_eq!(connection(&person)[0]["state"], "connected");
    disconnect(&person);
    assert_eq!(connection(&person), json!([]));
}

#[test]
fn after_disconnecting_the_next_call_asks_again() {
    let person = Person::connected();
    let client = Client::of(&person);
    // The Session object has the token in memory now.
    assert!(!is_prompted(&client));
    disconnect(&person);
    assert!(is_prompted(&client));
    assert!(client.call("whoami", json!({})).text().contains("bitbucket: not connected"));
}

#[test]
fn disconnecting_without_the_forms_token_does_nothing() {
    let person = Person::connected();
    let (mut browser, page) = browser_of(&person, "/connections");
    let form = page.forms().into_iter().find(|form| form.action == "/connections/bitbucket/disconnect");
    let mut form = form.expect("a form that disconnects");
    form.set("form_token", "x");
    assert_eq!(browser.submit(&page, &form, None).expect("a page").status.as_u16(), 403);
    assert_eq!(connection(&person)[0]["state"], "connected");
}

#[test]
fn an_account_connected_again_is_used_at_once() {
    let person = Person::connected();
    let client = Client::of(&person);
    assert!(!is_prompted(&client));
    disconnect(&person);
    assert!(is_prompted(&client));
    person.connect_bitbucket();
    assert!(!is_prompted(&client));
}

#[test]
fn another_account_takes_the_place_of_the_first_at_once() {
    let person = Person::connected();
    let client = Client::of(&person);
    assert!(!is_prompted(&client));
    let other = format!("{}-other", person.username);
    connect_as(&person, &other);
    let before = person.instance.upstream_requests(&person.username).len();
    assert!(!is_prompted(&client));
    assert_eq!(person.instance.upstream_requests(&person.username).len(), before);
    let last = person.instance.upstream_requests(&other).pop().expect("a request");
    assert_eq!(last["path"], "/2.0/user/workspaces");
    assert!(client.call("whoami", json!({})).text().contains(&format!("connected as {other}")));
}

#[test]
fn a_link_whose_account_was_connected_elsewhere_lets_every_waiting_call_go_on() {
    let person = Person::developer();
    let clients = [Client::of(&person), Client::of(&person)];
    let states = clients.each_ref().map(|client| call(client).result()["requestState"].clone());
    person.connect_bitbucket();
    for (client, state) in clients.iter().zip(&states) {
        assert!(!retry(client, state).is_error());
    }
}
