//! Old events leave the database for a bucket (R2), and a verification spans both.

use postern_tests::{authenticator, instance::direct, person::Person};
use serde_json::{Value, json};

use super::verification::verified_by;

/// Long before any event of these tests.
const EPOCH: i64 = 1_500_000_000_000;

const COUNT: i64 = 1_200;

/// Puts old events on record, as a chain of a shard that nobody else writes to, before all others.
fn put_old_events() {
    let event = |number: i64| {
        // In the order of the names, as links have them.
        json!({ "at": EPOCH + number, "count": 1, "kind": "sign_in", "outcome": "succeeded", "part": "1",
            "person": "somebody", "phase": "outcome", "request_id": format!("old-{number}"), "target": "=1+1" })
    };
    let rows = Value::from(authenticator::chain("audit/900", EPOCH, (1..=COUNT).map(event)));
    let insert = "INSERT INTO events (position, request_id, phase, part, at, kind, outcome, count, person, target, shard, epoch,
            sequence, link, link_key)
        SELECT key - 10000, value ->> 'request_id', 'outcome', '1', value ->> 'at', 'sign_in', 'succeeded', 1, 'somebody', '=1+1',
            'audit/900', value ->> 'epoch', value ->> 'sequence', value ->> 'link', value ->> 'link_key' FROM json_each(?1)";
    direct().sql(insert, &[&rows.to_string()]);
}

fn old_events_in_the_database() -> Value {
    direct().sql("SELECT COUNT(*) AS count FROM events WHERE shard = 'audit/900'", &[])[0]["count"].clone()
}

#[test]
fn old_events_are_moved_whole_and_what_is_done_to_a_segment_is_named() {
    let administrator = Person::new("test-admin-segments", direct());
    put_old_events();
    let before = verified_by(&administrator);
    assert_eq!(before["is_whole"], true, "{before}");
    direct().cron();
    let segments = direct().bucket("segments/");
    assert_eq!((old_events_in_the_database(), segments.len()), (json!(0), 2));
    assert!(segments.iter().all(|(_, text)| text.starts_with("v2.") && !text.contains("sign_in")));
    let whole = verified_by(&administrator);
    assert_eq!((&whole["is_whole"], &whole["segments"]), (&json!(true), &json!(2)), "{whole}");
    let [(first, one), (second, other)] = segments.as_slice() else { unreachable!() };
    for (what, changes, expected) in [
        ("missing", vec![(first, None)], "Event 1 to 1000 was moved to a segment that the bucket does not have"),
        (
            "cut",
            vec![(second, Some(&other[..other.len() / 2]))],
            "Event 1001 to 1200 was moved to a segment in whose place",
        ),
        (
            "swapped",
            vec![(first, Some(other.as_str())), (second, Some(one))],
            "Event 1 to 1200 was moved to a segment in whose",
        ),
    ] {
        changes.iter().for_each(|(name, text)| direct().put_into_bucket(name, *text));
        let report = verified_by(&administrator);
        direct().put_into_bucket(first, Some(one));
        direct().put_into_bucket(second, Some(other));
        let findings = report["findings"].as_array().expect("findings");
        assert!(findings.iter().any(|told| told.as_str().expect("a text").contains(expected)), "{what}: {report}");
        assert!(findings.iter().all(|told| told.as_str().expect("a text").contains("audit/900")), "{what}: {report}");
    }
    let file = administrator.signed_in_at("/admin/audit/segments/2").1.body;
    let lines: Vec<Value> = file.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    assert_eq!((lines.len(), &lines[0]["sequence"], &lines[0]["target"]), (200, &json!(1001), &json!("=1+1")));
    super::until("the record of the reading", || {
        let read = direct().sql("SELECT 1 FROM events WHERE kind = 'log_exported' AND reason = 'segment 2'", &[]);
        read.as_array().is_some_and(|rows| !rows.is_empty())
    });
}
