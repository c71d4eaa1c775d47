//! The open streams of one subject, as far as they sent a heartbeat lately.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{identifiers::RequestId, platform::clock::Timestamp};

/// The most streams that one subject may have open. The oldest gives way: it is the likeliest to be forgotten.
const MOST: usize = 8;
/// How long a stream that is not heard of counts as open. Each asks every few seconds, so one that went without a
/// word is not counted for long.
const LEASE: Duration = Duration::from_secs(15);

/// One open stream. Ordered by age.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stream {
    pub opened: Timestamp,
    /// The request that it answers.
    pub request: RequestId,
}

/// The streams, and when each was last heard of. In memory alone: they all speak up again within seconds.
#[derive(Default)]
pub struct Streams(RefCell<BTreeMap<Stream, Timestamp>>);

impl Streams {
    /// Takes note of a stream; `false` where it has to give way to newer ones.
    pub fn hear(&self, stream: Stream, now: Timestamp) -> bool {
        let mut heard = self.0.borrow_mut();
        heard.retain(|_, last| now.since(*last) < LEASE);
        let newer = heard.range((Excluded(&stream), Unbounded)).count();
        if newer >= MOST {
            heard.remove(&stream);
            return false;
        }
        heard.insert(stream, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(opened: i64) -> Stream {
        Stream { opened: Timestamp(opened), request: RequestId::new(opened.to_string()) }
    }

    fn after(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    #[test]
    fn the_oldest_stream_gives_way_to_a_ninth() {
        let streams = Streams::default();
        assert!((1..=9).all(|opened| streams.hear(stream(opened), after(0))));
        assert!(!streams.hear(stream(1), after(1)));
        assert!((2..=9).all(|opened| streams.hear(stream(opened), after(1))));
    }

    #[test]
    fn a_stream_that_sends_no_heartbeat_is_forgotten() {
        let streams = Streams::default();
        assert!((1..=9).all(|opened| streams.hear(stream(opened), after(0))));
        assert!(streams.hear(stream(1), after(15)));
    }

    #[test]
    fn eight_streams_may_stay_open_for_as_long_as_they_send_heartbeats() {
        let streams = Streams::default();
        for now in (0..100).step_by(5) {
            assert!((1..=8).all(|opened| streams.hear(stream(opened), after(now))), "after {now} s");
        }
    }

    #[test]
    fn an_object_that_slept_learns_of_its_streams_again() {
        let streams = Streams::default();
        assert!([3, 1, 2].into_iter().all(|opened| streams.hear(stream(opened), after(0))));
    }
}
