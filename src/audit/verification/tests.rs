use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    crypto::key::{Key, KeyPair},
    platform::clock::Timestamp,
};

const EPOCH: i64 = 1_767_225_600_000;
const SHARDS: [&str; 2] = ["audit/0", "audit/1"];

fn keys() -> ChainKeys {
    ChainKeys::new(&KeyPair { current: Key::for_tests(1), previous: None })
}

type Row = Map<String, Value>;

/// A log as its stores have it.
#[derive(Clone, Debug)]
struct Log {
    rows: Vec<Row>,
    checkpoints: Vec<Checkpoint>,
    heads: Vec<(String, Head)>,
}

impl Log {
    /// One of so many events, by turns of each shard.
    fn of(count: usize) -> Self {
        let mut heads = SHARDS.map(|shard| (shard.to_owned(), Head::beginning(EPOCH))).to_vec();
        let begun =
            heads.iter().map(|(shard, head)| Checkpoint::new(shard, head.clone(), Mark::Begun, Timestamp(EPOCH)));
        let checkpoints = begun.collect();
        let mut rows = Vec::new();
        for number in 0..count {
            let event = json!({ "request_id": format!("request-{number}"), "at": EPOCH + 1, "kind": "sign_in",
                "outcome": "succeeded", "person_name": "alice" });
            let Value::Object(mut row) = event else { unreachable!() };
            let (shard, head) = &mut heads[number % 2];
            keys().append(shard, head, &mut row);
            rows.push(row);
        }
        Self { rows, checkpoints, heads }.placed()
    }

    /// With positions in the order of the rows.
    fn placed(mut self) -> Self {
        for (position, row) in self.rows.iter_mut().enumerate() {
            row.insert("position".into(), json!(position));
        }
        self
    }

    fn verified(&self) -> Verification {
        let mut verification = Verification::new(&self.checkpoints, &self.heads);
        for row in &self.rows {
            verification.row(&keys(), row);
            // As it goes on in another request.
            verification = serde_json::from_value(json!(verification)).unwrap();
        }
        verification.end()
    }

    fn findings(&self) -> Vec<Finding> {
        self.verified().findings
    }
}

/// The shard of the row of that index, and its number there.
fn place(index: usize) -> (&'static str, i64) {
    (SHARDS[index % 2], i64::try_from(index / 2 + 1).unwrap())
}

fn finding(defect: Defect, index: usize) -> Finding {
    let (shard, sequence) = place(index);
    Finding { defect, shard: shard.into(), epoch: EPOCH, first: sequence, last: sequence }
}

#[test]
fn a_log_that_nobody_touched_is_whole() {
    let verified = Log::of(21).verified();
    assert_eq!((verified.findings.as_slice(), verified.events, verified.is_whole()), ([].as_slice(), 21, true));
}

const CONTENT: [&str; 5] = ["request_id", "at", "kind", "person_name", "link"];

proptest! {
    #[test]
    fn a_changed_value_is_found_where_it_is(count in 3..40_usize, index: prop::sample::Index, column in 0..CONTENT.len()) {
        let (mut log, index) = (Log::of(count), index.index(count));
        let value = &mut log.rows[index][CONTENT[column]];
        *value = if value.is_i64() { json!(EPOCH + 2) } else { json!(format!("{} ", value.as_str().unwrap())) };
        let found = log.verified();
        prop_assert!(!found.is_whole());
        prop_assert!(found.findings.contains(&finding(Defect::Changed, index)), "{:?}", found.findings);
        prop_assert_eq!(found.findings.len(), 1);
    }

    #[test]
    fn a_value_in_a_column_that_was_empty_is_found(count in 3..40_usize, index: prop::sample::Index) {
        let (mut log, index) = (Log::of(count), index.index(count));
        log.rows[index].insert("reason".into(), json!("because"));
        prop_assert_eq!(log.findings(), [finding(Defect::Changed, index)]);
    }

    #[test]
    fn events_that_are_missing_are_named(count in 9..40_usize, index: prop::sample::Index, length in 1..4_usize) {
        let mut log = Log::of(count);
        // Some of one shard, and not its last.
        let first = index.index(count - 2 * length - 1);
        for gone in (0..length).rev() {
            log.rows.remove(first + 2 * gone);
        }
        let (shard, sequence) = place(first);
        let last = sequence + i64::try_from(length).unwrap() - 1;
        let missing = Finding { defect: Defect::Missing, shard: shard.into(), epoch: EPOCH, first: sequence, last };
        prop_assert_eq!(log.findings(), [missing]);
    }

    #[test]
    fn an_event_that_stands_behind_its_successor_is_named(count in 5..40_usize, index: prop::sample::Index) {
        let (mut log, index) = (Log::of(count), index.index(count - 2));
        log.rows.swap(index, index + 2);
        prop_assert_eq!(log.placed().findings(), [finding(Defect::Reordered, index)]);
    }

    #[test]
    fn an_event_that_is_there_twice_is_named(count in 3..40_usize, index: prop::sample::Index, later in 1..40_usize) {
        let (mut log, index) = (Log::of(count), index.index(count));
        let copy = log.rows[index].clone();
        log.rows.insert((index + later).min(count), copy);
        prop_assert_eq!(log.placed().findings(), [finding(Defect::Inserted, index)]);
    }

    #[test]
    fn an_event_that_was_made_up_is_found(count in 3..40_usize, at: prop::sample::Index, sequence in 1..50_i64) {
        let mut log = Log::of(count);
        let mut forged = log.rows[0].clone();
        forged.insert("sequence".into(), json!(sequence));
        forged.insert("person_name".into(), json!("mallory"));
        log.rows.insert(at.index(count + 1), forged);
        prop_assert!(!log.placed().verified().is_whole());
    }

    #[test]
    fn a_cut_tail_is_named(count in 6..40_usize, cut in 1..4_usize) {
        let mut log = Log::of(count);
        log.rows.truncate(count - cut);
        let found = log.findings();
        prop_assert!(found.iter().all(|finding| finding.defect == Defect::CutTail));
        let gone: i64 = found.iter().map(|finding| finding.last - finding.first + 1).sum();
        prop_assert_eq!(gone, i64::try_from(cut).unwrap());
    }

    #[test]
    fn the_place_of_an_event_cannot_be_changed(count in 5..40_usize, index: prop::sample::Index, column in 0..4_usize) {
        let (mut log, index) = (Log::of(count), index.index(count));
        let (column, value) = [("shard", json!("audit/7")), ("epoch", json!(EPOCH - 1)), ("sequence", json!(1_000)),
            ("link_key", json!("another"))][column].clone();
        log.rows[index].insert(column.into(), value);
        prop_assert!(!log.verified().is_whole());
    }
}

#[test]
fn a_log_of_which_nothing_is_there_is_named_by_its_objects() {
    let mut log = Log::of(10);
    log.rows.clear();
    log.checkpoints.clear();
    let defects: Vec<Defect> = log.findings().iter().map(|finding| finding.defect).collect();
    assert_eq!(defects, [Defect::Deleted, Defect::Deleted]);
}

#[test]
fn a_log_that_began_anew_is_named_and_whole_otherwise() {
    let (mut log, mut head) = (Log::of(10), Head::beginning(EPOCH + 5));
    let begun = Checkpoint::new("audit/0", head.clone(), Mark::Begun, Timestamp(EPOCH + 5));
    log.checkpoints.push(Checkpoint { previous_epoch: Some(EPOCH), ..begun });
    let mut row = log.rows[0].clone();
    keys().append("audit/0", &mut head, &mut row);
    log.rows.push(row);
    log.heads[0].1 = head;
    let verified = log.placed().verified();
    let defects: Vec<Defect> = verified.findings.iter().map(|finding| finding.defect).collect();
    assert_eq!((defects.as_slice(), verified.is_whole()), ([Defect::BegunAnew].as_slice(), true));
}

#[test]
fn an_epoch_that_is_gone_is_known_to_the_one_after_it() {
    let (mut log, head) = (Log::of(10), Head::beginning(EPOCH + 5));
    let begun = Checkpoint::new("audit/0", head.clone(), Mark::Begun, Timestamp(EPOCH + 5));
    log.rows.retain(|row| row["shard"] != "audit/0");
    log.checkpoints.retain(|checkpoint| checkpoint.shard != "audit/0");
    log.checkpoints.push(Checkpoint { previous_epoch: Some(EPOCH), ..begun });
    log.heads[0].1 = head;
    assert_eq!(log.findings()[0].defect, Defect::Deleted);
}

#[test]
fn what_retention_removed_is_not_missing() {
    let mut log = Log::of(20);
    let removed: Vec<Row> = log.rows.drain(..8).collect();
    for row in &removed[6..] {
        let head = Head { epoch: EPOCH, sequence: 4, link: row["link"].as_str().unwrap().into() };
        log.checkpoints.push(Checkpoint::new(row["shard"].as_str().unwrap(), head, Mark::Removed, Timestamp(EPOCH)));
    }
    assert_eq!(log.findings(), []);
    log.rows.remove(0);
    assert_eq!(log.findings().len(), 1, "and what went beside it is");
}

#[test]
fn what_is_moved_to_a_segment_while_a_verification_is_under_way_is_looked_at_once() {
    let log = Log::of(20);
    let moved = &log.rows[..14];
    let spans = log.heads.iter().map(|(shard, _)| {
        let last = moved.iter().rfind(|row| row["shard"] == shard.as_str()).expect("an event");
        let last = Head { epoch: EPOCH, sequence: 7, link: last["link"].as_str().unwrap().into() };
        Span { shard: shard.clone(), before: Head::beginning(EPOCH), last }
    });
    let segment = Segment::new(1, spans.collect(), moved, Timestamp(EPOCH + 2));
    let lines: Vec<String> = moved.iter().map(|row| json!(row).to_string()).collect();
    for already in [0, 10, 14, 16] {
        let mut verification = Verification::new(&log.checkpoints, &log.heads);
        log.rows[..already].iter().for_each(|row| verification.row(&keys(), row));
        verification.segment(&keys(), &segment, Ok(&lines.join("\n")));
        log.rows[already.max(14)..].iter().for_each(|row| verification.row(&keys(), row));
        let verified = verification.end();
        assert_eq!((verified.findings.as_slice(), verified.events), ([].as_slice(), 20), "{already}");
    }
}

#[test]
fn an_event_without_a_link_is_from_before_or_inserted() {
    let mut log = Log::of(4);
    let unlinked = |at: i64| {
        let Value::Object(row) = json!({ "request_id": "old", "at": at, "shard": null }) else { unreachable!() };
        row
    };
    log.rows.push(unlinked(EPOCH - 1));
    let log = log.placed();
    assert_eq!((log.verified().unlinked, log.verified().is_whole()), (1, true));
    let mut later = log;
    later.rows.push(unlinked(EPOCH + SPREAD + 1));
    let found = later.placed().findings();
    assert_eq!((found.len(), found[0].defect, found[0].first), (1, Defect::Inserted, 5));
}

#[test]
fn events_of_a_key_that_is_gone_are_told_as_one_run() {
    let log = Log::of(8);
    let other = ChainKeys::new(&KeyPair { current: Key::for_tests(9), previous: None });
    let mut verification = Verification::new(&log.checkpoints, &log.heads);
    log.rows.iter().for_each(|row| verification.row(&other, row));
    let found = verification.end().findings;
    assert!(found.iter().all(|finding| finding.defect == Defect::UnknownKey && finding.last == 4));
    assert_eq!(found.len(), 2);
}
