//! Access policies on trees of pages and on labels.

use postern_tests::{client::Client, person::Person};
use serde_json::{Value, json};

use super::{
    access_policy::keep,
    approvals::{decide, link_in},
    ran, turn, until,
};

const PAGE: &str = "confluence_get_page";

fn page(id: &str) -> Value {
    json!({ "page": id })
}

fn closing(condition: &Value) -> Value {
    json!({"rules": [{"name": "closed", "resources": [condition], "then": "block"}]})
}

#[test]
fn a_rule_on_a_tree_of_pages_closes_what_lies_below_wherever_it_is_named() {
    let _turn = turn();
    let client = Client::with_scope(&Person::connected(), "read write admin");
    let is_shown = |id: &str| ran(&client.call(PAGE, page(id)));
    assert!(is_shown("98306") && is_shown("98401"));
    let _kept = keep(&closing(&json!({"site": "confluence", "under": "98305"})));
    until("the rule", || !is_shown("98306"));
    let refused = client.call(PAGE, page("98306")).text();
    assert!(refused.contains("rule \u{201c}closed\u{201d}"), "{refused}");
    assert!(!is_shown("98305") && is_shown("98401"));
    let by_address = json!({"page": "https://acme.atlassian.net/wiki/spaces/OPS/pages/98306/Other+title"});
    assert!(!ran(&client.call(PAGE, by_address)));
    assert!(!ran(&client.call("confluence_list_comments", page("98306"))));
    for target in ["98305", "98306"] {
        assert!(!ran(&client.call("confluence_move_page", json!({"page": "98401", "target": target}))), "{target}");
    }
    let created = json!({"space": "OPS", "title": "x", "text": "x", "parent": "98306"});
    assert!(!ran(&client.call("confluence_create_page", created)));
    let found = client.call("confluence_search", json!({"query": "type = page or space = ENG", "limit": 50}));
    assert!(ran(&found) && found.text().contains("98401"), "{}", found.text());
    assert!(!found.text().contains("98306") && !found.text().contains("98305"), "{}", found.text());
    assert!(!ran(&client.call("confluence_list_pages", json!({"space": "ENG"}))));
    assert!(ran(&client.call("confluence_list_spaces", json!({}))));
}

#[test]
fn a_rule_on_a_label_holds_as_long_as_the_page_has_it() {
    let _turn = turn();
    let client = Client::with_scope(&Person::connected(), "read write admin");
    let label = json!({"page": "98401", "labels": ["confidential"]});
    let edit =
        || client.call("confluence_rename_page", json!({"page": "98401", "title": "Runbook: the store is down"}));
    assert!(ran(&client.call("confluence_add_labels", label)) && ran(&edit()));
    let _kept = keep(&json!({"rules": [{"name": "closed", "tools": {"names": ["confluence_rename_page"]},
        "resources": [{"site": "confluence", "label": "confidential"}], "then": "block"}]}));
    until("the rule", || !ran(&edit()));
    // A call that changes a page is decided on by the labels that it has then.
    assert!(ran(&client.call("confluence_remove_label", json!({"page": "98401", "label": "confidential"}))));
    assert!(ran(&edit()), "{}", edit().text());
}

#[test]
fn a_profile_on_a_tree_grants_what_lies_in_it_alone() {
    let _turn = turn();
    let client = Client::of(&Person::connected());
    let _kept = keep(&json!({"toolsets": [{"name": "All"}], "profiles": [{"name": "tree", "subjects": ["everyone"],
        "toolsets": ["All"], "resources": [{"site": "confluence", "under": "98305"}]}]}));
    until("the profile", || !ran(&client.call(PAGE, page("98401"))));
    let refused = client.call(PAGE, page("98401")).text();
    assert!(refused.contains("on these alone: under 98305"), "{refused}");
    assert!(ran(&client.call(PAGE, page("98306"))));
    let found = client.call("confluence_search", json!({"query": "type = page or space = OPS", "limit": 50}));
    assert!(found.text().contains("98306") && !found.text().contains("98401"), "{}", found.text());
}

#[test]
fn an_approval_of_a_change_to_a_page_is_of_the_version_that_was_looked_at() {
    let _turn = turn();
    let client = Client::with_scope(&Person::connected(), "read write admin");
    let rename = |title: &str| client.call("confluence_rename_page", json!({"page": "98402", "title": title}));
    let label = || client.call("confluence_add_labels", json!({"page": "98402", "labels": ["reviewed"]}));
    let _kept = keep(
        &json!({"rules": [{"name": "four eyes", "tools": {"names": ["confluence_add_labels"]}, "then": "approve"}]}),
    );
    until("the rule", || label().text().contains("waits for approval"));
    let link = link_in(&label().text());
    decide(&Person::administrator(), &link, "approve", "");
    assert!(ran(&rename("Deploying, in short")));
    let drifted = label().text();
    assert!(
        drifted.contains("It was approved before, but it was approved at") && link_in(&drifted) != link,
        "{drifted}"
    );
    decide(&Person::administrator(), &link_in(&drifted), "approve", "");
    let done = label();
    assert!(!done.is_error() && done.text().contains("reviewed"), "{}", done.text());
}
