//! What every tool says of itself, and what it accepts.

use serde_json::{Value, json};

use super::{DEVELOPER, Developer, backend};

/// With titles and hints, which a model is not shown; what it is shown is counted in tokens (`tests/tokens`).
const LARGEST_LIST: usize = 16_000;

fn tools() -> Vec<Value> {
    DEVELOPER.client.every_tool()
}

#[test]
fn an_unknown_argument_is_refused_by_name_with_the_accepted_ones() {
    for tool in tools() {
        let name = tool["name"].as_str().expect("a name");
        let text = DEVELOPER.refused(name, json!({ "colour": "red" }));
        assert!(text.contains("There is no argument `colour`"), "{name}: {text}");
        let accepted = tool["inputSchema"]["properties"].as_object().into_iter().flatten();
        for (accepted, _) in accepted {
            assert!(text.contains(&format!("`{accepted}`")), "{accepted} of {name}: {text}");
        }
    }
}

#[test]
fn a_misspelt_argument_is_told_its_right_name() {
    let text = DEVELOPER.refused("bitbucket_get_repository", json!({ "workspace": "acme", "repo": "backend" }));
    assert!(text.contains("Did you mean `repository`?"), "{text}");
}

#[test]
fn missing_arguments_are_named_together() {
    let text = DEVELOPER.refused("bitbucket_get_pull_request", json!({ "workspace": "acme" }));
    assert!(text.contains("`repository`, `pull_request`"), "{text}");
}

#[test]
fn a_refused_argument_never_reaches_bitbucket() {
    let developer = Developer::connected();
    developer.refused("bitbucket_get_repository", backend(json!({ "colour": "red" })));
    developer.refused("bitbucket_get_repository", json!({ "workspace": "acme/..", "repository": "backend" }));
    developer.refused("bitbucket_list_pull_requests", backend(json!({ "limit": 51 })));
    assert_eq!(developer.requests("GET"), [] as [Value; 0]);
}

#[test]
fn every_argument_is_described_but_where_its_name_and_its_choices_say_it_all() {
    for tool in tools() {
        for (name, schema) in tool["inputSchema"]["properties"].as_object().into_iter().flatten() {
            let says_it_all = schema["enum"].is_array() || matches!(name.as_str(), "branch" | "limit");
            let is_described = schema["description"].as_str().is_some_and(|text| !text.is_empty());
            assert!(is_described || (says_it_all && schema["description"].is_null()), "{name} of {tool}");
        }
    }
}

#[test]
fn a_tool_that_reads_says_so_and_one_that_writes_too() {
    for tool in tools() {
        let name = tool["name"].as_str().expect("a name");
        let reads = ["whoami", "_list_", "_get_", "_search", "_find", "_read"].iter().any(|word| name.contains(word));
        assert!(!reads || tool["annotations"]["readOnlyHint"] == true, "{tool}");
        let takes_away = name.split('_').nth(1).is_some_and(|verb| ["delete", "merge", "decline"].contains(&verb));
        assert!(!takes_away || tool["annotations"]["destructiveHint"] == true, "{tool}");
        assert!(!reads || tool["annotations"]["destructiveHint"] == false, "{tool}");
    }
}

#[test]
fn every_tool_has_a_title_for_people() {
    for tool in tools() {
        let title = tool["title"].as_str().or_else(|| tool["annotations"]["title"].as_str());
        assert!(title.is_some_and(|title| title.contains(char::is_alphabetic)), "{tool}");
    }
}

#[test]
fn no_answer_promises_a_reference_or_a_choice_of_schemas() {
    let list = json!(tools()).to_string();
    for keyword in ["$ref", "anyOf", "oneOf", "allOf"] {
        assert!(!list.contains(keyword), "{keyword}");
    }
}

#[test]
fn the_list_of_tools_stays_small() {
    let list = DEVELOPER.client.modern("tools/list", json!({})).body;
    assert!(list.len() <= LARGEST_LIST, "{} bytes", list.len());
}
