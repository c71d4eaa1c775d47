//! The concurrency limit of one subject in an isolate: how many of its calls run at once, and how much they may read,
//! since the memory is everybody's.
//!
//! A call whose caller is gone may never come to its end here, because the runtime drops what waits for it. So a place
//! is given up by itself once no call can be under way any more that took it.
//!
//! A model that reads a dozen files at once is nobody's enemy: a call that finds no place waits for one for a while.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use crate::{
    identifiers::Subject,
    platform::clock::{Clock, Timestamp},
};

/// The most calls of one subject that run at once.
pub const MOST_CALLS: usize = 16;

/// How many bytes they may read from providers in all. What is made of them takes some times as much.
pub const MOST_BYTES: usize = 24_000_000;

/// The most calls of one subject that wait for a place.
const MOST_WAITING: usize = 64;

/// How long a call waits for a place, and after which time it looks again.
const PATIENCE: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(50);

/// The longest that a call takes: its steps, one after another, each with the provider's deadline.
pub const LONGEST: Duration = Duration::from_secs(120);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Running,
}

impl Stage {
    const fn most(self) -> usize {
        match self {
            Self::Waiting => MOST_WAITING,
            Self::Running => MOST_CALLS,
        }
    }
}

struct Flight {
    number: u64,
    began: Timestamp,
    stage: Stage,
    load: Load,
}

#[derive(Default)]
struct Flights {
    next: u64,
    of: HashMap<Subject, Vec<Flight>>,
}

thread_local! {
    /// Of every request that this isolate is serving. Plain data: nothing in it belongs to one request.
    static FLIGHTS: RefCell<Flights> = RefCell::default();
}

/// A call under way, until it is dropped.
#[must_use]
pub struct InFlight {
    subject: Subject,
    number: u64,
}

/// How many calls begin together, and how much they may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    pub calls: usize,
    pub bytes: usize,
}

/// Begins calls as soon as there are places for all of them; `None` where none came free in time, or where too many calls
/// wait already. Calls that begin together take their places together: two of two batches never wait for each other.
pub async fn enter(subject: &Subject, load: Load, clock: &dyn Clock) -> Option<InFlight> {
    let since = clock.now();
    if let Some(place) = begin(subject, load, since) {
        return Some(place);
    }
    // A call that waits reads nothing yet, and waits under a name of its own.
    let _waiting = begin_waiting(subject, since)?;
    while clock.now().since(since) < PATIENCE {
        clock.sleep(GLANCE).await;
        if let Some(place) = begin(subject, load, clock.now()) {
            return Some(place);
        }
    }
    None
}

fn begin(subject: &Subject, load: Load, now: Timestamp) -> Option<InFlight> {
    take_off(subject, Stage::Running, load, now)
}

fn begin_waiting(subject: &Subject, now: Timestamp) -> Option<InFlight> {
    take_off(subject, Stage::Waiting, Load { calls: 1, bytes: 0 }, now)
}

fn take_off(subject: &Subject, stage: Stage, load: Load, now: Timestamp) -> Option<InFlight> {
    FLIGHTS.with_borrow_mut(|flights| {
        let number = flights.next;
        let of_subject = flights.of.entry(subject.clone()).or_default();
        of_subject.retain(|flight| now.since(flight.began) < LONGEST);
        let reading: usize = of_subject.iter().map(|flight| flight.load.bytes).sum();
        let alike: usize =
            of_subject.iter().filter(|flight| flight.stage == stage).map(|flight| flight.load.calls).sum();
        if alike + load.calls > stage.most() || reading + load.bytes > MOST_BYTES {
            return None;
        }
        of_subject.push(Flight { number, began: now, stage, load });
        flights.next += 1;
        Some(InFlight { subject: subject.clone(), number })
    })
}

impl Drop for InFlight {
    fn drop(&mut self) {
        // It may be dropped where nothing can be asked any more: then it has gone already.
        let _ = FLIGHTS.try_with(|flights| {
            let Ok(mut flights) = flights.try_borrow_mut() else { return };
            if let Some(of_subject) = flights.of.get_mut(&self.subject) {
                of_subject.retain(|flight| flight.number != self.number);
                if of_subject.is_empty() {
                    flights.of.remove(&self.subject);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::{identifiers::UserId, platform::native::memory::TestClock};

    const ONE: Load = Load { calls: 1, bytes: 1 };
    const LONG: Load = Load { calls: 1, bytes: 4_000_000 };

    fn person(id: &str) -> Subject {
        Subject::Person(UserId::new(id))
    }

    #[test]
    fn a_seventeenth_call_is_refused_until_one_has_ended_and_another_person_is_not() {
        let mut calls: Vec<_> = (0..16).map(|_| begin(&person("a"), ONE, Timestamp(0)).expect("a place")).collect();
        assert!(begin(&person("a"), ONE, Timestamp(0)).is_none());
        assert!(begin(&person("b"), ONE, Timestamp(0)).is_some());
        calls.pop();
        assert!(begin(&person("a"), ONE, Timestamp(0)).is_some());
    }

    #[test]
    fn a_call_that_finds_no_place_waits_ten_seconds_for_one() {
        let (clock, since) = (TestClock::default(), TestClock::default().now());
        let _calls: Vec<_> = (0..16).map(|_| begin(&person("a"), ONE, since).expect("a place")).collect();
        assert!(block_on(enter(&person("a"), ONE, &clock)).is_none());
        assert_eq!(clock.now().since(since), PATIENCE);
    }

    #[test]
    fn a_call_that_waits_begins_when_another_has_ended() {
        let clock = TestClock::default();
        let running = (0..16).map(|_| begin(&person("a"), ONE, clock.now()).expect("a place"));
        // The last one ends by itself within the wait, as one does whose caller is gone.
        std::mem::forget(running.collect::<Vec<_>>());
        clock.advance(LONGEST.checked_sub(Duration::from_secs(1)).unwrap());
        assert!(block_on(enter(&person("a"), ONE, &clock)).is_some());
    }

    #[test]
    fn a_call_is_refused_where_as_many_wait_already_as_may() {
        let now = Timestamp(0);
        let waiting: Vec<_> = (0..MOST_WAITING).map(|_| begin_waiting(&person("a"), now).expect("a place")).collect();
        assert!(begin_waiting(&person("a"), now).is_none());
        drop(waiting);
        assert!(begin_waiting(&person("a"), now).is_some());
    }

    #[test]
    fn fewer_calls_run_at_once_where_they_read_long_texts() {
        let _calls: Vec<_> = (0..6).map(|_| begin(&person("a"), LONG, Timestamp(0)).expect("a place")).collect();
        assert!(begin(&person("a"), LONG, Timestamp(0)).is_none());
    }

    #[test]
    fn calls_that_begin_together_take_a_place_each() {
        let batch = Load { calls: 10, bytes: 10 };
        let first = begin(&person("a"), batch, Timestamp(0)).expect("places");
        assert!(begin(&person("a"), batch, Timestamp(0)).is_none());
        drop(first);
        assert!(begin(&person("a"), batch, Timestamp(0)).is_some());
    }

    #[test]
    fn a_call_that_never_came_to_its_end_takes_its_place_for_two_minutes() {
        let calls: Vec<_> = (0..16).map(|_| begin(&person("a"), ONE, Timestamp(0)).expect("a place")).collect();
        std::mem::forget(calls);
        assert!(begin(&person("a"), ONE, Timestamp(119_999)).is_none());
        assert!(begin(&person("a"), ONE, Timestamp(120_000)).is_some());
    }
}
