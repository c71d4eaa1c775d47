//! Load: a few connections, each of which sends its next request when it has the answer to the last, timed from the first
//! byte sent to the last byte received.

use super::connection::{Call, Connection};
use anyhow::{Context, Result, anyhow};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// How many connections ask at once.
pub(super) const CONNECTIONS: usize = 8;
/// No connection sends more than this, however long the run.
const MOST_REQUESTS: usize = 1_000_000;

/// Calls of one Worker, which take turns. Every answer must be a 200 that holds `expected`.
#[derive(Clone, Copy)]
pub(super) struct Load<'a> {
    pub(super) calls: &'a [Call],
    pub(super) expected: &'a str,
}

impl Load<'_> {
    /// Sends them again and again for so long on [`CONNECTIONS`] connections.
    pub(super) fn run(self, duration: Duration) -> Result<Measured> {
        let start = Instant::now();
        let turn = AtomicUsize::new(0);
        let latencies = side_by_side(CONNECTIONS, |_| self.keep_sending(&turn, start + duration))?;
        Ok(Measured::new(start.elapsed(), latencies.concat()))
    }

    /// Sends them again and again on one connection, until it is `over`; at least once.
    pub(super) fn run_until(self, over: impl Fn() -> bool) -> Result<Measured> {
        let start = Instant::now();
        let mut connection = self.connect()?;
        let mut latencies = Vec::new();
        for call in self.calls.iter().cycle().take(MOST_REQUESTS) {
            latencies.push(self.time(&mut connection, call)?);
            if over() {
                break;
            }
        }
        Ok(Measured::new(start.elapsed(), latencies))
    }

    /// Sends each of them once, on all connections.
    pub(super) fn all_once(self) -> Result<()> {
        let turn = AtomicUsize::new(0);
        let send = |_| {
            let mut connection = self.connect()?;
            while let Some(call) = self.calls.get(turn.fetch_add(1, Ordering::Relaxed)) {
                self.time(&mut connection, call)?;
            }
            Ok(())
        };
        side_by_side(CONNECTIONS, send).map(drop)
    }

    fn keep_sending(self, turn: &AtomicUsize, end: Instant) -> Result<Vec<Duration>> {
        let mut connection = self.connect()?;
        let mut latencies = Vec::new();
        while Instant::now() < end && latencies.len() < MOST_REQUESTS {
            let next = turn.fetch_add(1, Ordering::Relaxed) % self.calls.len().max(1);
            let call = self.calls.get(next).context("there is nothing to send")?;
            latencies.push(self.time(&mut connection, call)?);
        }
        Ok(latencies)
    }

    /// Sends each of them once, one after the other on one connection.
    pub(super) fn one_by_one(self) -> Result<Measured> {
        let start = Instant::now();
        let mut connection = self.connect()?;
        let latencies = self.calls.iter().map(|call| self.time(&mut connection, call)).collect::<Result<_>>()?;
        Ok(Measured::new(start.elapsed(), latencies))
    }

    fn connect(self) -> Result<Connection> {
        Connection::open(self.calls.first().context("there is nothing to send")?)
    }

    fn time(self, connection: &mut Connection, call: &Call) -> Result<Duration> {
        let begin = Instant::now();
        let answer = connection.exchange(call)?;
        let latency = begin.elapsed();
        answer.check(self.expected)?;
        Ok(latency)
    }
}

/// Does this so many times at once, each with a number of its own; fails if one of them does.
pub(crate) fn side_by_side<T: Send>(times: usize, work: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..times).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a connection panicked"))?).collect()
    })
}

/// How one run of load went.
pub(super) struct Measured {
    elapsed: Duration,
    /// In ascending order.
    latencies: Vec<Duration>,
}

impl Measured {
    fn new(elapsed: Duration, mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        Self { elapsed, latencies }
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    fn requests(&self) -> f64 {
        self.latencies.len() as f64
    }

    pub(super) fn requests_per_second(&self) -> f64 {
        self.requests() / self.elapsed.as_secs_f64()
    }

    /// What each request has of a time that all of them took, in microseconds.
    pub(super) fn share_of_each(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1e6 / self.requests()
    }

    /// The latency, in milliseconds, that this share of all requests stayed within; `percent` up to 100.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.latencies.len() * percent).div_ceil(100).saturating_sub(1);
        self.latencies.get(rank).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_latency_that_so_many_stayed_within() {
        let latencies = (1..=200).map(Duration::from_millis).collect();
        let measured = Measured::new(Duration::from_secs(2), latencies);
        assert!((measured.percentile(50) - 100.0).abs() < f64::EPSILON);
        assert!((measured.percentile(99) - 198.0).abs() < f64::EPSILON);
    }
}
