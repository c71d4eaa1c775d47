//! The end of a grant and the end of everything of a person, where whoever ends it dies on the way: object and record come
//! to say the same, and the log has it once.

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
    context::Context,
    identifiers::{GrantId, Subject, UserId},
    identity::deprovisioning,
    platform::{
        Fault,
        audit_logs::AuditLogs,
        clock::Timestamp,
        database::{Database, Rows, Statement, sql},
        native::memory::Appended,
        sessions::Sessions,
    },
    session::{self, person_endings::Disabling},
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

struct World {
    house: House,
    objects: Rc<Objects>,
    /// The log, and the record as the object sees it: it fails as often as a test says.
    log: Appended,
    failing: Rc<Failing>,
    grant: GrantId,
}

impl World {
    /// Alice has a grant, and an account at a provider that cannot be reached.
    fn new() -> Self {
        let house = House::default();
        house.refreshable();
        let account = sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token,
                expires_at, version, state, created_at, updated_at)
            VALUES ('alice', 'bitbucket', '1', 'alice', '', 'sealed', 0, 1, 'connected', 0, 0)");
        house.run(account);
        let grant = house.run(sql("SELECT id FROM grants"))[0]["id"].as_str().map(GrantId::new).unwrap();
        let (objects, log) = (Rc::new(Objects::default()), Appended::default());
        let mut of_objects = house.context.platform.clone();
        let failing = Rc::new(Failing(Cell::new(0), of_objects.database));
        of_objects.database = failing.clone();
        of_objects.audit_logs = Rc::new(log.clone());
        *objects.platform.borrow_mut() = Some(of_objects);
        Self { house, objects, log, failing, grant }
    }

    /// A process that gets `life` things done.
    fn mortal(&self, life: u32) -> Context {
        let life = Life(Rc::new(Cell::new(life)));
        let mut context = self.house.context.clone();
        context.platform.database = Rc::new(Mortal(life.clone(), Rc::clone(&context.platform.database)));
        let sessions: Rc<dyn Sessions> = self.objects.clone();
        context.platform.sessions = Rc::new(Mortal(life.clone(), sessions));
        let audit_logs: Rc<dyn AuditLogs> = Rc::new(self.log.clone());
        context.platform.audit_logs = Rc::new(Mortal(life, audit_logs));
        context
    }

    /// The object is put to sleep or not, and the record fails it so many times; its alarm goes off until it is told.
    fn ring(&self, sleeps: bool, failures: u32) {
        if sleeps {
            self.objects.awake.borrow_mut().clear();
        }
        self.failing.0.set(failures);
        for _ in 0..=failures {
            block_on(self.objects.get("alice").alarm());
        }
        self.failing.0.set(0);
    }

    fn is_live_in_object(&self) -> bool {
        let mut context = self.house.context.clone();
        context.platform.sessions = self.objects.clone();
        block_on(session::is_live(&context, &Subject::Person(UserId::new("alice")), &self.grant)).unwrap()
    }

    fn is_live_on_record(&self) -> bool {
        self.house.number("SELECT COUNT(*) AS n FROM grants WHERE revoked_at IS NULL") == 1
    }

    /// The keys of the events of that kind that the log has.
    fn events(&self, kind: &str) -> BTreeSet<String> {
        let events = self
            .log
            .0
            .borrow()
            .iter()
            .flat_map(|(_, delivery)| {
                let delivery: Value = serde_json::from_str(delivery).unwrap();
                delivery["events"].as_array().cloned().unwrap_or_default()
            })
            .collect::<Vec<_>>();
        let key = |event: &Value| format!("{} {} {}", event["request_id"], event["phase"], event["part"]);
        events.iter().filter(|event| event["kind"] == kind).map(key).collect()
    }
}

/// Everything that ending a grant does: the look at the record, the turn of the object, the record, the log.
const STEPS: u32 = 4;

/// Everything that ending a person does: the same, and between the record and the last word to the object another turn
/// beside the log.
const STEPS_OF_PERSON: u32 = 6;

/// Each moment at which a process may die, and what becomes of the object and its words to the record meanwhile.
fn cases(steps: u32) -> impl Iterator<Item = (u32, bool, u32)> {
    let rest = [(false, 0), (true, 0), (false, 1), (true, 1)];
    (0..=steps).flat_map(move |life| rest.map(|(sleeps, failures)| (life, sleeps, failures)))
}

#[test]
fn object_and_record_agree_and_the_log_has_the_end_once_wherever_the_process_dies() {
    for (life, sleeps, failures) in cases(STEPS) {
        let world = World::new();
        let context = world.mortal(life);
        let ended = grants::end(&context, &UserId::new("alice"), &world.grant, ENDED_BY_PERSON).now_or_never();
        assert!(ended.is_none_or(|ended| ended.unwrap()));
        world.ring(sleeps, failures);
        let case = format!("life {life}, sleeps {sleeps}, failures {failures}");
        let has_ended = life >= 2; // the object was told
        assert_eq!(world.is_live_in_object(), !has_ended, "{case}");
        assert_eq!(world.is_live_on_record(), !has_ended, "{case}");
        assert_eq!(world.events("grant_ended").len(), usize::from(has_ended), "{case}");
    }
}

#[test]
fn the_end_of_a_person_is_whole_wherever_the_process_dies() {
    for (life, sleeps, failures) in cases(STEPS_OF_PERSON) {
        let world = World::new();
        let context = world.mortal(life);
        let disabling = Disabling { by: "ada".into(), reason: "left".into() };
        let ended = deprovisioning::disable(&context, &UserId::new("alice"), disabling).now_or_never();
        assert!(ended.is_none_or(|ended| ended.is_ok()));
        world.ring(sleeps, failures);
        let case = format!("life {life}, sleeps {sleeps}, failures {failures}");
        let has_ended = life >= 2; // the object was told
        assert_eq!(world.is_live_in_object(), !has_ended, "{case}");
        assert_eq!(world.is_live_on_record(), !has_ended, "{case}");
        let left = world.house.number(
            "SELECT (SELECT COUNT(*) FROM connections)
            + (SELECT COUNT(*) FROM users WHERE id = 'alice' AND disabled_at IS NULL) AS n",
        );
        assert_eq!(left, if has_ended { 0 } else { 2 }, "{case}");
        for kind in ["grant_ended", "connection_removed", "access_ended"] {
            assert_eq!(world.events(kind).len(), usize::from(has_ended), "{case}: {kind}");
        }
    }
}

#[test]
fn an_end_that_the_object_tells_late_takes_nothing_of_a_person_who_has_come_back() {
    for life in 3..STEPS_OF_PERSON {
        let world = World::new();
        let context = world.mortal(life);
        let alice = UserId::new("alice");
        drop(deprovisioning::end_person(&context, &alice, "asked for").now_or_never());
        let before = world.house.number("SELECT ended_before AS n FROM users WHERE id = 'alice'");
        world.house.run(
            sql("INSERT INTO browser_sessions (token_hash, user_id, created_at, expires_at)
                VALUES ('hash', 'alice', ?1, 9000000000000)")
            .bind(Timestamp(before + 1)),
        );
        world.house.run(sql(
            "INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token,
                    expires_at, version, state, created_at, updated_at)
                VALUES ('alice', 'bitbucket', '1', 'alice', '', 'sealed', 0, 1, 'connected', 0, 0)",
        ));
        world.ring(true, 0);
        let kept = "SELECT (SELECT COUNT(*) FROM browser_sessions) + (SELECT COUNT(*) FROM connections) AS n";
        assert_eq!(world.house.number(kept), 2, "life {life}");
        assert!(!world.is_live_in_object(), "life {life}");
    }
}
