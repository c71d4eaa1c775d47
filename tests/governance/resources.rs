//! What is read by a URI, filled into a prompt or completed is what the tools behind it may do: one decision.

use postern_tests::{
    client::{Answer, Client},
    instance::instance,
    person::Person,
};
use serde_json::{Value, json};

use super::{audit, decide, turn};

/// A tool, the URI that it reads, and a prompt that needs it.
const TOOL: &str = "bitbucket_get_pull_request";
const URI: &str = "bitbucket://acme/backend/pull-requests/1";
const PROMPT: &str = "review_pull_request";

/// Each form of URIs, with a URI of that form.
const TEMPLATES: [(&str, &str); 4] = [
    ("bitbucket://{workspace}/{repository}/src/{ref}/{+path}", "bitbucket://acme/backend/src/HEAD/README.md"),
    ("bitbucket://{workspace}/{repository}/pull-requests/{pull_request}", URI),
    (
        "bitbucket://{workspace}/{repository}/pull-requests/{pull_request}/diff",
        "bitbucket://acme/backend/pull-requests/1/diff",
    ),
    ("confluence://pages/{page}", "confluence://pages/98306"),
];

/// Each prompt, with arguments.
const PROMPTS: [(&str, &str); 3] = [
    (PROMPT, r#"{"workspace":"acme","repository":"backend","pull_request":"1"}"#),
    ("summarise_space", r#"{"space":"ENG"}"#),
    ("draft_release_notes", r#"{"workspace":"acme","repository":"backend","since":"2026-10-01"}"#),
];

fn read(client: &Client, uri: &str) -> Answer {
    client.modern("resources/read", json!({ "uri": uri }))
}

fn prompt(client: &Client, name: &str) -> Answer {
    let (_, arguments) = PROMPTS.iter().find(|(known, _)| *known == name).expect("a prompt");
    let arguments: Value = serde_json::from_str(arguments).expect("JSON");
    client.modern("prompts/get", json!({ "name": name, "arguments": arguments }))
}

/// What identifies the entries of a list.
fn listed(client: &Client, method: &str, member: &str, key: &str) -> Vec<String> {
    let list = client.modern(method, json!({})).result()[member].as_array().expect("a list").clone();
    list.iter().map(|entry| entry[key].as_str().expect("text").to_owned()).collect()
}

fn templates(client: &Client) -> Vec<String> {
    listed(client, "resources/templates/list", "resourceTemplates", "uriTemplate")
}

fn prompts(client: &Client) -> Vec<String> {
    listed(client, "prompts/list", "prompts", "name")
}

#[test]
fn what_a_disabled_tool_reads_cannot_be_read_by_its_uri_either() {
    let _turn = turn();
    decide(TOOL, "disabled");
    let person = Person::connected();
    let answer = read(&Client::of(&person), URI);
    let message = answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains(TOOL) && message.contains("has disabled it"), "{answer:?}");
    let requests = instance().upstream_requests(&person.username);
    assert!(
        !requests.iter().any(|request| request["path"].as_str().is_some_and(|path| path.contains("/repositories/")))
    );
}

#[test]
fn a_read_that_was_denied_is_on_record() {
    let _turn = turn();
    decide(TOOL, "disabled");
    let person = Person::connected();
    read(&Client::of(&person), URI);
    let row = &audit(&person, 1)[0];
    let record = ["tool", "target", "outcome", "reason"].map(|column| row[column].as_str().unwrap_or_default());
    assert_eq!(record, [TOOL, "acme/backend#1", "denied", "the tool is disabled"]);
}

#[test]
fn a_prompt_whose_tool_is_disabled_is_not_given() {
    let _turn = turn();
    decide(TOOL, "disabled");
    let answer = prompt(&Client::of(&Person::developer()), PROMPT);
    let message = answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains(TOOL) && message.contains("sk an administrator"), "{answer:?}");
}

#[test]
fn what_is_listed_is_what_can_be_read_whichever_tool_is_disabled() {
    let _turn = turn();
    let readers = ["bitbucket_get_file", TOOL, "bitbucket_get_pull_request_diff", "confluence_get_page", "whoami"];
    for tool in readers {
        decide(tool, "disabled");
        let client = Client::of(&Person::connected());
        let listed = templates(&client);
        assert_eq!(listed.len(), if tool == "whoami" { TEMPLATES.len() } else { TEMPLATES.len() - 1 }, "{tool}");
        for (template, uri) in TEMPLATES {
            let answer = read(&client, uri);
            let is_read = answer.json()["result"]["contents"].is_array();
            assert_eq!(is_read, listed.iter().any(|listed| listed == template), "{uri} without {tool}: {answer:?}");
        }
        decide(tool, "approved");
    }
}

#[test]
fn which_prompts_are_listed_is_which_are_given_whichever_tool_is_disabled() {
    let _turn = turn();
    let needed = [TOOL, "bitbucket_get_pull_request_diff", "bitbucket_list_pull_requests", "confluence_search"];
    for tool in needed {
        decide(tool, "disabled");
        let client = Client::of(&Person::developer());
        let listed = prompts(&client);
        assert!(!listed.is_empty() && listed.len() < PROMPTS.len(), "{tool}: {listed:?}");
        for (name, _) in PROMPTS {
            let answer = prompt(&client, name);
            let is_given = answer.json()["result"]["messages"].is_array();
            assert_eq!(is_given, listed.iter().any(|listed| listed == name), "{name} without {tool}: {answer:?}");
        }
        decide(tool, "approved");
    }
}

#[test]
fn both_eras_list_the_same_templates_and_prompts() {
    let _turn = turn();
    decide(TOOL, "disabled");
    let client = Client::of(&Person::developer());
    for (method, member) in [("resources/templates/list", "resourceTemplates"), ("prompts/list", "prompts")] {
        let [modern, legacy] =
            [client.modern(method, json!({})), client.legacy(method, json!({}))].map(|answer| answer.result());
        assert_eq!(modern[member], legacy[member], "{method}");
    }
}

#[test]
fn what_a_disabled_tool_lists_is_not_completed_from() {
    let _turn = turn();
    let completed = || {
        let client = Client::of(&Person::connected());
        let params = json!({
            "ref": { "type": "ref/prompt", "name": PROMPT }, "argument": { "name": "repository", "value": "back" },
            "context": { "arguments": { "workspace": "acme" } },
        });
        client.modern("completion/complete", params).result()["completion"]["values"].clone()
    };
    assert_eq!(completed(), json!(["backend"]));
    decide("bitbucket_list_repositories", "disabled");
    assert_eq!(completed(), json!([]));
}
