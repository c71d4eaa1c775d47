//! What reaches the database of calls with an intent, over real objects of both kinds, whatever one of them loses.

use std::{cell::RefCell, collections::BTreeSet};

use futures::future::{FutureExt, LocalBoxFuture};
use proptest::prelude::*;

use super::*;
use crate::{
    audit::{Outcome, delivery::Handing, log::AuditLog},
    platform::{
        audit_logs::AuditLogs,
        database::{Database, Rows},
    },
};

/// The database, which may be away.
struct Distant {
    database: Rc<dyn Database>,
    is_away: Rc<Cell<bool>>,
}

impl Database for Distant {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, Fault>> {
        if self.is_away.get() {
            return async { Err(Fault::new("database", "away")) }.boxed_local();
        }
        self.database.batch(statements)
    }
}

/// The object of the log that is awake.
#[derive(Clone)]
struct RealLog(Rc<RefCell<Rc<AuditLog>>>);

impl AuditLogs for RealLog {
    fn append(&self, _object: &str, delivery: String) -> LocalBoxFuture<'static, Result<String, Fault>> {
        let log = Rc::clone(&self.0.borrow());
        async move { Ok(serde_json::to_string(&log.append(serde_json::from_str(&delivery).unwrap()).await).unwrap()) }
            .boxed_local()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Object {
    Session,
    AuditLog,
}

#[derive(Debug, Clone)]
enum Step {
    /// A call is let run.
    Call,
    /// So many milliseconds pass.
    Pass(u64),
    /// The outcomes of all calls under way come to the log.
    Settle,
    /// The isolate dies with the calls under way. Their intents are handed on before anything else is lost.
    Die,
    Evict(Object),
    SetDatabase {
        is_away: bool,
    },
}

/// A call under way, with its intent.
struct UnderWay {
    intent: Event,
    /// The Session object that let it run has lost its storage since: one misfortune is enough.
    is_spared: bool,
}

struct World {
    scene: Scene,
    log: RealLog,
    log_platform: Platform,
    log_storage: Rc<Sqlite>,
    is_database_away: Rc<Cell<bool>>,
    under_way: Vec<UnderWay>,
    called: BTreeSet<String>,
}

fn awake(platform: &Platform, storage: &Rc<Sqlite>) -> Rc<AuditLog> {
    Rc::new(AuditLog::new(Rc::new(settings::for_tests()), platform.clone(), storage.clone()).unwrap())
}

impl World {
    fn new() -> Self {
        let scene = Scene::new();
        let is_database_away = Rc::<Cell<bool>>::default();
        let database = Distant { database: Rc::clone(&scene.platform.database), is_away: is_database_away.clone() };
        let log_platform = Platform { database: Rc::new(database), ..scene.platform.clone() };
        let log_storage = Rc::new(Sqlite::empty());
        let log = RealLog(Rc::new(RefCell::new(awake(&log_platform, &log_storage))));
        let platform = Platform { audit_logs: Rc::new(log.clone()), ..scene.platform.clone() };
        let scene = Scene { platform, ..scene }.woken();
        let (under_way, called) = (Vec::new(), BTreeSet::new());
        Self { scene, log, log_platform, log_storage, is_database_away, under_way, called }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Call => self.call(),
            Step::Pass(milliseconds) => self.pass(Duration::from_millis(*milliseconds)),
            Step::Settle => self.settle(),
            Step::Die => {
                self.under_way.retain(|call| call.is_spared);
                self.pass(Duration::from_millis(200));
            }
            Step::Evict(object) => self.wake(*object),
            Step::SetDatabase { is_away } => self.is_database_away.set(*is_away),
        }
    }

    fn call(&mut self) {
        let request = format!("request-{}", self.called.len());
        let intent = Event { request_id: RequestId::new(&request), at: self.scene.platform.clock.now(), ..intent() };
        if self.scene.turn(Admit { intent: Some(Box::new(intent.clone())), ..write() }).is_ok() {
            self.called.insert(request);
            self.under_way.push(UnderWay { intent, is_spared: false });
        }
    }

    fn settle(&mut self) {
        let outcome = |UnderWay { intent, .. }: UnderWay| {
            Event { phase: Phase::Outcome, intent_at: Some(intent.at), ..intent }.ending(Outcome::Succeeded)
        };
        let events = self.under_way.drain(..).map(outcome).collect();
        let log = Rc::clone(&self.log.0.borrow());
        block_on(log.append(Delivery { handing: Handing::Over, events, ..Delivery::default() }));
    }

    /// Has an object wake up over the storage that it has.
    fn wake(&mut self, object: Object) {
        match object {
            Object::Session => {
                let (settings, platform) = (Rc::new(settings::for_tests()), self.scene.platform.clone());
                self.scene.session = Session::new(settings, platform, self.scene.storage.clone()).unwrap();
            }
            Object::AuditLog => *self.log.0.borrow_mut() = awake(&self.log_platform, &self.log_storage),
        }
    }

    /// Takes an object's storage away, its alarm with it.
    fn lose(&mut self, object: Object) {
        match object {
            Object::Session => {
                self.scene.storage = Rc::new(Sqlite::empty());
                self.under_way.iter_mut().for_each(|call| call.is_spared = true);
            }
            Object::AuditLog => self.log_storage = Rc::new(Sqlite::empty()),
        }
        self.wake(object);
    }

    /// Lets time pass, with every alarm in it.
    fn pass(&self, time: Duration) {
        let clock = &self.scene.clock;
        let end = self.scene.platform.clock.now() + time;
        loop {
            let alarms = [(&self.scene.storage, Object::Session), (&self.log_storage, Object::AuditLog)];
            let alarms =
                alarms.into_iter().filter_map(|(storage, object)| Some((storage.alarm.get()?, storage, object)));
            let first = alarms.filter(|(at, ..)| *at <= end).min_by_key(|(at, ..)| *at);
            let Some((at, storage, object)) = first else { break };
            storage.alarm.set(None);
            clock.advance(at.since(self.scene.platform.clock.now()));
            let log = Rc::clone(&self.log.0.borrow());
            match object {
                Object::Session => block_on(self.scene.session.alarm()),
                Object::AuditLog => block_on(log.alarm()),
            }
        }
        clock.advance(end.since(self.scene.platform.clock.now()));
    }

    /// The requests whose intents are in the database.
    fn recorded(&self) -> BTreeSet<String> {
        let query = sql("SELECT request_id FROM events WHERE phase = 'intent'");
        let rows = block_on(self.scene.platform.database.run(query)).unwrap().rows;
        rows.iter().filter_map(|row| row["request_id"].as_str()).map(str::to_owned).collect()
    }

    /// How many intents the Session object still has.
    fn kept(&self) -> usize {
        let query = sql("SELECT sequence FROM outbox");
        ObjectStorage::run(self.scene.storage.as_ref(), query).map(|rows| rows.rows.len()).unwrap_or_default()
    }
}

fn any_object() -> impl Strategy<Value = Object> {
    prop_oneof![Just(Object::Session), Just(Object::AuditLog)]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Call),
        3 => (0_u64..300).prop_map(Step::Pass),
        2 => (0_u64..15_000).prop_map(Step::Pass),
        2 => Just(Step::Settle),
        1 => Just(Step::Die),
        1 => any_object().prop_map(Step::Evict),
        1 => any::<bool>().prop_map(|is_away| Step::SetDatabase { is_away }),
    ]
}

proptest! {
    #[test]
    fn every_intent_reaches_the_database_though_one_object_loses_its_storage_once(
        before in prop::collection::vec(any_step(), 0..20),
        loses in any_object(),
        after in prop::collection::vec(any_step(), 0..20),
    ) {
        let mut world = World::new();
        before.iter().for_each(|step| world.take(step));
        world.lose(loses);
        after.iter().for_each(|step| world.take(step));
        world.settle();
        world.is_database_away.set(false);
        world.pass(Duration::from_secs(120));
        prop_assert_eq!(world.recorded(), world.called.clone());
        prop_assert_eq!(world.kept(), 0);
    }
}

#[test]
fn intents_that_the_database_has_are_asked_for_once_and_not_handed_on_again() {
    let mut world = World::new();
    world.call();
    world.pass(Duration::from_secs(3));
    assert_eq!((world.recorded().len(), world.kept()), (1, 1));
    let before = world.log_storage.changes();
    world.pass(Duration::from_secs(3));
    assert_eq!((world.kept(), world.log_storage.changes()), (0, before));
    assert_eq!(world.scene.storage.alarm.get(), None);
}

#[test]
fn while_the_database_is_away_an_object_that_sleeps_now_and_then_hands_on_nothing_twice() {
    let mut world = World::new();
    world.is_database_away.set(true);
    world.call();
    for _ in 0..10 {
        world.pass(Duration::from_secs(10));
        world.wake(Object::Session);
        world.wake(Object::AuditLog);
    }
    let waiting = ObjectStorage::run(world.log_storage.as_ref(), sql("SELECT sequence FROM log")).unwrap();
    assert_eq!((waiting.rows.len(), world.kept()), (1, 1));
}
