//! A call that is held, as a task of a client that has tasks: asked after, decided on, taken back.

use std::thread;

use postern_tests::{
    client::{Answer, Client},
    person::Person,
};
use serde_json::{Value, json};
use url::Url;

use super::{
    approvals::{TOOL, arguments, decide, four_eyes, kinds, link_in, written},
    turn,
};

const EXTENSION: &str = "io.modelcontextprotocol/tasks";

fn with_tasks(client: &Client, method: &str, params: Value) -> Answer {
    client.modern_with(method, params, json!({ "extensions": { EXTENSION: {} }, "elicitation": { "url": {} } }))
}

/// A call that has become a task, by its id.
fn task(client: &Client, text: &str) -> String {
    let result = with_tasks(client, "tools/call", json!({ "name": TOOL, "arguments": arguments(text) })).result();
    assert_eq!((&result["resultType"], &result["status"]), (&json!("task"), &json!("input_required")), "{result}");
    assert!(result["ttlMs"].is_u64() && result["pollIntervalMs"].is_u64() && result.get("requestState").is_none());
    result["taskId"].as_str().expect("an id").to_owned()
}

fn ask(client: &Client, method: &str, id: &str) -> Answer {
    with_tasks(client, method, json!({ "taskId": id }))
}

/// What a task that waits asks its person to open.
fn link(client: &Client, id: &str) -> String {
    let result = ask(client, "tasks/get", id).result();
    assert_eq!((&result["resultType"], &result["status"]), (&json!("complete"), &json!("input_required")), "{result}");
    result["inputRequests"]["approval"]["params"]["url"].as_str().expect("a link").to_owned()
}

fn is_unknown(answer: &Answer) -> bool {
    answer.json()["error"]["code"] == -32_602
}

#[test]
fn a_held_call_is_a_task_that_is_done_once_when_it_is_approved_however_often_it_is_asked_after() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    let client = Client::of(&person);
    let id = task(&client, "a task");
    assert_eq!(task(&client, "a task"), id, "the same call is the same task");
    let link = link(&client, &id);
    let opened = json!({ "taskId": id, "inputResponses": { "approval": { "action": "accept" } } });
    assert_eq!(with_tasks(&client, "tasks/update", opened).result()["resultType"], "complete");
    assert_eq!(written(&person, "a task"), 0);
    decide(&Person::administrator(), &link, "approve", "");
    let answers: Vec<Value> = thread::scope(|scope| {
        let asked: Vec<_> = (0..3).map(|_| scope.spawn(|| ask(&client, "tasks/get", &id).result())).collect();
        asked.into_iter().map(|answer| answer.join().expect("an answer")).collect()
    });
    assert!(
        answers.iter().all(|answer| answer["status"] == "completed" || answer["status"] == "working"),
        "{answers:?}"
    );
    let done = ask(&client, "tasks/get", &id).result();
    assert_eq!((&done["status"], &done["result"]["isError"]), (&json!("completed"), &Value::Null), "{done}");
    assert_eq!(ask(&client, "tasks/get", &id).result()["result"]["content"], done["result"]["content"]);
    assert_eq!(written(&person, "a task"), 1);
}

#[test]
fn a_client_with_tasks_that_shows_no_links_is_told_of_the_link_and_asked_nothing() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    let client = Client::of(&person);
    let without = |method: &str, params| client.modern_with(method, params, json!({ "extensions": { EXTENSION: {} } }));
    let made = without("tools/call", json!({ "name": TOOL, "arguments": arguments("without links") })).result();
    let asked = without("tasks/get", json!({ "taskId": made["taskId"] })).result();
    for task in [made, asked] {
        let message = task["statusMessage"].as_str().expect("a message");
        assert!(
            task["status"] == "working" && task.get("inputRequests").is_none() && message.contains("/approvals/"),
            "{task}"
        );
    }
}

#[test]
fn a_task_that_its_client_cancels_is_no_longer_asked_of_approvers_and_may_be_asked_for_anew() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    let client = Client::of(&person);
    let id = task(&client, "taken back");
    let link = link(&client, &id);
    assert_eq!(ask(&client, "tasks/cancel", &id).result()["resultType"], "complete");
    assert_eq!(ask(&client, "tasks/get", &id).result()["status"], "cancelled");
    assert_eq!(ask(&client, "tasks/cancel", &id).result()["resultType"], "complete", "again");
    let (_, page) = Person::administrator().signed_in_at(Url::parse(&link).expect("a URL").path());
    assert!(page.body.contains("Withdrawn") && !page.body.contains("Approve once"), "{}", page.body);
    assert_ne!(task(&client, "taken back"), id);
    kinds(&person, &["approval_requested", "approval_withdrawn"]);
}

#[test]
fn a_task_whose_call_was_denied_tells_the_model_why() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    let client = Client::of(&person);
    let id = task(&client, "a denied task");
    decide(&Person::administrator(), &link(&client, &id), "deny", "not before the freeze");
    let result = ask(&client, "tasks/get", &id).result();
    assert_eq!((&result["status"], &result["result"]["isError"]), (&json!("completed"), &json!(true)), "{result}");
    assert!(result["result"]["content"][0]["text"].as_str().expect("a text").contains("not before the freeze"));
    assert_eq!(written(&person, "a denied task"), 0);
}

#[test]
fn a_task_is_known_to_its_own_client_alone_and_to_none_that_does_not_declare_tasks() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    let client = Client::of(&person);
    let id = task(&client, "somebody's own");
    for other in [Client::of(&Person::connected()), Client::of(&person)] {
        assert!(is_unknown(&ask(&other, "tasks/get", &id)) && is_unknown(&ask(&other, "tasks/cancel", &id)));
    }
    assert!(is_unknown(&ask(&client, "tasks/get", "no such task")));
    let refused = client.modern("tasks/get", json!({ "taskId": id }));
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (400, &json!(-32_021)), "{refused:?}");
    let in_words = client.call(TOOL, arguments("somebody's own"));
    assert!(link_in(&in_words.text()).ends_with(&id), "without tasks the same call is told in words");
    assert_eq!(ask(&client, "tasks/get", &id).result()["status"], "input_required");
}
