//! What the audit log hears of calls from the object that let them run.

use super::*;
use crate::session::outbox::RETRY;

#[test]
fn the_intent_of_a_call_is_handed_on_to_the_log_once() {
    let scene = Scene::new();
    assert!(scene.turn(write()).is_ok());
    assert_eq!(scene.handed_on().events, [intent()]);
    assert_eq!(scene.handed_on().events.len(), 1);
}

/// How many intents the object still has.
fn kept(scene: &Scene) -> usize {
    ObjectStorage::run(scene.storage.as_ref(), sql("SELECT sequence FROM outbox")).unwrap().rows.len()
}

#[test]
fn an_intent_that_was_handed_on_is_kept_until_the_database_has_it() {
    let scene = Scene::new();
    scene.log.is_behind.set(true);
    assert!(scene.turn(write()).is_ok());
    scene.handed_on();
    let delay = settings::for_tests().audit_delay;
    assert!(scene.storage.alarm.get().is_some_and(|alarm| alarm > scene.platform.clock.now() + delay));
    assert_eq!((kept(&scene), scene.handed_on().events.len()), (1, 1));
    assert_eq!(scene.storage.alarm.get(), Some(scene.platform.clock.now() + RETRY));
    scene.log.is_behind.set(false);
    assert_eq!((scene.handed_on().events.len(), kept(&scene)), (1, 0));
}

#[test]
fn the_log_is_told_once_of_what_fits_into_one_delivery() {
    let scene = Scene::new();
    (0..3).for_each(|_| assert!(scene.turn(write()).is_ok()));
    scene.handed_on();
    assert_eq!(scene.log.appended.borrow().len(), 1);
}

#[test]
fn more_intents_than_fit_into_one_delivery_are_handed_on_at_once() {
    let scene = Scene::new();
    assert!(scene.turn(write()).is_ok());
    let more = sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
        INSERT INTO outbox (record) SELECT record FROM outbox, n");
    ObjectStorage::run(scene.storage.as_ref(), more).unwrap();
    assert_eq!((scene.handed_on().events.len(), kept(&scene)), (1201, 0));
}

#[test]
fn the_intent_of_a_call_is_durable_before_the_call_is_admitted() {
    let scene = Scene::new();
    assert!(scene.turn(write()).is_ok());
    let scene = scene.woken();
    assert_eq!(scene.handed_on().events, [intent()]);
}

#[test]
fn a_call_is_not_admitted_when_its_intent_cannot_be_recorded_and_one_without_is() {
    let scene = Scene::new();
    assert!(scene.turn(write()).is_ok());
    ObjectStorage::run(scene.storage.as_ref(), sql("DROP TABLE outbox")).unwrap();
    assert!(matches!(scene.turn(write()), Err(NotAdmitted::AuditUnavailable)));
    assert!(scene.turn(read()).is_ok());
}

#[test]
fn an_intent_of_an_earlier_release_is_handed_on_under_the_key_that_it_had() {
    let scene = Scene::new();
    let storage = scene.storage.as_ref();
    let row = r#"{"at":7,"request_id":"request","client_id":"client","tool":"tool","target":"","arguments_digest":"digest",
        "phase":"intent","outcome":"started","reason":null,"duration_milliseconds":null,"upstream_status":null}"#;
    storage
        .run_script("CREATE TABLE outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL)")
        .unwrap();
    ObjectStorage::run(storage, sql("INSERT INTO outbox (record) VALUES (?1)").bind(row)).unwrap();
    ObjectStorage::run(storage, sql("INSERT INTO owner (user_id) VALUES ('user')")).unwrap();
    let events = scene.woken().handed_on().events;
    assert_eq!((events.len(), events[0].part.as_str(), events[0].phase), (1, "user 1", Phase::Intent));
    assert_eq!((&events[0].person, events[0].tool.as_deref()), (&Some(person("user")), Some("tool")));
}

#[test]
fn calls_without_an_intent_are_counted_with_those_of_their_leases_for_half_of_the_time_until_they_are_missed() {
    let scene = Scene::new();
    let first = scene.turn(read()).ok().unwrap();
    let second = scene.turn(Admit { lease: None, ..read() }).ok().unwrap();
    assert_eq!(first.admission, second.admission);
    let leased = first.lease.unwrap().calls;
    scene.clock.advance(Duration::from_secs(60));
    let calls: Vec<u32> = scene.handed_on().admissions.iter().map(|admission| admission.calls).collect();
    assert_eq!(calls, [leased + 2]);
}

#[test]
fn what_was_counted_is_handed_on_once_and_after_it_calls_are_counted_anew() {
    let scene = Scene::new();
    let first = scene.turn(read()).ok().unwrap().admission;
    scene.clock.advance(Duration::from_secs(60));
    scene.handed_on();
    assert_ne!(scene.turn(read()).ok().unwrap().admission, first);
    scene.clock.advance(Duration::from_secs(60));
    assert_eq!(scene.handed_on().admissions.len(), 2);
}

#[test]
fn the_alarm_of_an_intent_leaves_calls_that_are_still_counted_to_their_own() {
    let scene = Scene::new();
    let began = scene.platform.clock.now();
    let first = scene.turn(read()).ok().unwrap().admission;
    assert!(scene.turn(write()).is_ok());
    assert!(scene.handed_on().admissions.is_empty());
    assert_eq!(scene.storage.alarm.get(), Some(began + Duration::from_secs(60)));
    assert_eq!(scene.turn(read()).ok().unwrap().admission, first);
}

#[test]
fn a_call_with_an_intent_is_not_counted() {
    let scene = Scene::new();
    assert_eq!(scene.turn(write()).ok().unwrap().admission, None);
    assert!(scene.handed_on().admissions.is_empty());
}

#[test]
fn the_alarm_of_a_call_now_and_then_is_not_put_off_by_the_next_one() {
    let mut scene = Scene::new();
    scene.take(read());
    let alarm = scene.storage.alarm.get();
    for _ in 0..3 {
        scene.clock.advance(Duration::from_secs(15));
        scene = scene.woken();
        scene.take(read());
        assert_eq!(scene.storage.alarm.get(), alarm);
    }
}

#[test]
fn an_alarm_that_never_came_is_asked_for_again() {
    let scene = Scene::new();
    scene.take(read());
    scene.storage.alarm.set(None);
    scene.clock.advance(Duration::from_secs(61));
    let scene = scene.woken();
    scene.take(read());
    assert!(scene.storage.alarm.get().is_some());
}

#[test]
fn what_the_log_did_not_take_stays_and_is_tried_again() {
    let scene = Scene::new();
    scene.take(write());
    scene.take(read());
    scene.clock.advance(Duration::from_secs(60));
    scene.log.is_away.set(true);
    assert_eq!(scene.handed_on().len(), 0);
    assert_eq!(scene.storage.alarm.get(), Some(scene.platform.clock.now() + RETRY));
    scene.log.is_away.set(false);
    assert_eq!(scene.handed_on().len(), 2);
}
