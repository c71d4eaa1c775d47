//! What is read by a URI is what the tool answers, with the same trace; what is typed is completed from what is seen.

use serde_json::{Value, json};

use super::{DEVELOPER, Developer, backend};
use postern_tests::{client::Client, person::Person};

const FILE: &str = "bitbucket://acme/backend/src/HEAD/README.md";

fn completed(client: &Client, argument: &str, typed: &str) -> Value {
    let answer = client.modern(
        "completion/complete",
        json!({
            "ref": { "type": "ref/prompt", "name": "review_pull_request" },
            "argument": { "name": argument, "value": typed },
            "context": { "arguments": { "workspace": "acme" } },
        }),
    );
    answer.result()["completion"].clone()
}

#[test]
fn a_file_read_by_its_uri_is_what_the_tool_answers_and_leaves_the_same_audit() {
    let developer = Developer::connected();
    let told = developer.done("bitbucket_get_file", backend(json!({ "path": "README.md" })));
    let contents = developer.client.modern("resources/read", json!({ "uri": FILE })).result()["contents"].clone();
    assert_eq!((contents[0]["uri"].as_str(), contents[0]["text"].as_str()), (Some(FILE), Some(told.as_str())));
    let rows = developer.audited("bitbucket_get_file", 2);
    for column in ["target", "arguments_digest", "outcome", "upstream_status"] {
        assert_eq!(rows[0][column], rows[1][column], "{column}");
    }
}

#[test]
fn a_file_that_is_not_there_is_not_found() {
    let uri = "bitbucket://acme/backend/src/HEAD/no/such/file";
    let answer = DEVELOPER.client.modern("resources/read", json!({ "uri": uri }));
    assert_eq!((answer.status, answer.code()), (200, -32602), "{answer:?}");
    assert_eq!(answer.json()["error"]["data"]["uri"], uri);
}

#[test]
fn names_are_completed_from_what_the_person_sees() {
    let completion = completed(&DEVELOPER.client, "repository", "back");
    assert!(completion["values"].as_array().expect("values").contains(&json!("backend")), "{completion}");
}

#[test]
fn without_an_account_nothing_is_completed() {
    let client = Client::of(&Person::developer());
    assert_eq!(completed(&client, "repository", "back"), json!({ "values": [], "hasMore": false }));
}
