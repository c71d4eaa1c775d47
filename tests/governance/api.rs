//! The API of administrators: what a program applies is what clients meet, and no AI client is such a program.

use postern_tests::{
    client::{Answer, Client, send},
    instance::instance,
    person::Person,
};
use serde_json::{Value, json};

use super::{access_policy::keep, ran, turn, until};

const TOKENS: &str = "/admin/tokens";
const GET: &str = "bitbucket_get_repository";

/// A token that an administrator makes on the page.
pub fn token(access: &str) -> String {
    let (mut browser, page) = Person::administrator().signed_in_at("/sign-in?max_age=0&return_to=%2Fadmin%2Ftokens");
    let mut form = page.forms().into_iter().find(|form| form.action == TOKENS).expect("the form");
    form.set("name", "pipeline");
    form.set("access", access);
    let made = browser.submit(&page, &form, None).expect("an answer").body;
    let token = made.split_once("<code>").and_then(|(_, rest)| rest.split_once('<')).expect("the token").0;
    token.to_owned()
}

/// What the API answers to whoever bears that token.
pub fn ask(method: &str, path: &str, token: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let all: Vec<_> = [("authorization", bearer.as_str())].iter().chain(headers).copied().collect();
    send(method, &format!("{}/api/v1/{path}", instance().url), &all, body.as_bytes())
}

#[test]
fn what_a_program_applies_is_what_clients_meet() {
    let _turn = turn();
    let client = Client::of(&Person::connected());
    let backend = || client.call(GET, json!({"workspace": "acme", "repository": "backend"}));
    let _kept = keep(&json!({}));
    until("the empty policy", || ran(&backend()));
    let token = token("change");
    let shown = ask("GET", "policy", &token, &[], "");
    let (saw, rules) =
        (shown.header("etag").to_owned(), json!([{"name": "frozen", "tools": {"names": [GET]}, "then": "block"}]));
    let policy = json!({ "rules": rules }).to_string();
    let stopped = |one: &Value| one["tool"] == GET && one["then"] == "would not run";
    // The call comes to the log some moments after its answer.
    until("the call in the dry run", || {
        let tried = ask("POST", "policy/dry-run", &token, &[], &policy).json();
        tried["differences"].as_array().expect("a list").iter().any(stopped)
    });
    assert!(ran(&backend()), "a dry run changes nothing");
    let kept = ask("PUT", "policy?summary=freeze", &token, &[("if-match", &saw)], &policy);
    assert_eq!(kept.status, 200, "{}", kept.body);
    until("the rule", || !ran(&backend()));
    let outdated = ask("PUT", "policy", &token, &[("if-match", &saw)], "{}");
    assert_eq!(outdated.status, 412, "{}", outdated.body);
}

#[test]
fn no_token_of_an_ai_client_is_accepted_whatever_its_scopes_and_person() {
    let administrator = Person::administrator();
    let client = Client::with_scope(&administrator, "read write admin");
    for token in [client.access_token.as_str(), "", "postern_administration_x.y.z"] {
        let refused = ask("GET", "policy", token, &[], "");
        assert_eq!(refused.status, 401, "{}", refused.body);
        assert!(refused.body.contains("Administration tokens in the console"), "{}", refused.body);
    }
}

#[test]
fn a_token_for_reading_changes_nothing() {
    let refused = ask("PUT", "policy", &token("read"), &[("if-match", "\"0\"")], "{}");
    assert_eq!(refused.status, 403, "{}", refused.body);
}

#[test]
fn the_api_is_described_where_it_is_served() {
    let document = send("GET", &format!("{}/api/v1/openapi.json", instance().url), &[], &[]);
    assert_eq!((document.status, &document.json()["openapi"]), (200, &json!("3.1.0")));
}
