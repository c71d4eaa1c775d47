//! The log as another system collects it.

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::{Value, json};

use super::{
    api::{ask, token},
    audit, turn,
};

/// The events of a batch, and the address of the next one.
fn batch(token: &str, path: &str) -> (Vec<Value>, String) {
    let answer = ask("GET", path, token, &[], "");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"), "{answer:?}");
    let next = answer.header("link").trim_start_matches('<').split('>').next().expect("a link");
    let next = next.strip_prefix(&format!("{}/api/v1/", instance().url)).expect("an address of ours").to_owned();
    (answer.body.lines().map(|line| serde_json::from_str(line).expect("an event")).collect(), next)
}

/// All events from there on, and the address of what comes later.
fn collected(token: &str, from: &str) -> (Vec<Value>, String) {
    let (mut all, mut path) = (Vec::new(), from.to_owned());
    loop {
        let (events, next) = batch(token, &path);
        path = next;
        if events.is_empty() {
            return (all, path);
        }
        all.extend(events);
    }
}

#[test]
fn a_collector_gets_every_event_once_in_ocsfs_words_and_goes_on_where_it_was() {
    let _turn = turn();
    let token = token("read");
    let (before, next) = collected(&token, "audit/events?limit=1000");
    let mut cursors: Vec<&str> = before.iter().filter_map(|event| event["metadata"]["uid"].as_str()).collect();
    assert_eq!(cursors.len(), before.len());
    cursors.sort_unstable();
    cursors.dedup();
    assert_eq!(cursors.len(), before.len(), "an event came twice");
    let person = Person::developer();
    let client = Client::of(&person);
    client.call("whoami", json!({}));
    audit(&person, 1);
    let (later, _) = collected(&token, &next);
    let is_call =
        |event: &&Value| event["unmapped"]["kind"] == "call" && event["actor"]["user"]["name"] == person.username;
    let calls: Vec<&Value> = later.iter().filter(is_call).collect();
    let [call] = calls.as_slice() else { panic!("{later:?}") };
    assert_eq!((&call["class_uid"], &call["type_uid"], &call["status_id"]), (&json!(6003), &json!(600_302), &json!(1)));
    assert_eq!(call["api"]["operation"], "whoami");
    let after = format!("audit/events?after={}", call["metadata"]["uid"].as_str().expect("a cursor"));
    let (rest, _) = batch(&token, &after);
    assert!(!rest.iter().any(|event| event["metadata"]["uid"] == call["metadata"]["uid"]));
}

#[test]
fn what_is_no_cursor_and_no_limit_is_refused_by_its_name() {
    let token = token("read");
    for (wrong, name) in
        [("after=x", "`after`"), ("limit=0", "`limit`"), ("limit=1001", "`limit`"), ("limit=x", "`limit`")]
    {
        let refused = ask("GET", &format!("audit/events?{wrong}"), &token, &[], "");
        assert_eq!(refused.status, 400, "{wrong}");
        assert!(refused.body.contains(name), "{}", refused.body);
    }
}
