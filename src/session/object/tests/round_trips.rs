//! How often a call asks the record, which may be far away.

use futures::future::LocalBoxFuture;

use super::*;
use crate::platform::database::{Database, Rows};

/// The record, with its round trips counted.
struct Counted {
    record: Rc<dyn Database>,
    trips: Rc<Cell<usize>>,
}

impl Database for Counted {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, Fault>> {
        self.trips.set(self.trips.get() + 1);
        self.record.batch(statements)
    }
}

/// Somebody with an account, and how often the record was asked.
fn scene() -> (Scene, Rc<Cell<usize>>) {
    let mut scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    let trips = Rc::<Cell<usize>>::default();
    let record = Counted { record: Rc::clone(&scene.platform.database), trips: Rc::clone(&trips) };
    scene.platform.database = Rc::new(record);
    (scene.woken(), trips)
}

#[test]
fn a_call_of_somebody_never_seen_asks_the_record_once() {
    let (scene, trips) = scene();
    assert!(token(&scene.turn(needing())).is_some());
    assert_eq!(trips.get(), 1);
}

#[test]
fn a_call_after_fifteen_quiet_seconds_asks_nothing_of_the_record() {
    let (scene, trips) = scene();
    scene.take(needing());
    scene.clock.advance(Duration::from_secs(15));
    let before = trips.get();
    assert!(token(&scene.woken().turn(needing())).is_some());
    assert_eq!(trips.get(), before);
}

#[test]
fn a_call_that_rested_for_the_life_of_an_access_token_asks_the_record_once() {
    let (scene, trips) = scene();
    scene.take(needing());
    scene.clock.advance(scene.session.settings.access_token_life);
    let before = trips.get();
    assert!(token(&scene.woken().turn(needing())).is_some());
    assert_eq!(trips.get(), before + 1);
}

#[test]
fn a_call_under_an_access_token_that_was_prepared_for_asks_nothing_of_the_record() {
    let (scene, trips) = scene();
    scene.take(prepare());
    scene.clock.advance(scene.session.settings.access_token_life - Duration::from_secs(2));
    let before = trips.get();
    assert!(token(&scene.woken().turn(needing())).is_some());
    assert_eq!(trips.get(), before);
}

#[test]
fn a_grant_that_is_known_is_read_again_for_the_next_access_token() {
    let (scene, trips) = scene();
    scene.take(prepare());
    let before = trips.get();
    scene.clock.advance(scene.session.settings.access_token_life / 2);
    scene.take(prepare());
    assert!(trips.get() > before);
}

#[test]
fn nothing_is_read_of_the_accounts_of_a_grant_that_has_ended() {
    let (scene, _) = scene();
    scene.take(end_grant());
    scene.take(prepare());
    assert!(!scene.session.credentials.remembers(Site::main(&BITBUCKET), 1));
}

#[test]
fn a_call_now_and_then_writes_one_row_to_the_objects_storage() {
    let (scene, _) = scene();
    scene.take(needing());
    let mut scene = scene;
    for _ in 0..3 {
        scene.clock.advance(Duration::from_secs(15));
        scene = scene.woken();
        let before = scene.storage.changes();
        assert!(scene.turn(Admit { lease: None, ..needing() }).is_ok());
        assert_eq!(scene.storage.changes(), before + 1);
    }
}
