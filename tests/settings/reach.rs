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
