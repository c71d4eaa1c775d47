//! Which tools there are is an administrator's decision, the same for listing and calling.

use std::time::Duration;

use postern_tests::{
    client::{Answer, Client},
    instance::instance,
    person::Person,
};
use serde_json::json;

use super::{approve_all, arguments, change, decide, forget, in_force, listed, names, ran, turn, until};

const TOOL: &str = "bitbucket_get_repository";
const REPOSITORY: (&str, &str) = ("acme", "backend");

fn call(client: &Client) -> Answer {
    client.call(TOOL, json!({ "workspace": REPOSITORY.0, "repository": REPOSITORY.1 }))
}

/// What a client of somebody new is told when it calls the tool; it does not see the tool, and nothing was sent.
fn refusal() -> String {
    let person = Person::connected();
    let client = Client::of(&person);
    assert!(!names(&client).contains(&TOOL.to_owned()));
    let answer = call(&client);
    assert_eq!((answer.status, answer.is_error()), (200, true), "{answer:?}");
    let requests = instance().upstream_requests(&person.username);
    assert!(
        !requests.iter().any(|request| request["path"].as_str().is_some_and(|path| path.contains("/repositories/")))
    );
    answer.text()
}

#[test]
fn a_tool_that_nobody_decided_on_is_neither_listed_nor_run() {
    let _turn = turn();
    forget(&format!("name = '{TOOL}'"));
    let refusal = refusal();
    assert!(refusal.contains(TOOL) && refusal.contains("ask an administrator to approve it"), "{refusal}");
}

#[test]
fn nor_is_one_whose_definition_changed_since_it_was_approved() {
    let _turn = turn();
    change(&format!("UPDATE tools SET definition_digest = 'of an earlier release' WHERE name = '{TOOL}'"));
    in_force();
    assert!(refusal().contains("has changed"));
    decide(TOOL, "approved");
    assert!(ran(&call(&Client::of(&Person::connected()))));
}

#[test]
fn nor_is_one_that_was_disabled() {
    let _turn = turn();
    decide(TOOL, "disabled");
    let refusal = refusal();
    assert!(refusal.contains("has disabled it") && refusal.contains("ask an administrator"), "{refusal}");
}

#[test]
fn a_disabled_tool_does_not_come_back_with_a_new_definition() {
    let _turn = turn();
    decide(TOOL, "disabled");
    change(&format!("UPDATE tools SET definition_digest = 'of an earlier release' WHERE name = '{TOOL}'"));
    in_force();
    Person::administrator().signed_in_at("/admin/tools");
    let (_, page) = Person::administrator().signed_in_at("/admin/tools");
    assert!(!page.body.contains("Approve all pending"), "{}", page.body);
    assert!(refusal().contains("has disabled it"));
}

#[test]
fn a_new_postern_offers_nothing() {
    let _turn = turn();
    forget("1 = 1");
    let client = Client::of(&Person::developer());
    assert_eq!(names(&client), [""; 0]);
    assert!(!ran(&client.call("whoami", json!({}))));
}

#[test]
fn a_decision_reaches_a_client_at_work_within_five_seconds() {
    let _turn = turn();
    let client = Client::of(&Person::connected());
    assert!(ran(&call(&client)));
    for (state, runs) in [("disabled", false), ("approved", true)] {
        decide(TOOL, state);
        let called = until(state, || ran(&call(&client)) == runs);
        assert!(called < Duration::from_secs(5), "{called:?}");
        assert_eq!(names(&client).contains(&TOOL.to_owned()), runs);
    }
}

#[test]
fn what_is_listed_is_what_runs_however_it_was_decided() {
    let _turn = turn();
    let person = Person::connected();
    // Of hundreds: the sandbox has what these ask for.
    let tried = [
        "whoami",
        "bitbucket_list_repositories",
        "bitbucket_get_repository",
        "bitbucket_list_branches",
        "bitbucket_get_pull_request",
        "bitbucket_get_pull_request_diff",
        "bitbucket_get_file",
        "confluence_search",
        "confluence_list_spaces",
        "confluence_get_page",
    ];
    let complete = listed(&Client::of(&person));
    let all: Vec<_> = complete.iter().filter(|tool| tried.iter().any(|name| tool["name"] == *name)).collect();
    assert_eq!(all.len(), tried.len());
    for shift in 0..3 {
        for (index, tool) in all.iter().enumerate() {
            let name = tool["name"].as_str().expect("a name");
            match (index + shift) % 3 {
                0 => change(&format!("DELETE FROM tools WHERE name = '{name}'")),
                1 => change(&format!("UPDATE tools SET state = 'disabled' WHERE name = '{name}'")),
                _ => {}
            }
        }
        in_force();
        let person = Person::connected();
        let client = Client::of(&person);
        let listed = names(&client);
        assert!(!listed.is_empty() && listed.len() < complete.len(), "{listed:?}");
        for tool in &all {
            let name = tool["name"].as_str().expect("a name");
            let answer = client.call(name, arguments(tool));
            assert_eq!(ran(&answer), listed.iter().any(|listed| listed == name), "{name}: {answer:?}");
        }
        approve_all();
    }
}

#[test]
fn both_eras_list_the_same() {
    let _turn = turn();
    decide(TOOL, "disabled");
    let client = Client::of(&Person::developer());
    let [modern, legacy] = [client.modern("tools/list", json!({})), client.legacy("tools/list", json!({}))]
        .map(|answer| answer.result()["tools"].clone());
    let names = |tools: &serde_json::Value| {
        tools.as_array().expect("a list").iter().map(|tool| tool["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&legacy), names(&modern));
}

#[test]
fn the_page_says_what_waits_and_who_decided() {
    let _turn = turn();
    forget("name IN ('whoami', 'confluence_search')");
    let administrator = Person::administrator();
    let (mut browser, page) = administrator.signed_in_at("/admin/tools");
    assert!(page.body.contains("2 tools wait"), "{}", page.body);
    administrator.approve_all_tools();
    let page = browser.open(administrator.url("/admin/tools")).expect("a page");
    assert!(!page.body.contains("Approve all pending"));
    assert!(page.body.contains(&format!("by {}", administrator.username)));
}

#[test]
fn a_decision_that_is_none_changes_nothing() {
    let _turn = turn();
    let (mut browser, page) = Person::administrator().signed_in_at("/admin/tools");
    let form = page.forms().into_iter().find(|form| form.action.ends_with("/decide")).expect("a form");
    for (tool, state) in [("no_such_tool", "approved"), (TOOL, "gone"), (TOOL, "")] {
        let mut form = testkit::browser::Form { fields: form.fields.clone(), ..form_to(&form.action) };
        form.set("tool", tool);
        let answer = browser.submit(&page, &form, Some(("state", state))).expect("a page");
        assert_eq!(answer.status, 400, "{tool} {state}");
    }
    assert!(ran(&call(&Client::of(&Person::connected()))));
}

/// Sends the form of that page to that action, with these fields set.
fn submit(path: &str, action: &str, fields: &[(&str, &str)]) {
    let (mut browser, page) = Person::administrator().signed_in_at(path);
    let mut form = page.forms().into_iter().find(|form| form.action == action).expect("the form");
    for (name, value) in fields {
        form.set(name, value);
    }
    let page = browser.submit(&page, &form, None).expect("a page");
    assert!(page.status.is_success(), "{}", page.body);
}

#[test]
fn a_tool_that_is_classified_as_writing_needs_the_scope_and_the_gate_of_those_that_write() {
    let _turn = turn();
    let classify = |class: &str| {
        submit(&format!("/admin/tools/{TOOL}"), "/admin/tools/classify", &[("tool", TOOL), ("class", class)]);
        in_force();
    };
    let person = Person::connected();
    let (reader, writer) = (Client::with_scope(&person, "read"), Client::of(&person));
    classify("write");
    let call_of = json!({ "operation": TOOL, "arguments": { "workspace": REPOSITORY.0, "repository": REPOSITORY.1 } });
    let by_reader = call(&reader).status;
    let through_read = writer.call("postern_read", json!({ "calls": [call_of] })).text();
    let through_write = writer.call("postern_write", call_of);
    let definition = listed(&writer).into_iter().find(|tool| tool["name"] == TOOL).expect("the tool");
    classify("read");
    assert_eq!(by_reader, 403);
    assert!(through_read.contains("postern_write"), "{through_read}");
    assert!(ran(&through_write), "{through_write:?}");
    assert_eq!(definition["annotations"]["readOnlyHint"], false);
    assert!(ran(&call(&reader)));
}

#[test]
fn reads_that_are_not_sensitive_run_without_review_where_an_administrator_chose_that_and_nothing_else_does() {
    let _turn = turn();
    submit("/admin/tools", "/admin/tools/default", &[("default", "approve_reads")]);
    forget("1 = 1");
    let client = Client::of(&Person::developer());
    let (names, ran) = (names(&client), ran(&client.call("whoami", json!({}))));
    submit("/admin/tools", "/admin/tools/default", &[("default", "review_everything")]);
    assert!(ran && names.contains(&TOOL.to_owned()), "{names:?}");
    for waiting in ["bitbucket_get_file", "bitbucket_create_pull_request"] {
        assert!(!names.contains(&waiting.to_owned()), "{waiting}");
    }
}

fn form_to(action: &str) -> testkit::browser::Form {
    testkit::browser::Form { action: action.to_owned(), is_post: true, ..Default::default() }
}
