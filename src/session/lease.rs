//! Leases: an object that admits a call that reads may let the Worker admit the next ones of its kind by itself, so
//! many within a moment. Then calls in quick succession do not wait for a hop each. Whatever ends access waits until no
//! lease is out: from when it is said to be over, no call begins any more.

use std::{cell::Cell, ops::RangeInclusive, time::Duration};

use serde::{Deserialize, Serialize};

use crate::platform::clock::Timestamp;

/// How long a lease may be used, from the moment at which the call was asked for that brought it.
pub const TERM: Duration = Duration::from_secs(1);

/// How many calls a lease is requested for, at the least and at the most. In between it is twice what the one before was
/// used for: somebody busy makes few hops, and the isolate of somebody else that is lost takes few calls along that the log
/// then misses.
pub const REQUESTED_CALLS: RangeInclusive<u32> = 32..=1024;

/// How long after its end a lease may still be believed in: a Worker's clock stands still between two events.
pub const LEEWAY: Duration = Duration::from_millis(250);

/// What a call requests beside its own admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseRequest {
    /// The most calls that it is to be for.
    pub calls: u32,
    /// How many calls of earlier leases go back to the token bucket.
    pub unused: u32,
}

/// Calls that need not be asked for, as it crosses to the Worker. They are taken out of the bucket already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    pub calls: u32,
    pub term_milliseconds: u64,
}

/// Until when leases of one object may be out.
pub struct Leases(Cell<Timestamp>);

impl Leases {
    /// The leases of an object that wakes up: it may have given some before it slept.
    pub fn woken(now: Timestamp) -> Self {
        Self(Cell::new(now + TERM + LEEWAY))
    }

    /// Gives one for that many calls, if there are any.
    pub fn give(&self, calls: u32, now: Timestamp) -> Option<Lease> {
        let term_milliseconds = u64::try_from(TERM.as_millis()).ok()?;
        (calls > 0).then(|| {
            self.0.set(self.0.get().max(now + TERM + LEEWAY));
            Lease { calls, term_milliseconds }
        })
    }

    /// The time until none of the leases given so far can be used any more.
    pub fn out_for(&self, now: Timestamp) -> Duration {
        self.0.get().since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Timestamp = Timestamp(60_000);

    #[test]
    fn leases_given_before_an_object_slept_are_waited_for() {
        assert!(Leases::woken(LATER).out_for(LATER) > TERM);
    }

    #[test]
    fn a_lease_is_waited_for_longer_than_it_may_be_used() {
        let leases = Leases::woken(Timestamp(0));
        assert_eq!(leases.out_for(LATER), Duration::ZERO);
        let lease = leases.give(1, LATER).expect("a lease");
        assert!(leases.out_for(LATER) > Duration::from_millis(lease.term_milliseconds));
    }

    #[test]
    fn there_is_no_lease_for_no_calls() {
        let leases = Leases::woken(Timestamp(0));
        assert_eq!(leases.give(0, LATER), None);
        assert_eq!(leases.out_for(LATER), Duration::ZERO);
    }

    #[test]
    fn a_clock_that_goes_back_makes_no_lease_shorter() {
        let leases = Leases::woken(LATER);
        leases.give(1, Timestamp(0));
        assert!(leases.out_for(LATER) > TERM);
    }
}
