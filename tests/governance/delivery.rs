//! Every row reaches the record once, whatever happens to the object that holds it until then.

use std::{collections::BTreeSet, thread};

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::json;

use super::{audit, turn, until};

fn whoami(client: &Client) {
    let answer = client.call("whoami", json!({}));
    assert!(!answer.is_error(), "{answer:?}");
}

fn outbox(person: &Person<'_>) -> serde_json::Value {
    instance().session_sql(&person.user_id(), "SELECT sequence, record FROM outbox")
}

#[test]
fn once_though_the_object_is_put_to_sleep_before_it_delivers() {
    let _turn = turn();
    let person = Person::developer();
    let client = Client::of(&person);
    let user = person.user_id();
    // An object that is put to sleep this often believes in less of its rate each time.
    for _ in 0..4 {
        whoami(&client);
        // The call may have been leased; a listing always wakes the object up.
        assert_eq!(client.modern("tools/list", json!({})).status, 200);
        instance().evict(&user);
    }
    let rows = audit(&person, 4);
    let calls: BTreeSet<String> = rows.iter().map(|row| row["request_id"].to_string()).collect();
    assert_eq!(calls.len(), 4);
    until("an empty outbox", || outbox(&person) == json!([]));
}

#[test]
fn once_though_many_calls_end_at_the_same_time() {
    let _turn = turn();
    let person = Person::developer();
    let client = Client::of(&person);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..5).for_each(|_| whoami(&client)));
        }
    });
    let rows = audit(&person, 40);
    let calls: BTreeSet<String> = rows.iter().map(|row| row["request_id"].to_string()).collect();
    assert_eq!(calls.len(), 40, "none is missing and none is there twice");
}

#[test]
fn once_though_a_delivery_is_repeated_after_a_crash() {
    let _turn = turn();
    let person = Person::developer();
    let client = Client::of(&person);
    whoami(&client);
    let first = audit(&person, 1);
    until("an empty outbox", || outbox(&person) == json!([]));
    // As if the object had died between the delivery and the deletion of what it had delivered.
    let mut record = first[0].as_object().expect("a row").clone();
    record.insert("target".into(), json!(""));
    let record = serde_json::Value::Object(record).to_string().replace('\'', "''");
    let again = format!("INSERT INTO outbox (sequence, record) VALUES (1, '{record}')");
    instance().session_sql(&person.user_id(), &again);
    whoami(&client);
    let rows = audit(&person, 2);
    assert_eq!(rows[0], first[0]);
    until("an empty outbox", || outbox(&person) == json!([]));
    audit(&person, 2);
}
