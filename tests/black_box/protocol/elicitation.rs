//! Rows 58–73: a modern call that a person's missing account stands in the way of.

use std::{
    thread,
    time::{Duration, Instant},
};

use postern_tests::{
    client::{Answer, Client},
    person::Person,
    state::resealed,
};
use serde_json::{Value, json};

use super::{FILE, LISTS, NEEDS_BITBUCKET, UNCONNECTED, assert_error, shows_links};
use crate::tools::backend;

const INVALID_PARAMS: i64 = -32602;

fn call(client: &Client, tool: &str, arguments: &Value, more: &Value) -> Answer {
    let mut params = json!({ "name": tool, "arguments": arguments });
    for (name, value) in more.as_object().into_iter().flatten() {
        params[name] = value.clone();
    }
    client.modern_with("tools/call", params, shows_links())
}

/// The result that asks to open a link.
fn input_required(client: &Client) -> Value {
    let result = call(client, NEEDS_BITBUCKET, &json!({}), &json!({})).result();
    assert_eq!(result["resultType"], "input_required", "{result}");
    result
}

fn link(input_required: &Value) -> &str {
    input_required["inputRequests"]["bitbucket_connect"]["params"]["url"].as_str().expect("a link")
}

fn retry(client: &Client, state: &Value, responses: Value) -> Answer {
    let more = json!({ "requestState": state, "inputResponses": responses });
    call(client, NEEDS_BITBUCKET, &json!({}), &more)
}

fn answered(action: &str) -> Value {
    json!({ "bitbucket_connect": { "action": action } })
}

#[test]
fn row_58_a_client_that_shows_links_is_asked_to_show_one() {
    let unconnected = Client::of(&Person::developer());
    let result = input_required(&unconnected);
    let requests = result["inputRequests"].as_object().expect("requests");
    assert_eq!(requests.len(), 1);
    let request = &requests["bitbucket_connect"];
    assert_eq!((&request["method"], &request["params"]["mode"]), (&json!("elicitation/create"), &json!("url")));
    assert!(link(&result).starts_with(&format!("{}/connect/bitbucket?e=", unconnected.origin)), "{result}");
    assert!(result["requestState"].is_string());
    assert_eq!((request["params"].get("elicitationId"), result.get("ttlMs")), (None, None));
}

#[test]
fn row_58_a_read_by_uri_asks_as_a_call_does() {
    let unconnected = Client::of(&Person::developer());
    let result = unconnected.modern_with("resources/read", json!({ "uri": FILE }), shows_links()).result();
    assert_eq!((&result["resultType"], result.get("ttlMs")), (&json!("input_required"), None));
    assert!(link(&result).starts_with(&format!("{}/connect/bitbucket?e=", unconnected.origin)), "{result}");
}

#[test]
fn row_60_any_other_reader_gets_the_link_in_an_error() {
    for answer in [
        UNCONNECTED.modern("resources/read", json!({ "uri": FILE })),
        UNCONNECTED.legacy("resources/read", json!({ "uri": FILE })),
    ] {
        let message = answer.json()["error"]["message"].as_str().expect("an error").to_owned();
        assert!(message.contains(&format!("{}/connect/bitbucket?e=", UNCONNECTED.origin)), "{answer:?}");
    }
}

#[test]
fn row_60_any_other_client_gets_the_link_as_text() {
    for capabilities in [json!({}), json!({ "elicitation": {} }), json!({ "elicitation": { "form": {} } })] {
        let answer = UNCONNECTED.modern_with("tools/call", json!({ "name": NEEDS_BITBUCKET }), capabilities);
        assert_eq!((answer.status, answer.is_error()), (200, true), "{answer:?}");
        assert!(answer.text().contains(&format!("{}/connect/bitbucket?e=", UNCONNECTED.origin)), "{answer:?}");
    }
}

#[test]
fn row_61_once_connected_the_call_goes_on() {
    let person = Person::developer();
    let client = Client::of(&person);
    let input_required = input_required(&client);
    person.connect_at(link(&input_required));
    let answer = retry(&client, &input_required["requestState"], answered("accept"));
    assert!(!answer.is_error() && answer.text().contains("acme"), "{answer:?}");
}

#[test]
fn row_61_once_connected_a_read_goes_on() {
    let person = Person::developer();
    let client = Client::of(&person);
    let input_required = client.modern_with("resources/read", json!({ "uri": FILE }), shows_links()).result();
    person.connect_at(link(&input_required));
    let retry =
        json!({ "uri": FILE, "requestState": input_required["requestState"], "inputResponses": answered("accept") });
    let result = client.modern_with("resources/read", retry, shows_links()).result();
    assert_eq!(result["contents"][0]["uri"], FILE, "{result}");
}

#[test]
fn row_61_an_account_connected_by_another_way_lets_the_call_go_on_at_once() {
    let person = Person::developer();
    let client = Client::of(&person);
    let input_required = input_required(&client);
    person.connect_bitbucket();
    let start = Instant::now();
    let answer = retry(&client, &input_required["requestState"], answered("accept"));
    assert!(!answer.is_error() && answer.text().contains("acme"), "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn row_62_an_acceptance_is_held_and_then_the_client_may_come_back_without_asking_again() {
    let client = Client::of(&Person::developer());
    let input_required = input_required(&client);
    let start = Instant::now();
    let result = retry(&client, &input_required["requestState"], answered("accept")).result();
    let wait = start.elapsed();
    assert!((Duration::from_secs(10)..=Duration::from_secs(30)).contains(&wait), "{wait:?}");
    assert_eq!(result["resultType"], "input_required");
    assert!(result["requestState"].is_string() && result.get("inputRequests").is_none(), "{result}");
}

#[test]
fn row_63_a_client_that_comes_back_for_the_ninth_time_gets_the_link_in_words() {
    let person = Person::developer();
    let client = Client::of(&person);
    let input_required = input_required(&client);
    // Seven holds of twenty seconds are skipped.
    let state = input_required["requestState"].as_str().expect("a state");
    let state =
        resealed(state, &person, &client, NEEDS_BITBUCKET, |state| state["waiting"]["link"]["round"] = json!(7));
    let eighth = retry(&client, &json!(state), json!({})).result();
    let last = retry(&client, &eighth["requestState"], json!({}));
    assert!(last.is_error() && last.text().contains(link(&input_required)), "{last:?}");
}

#[test]
fn row_64_declining_ends_the_call() {
    let unconnected = Client::of(&Person::developer());
    let input_required = input_required(&unconnected);
    let answer = retry(&unconnected, &input_required["requestState"], answered("decline"));
    assert_eq!((answer.status, answer.is_error()), (200, true), "{answer:?}");
    assert!(answer.text().contains("nothing was done"), "{answer:?}");
    assert_eq!(answer.result()["resultType"], "complete");
}

#[test]
fn row_64_cancelling_leaves_the_link_in_words_which_works() {
    let person = Person::developer();
    let client = Client::of(&person);
    let input_required = input_required(&client);
    let answer = retry(&client, &input_required["requestState"], answered("cancel"));
    assert!(answer.is_error() && answer.text().contains(link(&input_required)), "{answer:?}");
    person.connect_at(link(&input_required));
    assert!(!call(&client, NEEDS_BITBUCKET, &json!({}), &json!({})).is_error());
}

#[test]
fn a_client_that_never_comes_back_with_an_answer_is_told_the_next_link_in_words() {
    let client = Client::of(&Person::developer());
    input_required(&client);
    thread::sleep(Duration::from_secs(4));
    let answer = call(&client, NEEDS_BITBUCKET, &json!({}), &json!({}));
    assert!(answer.is_error() && answer.text().contains("/connect/bitbucket?e="), "{answer:?}");
}

#[test]
fn row_65_a_missing_answer_is_asked_for_again() {
    let unconnected = Client::of(&Person::developer());
    let input_required = input_required(&unconnected);
    let more = json!({ "requestState": input_required["requestState"] });
    let result = call(&unconnected, NEEDS_BITBUCKET, &json!({}), &more).result();
    assert_eq!(result["resultType"], "input_required");
    assert_eq!(link(&result), link(&input_required));
}

#[test]
fn row_66_answers_that_were_not_asked_for_are_ignored() {
    let person = Person::developer();
    let client = Client::of(&person);
    let input_required = input_required(&client);
    person.connect_at(link(&input_required));
    let mut responses = answered("accept");
    responses["x"] = json!({ "action": "decline" });
    assert!(!retry(&client, &input_required["requestState"], responses).is_error());
}

#[test]
fn row_67_a_state_that_was_tampered_with_is_refused() {
    let unconnected = Client::of(&Person::developer());
    let input_required = input_required(&unconnected);
    let state = input_required["requestState"].as_str().expect("a state");
    let middle = state.len() / 2;
    let other = if state.as_bytes()[middle] == b'A' { "B" } else { "A" };
    let flipped = format!("{}{other}{}", &state[..middle], &state[middle + 1..]);
    for state in [flipped.as_str(), "v2.aaaa.bbbb", ""] {
        assert_error(&retry(&unconnected, &json!(state), answered("accept")), 200, INVALID_PARAMS);
    }
}

#[test]
fn row_68_the_state_of_another_user_is_refused() {
    let unconnected = Client::of(&Person::developer());
    let input_required = input_required(&unconnected);
    let stranger = Client::of(&Person::developer());
    assert_error(&retry(&stranger, &input_required["requestState"], answered("accept")), 200, INVALID_PARAMS);
}

#[test]
fn row_69_the_state_of_another_client_is_refused() {
    let person = Person::developer();
    let input_required = input_required(&Client::of(&person));
    assert_error(
        &retry(&Client::of(&person), &input_required["requestState"], answered("accept")),
        200,
        INVALID_PARAMS,
    );
}

#[test]
fn row_70_the_state_of_another_tool_or_other_arguments_is_refused() {
    let unconnected = Client::of(&Person::developer());
    let more =
        json!({ "requestState": input_required(&unconnected)["requestState"], "inputResponses": answered("accept") });
    for (tool, arguments) in
        [(NEEDS_BITBUCKET, json!({ "limit": 5 })), ("bitbucket_list_repositories", json!({ "workspace": "acme" }))]
    {
        assert_error(&call(&unconnected, tool, &arguments, &more), 200, INVALID_PARAMS);
    }
}

#[test]
fn row_70_the_state_of_a_read_is_of_no_use_for_another() {
    let unconnected = Client::of(&Person::developer());
    let input_required = unconnected.modern_with("resources/read", json!({ "uri": FILE }), shows_links()).result();
    let retry = json!({
        "uri": format!("{FILE}.old"), "requestState": input_required["requestState"], "inputResponses": answered("accept"),
    });
    assert_error(&unconnected.modern_with("resources/read", retry, shows_links()), 200, INVALID_PARAMS);
}

#[test]
fn row_71_an_expired_state_is_refused() {
    let person = Person::developer();
    let client = Client::of(&person);
    let state = input_required(&client)["requestState"].as_str().expect("a state").to_owned();
    let after = |milliseconds: i64| {
        let change =
            |state: &mut Value| state["expires"] = json!(state["expires"].as_i64().expect("a time") - milliseconds);
        json!(resealed(&state, &person, &client, NEEDS_BITBUCKET, change))
    };
    // One that is about to expire is not, so that it is the time that counts.
    assert!(retry(&client, &after(500_000), answered("decline")).is_error());
    assert_error(&retry(&client, &after(600_000), answered("decline")), 200, INVALID_PARAMS);
}

#[test]
fn row_72_a_call_that_changes_something_runs_once_though_its_retry_is_sent_again() {
    let person = Person::developer();
    let client = Client::of(&person);
    let (tool, arguments) =
        ("bitbucket_add_pull_request_comment", backend(json!({ "pull_request": 11, "text": "once" })));
    let input_required = call(&client, tool, &arguments, &json!({})).result();
    person.connect_at(link(&input_required));
    let more = json!({ "requestState": input_required["requestState"], "inputResponses": answered("accept") });
    let retry = || call(&client, tool, &arguments, &more);
    let mut answers: Vec<Answer> = thread::scope(|scope| {
        let retries = [scope.spawn(retry), scope.spawn(retry)];
        retries.into_iter().map(|retry| retry.join().expect("an answer")).collect()
    });
    answers.push(retry());
    assert_eq!(answers.iter().filter(|answer| answer.code() == INVALID_PARAMS).count(), 2, "{answers:?}");
    let requests = person.instance.upstream_requests(&person.username);
    let comments = |request: &&Value| request["path"].as_str().is_some_and(|path| path.ends_with("/comments"));
    assert_eq!(requests.iter().filter(comments).count(), 1, "{requests:?}");
}

#[test]
fn row_73_a_list_never_asks_for_anything() {
    let unconnected = Client::of(&Person::developer());
    let params = json!({ "inputResponses": {}, "requestState": "x" });
    for (method, member) in LISTS {
        let answer = unconnected.modern_with(method, params.clone(), shows_links());
        assert!(answer.result()[member].is_array(), "{answer:?}");
    }
}
