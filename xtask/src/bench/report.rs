//! What the bench found out, for people and as data.

use super::{
    counts::{Count, Counts},
    load::Measured,
};
use crate::build::Size;
use serde_json::{Value, json};

/// One Worker under load, a run a round.
pub(super) struct Contender {
    pub(super) name: &'static str,
    pub(super) runs: Vec<Measured>,
    /// What workerd used of the processor for one request, in microseconds, a figure a round. It moves less than
    /// throughput with what else the machine does.
    pub(super) processor: Vec<f64>,
    /// From the start of workerd to the first answer, in milliseconds, once for each start.
    pub(super) first_answers: Vec<f64>,
}

impl Contender {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, runs: Vec::new(), processor: Vec::new(), first_answers: Vec::new() }
    }

    fn throughput(&self) -> f64 {
        median(self.runs.iter().map(Measured::requests_per_second))
    }

    fn percentile(&self, percent: usize) -> f64 {
        median(self.runs.iter().map(|run| run.percentile(percent)))
    }

    fn processor(&self) -> f64 {
        median(self.processor.iter().copied())
    }

    fn first_answer(&self) -> f64 {
        median(self.first_answers.iter().copied())
    }

    /// Its throughput as a part of another's, compared round by round: what else the machine does changes between
    /// rounds.
    fn ratio(&self, other: &Self) -> f64 {
        let rounds = self.runs.iter().zip(&other.runs);
        median(rounds.map(|(own, other)| own.requests_per_second() / other.requests_per_second()))
    }
}

pub(super) struct Report {
    pub(super) counts: Counts,
    /// Postern first, then what it is compared with; the pass-through Worker is the second.
    pub(super) contenders: Vec<Contender>,
    pub(super) size: Size,
}

impl Report {
    /// What Postern's throughput is a part or a multiple of.
    fn ratios(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let own = self.contenders.first();
        let others = self.contenders.iter().skip(1);
        others.filter_map(move |other| own.map(|own| (other.name, own.ratio(other))))
    }

    pub(super) fn as_text(&self) -> String {
        let mut lines = vec![
            "a hot bitbucket_list_pull_requests".to_owned(),
            format!(
                "  {:20} {:>14} {:>10} {:>10} {:>14}",
                "per call", "before answer", "at most", "budget", "after answer"
            ),
        ];
        for (name, count) in self.counts.rows() {
            let Count { before, most, after, budget } = count;
            lines.push(format!("  {name:20} {before:>14} {most:>10} {budget:>10} {after:>14.2}"));
        }
        lines.push(String::new());
        lines.push(format!(
            "  {:20} {:>14} {:>10} {:>14} {:>16} {:>18}",
            "Worker", "requests/s", "p50, ms", "p99, ms", "CPU µs/request", "first answer, ms"
        ));
        for contender in &self.contenders {
            let name = contender.name;
            let (throughput, first, cpu) = (contender.throughput(), contender.first_answer(), contender.processor());
            let (half, most) = (contender.percentile(50), contender.percentile(99));
            lines.push(format!("  {name:20} {throughput:>14.0} {half:>10.1} {most:>14.1} {cpu:>16.0} {first:>18.0}"));
        }
        lines.push(String::new());
        for (name, ratio) in self.ratios() {
            lines.push(format!("  {ratio:.2} of the throughput of {name}"));
        }
        let Size { raw, gzipped } = self.size;
        lines.push(format!("  WASM: {raw} bytes, gzipped {gzipped}"));
        lines.join("\n")
    }

    pub(super) fn as_json(&self) -> Value {
        let counts = self.counts.rows().map(|(name, count)| {
            (
                name.to_owned(),
                json!({
                    "before_answer": count.before,
                    "before_answer_at_most": count.most,
                    "after_answer": count.after,
                    "budget": count.budget,
                }),
            )
        });
        let contenders = self.contenders.iter().map(|contender| {
            let runs = contender.runs.iter().map(|run| {
                json!({
                    "requests_per_second": run.requests_per_second(),
                    "p50_milliseconds": run.percentile(50),
                    "p99_milliseconds": run.percentile(99),
                })
            });
            json!({
                "name": contender.name,
                "requests_per_second": contender.throughput(),
                "p50_milliseconds": contender.percentile(50),
                "p99_milliseconds": contender.percentile(99),
                "processor_microseconds": contender.processor(),
                "first_answer_milliseconds": contender.first_answer(),
                "runs": runs.collect::<Value>(),
            })
        });
        json!({
            "per_call": counts.collect::<Value>(),
            "workers": contenders.collect::<Value>(),
            "throughput_ratio": self.ratios().map(|(name, ratio)| (name.to_owned(), json!(ratio))).collect::<Value>(),
            "wasm": { "bytes": self.size.raw, "gzipped_bytes": self.size.gzipped },
        })
    }
}

/// The middle one; of an even number, the upper of the two.
fn median(numbers: impl Iterator<Item = f64>) -> f64 {
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
