use std::rc::Rc;

use futures_executor::block_on;

use super::*;
use crate::{
    audit::{
        kind::Kind,
        testing::{AfterResponse, PlayedLog},
    },
    identifiers::{RequestId, UserId},
    platform::native::{
        self,
        memory::{ScriptedHttp, TestClock},
    },
    settings,
};

struct Isolate {
    context: Context,
    caller: AfterResponse,
    log: PlayedLog,
    clock: TestClock,
}

impl Isolate {
    fn new() -> Self {
        let (caller, log, clock) = (AfterResponse::default(), PlayedLog::default(), TestClock::default());
        let platform = Platform {
            caller: Rc::new(caller.clone()),
            audit_logs: Rc::new(log.clone()),
            clock: Rc::new(clock.clone()),
            ..native::platform(ScriptedHttp::unreachable())
        };
        let context = Context::new(settings::for_tests().into(), platform, RequestId::new("request"));
        Self { context, caller, log, clock }
    }

    fn gather(&self, person: &str) {
        gather(&self.context, event(person));
    }

    /// What the requests so far do after their responses.
    fn respond(&self) {
        self.caller.respond();
    }

    /// How many events each append brought.
    fn appends(&self) -> Vec<usize> {
        self.log.appended.borrow().iter().map(|(_, delivery)| delivery.events.len()).collect()
    }
}

fn event(person: &str) -> Event {
    Event::new(Kind::SignIn, &RequestId::new("request"), Timestamp(0)).of(&UserId::new(person))
}

#[test]
fn events_of_one_moment_are_one_append_for_all_people_of_a_shard() {
    let isolate = Isolate::new();
    (0..100).for_each(|person| isolate.gather(&format!("person-{person}")));
    isolate.respond();
    let appends = isolate.appends();
    assert_eq!((appends.len(), appends.iter().sum::<usize>()), (8, 100));
}

#[test]
fn what_was_appended_is_not_appended_again() {
    let isolate = Isolate::new();
    isolate.gather("alice");
    isolate.respond();
    isolate.gather("alice");
    isolate.respond();
    assert_eq!(isolate.appends(), [1, 1]);
}

#[test]
fn a_later_request_takes_over_what_the_first_one_left() {
    let isolate = Isolate::new();
    isolate.gather("alice");
    // The runtime has ended the request, and what it was to do after its response.
    isolate.caller.0.take();
    take_over(&isolate.context);
    assert!(isolate.caller.0.borrow().is_empty(), "it may still be on its way");
    isolate.clock.advance(OVERDUE);
    take_over(&isolate.context);
    isolate.respond();
    assert_eq!(isolate.appends(), [1]);
}

#[test]
fn an_event_of_an_unreachable_log_waits_and_is_the_same_event_later() {
    let isolate = Isolate::new();
    isolate.log.is_away.set(true);
    let event = event("alice");
    block_on(record(&isolate.context, event.clone()));
    isolate.log.is_away.set(false);
    take_over(&isolate.context);
    isolate.respond();
    assert_eq!(isolate.log.appended.borrow()[0].1.events, [event]);
}

#[test]
fn memory_is_not_filled_with_events_that_cannot_be_appended() {
    let mut waiting = Waiting::default();
    let full = Delivery { events: vec![event("alice"); MOST], ..Delivery::default() };
    assert!(waiting.add(full));
    assert!(!waiting.add(Delivery { events: vec![event("alice")], ..Delivery::default() }));
}
