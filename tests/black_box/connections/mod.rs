//! A person's own account at Bitbucket: asked for, connected, kept alive, taken away, never shown.

mod callback;
mod isolation;
mod life;
mod link;
mod prompt;
mod refresh;
mod refusal;
mod secrets;

use postern_tests::{
    client::{Answer, Client},
    person::Person,
};
use serde_json::{Value, json};
use testkit::{
    browser::{Browser, Form, Page},
    journey,
};
use url::Url;

/// A tool that needs an account at Bitbucket, and no arguments.
const TOOL: &str = "bitbucket_list_workspaces";

/// Calls it from a client that can show a link.
fn call(client: &Client) -> Answer {
    retry(client, &Value::Null)
}

/// Calls it again after the person agreed to open the link, with the state of the first answer.
fn retry(client: &Client, state: &Value) -> Answer {
    let mut params = json!({ "name": TOOL, "arguments": {} });
    if !state.is_null() {
        params["requestState"] = state.clone();
        params["inputResponses"] = json!({ "bitbucket_connect": { "action": "accept" } });
    }
    client.modern_with("tools/call", params, json!({ "elicitation": { "url": {} } }))
}

/// The link that a call asks to open: in words where the client has let one pass.
fn link(answer: &Answer) -> String {
    let result = answer.result();
    if result["resultType"] == "input_required" {
        return result["inputRequests"]["bitbucket_connect"]["params"]["url"].as_str().expect("a link").to_owned();
    }
    answer.text().lines().find(|line| line.starts_with("http")).expect("a link").to_owned()
}

fn new_link(client: &Client) -> String {
    link(&call(client))
}

fn is_prompted(client: &Client) -> bool {
    let answer = call(client);
    answer.result()["resultType"] == "input_required" || answer.is_error() && answer.text().contains("/connect/")
}

/// What D1 holds of the person's connection.
fn connection(person: &Person<'_>) -> Value {
    rows_of(person, "connections")
}

fn attempts(person: &Person<'_>) -> Value {
    rows_of(person, "connection_attempts")
}

fn rows_of(person: &Person<'_>, table: &str) -> Value {
    person.instance.sql(&format!("SELECT * FROM {table} WHERE user_id = ?1"), &[&person.user_id()])
}

/// A browser in which the person has signed in, which stops where Bitbucket sends it back to.
fn browser_of(person: &Person<'_>, path: &str) -> (Browser, Page) {
    let mut browser = Browser::new().landing_at(person.url("/callback/bitbucket"));
    let page = journey::open_signed_in(&mut browser, person.url(path), &person.account()).expect("signed in");
    (browser, page)
}

/// The form that begins to connect an account.
fn connect_form(page: &Page) -> Form {
    let form = page.forms().into_iter().find(|form| form.action == "/connect/bitbucket");
    form.unwrap_or_else(|| panic!("no form that connects: {}", page.body))
}

/// Goes to Bitbucket and decides there; where Bitbucket sends the browser back to, not opened yet.
fn at_callback(person: &Person<'_>, browser: &mut Browser, page: &Page, decision: &str) -> Url {
    let page = browser.submit(page, &connect_form(page), None).expect("Bitbucket's page");
    let mut form = journey::form_with_button(&page, "decision", decision).expect("Bitbucket's form");
    form.set("account_name", &person.username);
    browser.submit(&page, &form, Some(("decision", decision))).expect("back").url
}
