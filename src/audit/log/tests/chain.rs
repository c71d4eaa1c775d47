//! The chain that the object makes of its events.

use super::*;
use crate::audit::{
    checkpoint::{self, Checkpoint, Mark},
    verification::{Defect, Verification},
};

fn checkpoints(scene: &Scene) -> Vec<Checkpoint> {
    let keys = ChainKeys::new(&settings::for_tests().signing_keys);
    block_on(checkpoint::all(scene.platform.database.as_ref(), &keys, None)).unwrap().authentic
}

/// The log in the database, verified with what the database and the object know of it.
fn verified(scene: &Scene) -> Verification {
    let head = ledger::read(scene.storage.as_ref()).unwrap().head;
    let mut verification = Verification::new(&checkpoints(scene), &[("audit/0".into(), head)]);
    let rows = block_on(scene.platform.database.batch(vec![sql("SELECT * FROM events ORDER BY position")])).unwrap();
    let keys = ChainKeys::new(&settings::for_tests().signing_keys);
    for row in &rows[0].rows {
        verification.row(&keys, row.as_object().unwrap());
    }
    verification.end()
}

fn defects(scene: &Scene) -> Vec<Defect> {
    verified(scene).findings.iter().map(|finding| finding.defect).collect()
}

/// A log of so many events of separate appends, in the database.
fn flushed(count: usize) -> Scene {
    let scene = Scene::new();
    append_and_flush(&scene, "request", count);
    scene
}

fn append_and_flush(scene: &Scene, request: &str, count: usize) {
    let now = scene.platform.clock.now();
    (0..count).for_each(|number| scene.events(vec![call(&format!("{request}-{number}"), now)]));
    scene.pass(Duration::from_secs(3));
}

#[test]
fn every_event_has_its_number_and_its_link() {
    let scene = flushed(5);
    let verified = verified(&scene);
    assert_eq!((verified.findings.as_slice(), verified.events, verified.unlinked), ([].as_slice(), 5, 0));
}

#[test]
fn an_event_that_comes_again_and_an_intent_that_an_outcome_brings_along_take_no_second_number() {
    let scene = Scene::new();
    let now = scene.platform.clock.now();
    let intent = Event { phase: Phase::Intent, outcome: Outcome::Started, ..call("one", now) };
    let outcome = Event { intent_at: Some(now), part: intent.part.clone(), ..call("one", now) };
    scene.events(vec![outcome.clone(), intent.clone()]);
    scene.pass(Duration::from_secs(3));
    scene.events(vec![intent, outcome, call("two", now)]);
    scene.pass(Duration::from_secs(3));
    let verified = verified(&scene);
    assert_eq!((verified.findings.as_slice(), verified.events), ([].as_slice(), 3));
}

#[test]
fn a_batch_that_the_database_took_and_the_object_did_not_hear_of_is_handed_over_again_as_it_was() {
    let scene = flushed(2);
    let before = ledger::read(scene.storage.as_ref()).unwrap().head;
    append_and_flush(&scene, "later", 2);
    // As if the object had died before it noted that: its chain is that of before, and the batch is still there.
    let rows =
        block_on(scene.platform.database.batch(vec![sql("SELECT * FROM events WHERE sequence > 2 ORDER BY position")]));
    let rows = serde_json::to_string(&rows.unwrap()[0].rows).unwrap();
    let link = ledger::read(scene.storage.as_ref()).unwrap().head.link;
    ledger::prepare(scene.storage.as_ref(), &ledger::Batch { rows, count: 2, link, last: 4 }).unwrap();
    let set_back = sql("UPDATE chain SET sequence = 2, link = ?1, checkpoint = 0").bind(&before.link);
    ObjectStorage::run(scene.storage.as_ref(), set_back).unwrap();
    append_and_flush(&scene, "last", 2);
    let verified = verified(&scene);
    assert_eq!((verified.findings.as_slice(), verified.events), ([].as_slice(), 6));
}

#[test]
fn storage_that_was_lost_begins_an_epoch_that_is_named() {
    let before = flushed(3);
    before.clock.advance(Duration::from_secs(1));
    let after = Scene::at(before.clock.clone(), Rc::new(Sqlite::empty()), before.platform.database.clone());
    append_and_flush(&after, "later", 3);
    let verified = verified(&after);
    assert_eq!((defects(&after), verified.events, verified.is_whole()), (vec![Defect::BegunAnew], 6, true));
}

#[test]
fn storage_that_was_set_back_begins_an_epoch_that_is_named() {
    let scene = flushed(3);
    scene.pass(Duration::from_secs(70));
    let set_back = sql("UPDATE chain SET sequence = 1, link = 'of then', checkpoint = 0");
    ObjectStorage::run(scene.storage.as_ref(), set_back).unwrap();
    let woken = Scene::at(scene.clock.clone(), scene.storage.clone(), scene.platform.database.clone());
    append_and_flush(&woken, "later", 3);
    assert_eq!(defects(&woken), [Defect::BegunAnew]);
}

#[test]
fn the_database_has_a_checkpoint_of_every_minute_in_which_something_came() {
    let scene = flushed(1);
    let reached =
        |scene: &Scene| checkpoints(scene).iter().find(|one| one.kind == Mark::Reached).map(|one| one.head.sequence);
    assert_eq!(reached(&scene), Some(1));
    append_and_flush(&scene, "later", 2);
    assert_eq!(reached(&scene), Some(1), "the minute is not over");
    scene.pass(Duration::from_secs(60));
    assert_eq!(reached(&scene), Some(3));
    let writes = scene.storage.changes();
    scene.pass(Duration::from_secs(600));
    assert_eq!(scene.storage.changes(), writes, "nothing came");
}

#[test]
fn events_whose_sender_does_not_name_the_object_are_recorded_without_a_link() {
    let scene = Scene::new();
    let delivery = Delivery { events: vec![call("one", scene.platform.clock.now())], ..Delivery::default() };
    block_on(scene.log.append(delivery));
    scene.pass(Duration::from_secs(3));
    let verified = verified(&scene);
    assert_eq!((verified.events, verified.unlinked, verified.is_whole()), (1, 1, true));
}

#[test]
fn a_person_who_is_renamed_in_the_log_is_found() {
    let scene = flushed(3);
    let rename = sql("UPDATE events SET person_name = 'mallory' WHERE sequence = 2");
    block_on(scene.platform.database.batch(vec![rename])).unwrap();
    let found = verified(&scene).findings;
    assert_eq!((found.len(), found[0].defect, found[0].first), (1, Defect::Changed, 2));
}

#[test]
fn whoever_asks_is_told_how_far_the_chain_has_come() {
    let scene = flushed(3);
    let look = Delivery { shard: "audit/0".into(), handing: Handing::Look, ..Delivery::default() };
    let Reply::Head(head) = block_on(scene.log.append(look)) else { panic!("no head") };
    assert_eq!(head.sequence, 3);
}
