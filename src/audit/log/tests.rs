mod chain;

use futures_executor::block_on;

use super::*;
use crate::{
    audit::{
        delivery::{Admission, Unused},
        event::{Call, Phase},
        kind::{Kind, Outcome},
        search::{self, Entry, Filter},
    },
    identifiers::{ClientId, RequestId, Subject, UserId},
    platform::native::{
        self,
        database::Sqlite,
        memory::{ScriptedHttp, TestClock},
    },
    settings,
};

struct Scene {
    log: AuditLog,
    platform: Platform,
    storage: Rc<Sqlite>,
    clock: TestClock,
}

impl Scene {
    fn new() -> Self {
        Self::over(Rc::new(Sqlite::empty()), Rc::new(Sqlite::migrated()))
    }

    fn over(storage: Rc<Sqlite>, database: Rc<dyn crate::platform::database::Database>) -> Self {
        Self::at(TestClock::default(), storage, database)
    }

    fn at(clock: TestClock, storage: Rc<Sqlite>, database: Rc<dyn crate::platform::database::Database>) -> Self {
        let platform =
            Platform { clock: Rc::new(clock.clone()), database, ..native::platform(ScriptedHttp::unreachable()) };
        let log = AuditLog::new(Rc::new(settings::for_tests()), platform.clone(), storage.clone()).unwrap();
        Self { log, platform, storage, clock }
    }

    fn append(&self, delivery: Delivery) {
        let delivery = Delivery { shard: "audit/0".into(), ..delivery };
        assert_eq!(block_on(self.log.append(delivery)), Reply::Appended);
    }

    fn events(&self, events: Vec<Event>) {
        self.append(Delivery { events, ..Delivery::default() });
    }

    /// Lets time pass until no alarm is due within it.
    fn pass(&self, time: Duration) {
        let end = self.platform.clock.now() + time;
        while let Some(alarm) = self.storage.alarm.get().filter(|alarm| *alarm <= end) {
            self.storage.alarm.set(None);
            self.clock.advance(alarm.since(self.platform.clock.now()));
            block_on(self.log.alarm());
        }
        self.clock.advance(end.since(self.platform.clock.now()));
    }

    fn recorded(&self) -> Vec<Entry> {
        let mut entries =
            block_on(search::search(self.platform.database.as_ref(), &Filter::default())).unwrap().entries;
        entries.reverse();
        entries
    }
}

fn alice() -> Subject {
    Subject::Person(UserId::new("alice"))
}

fn call(request: &str, now: Timestamp) -> Event {
    let call = Call {
        request_id: RequestId::new(request),
        client_id: ClientId::new("client"),
        tool: "whoami".into(),
        target: String::new(),
        arguments_digest: "digest".into(),
    };
    Event::call(&alice(), call, Phase::Outcome, "1".into(), now)
}

fn refusal(request: &str, now: Timestamp) -> Event {
    call(request, now).ending(Outcome::Denied).because("too many calls")
}

#[test]
fn an_event_is_in_the_database_after_the_delay() {
    let scene = Scene::new();
    scene.events(vec![call("one", scene.platform.clock.now())]);
    assert!(scene.recorded().is_empty());
    scene.pass(Duration::from_secs(2));
    assert_eq!(scene.recorded().len(), 1);
}

/// The receipt for events that whoever hands them on keeps.
fn receipt(scene: &Scene, handing: Handing, events: Vec<Event>) -> Receipt {
    match block_on(scene.log.append(Delivery { handing, events, ..Delivery::default() })) {
        Reply::Received(receipt) => receipt,
        reply => panic!("{reply:?}"),
    }
}

#[test]
fn a_receipt_confirms_an_event_once_the_database_has_it_and_no_sooner() {
    let scene = Scene::new();
    let received = receipt(&scene, Handing::On, vec![call("one", scene.platform.clock.now())]);
    assert!(received.confirmed < received.newest);
    scene.pass(Duration::from_secs(2));
    assert!(receipt(&scene, Handing::On, Vec::new()).confirmed >= received.newest);
}

#[test]
fn a_receipt_says_that_the_object_woke_up_anew() {
    let scene = Scene::new();
    let first = receipt(&scene, Handing::On, Vec::new());
    assert_eq!(receipt(&scene, Handing::On, Vec::new()).waking, first.waking);
    let woken = Scene::over(scene.storage.clone(), scene.platform.database.clone());
    assert_ne!(receipt(&woken, Handing::On, Vec::new()).waking, first.waking);
}

#[test]
fn what_is_handed_on_again_waits_once_with_what_was_missing() {
    let scene = Scene::new();
    let [one, two] = ["one", "two"].map(|request| call(request, scene.platform.clock.now()));
    scene.events(vec![one.clone()]);
    receipt(&scene, Handing::OnAgain, vec![one, two]);
    let waiting = ObjectStorage::run(scene.storage.as_ref(), sql("SELECT event FROM log")).unwrap();
    assert_eq!(waiting.rows.len(), 2);
}

#[test]
fn what_an_object_left_to_its_alarm_before_it_woke_up_is_not_put_off_by_what_comes_then() {
    let scene = Scene::new();
    scene.events(vec![call("one", scene.platform.clock.now())]);
    let woken = Scene::over(scene.storage.clone(), scene.platform.database.clone());
    woken.append(Delivery { admissions: vec![admission(1, woken.platform.clock.now())], ..Delivery::default() });
    woken.pass(Duration::from_secs(2));
    assert_eq!(woken.recorded().len(), 1);
}

#[test]
fn events_are_recorded_in_the_order_of_their_appends() {
    let scene = Scene::new();
    let now = scene.platform.clock.now();
    for request in ["one", "two", "three"] {
        scene.events(vec![call(request, now)]);
    }
    scene.pass(Duration::from_secs(2));
    let requests: Vec<String> = scene.recorded().into_iter().map(|entry| entry.request_id).collect();
    assert_eq!(requests, ["one", "two", "three"]);
}

#[test]
fn what_is_appended_twice_is_recorded_once_even_after_it_was_flushed() {
    let scene = Scene::new();
    let event = call("one", scene.platform.clock.now());
    scene.events(vec![event.clone(), event.clone()]);
    scene.pass(Duration::from_secs(2));
    scene.events(vec![event]);
    scene.pass(Duration::from_secs(2));
    assert_eq!(scene.recorded().len(), 1);
}

#[test]
fn an_object_whose_storage_began_anew_loses_no_later_event() {
    let before = Scene::new();
    before.events(vec![call("one", before.platform.clock.now())]);
    before.pass(Duration::from_secs(2));
    let after = Scene::over(Rc::new(Sqlite::empty()), before.platform.database.clone());
    after.events(vec![call("two", after.platform.clock.now())]);
    after.pass(Duration::from_secs(2));
    assert_eq!(after.recorded().len(), 2);
}

#[test]
fn what_the_database_does_not_take_stays_and_is_tried_again() {
    let storage = Rc::new(Sqlite::empty());
    let broken = Scene::over(storage.clone(), Rc::new(Sqlite::empty()));
    broken.events(vec![call("one", broken.platform.clock.now())]);
    broken.pass(Duration::from_secs(2));
    assert!(storage.alarm.get().is_some(), "it is to be tried again");
    let mended = Scene::over(storage, Rc::new(Sqlite::migrated()));
    mended.pass(RETRY + Duration::from_secs(2));
    assert_eq!(mended.recorded().len(), 1);
}

#[test]
fn more_than_one_batch_is_flushed_whole() {
    let scene = Scene::new();
    let now = scene.platform.clock.now();
    let count = BATCH * i64::try_from(BATCHES).unwrap() + 7;
    scene.events((0..count).map(|number| call(&number.to_string(), now)).collect());
    scene.pass(Duration::from_secs(3));
    assert!(scene.log.is_empty().unwrap());
}

#[test]
fn refusals_of_one_minute_are_one_event_and_a_count() {
    let scene = Scene::new();
    let now = scene.platform.clock.now();
    (0..35).for_each(|number| scene.events(vec![refusal(&number.to_string(), now)]));
    scene.pass(Duration::from_secs(2));
    assert_eq!(scene.recorded().len(), 1);
    scene.pass(Duration::from_secs(70));
    let counts: Vec<i64> = scene.recorded().iter().map(|entry| entry.count).collect();
    assert_eq!(counts, [1, 34]);
}

#[test]
fn refusals_for_another_reason_are_another_event() {
    let scene = Scene::new();
    let now = scene.platform.clock.now();
    scene.events(vec![refusal("one", now), refusal("two", now).because("the tool is disabled")]);
    scene.pass(Duration::from_secs(70));
    assert_eq!(scene.recorded().len(), 2);
}

fn admission(calls: u32, at: Timestamp) -> Admission {
    Admission { id: "first.1".into(), subject: alice(), client_id: ClientId::new("client"), at, calls }
}

/// An admission of so many calls, of which so many ended and so many of each lease will not be made: how many are missed.
fn missed(allowed: u32, ended: u32, unused: &[(&str, u32)]) -> Option<i64> {
    let scene = Scene::new();
    let now = scene.platform.clock.now();
    let ends = (0..ended).map(|number| Event { admission: Some("first.1".into()), ..call(&number.to_string(), now) });
    let unused =
        unused.iter().map(|(id, calls)| Unused { id: (*id).into(), admission: "first.1".into(), calls: *calls });
    scene.append(Delivery {
        events: ends.collect(),
        admissions: vec![admission(allowed, now)],
        unused: unused.collect(),
        ..Delivery::default()
    });
    scene.pass(Duration::from_secs(130));
    let recorded = scene.recorded();
    recorded.iter().find(|entry| entry.kind == Kind::Unaccounted).map(|entry| entry.count)
}

#[test]
fn calls_that_were_let_run_and_never_ended_are_counted() {
    assert_eq!(missed(33, 3, &[("one", 20)]), Some(10));
    assert_eq!(missed(1, 0, &[]), Some(1));
}

#[test]
fn calls_that_ended_or_were_given_back_are_not_missed() {
    assert_eq!(missed(33, 3, &[("one", 30)]), None);
    assert_eq!(missed(1, 1, &[]), None);
}

#[test]
fn each_lease_of_an_admission_gives_back_its_own_calls_once() {
    assert_eq!(missed(65, 5, &[("one", 30), ("another", 30)]), None);
    assert_eq!(missed(33, 3, &[("one", 20), ("one", 20)]), Some(10));
}

#[test]
fn a_panic_or_a_broken_storage_is_told_to_whoever_appends() {
    let scene = Scene::new();
    ObjectStorage::run(scene.storage.as_ref(), sql("DROP TABLE log")).unwrap();
    let delivery = Delivery { events: vec![call("one", Timestamp(0))], ..Delivery::default() };
    assert_eq!(block_on(scene.log.append(delivery)), Reply::Failed);
}
