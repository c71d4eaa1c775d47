//! A token bucket: so many calls a minute, and as many at once after a pause.

use std::time::Duration;

use crate::platform::clock::Timestamp;

/// Milliseconds of a minute: the unit in which the bucket counts, so that nothing is rounded away.
const MINUTE: i64 = 60_000;

/// One user's bucket. `level` is in calls times [`MINUTE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    level: i64,
    filled_at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub fn full(calls_per_minute: u32, now: Timestamp) -> Self {
        Self { level: i64::from(calls_per_minute) * MINUTE, filled_at: now }
    }

    /// A bucket that holds half of a minute's calls, and one at least.
    pub fn half(calls_per_minute: u32, now: Timestamp) -> Self {
        Self { level: (i64::from(calls_per_minute) * MINUTE / 2).max(MINUTE), filled_at: now }
    }

    /// One that was at that level then, as it is now.
    pub fn stored(calls_per_minute: u32, level: i64, at: Timestamp, now: Timestamp) -> Self {
        let mut bucket = Self { level, filled_at: at };
        bucket.fill(calls_per_minute, now);
        bucket
    }

    /// A bucket that holds half of a minute's calls at most.
    #[must_use]
    pub fn at_most_half(self, calls_per_minute: u32) -> Self {
        Self { level: self.level.min(Self::half(calls_per_minute, self.filled_at).level), ..self }
    }

    /// The level of the bucket now, to be stored.
    pub fn level(mut self, calls_per_minute: u32, now: Timestamp) -> i64 {
        self.fill(calls_per_minute, now);
        self.level
    }

    pub fn is_full(self, calls_per_minute: u32, now: Timestamp) -> bool {
        self.level(calls_per_minute, now) >= i64::from(calls_per_minute.max(1)) * MINUTE
    }

    fn fill(&mut self, calls_per_minute: u32, now: Timestamp) {
        let rate = i64::from(calls_per_minute.max(1));
        let elapsed = now.0.saturating_sub(self.filled_at.0).clamp(0, MINUTE);
        self.level = (self.level + elapsed * rate).min(rate * MINUTE);
        // A clock that goes back gives nothing twice.
        self.filled_at = self.filled_at.max(now);
    }

    /// Takes one call out of it.
    ///
    /// # Errors
    /// The time until there is a call again, where there is none.
    pub fn take(&mut self, calls_per_minute: u32, now: Timestamp) -> Result<(), Duration> {
        let rate = i64::from(calls_per_minute.max(1));
        self.fill(calls_per_minute, now);
        if self.level >= MINUTE {
            self.level -= MINUTE;
            return Ok(());
        }
        let missing = MINUTE - self.level;
        let wait = missing.div_euclid(rate) + i64::from(missing.rem_euclid(rate) > 0);
        Err(Duration::from_millis(u64::try_from(wait).unwrap_or_default()))
    }

    /// Takes calls out of it for a lease: up to `most`, and only an eighth of what there is, so that what lies unused
    /// in a few isolates does not keep anybody from calling.
    pub fn lend(&mut self, most: u32) -> u32 {
        let calls = u32::try_from(self.level / (8 * MINUTE)).unwrap_or_default().min(most);
        self.level -= i64::from(calls) * MINUTE;
        calls
    }

    /// Takes back what was lent and not used.
    pub fn put_back(&mut self, calls: u32, calls_per_minute: u32) {
        let full = i64::from(calls_per_minute.max(1)) * MINUTE;
        self.level = (self.level + i64::from(calls) * MINUTE).min(full);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_full_bucket_gives_a_minutes_calls_at_once_and_no_more() {
        let mut bucket = Bucket::full(3, Timestamp(0));
        assert_eq!((0..4).filter(|_| bucket.take(3, Timestamp(0)).is_ok()).count(), 3);
    }

    /// How many calls there are at once.
    fn calls(mut bucket: Bucket, rate: u32) -> usize {
        (0..=rate).filter(|_| bucket.take(rate, Timestamp(0)).is_ok()).count()
    }

    #[test]
    fn a_half_full_bucket_gives_half_of_a_minutes_calls_and_one_at_least() {
        assert_eq!(calls(Bucket::half(80, Timestamp(0)), 80), 40);
        assert_eq!(calls(Bucket::half(1, Timestamp(0)), 1), 1);
    }

    #[test]
    fn a_bucket_of_at_most_half_loses_what_is_above_and_nothing_else() {
        assert_eq!(calls(Bucket::full(80, Timestamp(0)).at_most_half(80), 80), 40);
        assert_eq!(calls(Bucket::full(10, Timestamp(0)).at_most_half(80), 80), 10);
    }

    #[test]
    fn a_stored_level_has_risen_when_it_is_read_again() {
        let (rate, half_a_minute) = (8, Timestamp(30_000));
        assert_eq!(Bucket::stored(rate, MINUTE, Timestamp(0), half_a_minute).level(rate, half_a_minute), 5 * MINUTE);
        assert_eq!(Bucket::stored(rate, MINUTE, Timestamp(0), Timestamp(0)).level(rate, half_a_minute), 5 * MINUTE);
    }

    #[test]
    fn a_bucket_is_full_again_once_the_call_taken_out_of_it_is_back() {
        let mut bucket = Bucket::full(8, Timestamp(0));
        assert!(bucket.is_full(8, Timestamp(0)));
        bucket.take(8, Timestamp(0)).unwrap();
        assert!(!bucket.is_full(8, Timestamp(7_499)));
        assert!(bucket.is_full(8, Timestamp(7_500)));
    }

    #[test]
    fn a_refusal_names_the_first_millisecond_with_a_call_again() {
        for (rate, refused_at, wait) in [(6, 0, 10_000), (7, 0, 8_572), (7, 1_000, 7_572)] {
            let mut bucket = Bucket::stored(rate, 0, Timestamp(0), Timestamp(0));
            let refusal = bucket.take(rate, Timestamp(refused_at));
            assert_eq!(refusal, Err(Duration::from_millis(wait)), "{rate} a minute, after {refused_at} ms");
        }
    }

    #[test]
    fn an_eighth_of_the_calls_in_a_bucket_may_be_leased() {
        let mut bucket = Bucket::full(80, Timestamp(0));
        assert_eq!((bucket.lend(16), bucket.lend(4)), (10, 4));
        assert_eq!(Bucket::full(7, Timestamp(0)).lend(16), 0);
    }

    #[test]
    fn calls_that_are_put_back_can_be_taken_again_and_overflow_nothing() {
        let mut bucket = Bucket::full(8, Timestamp(0));
        bucket.lend(1);
        bucket.put_back(5, 8);
        assert_eq!((0..9).filter(|_| bucket.take(8, Timestamp(0)).is_ok()).count(), 8);
    }

    proptest! {
        #[test]
        fn a_call_after_the_wait_that_a_refusal_names_is_allowed(rate in 1_u32..10_000, gaps in prop::collection::vec(0_i64..5_000, 1..200)) {
            let mut bucket = Bucket::full(rate, Timestamp(0));
            let mut now = Timestamp(0);
            for gap in gaps {
                now = Timestamp(now.0 + gap);
                if let Err(wait) = bucket.take(rate, now) {
                    now = now + wait;
                    prop_assert!(bucket.take(rate, now).is_ok());
                }
            }
        }

        #[test]
        fn a_bucket_never_allows_more_than_its_rate(
            rate in 1_u32..1_000,
            gaps in prop::collection::vec(-50_i64..500, 1..300),
            most in 0_u32..20,
        ) {
            let mut bucket = Bucket::full(rate, Timestamp(0));
            let (mut now, mut latest, mut taken) = (Timestamp(0), 0, 0_i64);
            for gap in gaps {
                now = Timestamp(now.0 + gap);
                latest = latest.max(now.0);
                taken += i64::from(bucket.take(rate, now).is_ok());
                let lent = bucket.lend(most);
                bucket.put_back(lent / 2, rate);
                taken += i64::from(lent - lent / 2);
            }
            prop_assert!(taken <= i64::from(rate) + latest * i64::from(rate) / MINUTE + 1);
        }
    }
}
