//! Operations that are not listed by themselves: found by words, run through gates, listed by views.

use postern_tests::client::{Client, send, written_call};
use serde_json::{Value, json};

use super::DEVELOPER;

fn names(client: &Client) -> Vec<String> {
    let tools = client.modern("tools/list", json!({})).result()["tools"].clone();
    let names = tools.as_array().expect("a list").iter().map(|tool| tool["name"].as_str().expect("a name").to_owned());
    names.collect()
}

fn read(calls: Value) -> String {
    DEVELOPER.done("postern_read", json!({ "calls": calls }))
}

#[test]
fn what_is_found_runs_as_the_answer_says() {
    let found =
        DEVELOPER.done("postern_find", json!({ "query": "list pull requests of https://bitbucket.org/acme/backend" }));
    assert!(found.lines().any(|line| line.starts_with("bitbucket_list_pull_requests (read)")), "{found}");
    let (tool, arguments) = written_call(&found, "Next: ");
    let listed = DEVELOPER.done(&tool, arguments);
    assert!(listed.contains("acme/backend"), "{found}\n{listed}");
}

#[test]
fn an_operation_that_is_not_listed_runs_by_its_name_and_behind_its_gate_alike() {
    let arguments = json!({ "workspace": "acme", "repository": "backend" });
    assert!(!names(&DEVELOPER.client).contains(&"bitbucket_list_branches".to_owned()));
    let by_name = DEVELOPER.done("bitbucket_list_branches", arguments.clone());
    assert_eq!(read(json!([{ "operation": "bitbucket_list_branches", "arguments": arguments }])), by_name);
}

#[test]
fn several_reads_are_answered_together_and_one_that_fails_spoils_nothing() {
    let text = read(json!([
        { "operation": "whoami" },
        { "operation": "bitbucket_get_repository", "arguments": { "workspace": "acme", "repository": "no-such" } },
        { "operation": "no_such_operation" },
        { "operation": "confluence_list_spaces" },
    ]));
    assert!(text.starts_with("4 calls: 2 answered, 2 failed.\n\n=== 1 of 4: whoami ===\nuser: "), "{text}");
    assert!(text.contains("there is no operation `no_such_operation`") && text.contains("=== 4 of 4"), "{text}");
}

#[test]
fn an_operation_beside_an_address_is_found_by_its_words() {
    let found =
        DEVELOPER.done("postern_find", json!({ "query": "list branches of https://bitbucket.org/acme/backend" }));
    let next = found.lines().find(|line| line.starts_with("Next: ")).expect("a next step");
    assert!(next.contains("bitbucket_list_branches") && next.contains(r#""repository":"backend""#), "{found}");
}

#[test]
fn what_short_answers_leave_over_goes_to_a_long_one_beside_them() {
    let branches = json!({ "operation": "bitbucket_list_branches", "arguments": { "workspace": "acme", "repository": "backend", "limit": 1 } });
    let file = json!({ "operation": "bitbucket_get_file", "arguments": { "workspace": "acme", "repository": "backend", "path": "docs/reference.txt" } });
    let alone = read(json!([file]));
    let beside = read(json!([branches, file, branches]));
    // A third of what one answer may be would be less than half of what the file has by itself.
    assert!(alone.contains("CUT: ") && beside.len() * 10 > alone.len() * 9, "{} of {}", beside.len(), alone.len());
}

#[test]
fn the_wrong_gate_names_the_right_call() {
    let arguments = json!({ "workspace": "acme", "repository": "backend", "pull_request": 1, "text": "x" });
    let call = json!({ "operation": "bitbucket_add_pull_request_comment", "arguments": arguments });
    let refused = DEVELOPER.refused("postern_read", json!({ "calls": [call] }));
    assert!(refused.contains(r#"Next: postern_write {"operation":"bitbucket_add_pull_request_comment""#), "{refused}");
    let refused = DEVELOPER.refused("postern_write", json!({ "operation": "whoami" }));
    assert!(refused.contains(r#"Next: postern_read {"calls":[{"operation":"whoami""#), "{refused}");
}

#[test]
fn a_write_runs_behind_its_gate() {
    let arguments = json!({ "workspace": "acme", "repository": "backend", "pull_request": 1, "text": "behind a gate" });
    let call = json!({ "operation": "bitbucket_add_pull_request_comment", "arguments": arguments });
    assert!(DEVELOPER.done("postern_write", call).contains("comment: "));
}

#[test]
fn a_tool_that_there_is_not_is_answered_with_those_that_are_near() {
    let answer = DEVELOPER.client.call("bitbucket_list_branch", json!({}));
    assert!(answer.code() == -32602 && answer.body.contains("bitbucket_list_branches"), "{answer:?}");
}

#[test]
fn each_view_lists_its_own_tools_and_every_tool_runs_at_each() {
    let gates = names(&DEVELOPER.client.at("?tools=gates"));
    assert_eq!(gates.first().map(String::as_str), Some("whoami"));
    assert!(gates.len() <= 5 && gates.iter().skip(1).all(|name| name.starts_with("postern_")), "{gates:?}");
    let all = names(&DEVELOPER.client.at("?tools=all"));
    assert!(all.contains(&"bitbucket_list_branches".to_owned()) && !all.contains(&"postern_find".to_owned()));
    let reads = names(&DEVELOPER.client.at("?access=read"));
    assert!(!reads.contains(&"postern_write".to_owned()) && reads.contains(&"postern_read".to_owned()));
    let pages = names(&DEVELOPER.client.at("?toolsets=pages"));
    assert!(
        pages.contains(&"confluence_get_page".to_owned()) && !pages.iter().any(|name| name.starts_with("bitbucket"))
    );
    for view in ["?tools=gates", "?tools=all", "?access=read", "?toolsets=pages"] {
        let client = DEVELOPER.client.at(view);
        let arguments = json!({ "workspace": "acme", "repository": "backend" });
        assert!(!client.call("bitbucket_list_branches", arguments).is_error(), "{view}");
    }
}

#[test]
fn a_view_that_there_is_not_is_refused_with_what_was_meant() {
    let answer = DEVELOPER.client.at("?toolsets=pull-request").modern("tools/list", json!({}));
    assert!(answer.status == 400 && answer.body.contains("`pull-requests`"), "{answer:?}");
}

#[test]
fn a_client_signs_in_at_the_address_of_a_view() {
    let client = Client::registered(&DEVELOPER.client.origin).at("?tools=gates");
    let challenged = send("POST", &client.resource(), &[("content-type", "application/json")], b"{}");
    let metadata = format!("{}/.well-known/oauth-protected-resource/mcp?tools=gates", client.origin);
    assert!(
        challenged.header("www-authenticate").contains(&format!("resource_metadata=\"{metadata}\"")),
        "{challenged:?}"
    );
    assert_eq!(send("GET", &metadata, &[], b"").json()["resource"], client.resource());
    let mut client = client;
    let tokens = client.redeem(&client.consented(&DEVELOPER.person, &[]), &[]);
    client.keep(&tokens.json());
    assert_eq!(names(&client).first().map(String::as_str), Some("whoami"));
    let other = client.consented(&DEVELOPER.person, &[("resource", &format!("{}/mcp?tools=all", client.origin))]);
    assert_eq!(client.redeem(&other, &[]).status, 200, "a view is the same resource");
}
