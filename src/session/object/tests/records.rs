//! What is on record of calls and grants, and when.

use super::*;

#[test]
fn the_intent_of_a_write_is_on_record_before_it_is_admitted_and_that_of_a_read_is_not() {
    let scene = Scene::new();
    assert!(scene.turn(read()).is_ok());
    assert_eq!(scene.recorded(), []);
    assert!(scene.turn(write()).is_ok());
    assert_eq!(scene.recorded(), [(Phase::Intent, Outcome::Started)]);
}

#[test]
fn a_write_is_not_admitted_when_its_intent_cannot_be_recorded_and_a_read_is() {
    let scene = Scene::new();
    assert!(scene.turn(write()).is_ok());
    ObjectStorage::run(scene.storage.as_ref(), sql("DROP TABLE outbox")).unwrap();
    assert!(matches!(scene.turn(write()), Err(NotAdmitted::AuditUnavailable)));
    assert!(scene.turn(read()).is_ok());
}

#[test]
fn a_denied_call_is_on_record() {
    let scene = Scene::new();
    assert_eq!(scene.turn(refuse()), Ok(()));
    assert_eq!(scene.recorded(), [(Phase::Outcome, Outcome::Denied)]);
}

fn settlement(outcomes: usize) -> Settle {
    let settled = || Settlement {
        at: Timestamp(7),
        call: call(),
        outcome: Outcome::Succeeded,
        reason: None,
        duration_milliseconds: 5,
        upstream_status: Some(200),
    };
    Settle((0..outcomes).map(|_| settled()).collect())
}

#[test]
fn an_outcome_is_on_record_after_the_alarm_that_it_asked_for() {
    let scene = Scene::new();
    scene.turn(settlement(1));
    assert_eq!(scene.storage.alarm.get(), Some(scene.platform.clock.now() + Duration::from_secs(2)));
    assert_eq!(scene.recorded(), [(Phase::Outcome, Outcome::Succeeded)]);
}

#[test]
fn outcomes_that_came_together_are_all_on_record() {
    let scene = Scene::new();
    scene.turn(settlement(3));
    assert_eq!(scene.recorded().len(), 3);
}

#[test]
fn the_record_learns_when_a_grant_was_used_last() {
    let scene = Scene::new();
    assert!(scene.turn(write()).is_ok());
    block_on(scene.session.alarm());
    let rows = block_on(scene.platform.database.run(sql("SELECT used_at FROM grants WHERE id = 'grant'"))).unwrap();
    assert_eq!(rows.rows[0]["used_at"], scene.platform.clock.now().0);
}

#[test]
fn a_last_use_that_could_not_be_told_is_told_with_the_next_flush() {
    let scene = Scene::new();
    assert!(scene.turn(write()).is_ok());
    scene.execute("ALTER TABLE grants RENAME TO away");
    block_on(scene.session.alarm());
    scene.execute("ALTER TABLE away RENAME TO grants");
    block_on(scene.session.alarm());
    let rows = block_on(scene.platform.database.run(sql("SELECT used_at FROM grants WHERE id = 'grant'"))).unwrap();
    assert_eq!(rows.rows[0]["used_at"], scene.platform.clock.now().0);
}

#[test]
fn a_flush_that_failed_is_asked_for_again() {
    let scene = Scene::new();
    assert_eq!(scene.turn(refuse()), Ok(()));
    scene.execute("ALTER TABLE events RENAME TO away");
    block_on(scene.session.alarm());
    assert_eq!(scene.storage.alarm.get(), Some(scene.platform.clock.now() + FLUSH_RETRY));
    scene.execute("ALTER TABLE away RENAME TO events");
    assert_eq!(scene.recorded(), [(Phase::Outcome, Outcome::Denied)]);
}
