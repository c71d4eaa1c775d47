//! Runs of one kind, and what may be said of them together.

use super::{
    load::{Load, Measured},
    services::Service,
};
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;

/// Runs of one Worker under the same load, one a round.
#[derive(Default)]
pub(super) struct Series {
    runs: Vec<Measured>,
    /// What workerd used of the processor for one request, in microseconds, a figure a round. It moves less than
    /// throughput with what else the machine does.
    processor: Vec<f64>,
}

impl Series {
    /// Puts the Worker under load for so long; returns how many requests it answered in a second.
    pub(super) fn run(&mut self, load: Load<'_>, service: &Service, duration: Duration) -> Result<f64> {
        self.measure(service, || load.run(duration))
    }

    /// Sends the calls once each, one after the other.
    pub(super) fn one_by_one(&mut self, load: Load<'_>, service: &Service) -> Result<()> {
        self.measure(service, || load.one_by_one()).map(drop)
    }

    fn measure(&mut self, service: &Service, run: impl FnOnce() -> Result<Measured>) -> Result<f64> {
        let before = service.processor_time();
        let run = run()?;
        let used = service.processor_time().zip(before).map(|(after, before)| after.saturating_sub(before));
        self.processor.extend(used.map(|used| run.share_of_each(used)));
        let throughput = run.requests_per_second();
        self.runs.push(run);
        Ok(throughput)
    }

    pub(super) fn throughput(&self) -> f64 {
        median(self.runs.iter().map(Measured::requests_per_second))
    }

    /// In milliseconds; `percent` up to 100.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        median(self.runs.iter().map(|run| run.percentile(percent)))
    }

    pub(super) fn processor(&self) -> f64 {
        median(self.processor.iter().copied())
    }

    /// Its throughput as a part of another's, compared round by round: what else the machine does changes between
    /// rounds.
    pub(super) fn throughput_ratio(&self, other: &Self) -> f64 {
        self.ratio(other, Measured::requests_per_second)
    }

    /// Its median latency as a multiple of another's, compared in the same way.
    pub(super) fn latency_ratio(&self, other: &Self) -> f64 {
        self.ratio(other, |run| run.percentile(50))
    }

    /// What it uses of the processor for a request, as a multiple of what another uses.
    pub(super) fn processor_ratio(&self, other: &Self) -> f64 {
        median(self.processor.iter().zip(&other.processor).map(|(own, other)| own / other))
    }

    fn ratio(&self, other: &Self, figure: impl Fn(&Measured) -> f64) -> f64 {
        median(self.runs.iter().zip(&other.runs).map(|(own, other)| figure(own) / figure(other)))
    }

    pub(super) fn as_json(&self) -> Value {
        let runs = self.runs.iter().map(|run| {
            json!({
                "requests_per_second": run.requests_per_second(),
                "p50_milliseconds": run.percentile(50),
                "p90_milliseconds": run.percentile(90),
                "p99_milliseconds": run.percentile(99),
            })
        });
        json!({
            "requests_per_second": self.throughput(),
            "p50_milliseconds": self.percentile(50),
            "p90_milliseconds": self.percentile(90),
            "p99_milliseconds": self.percentile(99),
            "processor_microseconds": self.processor(),
            "runs": runs.collect::<Value>(),
        })
    }
}

/// The middle one; of an even number, the upper of the two.
pub(super) fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn one_odd_round_does_not_move_the_median() {
        assert!((median([3.0, 900.0, 2.0].into_iter()) - 3.0).abs() < f64::EPSILON);
    }
}
