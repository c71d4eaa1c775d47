//! What is on record of calls that read, by the operator's choice.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use super::*;

/// Waits for rows of the log.
fn rows(query: &str, person: &str, count: usize) -> Vec<Value> {
    let started = Instant::now();
    loop {
        let found = instance().sql(query, &[person]).as_array().expect("rows").clone();
        if found.len() >= count {
            return found;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{query}: {found:?}");
        sleep(Duration::from_millis(100));
    }
}

const CALLS: &str = "SELECT phase, request_id FROM events WHERE person = ?1 AND kind = 'call' ORDER BY at, phase";

fn whoami(person: &Person<'_>) {
    let answer = Client::of(person).call("whoami", json!({}));
    assert!(!answer.is_error(), "{answer:?}");
}

#[test]
fn a_read_is_on_record_before_it_is_sent_where_the_operator_wants_that() {
    let _turn = complete_turn();
    let person = Person::developer();
    instance().set_variables(&json!({ "AUDIT_READS": "strict" }));
    whoami(&person);
    let rows = rows(CALLS, &person.user_id(), 2);
    assert_eq!((&rows[0]["phase"], &rows[1]["phase"]), (&json!("intent"), &json!("outcome")));
    assert_eq!(rows[0]["request_id"], rows[1]["request_id"]);
}

#[test]
fn a_call_that_was_let_run_and_never_heard_of_again_is_counted() {
    let _turn = complete_turn();
    instance().set_variables(&json!({ "AUDIT_SETTLE_SECONDS": "4" }));
    let [lost, settled] = [Person::developer(), Person::developer()];
    // One calls for longer than a lease lasts, and never as often as it would allow.
    let client = Client::of(&settled);
    for _ in 0..25 {
        assert!(!client.call("whoami", json!({})).is_error());
        sleep(Duration::from_millis(100));
    }
    whoami(&lost);
    rows(CALLS, &lost.user_id(), 1);
    // As if the isolate had died before it told how the call ended.
    instance().sql("DELETE FROM events WHERE person = ?1 AND kind = 'call'", &[&lost.user_id()]);
    let unaccounted = "SELECT count, client_id FROM events WHERE person = ?1 AND kind = 'unaccounted'";
    assert_eq!(rows(unaccounted, &lost.user_id(), 1)[0]["count"], 1);
    assert_eq!(instance().sql(unaccounted, &[&settled.user_id()]), json!([]));
}
