//! Prompts: what a person often asks for, filled in with what they named.

use serde_json::{Value, json};

use super::DEVELOPER;
use postern_tests::client::Answer;

fn get(name: &str, arguments: Value) -> Answer {
    DEVELOPER.client.modern("prompts/get", json!({ "name": name, "arguments": arguments }))
}

/// The messages of a prompt.
fn messages(name: &str, arguments: Value) -> Vec<Value> {
    get(name, arguments).result()["messages"].as_array().expect("messages").clone()
}

fn pull_request() -> Value {
    json!({ "workspace": "acme", "repository": "backend", "pull_request": "1" })
}

#[test]
fn every_prompt_that_is_listed_is_given() {
    let list = DEVELOPER.client.modern("prompts/list", json!({})).result()["prompts"].clone();
    let names: Vec<&str> =
        list.as_array().expect("a list").iter().filter_map(|prompt| prompt["name"].as_str()).collect();
    assert_eq!(names, ["review_pull_request", "summarise_space", "draft_release_notes"]);
    let all = json!({
        "review_pull_request": pull_request(),
        "summarise_space": { "space": "ENG" },
        "draft_release_notes": { "workspace": "acme", "repository": "backend", "since": "2026-10-01" },
    });
    for name in names {
        assert_eq!(messages(name, all[name].clone())[0]["role"], "user", "{name}");
    }
}

#[test]
fn a_prompt_says_what_it_is_about_in_the_words_of_its_arguments() {
    let text = messages("review_pull_request", pull_request())[0]["content"]["text"].clone();
    assert!(text.as_str().is_some_and(|text| text.starts_with("Review pull request 1 of acme/backend.")), "{text}");
}

#[test]
fn a_prompt_links_to_what_it_is_about_where_that_can_be_read() {
    let link = messages("review_pull_request", pull_request())[1]["content"].clone();
    assert_eq!(
        (&link["type"], &link["uri"]),
        (&json!("resource_link"), &json!("bitbucket://acme/backend/pull-requests/1"))
    );
    let read = DEVELOPER.client.modern("resources/read", json!({ "uri": link["uri"] })).result();
    assert!(
        read["contents"][0]["text"].as_str().is_some_and(|text| text.contains("Back off between retries")),
        "{read}"
    );
}

#[test]
fn an_argument_that_is_missing_or_unknown_is_refused_by_name() {
    for (arguments, name) in [
        (json!({ "workspace": "acme", "repository": "backend" }), "pull_request"),
        (json!({ "workspace": "acme", "repository": "backend", "pull_request": "1", "branch": "x" }), "branch"),
    ] {
        let answer = get("review_pull_request", arguments);
        assert_eq!((answer.status, answer.code()), (200, -32602), "{answer:?}");
        assert!(answer.body.contains(name), "{answer:?}");
    }
}

#[test]
fn an_unknown_prompt_is_refused() {
    let answer = get("review", json!({}));
    assert_eq!((answer.status, answer.code()), (200, -32602), "{answer:?}");
}
