use std::rc::Rc;

use futures_executor::block_on;

use super::*;
use crate::{
    audit::{
        row::{self, Row},
        search::{Filter, search},
        store,
    },
    identifiers::RequestId,
    platform::{
        clock::Timestamp,
        native::{self, database::Sqlite, memory::ScriptedHttp},
    },
    settings,
};

/// A log of five events in one chain, one a millisecond.
fn log() -> Context {
    let (database, settings) = (Sqlite::migrated(), settings::for_tests());
    let (keys, mut head) = (ChainKeys::new(&settings.signing_keys), Head::beginning(1));
    let row = |at: i64| {
        let event = json!({ "request_id": format!("request-{at}"), "phase": "outcome", "part": "1", "at": at,
            "kind": "sign_in", "outcome": "succeeded", "count": 1 });
        let Value::Object(mut event) = event else { unreachable!() };
        keys.append("audit/0", &mut head, &mut event);
        event
    };
    let rows: Vec<Row> = (1..=5).map(row).collect();
    assert!(block_on(store::insert(&database, &rows, &row::values(&rows))).unwrap());
    let platform =
        crate::platform::Platform { database: Rc::new(database), ..native::platform(ScriptedHttp::unreachable()) };
    Context { settings: Rc::new(settings), platform, request_id: RequestId::new("request") }
}

fn run(context: &Context, statement: &'static str) {
    block_on(context.platform.database.run(sql(statement))).unwrap();
}

/// What is said of every event, the oldest first.
fn proofs(context: &Context) -> Vec<Proof> {
    let mut entries = block_on(search(&*context.platform.database, &Filter::default())).unwrap().entries;
    entries.reverse();
    let prover = block_on(Prover::read(context)).unwrap();
    block_on(of(context, &prover, &entries)).unwrap()
}

use Proof::{Differs, Fits, NoPredecessor, Unlinked};

#[test]
fn events_that_nobody_touched_fit() {
    assert_eq!(proofs(&log()), [Fits; 5]);
}

#[test]
fn an_event_that_was_changed_does_not_fit_and_the_others_do() {
    let log = log();
    run(&log, "UPDATE events SET kind = 'sign_out' WHERE sequence = 3");
    assert_eq!(proofs(&log), [Fits, Fits, Differs, Fits, Fits]);
}

#[test]
fn a_link_that_was_changed_is_found_at_its_event_and_at_the_next() {
    let log = log();
    run(&log, "UPDATE events SET link = 'made up' WHERE sequence = 3");
    assert_eq!(proofs(&log), [Fits, Fits, Differs, Differs, Fits]);
}

#[test]
fn nothing_is_said_of_an_event_whose_predecessor_is_gone() {
    let log = log();
    run(&log, "DELETE FROM events WHERE sequence = 3");
    assert_eq!(proofs(&log), [Fits, Fits, NoPredecessor, Fits]);
}

#[test]
fn where_retention_removed_the_predecessor_its_checkpoint_stands_for_it() {
    let log = log();
    let keys = ChainKeys::new(&log.settings.signing_keys);
    let link = block_on(log.platform.database.run(sql("SELECT link FROM events WHERE sequence = 2"))).unwrap();
    let head = Head { epoch: 1, sequence: 2, link: link.rows[0]["link"].as_str().unwrap().to_owned() };
    block_on(log.platform.database.run(Checkpoint::new("audit/0", head, Mark::Removed, Timestamp(9)).put(&keys)))
        .unwrap();
    run(&log, "DELETE FROM events WHERE sequence <= 2");
    assert_eq!(proofs(&log), [Fits; 3]);
}

#[test]
fn an_event_without_a_link_proves_nothing() {
    let log = log();
    run(
        &log,
        "UPDATE events SET shard = NULL, epoch = NULL, sequence = NULL, link = NULL, link_key = NULL WHERE at = 5",
    );
    assert_eq!(proofs(&log), [Fits, Fits, Fits, Fits, Unlinked]);
}

#[test]
fn a_look_up_goes_along_the_keys() {
    let plan = Sqlite::migrated().plan(LOOK_UP);
    assert!(plan.iter().any(|step| step.contains("events_by_place (shard=? AND epoch=? AND sequence=?)")), "{plan:?}");
    assert!(plan.iter().any(|step| step.contains("INTEGER PRIMARY KEY (rowid=?)")), "{plan:?}");
    assert!(!plan.iter().any(|step| step.contains("SCAN events")), "{plan:?}");
}
