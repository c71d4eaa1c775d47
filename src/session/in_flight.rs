//! How many calls of one subject an isolate runs at once, and how much they may read: its memory is everybody's.
//!
//! A call whose caller is gone may never come to its end here, because the runtime drops what waits for it. So a place is
//! given up by itself once no call can be under way any more that took it.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use crate::{identifiers::Subject, platform::clock::Timestamp};

/// How many calls of one subject run at once.
pub const MOST_CALLS: usize = 16;

/// How many bytes they may read from providers in all. What is made of them takes some times as much.
pub const MOST_BYTES: usize = 24_000_000;

/// The longest that a call takes: its steps, one after another, each with the provider's deadline.
const LONGEST: Duration = Duration::from_secs(120);

struct Flight {
    number: u64,
    began: Timestamp,
    bytes: usize,
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

/// Begins a call that may read so many bytes; `None` where too many are under way.
pub fn begin(subject: &Subject, bytes: usize, now: Timestamp) -> Option<InFlight> {
    FLIGHTS.with_borrow_mut(|flights| {
        let number = flights.next;
        let of_subject = flights.of.entry(subject.clone()).or_default();
        of_subject.retain(|flight| now.since(flight.began) < LONGEST);
        let reading: usize = of_subject.iter().map(|flight| flight.bytes).sum();
        if of_subject.len() >= MOST_CALLS || reading + bytes > MOST_BYTES {
            return None;
        }
        of_subject.push(Flight { number, began: now, bytes });
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
    use super::*;
    use crate::identifiers::UserId;

    fn person(id: &str) -> Subject {
        Subject::Person(UserId::new(id))
    }

    #[test]
    fn a_seventeenth_call_is_refused_until_one_has_ended_and_another_person_is_not() {
        let mut calls: Vec<_> = (0..16).map(|_| begin(&person("a"), 1, Timestamp(0)).expect("a place")).collect();
        assert!(begin(&person("a"), 1, Timestamp(0)).is_none());
        assert!(begin(&person("b"), 1, Timestamp(0)).is_some());
        calls.pop();
        assert!(begin(&person("a"), 1, Timestamp(0)).is_some());
    }

    #[test]
    fn calls_that_read_much_are_fewer() {
        let _calls: Vec<_> = (0..6).map(|_| begin(&person("a"), 4_000_000, Timestamp(0)).expect("a place")).collect();
        assert!(begin(&person("a"), 4_000_000, Timestamp(0)).is_none());
    }

    #[test]
    fn a_call_that_never_came_to_its_end_takes_its_place_for_two_minutes() {
        let calls: Vec<_> = (0..16).map(|_| begin(&person("a"), 1, Timestamp(0)).expect("a place")).collect();
        std::mem::forget(calls);
        assert!(begin(&person("a"), 1, Timestamp(119_999)).is_none());
        assert!(begin(&person("a"), 1, Timestamp(120_000)).is_some());
    }
}
