//! The log proves itself: what somebody does to it in the database is found on the page that verifies it.

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::{Value, json};

use super::{audit, turn};

const PAGE: &str = "/admin/audit/verify";

/// What the page says, as programs read it.
pub(super) fn verified_by(administrator: &Person<'_>) -> Value {
    let (mut browser, page) = administrator.signed_in_at(PAGE);
    let mut form = page.forms().into_iter().find(|form| form.action == PAGE).expect("a form");
    form.set("format", "json");
    loop {
        let answer = browser.submit(&page, &form, None).expect("an answer");
        let report: Value = serde_json::from_str(&answer.body).expect("JSON");
        match report["progress"].as_str() {
            Some(progress) => form.set("progress", progress),
            None => return report,
        }
    }
}

/// What is found while that is so. Other tests put rows there behind Postern's back, of which this says nothing.
fn found_while(change: &str, undo: &str, person: &str, expected: &str) {
    instance().sql(change, &[person]);
    let report = verified_by(&Person::administrator());
    instance().sql(undo, &[person]);
    let findings = report["findings"].as_array().expect("findings");
    let is_told = findings.iter().filter_map(Value::as_str).any(|finding| finding.contains(expected));
    assert!(report["is_whole"] == false && is_told, "{change}: {report}");
}

#[test]
fn what_was_done_to_an_event_in_the_database_is_found_and_named() {
    let _turn = turn();
    let person = Person::developer();
    let client = Client::of(&person);
    for _ in 0..4 {
        client.call("whoami", json!({}));
    }
    audit(&person, 4);
    let user = person.user_id();
    let of_the_second = "WHERE position = (SELECT position FROM events WHERE person = ?1 AND kind = 'call'
        ORDER BY position LIMIT 1 OFFSET 1)";
    let rows = instance().sql("SELECT * FROM events WHERE person = ?1 AND kind = 'call' ORDER BY position", &[&user]);
    let second = &rows[1];
    let named = |what: &str| format!("Event {} {what}", second["sequence"]);
    found_while(
        &format!("UPDATE events SET tool = 'whoami2' {of_the_second}"),
        &format!("UPDATE events SET tool = 'whoami' {of_the_second}"),
        &user,
        &named("does not fit its link"),
    );
    found_while(
        &format!("UPDATE events SET link = link || 'x' {of_the_second}"),
        &format!("UPDATE events SET link = substr(link, 1, length(link) - 1) {of_the_second}"),
        &user,
        &named("does not fit its link"),
    );
    let away = "UPDATE events SET shard = NULL, person = ?1 || ' away'";
    let back = format!("UPDATE events SET shard = '{}', person = ?1", second["shard"].as_str().expect("a shard"));
    let by_id = format!("WHERE position = {}", second["position"]);
    found_while(&format!("{away} {by_id}"), &format!("{back} {by_id}"), &user, &named("is missing"));
}
