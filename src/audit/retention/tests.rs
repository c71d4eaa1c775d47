mod into_segments;

use std::{rc::Rc, time::Duration};

use futures_executor::block_on;
use serde_json::json;

use super::*;
use crate::{
    audit::{
        row::{self, Row},
        search::{Filter, search},
        store,
    },
    platform::native::{
        self,
        database::Sqlite,
        memory::{ScriptedHttp, TestClock},
    },
    settings,
};

fn sweep_until(database: &Rc<Sqlite>, end: i64) {
    let settings = Settings { audit_life: Duration::from_millis(500), ..settings::for_tests() };
    let clock = TestClock::default();
    let platform = Platform {
        database: database.clone(),
        clock: Rc::new(clock.clone()),
        ..native::platform(ScriptedHttp::unreachable())
    };
    clock.set(Timestamp(end + 500));
    block_on(sweep(&platform, &settings)).unwrap();
}

#[test]
fn a_sweep_deletes_what_is_old_in_batches_and_nothing_else() {
    let database = Rc::new(Sqlite::migrated());
    let insert = sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2510)
        INSERT INTO events (request_id, phase, part, at, kind, outcome, count)
        SELECT 'request-' || i, 'outcome', '', i, 'sign_in', 'succeeded', 1 FROM n");
    block_on(database.batch(vec![insert])).unwrap();
    sweep_until(&database, 2_501);
    let left = block_on(search(&*database, &Filter::default())).unwrap().entries;
    let moments: Vec<i64> = left.iter().map(|entry| entry.at.0).collect();
    assert_eq!(moments, (2_501..=2_510).rev().collect::<Vec<_>>());
}

/// A chain of ten events, one a millisecond; its last head.
fn chained() -> (Rc<Sqlite>, Head) {
    let (database, mut head) = (Rc::new(Sqlite::migrated()), Head::beginning(1));
    let keys = ChainKeys::new(&settings::for_tests().signing_keys);
    let row = |at: i64| {
        let event = json!({ "request_id": format!("request-{at}"), "phase": "outcome", "part": "1", "at": at,
            "kind": "sign_in", "outcome": "succeeded", "count": 1 });
        let Value::Object(mut row) = event else { unreachable!() };
        keys.append("audit/0", &mut head, &mut row);
        row
    };
    let rows: Vec<Row> = (1..=10).map(row).collect();
    assert!(block_on(store::insert(&*database, &rows, &row::values(&rows))).unwrap());
    (database, head)
}

/// What a verification finds of what is left.
fn defects(database: &Sqlite, head: &Head) -> Vec<Defect> {
    let settings = settings::for_tests();
    let keys = ChainKeys::new(&settings.signing_keys);
    let known = block_on(checkpoint::all(database, &keys, None)).unwrap().authentic;
    let mut verification = Verification::new(&known, &[("audit/0".into(), head.clone())]);
    let rows = block_on(database.batch(vec![sql("SELECT * FROM events ORDER BY position")])).unwrap().remove(0).rows;
    rows.iter().filter_map(Value::as_object).for_each(|row| verification.row(&keys, row));
    verification.end().findings.iter().map(|finding| finding.defect).collect()
}

#[test]
fn what_is_left_of_a_chain_verifies_after_each_sweep() {
    let (database, head) = chained();
    for end in [4, 8, 20] {
        sweep_until(&database, end);
        assert_eq!(defects(&database, &head), [], "{end}");
    }
}

#[test]
fn what_was_not_whole_when_it_was_removed_is_told_for_ever() {
    let (database, head) = chained();
    let change = sql("UPDATE events SET kind = 'sign_out' WHERE sequence = 2");
    block_on(database.batch(vec![change])).unwrap();
    for end in [4, 8] {
        sweep_until(&database, end);
        assert_eq!(defects(&database, &head), [Defect::RemovedUnverified], "{end}");
    }
}

#[test]
fn an_event_that_was_made_old_takes_no_younger_one_with_it() {
    let (database, _) = chained();
    block_on(database.batch(vec![sql("UPDATE events SET at = 0 WHERE sequence = 9")])).unwrap();
    sweep_until(&database, 4);
    let left = block_on(search(&*database, &Filter::default())).unwrap().entries;
    assert_eq!(left.len(), 7);
}
