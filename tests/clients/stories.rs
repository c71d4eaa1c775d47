//! What people go through with their AI clients.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use postern_tests::client::{Answer, Client, REDIRECT};
use serde_json::{Value, json};

use crate::{
    program::{LEGACY, Program},
    worker,
};

/// What a step is to hold, and the taking of it.
type Step = (&'static str, fn(&mut Program));

/// The whole life of a client, for somebody whose Bitbucket is connected.
const LIFE: [Step; 5] = [
    ("lists tools", lists),
    ("calls tools", calls),
    ("refreshes a token that has expired", refreshes),
    ("survives a restart of the Worker", survives_a_restart),
    ("asks its person again after its access was ended", reconnects_after_revocation),
];

/// Every client connects, and goes on from there.
pub fn lives(mut program: Program, protocol: &str) {
    program.connect(protocol);
    lives_on(program);
}

/// The same with a command line, to which Postern is added before anything else.
pub fn is_added_and_lives(mut program: Program) {
    program.sign_in();
    lives_on(program);
}

/// A client whose metadata document is compiled in needs nobody at the document's host.
pub fn is_known_by_its_pinned_document(mut program: Program, document: &str) {
    program.sign_in();
    assert!(program.knows_its_person());
    assert_eq!(known_as(&program), json!([{ "client_id": document }]));
}

/// Where no metadata documents are taken, a client that has one registers like every other.
pub fn registers(mut program: Program) {
    program.sign_in();
    assert!(program.knows_its_person());
    let known = known_as(&program);
    let id = known[0]["client_id"].as_str().expect("a client");
    let sql = "SELECT origin FROM clients WHERE id = ?1";
    assert_eq!(program.person.instance.sql(sql, &[id]), json!([{ "origin": "self_registered" }]));
}

/// Which clients the person let in.
fn known_as(program: &Program) -> Value {
    let person = program.person.user_id();
    program.person.instance.sql("SELECT client_id FROM grants WHERE user_id = ?1", &[&person])
}

/// Where nobody sees what a client would show, its model hears the link in words, for whoever reads its answer.
pub fn is_given_the_link_in_words(mut program: Program) {
    program.sign_in();
    let answer = program.words_of("bitbucket_list_repositories", &json!({ "workspace": "acme" }));
    let link = answer.split_whitespace().find(|word| word.starts_with(&program.person.instance.url));
    let link = link.unwrap_or_else(|| panic!("no link: {answer}")).to_owned();
    program.connect_at(&link);
    let text = program.call("bitbucket_list_repositories", &json!({ "workspace": "acme" }));
    assert!(text.contains("acme"), "{text}");
}

/// What a client needs that keeps nothing but what it was given at its first sign-in.
pub fn lists_and_calls(mut program: Program) {
    lists(&mut program);
    calls(&mut program);
}

fn lives_on(mut program: Program) {
    for (step, take) in LIFE {
        println!("{step}"); // the last one is shown where it fails
        take(&mut program);
    }
}

fn lists(program: &mut Program) {
    let tools = program.tools();
    for tool in ["whoami", "bitbucket_list_pull_requests", "confluence_search"] {
        assert!(tools.iter().any(|listed| listed == tool), "{tool} is not among {tools:?}");
    }
}

fn calls(program: &mut Program) {
    assert!(program.knows_its_person());
    let acme = json!({ "workspace": "acme", "repository": "backend" });
    let listed = program.call("bitbucket_list_pull_requests", &acme);
    assert!(listed.contains("webhook"), "{listed}");
    assert_eq!(program.authorized, 1, "times that the person was asked to let the client in");
}

fn refreshes(program: &mut Program) {
    let expired = program.token();
    let started = Instant::now();
    while call_with(program, &expired).status != 401 {
        assert!(started.elapsed() < Duration::from_secs(60), "the token does not end");
        sleep(Duration::from_millis(200));
    }
    assert!(program.knows_its_person());
    assert_ne!(program.token(), expired);
    assert_eq!(program.authorized, 1, "times that the person was asked to let the client in");
}

fn survives_a_restart(program: &mut Program) {
    worker::restart();
    assert!(program.knows_its_person());
    assert_eq!(program.authorized, 1, "times that the person was asked to let the client in");
}

fn reconnects_after_revocation(program: &mut Program) {
    // A stream that is opened at this moment would be refused and ask the person too, beside the call below.
    let _settled = worker::settled();
    let token = program.token();
    program.person.end_access_of_clients();
    let refused = call_with(program, &token);
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").contains(r#"error="invalid_token""#), "{refused:?}");
    assert!(program.knows_its_person());
    assert_eq!(program.authorized, 2, "times that the person was asked to let the client in");
}

/// A client that describes itself at an https address is known by that address.
pub fn presents_its_document(mut program: Program, protocol: &str) {
    let address = format!("https://{}.example/client.json", program.person.username);
    let document = json!({
        "client_id": address,
        "client_name": "Described",
        "redirect_uris": [REDIRECT, "http://127.0.0.1/oauth/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    });
    let is_json = json!({ "content-type": "application/json" });
    program.person.instance.serve(&address, 200, &is_json, &document.to_string());
    program.connect_as(&address, protocol);
    assert!(program.knows_its_person());
    assert_eq!(known_as(&program), json!([{ "client_id": address }]));
}

/// When an administrator takes a tool away, the client hears of it and asks for the new list, and so when it is back.
pub fn hears_of_changes(mut program: Program, protocol: &str, tool: &str) {
    let _undisturbed = worker::undisturbed();
    program.connect(protocol);
    assert!(program.tools().iter().any(|listed| listed == tool));
    for (state, is_there) in [("disabled", false), ("approved", true)] {
        worker::decide(tool, state);
        while program.changed().iter().any(|listed| listed == tool) != is_there {} // of a change by somebody else
    }
}

/// A call with a token, by somebody who came by it.
fn call_with(program: &Program, token: &str) -> Answer {
    let _running = worker::running();
    let origin = program.person.instance.url.clone();
    let (id, refresh_token, view) = (String::new(), String::new(), String::new());
    Client { origin, id, access_token: token.to_owned(), refresh_token, view }.call("whoami", json!({}))
}

/// A client that holds too small a scope for what it is to do asks its person for more, by itself, and does it.
pub fn steps_up(mut program: Program, protocol: &str) {
    program.begin_with("read");
    program.connect(protocol);
    let scopes = |program: &mut Program| {
        let answer = program.call("whoami", &json!({}));
        answer.lines().find_map(|line| line.strip_prefix("scopes: ")).expect("scopes").to_owned()
    };
    assert_eq!((scopes(&mut program).as_str(), program.authorized), ("read", 1));
    let comment = json!({ "workspace": "acme", "repository": "backend", "pull_request": 1, "text": "stepped up" });
    program.call("bitbucket_add_pull_request_comment", &comment);
    assert_eq!((scopes(&mut program).as_str(), program.authorized), ("read write", 2));
}

/// A client that asks for progress hears each look at a merge that takes Bitbucket long.
pub fn hears_how_far_a_merge_is(mut program: Program, protocol: &str, pull_request: u64) {
    program.begin_with("read write admin");
    program.connect(protocol);
    let mut arguments = json!({ "workspace": "acme", "repository": "checkout", "pull_request": pull_request });
    let text = program.call("bitbucket_get_pull_request", &arguments);
    let source = text.lines().find_map(|line| line.strip_prefix("source: ")).expect("a source");
    arguments["commit"] = json!(source.rsplit(' ').next());
    program.person.instance.fault(&json!({
        "kind": "status",
        "account": program.person.username,
        "path": format!("/2.0/repositories/acme/checkout/pullrequests/{pull_request}/merge/task-status"),
        "status": 200,
        "body": { "task_status": "PENDING" },
        "times": 1,
    }));
    let (text, reports) = program.call_reporting("bitbucket_merge_pull_request", &arguments);
    assert!(text.contains("state: MERGED"), "{text}");
    let heard: Vec<_> = reports.iter().map(|report| report["message"].as_str().expect("a message")).collect();
    let target = format!("acme/checkout#{pull_request}");
    assert!(heard.len() == 2 && heard.iter().all(|message| message.contains(&target)), "{heard:?}");
}

/// Somebody without a connected account is shown the link by the client, and the call waits for them.
pub fn waits_for_its_person(mut program: Program, protocol: &str) {
    program.connect(protocol);
    let text = program.call("bitbucket_list_workspaces", &json!({}));
    assert!(text.contains("acme"), "{text}");
    assert_eq!(program.opened.len(), 1);
}

/// The same before 2026-07-28: the client learns the link from an error, and has to call again.
pub fn learns_the_link(mut program: Program) {
    program.connect(LEGACY);
    let error = program.refused("bitbucket_list_workspaces", &json!({}));
    assert_eq!(error["code"], json!(-32042), "{error}");
    let link = error["data"]["elicitations"][0]["url"].as_str().expect("a link").to_owned();
    program.connect_at(&link);
    let text = program.call("bitbucket_list_workspaces", &json!({}));
    assert!(text.contains("acme"), "{text}");
}
