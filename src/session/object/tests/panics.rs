//! What a defect within a turn leaves behind.

use futures::{
    FutureExt,
    future::{LocalBoxFuture, poll_fn},
};

use super::*;
use crate::platform::{
    database::Rows,
    fetch::{Http, HttpError, InboundResponse, OutboundRequest},
};

/// Storage in which the first alarm meets a defect.
struct Flawed {
    storage: Rc<Sqlite>,
    is_flawed: Cell<bool>,
}

impl ObjectStorage for Flawed {
    fn run(&self, statement: Statement) -> Result<Rows, Fault> {
        ObjectStorage::run(self.storage.as_ref(), statement)
    }

    fn run_script(&self, script: &'static str) -> Result<(), Fault> {
        self.storage.run_script(script)
    }

    fn wake_at(&self, moment: Timestamp) -> LocalBoxFuture<'_, Result<(), Fault>> {
        assert!(!self.is_flawed.take(), "a defect");
        self.storage.wake_at(moment)
    }
}

fn flawed() -> Scene {
    let scene = Scene::new();
    let storage = Rc::new(Flawed { storage: scene.storage.clone(), is_flawed: Cell::new(true) });
    let session = Session::new(Rc::new(settings::for_tests()), scene.platform.clone(), storage).unwrap();
    Scene { session, ..scene }
}

#[test]
fn a_panic_is_told_to_whoever_asked() {
    assert!(matches!(flawed().take(read()), Reply::Panicked));
}

#[test]
fn the_turn_after_a_panic_goes_on_with_what_the_object_remembers() {
    let scene = flawed();
    scene.take(read());
    scene.take(read());
    scene.execute("DELETE FROM grants");
    assert!(scene.turn(read()).is_ok());
}

#[test]
fn what_waits_for_an_alarm_that_was_lost_is_handed_on_with_the_next_one() {
    let scene = flawed();
    scene.take(read());
    assert_eq!(scene.storage.alarm.get(), None);
    assert!(scene.turn(read()).is_ok());
    assert!(scene.storage.alarm.get().is_some());
    scene.clock.advance(Duration::from_secs(60));
    assert_eq!(scene.handed_on().admissions.len(), 1);
}

/// A provider whose answer meets a defect, after others have come to wait for it.
struct FlawedHttp;

impl Http for FlawedHttp {
    fn send(&self, _request: OutboundRequest) -> LocalBoxFuture<'_, Result<InboundResponse, HttpError>> {
        let mut polls = 0;
        poll_fn(move |context| {
            polls += 1;
            assert!(polls < 3, "a defect");
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .boxed_local()
    }
}

#[test]
fn nobody_waits_for_ever_for_a_renewal_that_panicked() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(10));
    let platform = Platform { http: Rc::new(FlawedHttp), ..scene.platform.clone() };
    let session = Session::new(Rc::new(settings::for_tests()), platform, scene.storage.clone()).unwrap();
    let turns = (0..5).map(|_| take(&session, &scene.subject, needing()));
    let unavailable = |reply| matches!(done(reply), Err(NotAdmitted::NoCredential(CredentialError::Unavailable)));
    assert!(block_on(join_all(turns)).into_iter().all(unavailable));
}
