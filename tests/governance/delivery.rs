//! Every event reaches the record once, whatever happens to the objects that hold it until then.

use std::{collections::BTreeSet, thread};

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::{Value, json};

use super::{audit, audit::comment, turn, until};

fn whoami(client: &Client) {
    let answer = client.call("whoami", json!({}));
    assert!(!answer.is_error(), "{answer:?}");
}

/// What the person's object still has for the log.
fn outbox(person: &Person<'_>) -> Value {
    instance().session_sql(&person.user_id(), "SELECT sequence FROM outbox UNION ALL SELECT id FROM admissions")
}

/// The requests of which there are rows.
fn requests(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row["request_id"].to_string()).collect()
}

#[test]
fn once_though_the_object_is_put_to_sleep_before_it_delivers() {
    let _turn = turn();
    let person = Person::connected();
    let (client, user) = (Client::of(&person), person.user_id());
    for number in 0..4 {
        assert!(!comment(&client, &format!("remark {number}")).is_error());
        instance().evict(&user);
    }
    assert_eq!(requests(&audit(&person, 8)).len(), 4);
    until("an empty outbox", || outbox(&person) == json!([]));
}

#[test]
fn though_the_persons_object_loses_an_intent_before_it_delivers() {
    let _turn = turn();
    let person = Person::connected();
    let client = Client::of(&person);
    assert!(!comment(&client, "the first").is_error());
    until("an empty outbox", || outbox(&person) == json!([]));
    // As if the object's storage had been lost right after the call was let run.
    let lose = "CREATE TRIGGER lose AFTER INSERT ON outbox BEGIN DELETE FROM outbox WHERE sequence = new.sequence; END";
    instance().session_sql(&person.user_id(), lose);
    assert!(!comment(&client, "the second").is_error());
    assert_eq!(outbox(&person), json!([]));
    let rows = audit(&person, 4);
    let phases: Vec<&Value> = rows[2..].iter().map(|row| &row["phase"]).collect();
    assert_eq!((phases, requests(&rows).len()), (vec![&json!("intent"), &json!("outcome")], 2));
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
    assert_eq!(requests(&audit(&person, 40)).len(), 40, "none is missing and none is there twice");
}

#[test]
fn once_though_a_delivery_is_repeated_after_a_crash() {
    let _turn = turn();
    let person = Person::connected();
    let client = Client::of(&person);
    assert!(!comment(&client, "the first").is_error());
    let first = audit(&person, 2);
    until("an empty outbox", || outbox(&person) == json!([]));
    // As if the object had died between the delivery and the deletion of what it had delivered.
    let intent = first[0].to_string().replace('\'', "''");
    instance().session_sql(&person.user_id(), &format!("INSERT INTO outbox (record) VALUES ('{intent}')"));
    assert!(!comment(&client, "the second").is_error());
    let rows = audit(&person, 4);
    assert_eq!((&rows[..2], requests(&rows).len()), (&first[..], 2));
    until("an empty outbox", || outbox(&person) == json!([]));
    audit(&person, 4);
}
