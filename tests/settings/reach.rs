//! Which workspaces and spaces an operator lets Postern reach.

use super::*;

/// The answer to a person's call where Postern is limited to the workspace `acme` and the space `ENG`.
fn answered(person: &Person<'_>, tool: &str, arguments: Value) -> Answer {
    instance().set_variables(&json!({ "BITBUCKET_WORKSPACES": "acme tools", "CONFLUENCE_SPACES": "ENG" }));
    Client::of(person).call(tool, arguments)
}

#[test]
fn a_workspace_that_is_not_named_is_refused_before_anything_is_sent() {
    let _turn = complete_turn();
    let person = Person::connected();
    let requests_before = instance().upstream_requests(&person.username).len();
    let elsewhere = json!({ "workspace": "attacker-ws", "repository": "public", "pull_request": 1, "text": "secrets" });
    let answer = answered(&person, "bitbucket_add_pull_request_comment", elsewhere);
    assert!(answer.is_error() && answer.text().contains("It reaches these workspaces: acme, tools."), "{answer:?}");
    assert_eq!(instance().upstream_requests(&person.username).len(), requests_before);
    let here = json!({ "workspace": "acme", "repository": "backend" });
    assert!(!answered(&person, "bitbucket_get_repository", here).is_error());
}

#[test]
fn a_page_of_a_space_that_is_not_named_is_not_shown() {
    let _turn = complete_turn();
    let person = Person::developer();
    let answer = answered(&person, "confluence_get_page", json!({ "page": "98401" }));
    assert!(answer.is_error() && answer.text().contains("It reaches these spaces: ENG."), "{answer:?}");
    assert!(!answered(&person, "confluence_get_page", json!({ "page": "98306" })).is_error());
}

#[test]
fn a_search_finds_nothing_in_a_space_that_is_not_named() {
    let _turn = complete_turn();
    let person = Person::developer();
    for cql in ["space = OPS", "space = ENG or space = OPS order by lastmodified desc"] {
        let answer = answered(&person, "confluence_search", json!({ "query": cql }));
        assert!(!answer.is_error() && !answer.text().contains("/spaces/OPS"), "{cql}: {answer:?}");
    }
    let escape = answered(&person, "confluence_search", json!({ "query": "type = page) or (space = OPS" }));
    assert!(escape.is_error() && escape.text().contains("parenthesis"), "{escape:?}");
}

#[test]
fn spaces_that_are_not_named_are_not_listed() {
    let _turn = complete_turn();
    let text = answered(&Person::developer(), "confluence_list_spaces", json!({})).text();
    assert!(text.contains("\nENG\t") && !text.contains("OPS"), "{text}");
}

#[test]
fn nothing_is_written_outside_and_nothing_told_of_it() {
    let _turn = complete_turn();
    instance().set_variables(&json!({ "CONFLUENCE_SPACES": "ENG" }));
    let client = Client::with_scope(&Person::developer(), "read write admin");
    let before = writes();
    for (tool, arguments) in [
        ("confluence_create_page", json!({ "space": "OPS", "title": "x", "text": "x" })),
        ("confluence_create_page", json!({ "space": "ENG", "parent": "98401", "title": "x", "text": "x" })),
        ("confluence_rename_page", json!({ "page": "98402", "title": "x" })),
        ("confluence_move_page", json!({ "page": "98306", "target": "98401" })),
        ("confluence_move_page", json!({ "page": "98402", "target": "98306" })),
        ("confluence_add_labels", json!({ "page": "98402", "labels": ["x"] })),
        ("confluence_comment", json!({ "page": "98402", "text": "x" })),
        ("confluence_delete_page", json!({ "page": "98402" })),
        ("confluence_list_page_versions", json!({ "page": "98402" })),
        ("confluence_list_comments", json!({ "page": "98402" })),
        ("confluence_list_pages", json!({ "space": "OPS" })),
        ("confluence_list_labelled", json!({ "label": "x", "space": "OPS" })),
        ("confluence_create_group", json!({ "name": "x" })),
    ] {
        let answer = client.call(tool, arguments);
        let text = answer.text();
        assert!(answer.is_error() && text.contains("It reaches these spaces: ENG."), "{tool}: {answer:?}");
        assert!(!text.contains("Runbook") && !text.contains("Operations"), "{tool}: {text}");
    }
    assert_eq!(writes(), before);
    let within = client.call("confluence_comment", json!({ "page": "98306", "text": "Within." }));
    assert!(!within.is_error() && writes() == before + 1, "{within:?}");
}

/// How many changes Confluence was asked for.
fn writes() -> usize {
    let asked = instance().upstream_requests("confluence");
    let is_write = |request: &&Value| {
        request["method"] != "GET" && request["path"].as_str().is_some_and(|path| path.starts_with("/wiki/"))
    };
    asked.iter().filter(is_write).count()
}
