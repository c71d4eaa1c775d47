use futures::future::{FutureExt, LocalBoxFuture, join_all};
use futures_executor::block_on;

use super::*;
use crate::{
    identifiers::RequestId,
    platform::{
        caller::Caller,
        clock::Clock,
        database::{Database, Rows, Statement, sql},
        native::{
            self,
            memory::{ScriptedHttp, TestClock},
        },
    },
    settings,
};

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

/// Keeps what is to be done after the response until the response has been given.
#[derive(Default)]
struct AfterTheResponse(RefCell<Vec<LocalBoxFuture<'static, ()>>>);

impl Caller for AfterTheResponse {
    fn gone(&self) -> LocalBoxFuture<'static, ()> {
        futures::future::pending().boxed_local()
    }

    fn finish_without(&self, work: LocalBoxFuture<'static, ()>) {
        self.0.borrow_mut().push(work);
    }
}

/// One isolate.
struct Isolate {
    context: Context,
    clock: TestClock,
    trips: Rc<Cell<usize>>,
    after: Rc<AfterTheResponse>,
}

impl Isolate {
    fn new() -> Self {
        forget();
        let (clock, trips, after) = (TestClock::default(), Rc::default(), Rc::new(AfterTheResponse::default()));
        let platform = native::platform(ScriptedHttp::unreachable());
        let record = Counted { record: Rc::clone(&platform.database), trips: Rc::clone(&trips) };
        let platform =
            Platform { database: Rc::new(record), clock: Rc::new(clock.clone()), caller: after.clone(), ..platform };
        let context = Context::new(settings::for_tests().into(), platform, RequestId::new("request"));
        Self { context, clock, trips, after }
    }

    fn version(&self) -> i64 {
        block_on(current(&self.context)).expect("a policy").version
    }

    /// How often the record was asked for it.
    fn trips_of(&self, act: impl FnOnce()) -> usize {
        let before = self.trips.get();
        act();
        self.trips.get() - before
    }

    fn finish_background_work(&self) {
        self.after.0.take().into_iter().for_each(block_on);
    }

    /// Another isolate changes the policy.
    fn change(&self) {
        block_on(self.context.platform.database.run(sql("UPDATE policy SET version = version + 1"))).unwrap();
    }
}

#[test]
fn the_version_is_asked_for_once_in_three_seconds_however_many_calls_there_are() {
    let isolate = Isolate::new();
    let calls = || {
        for _ in 0..100 {
            isolate.version();
        }
    };
    assert_eq!(isolate.trips_of(calls), 1);
    isolate.clock.advance(REFRESHED_AFTER);
    let trips = isolate.trips_of(|| {
        calls();
        isolate.finish_background_work();
        calls();
    });
    assert_eq!(trips, 1);
}

#[test]
fn calls_that_begin_together_in_a_new_isolate_ask_once() {
    let isolate = Isolate::new();
    let calls = || drop(block_on(join_all((0..20).map(|_| current(&isolate.context)))));
    assert_eq!(isolate.trips_of(calls), 1);
}

#[test]
fn a_changed_policy_comes_in_the_round_trip_that_asks_for_its_version() {
    let isolate = Isolate::new();
    let before = isolate.version();
    isolate.change();
    isolate.clock.advance(BELIEVED);
    assert_eq!(isolate.trips_of(|| assert_eq!(isolate.version(), before + 1)), 1);
}

#[test]
fn a_call_waits_for_the_version_where_what_is_known_may_be_five_seconds_old() {
    let isolate = Isolate::new();
    isolate.version();
    isolate.clock.advance(BELIEVED);
    assert!(in_force(&isolate.context).is_none());
}

#[test]
fn a_new_isolate_takes_the_snapshot_from_the_cache_and_asks_for_its_version_alone() {
    let isolate = Isolate::new();
    let version = isolate.version();
    isolate.finish_background_work();
    forget();
    // What is in the cache is told from what the record would give by this name.
    let row = "INSERT INTO tools (name, state, definition_digest, decided_by, decided_at)
        VALUES ('tool', 'disabled', 'digest', NULL, 0)";
    block_on(isolate.context.platform.database.run(sql(row))).unwrap();
    let snapshot = block_on(current(&isolate.context)).unwrap();
    assert_eq!((snapshot.version, snapshot.tools.contains_key("tool")), (version, false));
}

#[test]
fn a_snapshot_that_somebody_else_put_into_the_cache_is_not_believed() {
    let isolate = Isolate::new();
    let planted = PolicySnapshot { version: isolate.version(), ..PolicySnapshot::approving_all() };
    forget();
    let text = serde_json::to_string(&planted).unwrap();
    let platform = native::platform(ScriptedHttp::unreachable());
    block_on(platform.cache.put(KEY, text, LIFE));
    let platform = Platform { database: Rc::clone(&isolate.context.platform.database), ..platform };
    let context = Context::new(settings::for_tests().into(), platform, RequestId::new("request"));
    assert!(block_on(current(&context)).unwrap().tools.is_empty());
}

#[test]
fn an_isolate_that_changed_the_policy_sees_it_with_its_next_call() {
    let isolate = Isolate::new();
    let before = isolate.version();
    isolate.change();
    forget();
    assert_eq!(isolate.version(), before + 1);
}

#[test]
fn what_was_asked_before_a_change_of_this_isolate_is_not_kept_after_it() {
    let isolate = Isolate::new();
    isolate.version();
    isolate.clock.advance(REFRESHED_AFTER);
    assert!(in_force(&isolate.context).is_some());
    forget();
    isolate.finish_background_work();
    assert!(last_known().is_none());
}

#[test]
fn a_request_that_asked_and_never_came_to_its_end_does_not_keep_others_from_asking() {
    let isolate = Isolate::new();
    std::mem::forget(Asking::begin(isolate.clock.now()));
    isolate.version();
}
