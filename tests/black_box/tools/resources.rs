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
    let text = developer.done("bitbucket_get_file", backend(json!({ "path": "README.md" })));
    let contents = developer.client.modern("resources/read", json!({ "uri": FILE })).result()["contents"].clone();
    assert_eq!((contents[0]["uri"].as_str(), contents[0]["text"].as_str()), (Some(FILE), Some(text.as_str())));
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
fn workspaces_repositories_branches_and_spaces_are_completed() {
    let file = json!({ "type": "ref/resource", "uri": "bitbucket://{workspace}/{repository}/src/{ref}/{+path}" });
    let space = json!({ "type": "ref/prompt", "name": "summarise_space" });
    for (of, argument, typed, value) in [
        (&file, "workspace", "AC", "acme"),
        (&file, "repository", "back", "backend"),
        (&file, "ref", "ma", "main"),
        (&space, "space", "e", "ENG"),
    ] {
        let params = json!({
            "ref": of, "argument": { "name": argument, "value": typed },
            "context": { "arguments": { "workspace": "acme", "repository": "backend" } },
        });
        let completion = DEVELOPER.client.modern("completion/complete", params).result()["completion"].clone();
        assert!(completion["values"].as_array().expect("values").contains(&json!(value)), "{argument}: {completion}");
    }
}

#[test]
fn without_an_account_nothing_is_completed() {
    let client = Client::of(&Person::developer());
    assert_eq!(completed(&client, "repository", "back"), json!({ "values": [], "hasMore": false }));
}

#[test]
fn every_form_of_uris_is_read_as_its_tool_answers() {
    let of_pull_request = backend(json!({ "pull_request": 1 }));
    for (uri, tool, arguments) in [
        (FILE, "bitbucket_get_file", backend(json!({ "path": "README.md" }))),
        ("bitbucket://acme/backend/pull-requests/1", "bitbucket_get_pull_request", of_pull_request.clone()),
        ("bitbucket://acme/backend/pull-requests/1/diff", "bitbucket_get_pull_request_diff", of_pull_request),
        ("confluence://pages/98306", "confluence_get_page", json!({ "page": "98306" })),
    ] {
        let text = DEVELOPER.done(tool, arguments);
        let read = DEVELOPER.client.modern("resources/read", json!({ "uri": uri })).result();
        assert_eq!(read["contents"][0]["text"], text.as_str(), "{uri}");
    }
}

#[test]
fn both_eras_read_the_same() {
    let [modern, legacy] = [
        DEVELOPER.client.modern("resources/read", json!({ "uri": FILE })),
        DEVELOPER.client.legacy("resources/read", json!({ "uri": FILE })),
    ];
    assert_eq!(modern.result()["contents"], legacy.result()["contents"]);
}

#[test]
fn what_one_person_has_read_is_not_answered_to_another_without_an_account() {
    let (developer, other) = (Developer::connected(), Client::of(&Person::developer()));
    let read = |client: &Client| client.modern("resources/read", json!({ "uri": FILE }));
    assert!(read(&developer.client).result()["contents"].is_array());
    let answer = read(&other);
    assert!(
        answer.json()["error"]["message"].as_str().is_some_and(|text| text.contains("/connect/bitbucket")),
        "{answer:?}"
    );
}

#[test]
fn each_person_reads_as_themselves() {
    let (one, other) = (Developer::connected(), Developer::connected());
    let read = |developer: &Developer| developer.client.modern("resources/read", json!({ "uri": FILE }));
    assert!(read(&one).result()["contents"].is_array());
    // What the first may see the other may not.
    other.fault(json!({ "kind": "status", "path": "/2.0/repositories", "status": 404, "times": 9 }));
    assert_eq!(read(&other).code(), -32602);
    assert!(read(&one).result()["contents"].is_array());
}

#[test]
fn a_completion_is_on_record() {
    let developer = Developer::connected();
    completed(&developer.client, "repository", "back");
    let row = &developer.audited("bitbucket_list_repositories", 1)[0];
    assert_eq!((&row["target"], &row["outcome"]), (&json!("acme"), &json!("succeeded")));
}
