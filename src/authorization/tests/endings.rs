//! The end of a grant, where whoever ends it dies on the way: object and record come to say the same, and the log has it
//! once.

use std::{cell::Cell, collections::BTreeSet, rc::Rc};

use futures::{
    FutureExt,
    future::{LocalBoxFuture, pending},
};
use futures_executor::block_on;
use serde_json::Value;

use super::objects::Objects;
use crate::{
    authorization::{
        grants::{self, ENDED_BY_PERSON},
        testing::House,
    },
    identifiers::{GrantId, Subject, UserId},
    platform::{
        Fault,
        audit_logs::AuditLogs,
        database::{Database, Rows, Statement, sql},
        native::memory::Appended,
        sessions::Sessions,
    },
    session,
};

/// How many more things the process gets done before it dies.
#[derive(Clone)]
struct Life(Rc<Cell<u32>>);

impl Life {
    fn take<'a, T: 'a>(&self, what: LocalBoxFuture<'a, T>) -> LocalBoxFuture<'a, T> {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        if left == 0 { pending().boxed_local() } else { what }
    }
}

/// A port as that process sees it.
struct Mortal<T: ?Sized>(Life, Rc<T>);

impl Database for Mortal<dyn Database> {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, Fault>> {
        self.0.take(self.1.batch(statements))
    }
}

impl Sessions for Mortal<dyn Sessions> {
    fn call(&self, user: &str, command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        let user = user.to_owned();
        self.0.take(async move { self.1.call(&user, command).await }.boxed_local())
    }
}

impl AuditLogs for Mortal<dyn AuditLogs> {
    fn append(&self, object: &str, delivery: String) -> LocalBoxFuture<'static, Result<String, Fault>> {
        let (log, object) = (Rc::clone(&self.1), object.to_owned());
        self.0.take(async move { log.append(&object, delivery).await }.boxed_local())
    }
}

/// A record that fails so many times.
struct Failing(Cell<u32>, Rc<dyn Database>);

impl Database for Failing {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, Fault>> {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        if left > 0 {
            return async { Err(Fault::new("database", "out of reach")) }.boxed_local();
        }
        self.1.batch(statements)
    }
}

/// Everything that ending a grant does: the look at the record, the turn of the object, the record, the log.
const STEPS: u32 = 4;

struct Aftermath {
    is_live_in_object: bool,
    is_live_on_record: bool,
    /// The keys of the events.
    events: BTreeSet<String>,
}

/// Ends a grant in a process that gets `life` things done, beside an object that is put to sleep or not, and whose first
/// words to the record may fail; then the object's alarm goes off twice.
fn end(life: u32, sleeps: bool, failures: u32) -> Aftermath {
    let mut house = House::default();
    house.refreshable();
    let grant = house.run(sql("SELECT id FROM grants"))[0]["id"].as_str().map(GrantId::new).unwrap();
    let (user, log) = (UserId::new("alice"), Appended::default());
    let objects = Rc::new(Objects::default());
    let mut of_objects = house.context.platform.clone();
    let failing = Rc::new(Failing(Cell::new(failures), of_objects.database));
    of_objects.database = failing.clone();
    of_objects.audit_logs = Rc::new(log.clone());
    *objects.platform.borrow_mut() = Some(of_objects);

    let (alive, life) = (house.context.platform.clone(), Life(Rc::new(Cell::new(life))));
    let platform = &mut house.context.platform;
    platform.database = Rc::new(Mortal(life.clone(), Rc::clone(&alive.database)));
    let sessions: Rc<dyn Sessions> = objects.clone();
    platform.sessions = Rc::new(Mortal(life.clone(), sessions));
    let audit_logs: Rc<dyn AuditLogs> = Rc::new(log.clone());
    platform.audit_logs = Rc::new(Mortal(life, audit_logs));
    let ended = grants::end(&house.context, &user, &grant, ENDED_BY_PERSON).now_or_never();
    assert!(ended.is_none_or(|ended| ended.unwrap()));

    if sleeps {
        objects.awake.borrow_mut().clear();
    }
    for _ in 0..=failures {
        block_on(objects.get("alice").alarm());
    }
    failing.0.set(0);
    house.context.platform.database = alive.database;
    house.context.platform.sessions = objects;
    let is_live_in_object = block_on(session::is_live(&house.context, &Subject::Person(user), &grant)).unwrap();
    let events = log.0.take().into_iter().flat_map(|(_, delivery)| {
        let delivery: Value = serde_json::from_str(&delivery).unwrap();
        delivery["events"].as_array().cloned().unwrap_or_default()
    });
    let key = |event: Value| format!("{} {} {}", event["request_id"], event["phase"], event["part"]);
    Aftermath {
        is_live_in_object,
        is_live_on_record: house.number("SELECT COUNT(*) AS n FROM grants WHERE revoked_at IS NULL") == 1,
        events: events.filter(|event| event["kind"] == "grant_ended").map(key).collect(),
    }
}

#[test]
fn object_and_record_agree_and_the_log_has_the_end_once_wherever_the_process_dies() {
    for life in 0..=STEPS {
        for (sleeps, failures) in [(false, 0), (true, 0), (false, 1), (true, 1)] {
            let aftermath = end(life, sleeps, failures);
            let case = format!("life {life}, sleeps {sleeps}, failures {failures}");
            let has_ended = life >= 2; // the object was told
            assert_eq!(aftermath.is_live_in_object, !has_ended, "{case}");
            assert_eq!(aftermath.is_live_on_record, !has_ended, "{case}");
            assert_eq!(aftermath.events.len(), usize::from(has_ended), "{case}: {:?}", aftermath.events);
        }
    }
}
