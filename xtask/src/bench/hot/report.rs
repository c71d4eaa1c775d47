//! What the bench found out about a hot call, for people and as data.

use super::super::{
    counts::{Count, Counts, HOT_BUDGET},
    series::{Series, median},
};
use crate::build::Size;
use serde_json::{Value, json};

/// One Worker under load.
pub(super) struct Contender {
    pub(super) name: &'static str,
    pub(super) series: Series,
    /// From the start of workerd to the first answer, in milliseconds, once for each start.
    pub(super) first_answers: Vec<f64>,
}

impl Contender {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, series: Series::default(), first_answers: Vec::new() }
    }

    fn first_answer(&self) -> f64 {
        median(self.first_answers.iter().copied())
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
        others.filter_map(move |other| own.map(|own| (other.name, own.series.throughput_ratio(&other.series))))
    }

    pub(super) fn as_text(&self) -> String {
        let mut lines = vec![
            "a hot bitbucket_list_pull_requests".to_owned(),
            format!(
                "  {:20} {:>14} {:>10} {:>10} {:>14}",
                "per call", "before answer", "at most", "budget", "after answer"
            ),
        ];
        for ((name, count), budget) in self.counts.rows().into_iter().zip(HOT_BUDGET) {
            let Count { before, most, after } = count;
            lines.push(format!("  {name:20} {before:>14} {most:>10} {budget:>10} {after:>14.2}"));
        }
        lines.push(String::new());
        lines.push(format!(
            "  {:20} {:>14} {:>10} {:>14} {:>16} {:>18}",
            "Worker", "requests/s", "p50, ms", "p99, ms", "CPU µs/request", "first answer, ms"
        ));
        for contender in &self.contenders {
            let Contender { name, series, .. } = contender;
            let (throughput, first, cpu) = (series.throughput(), contender.first_answer(), series.processor());
            let (half, most) = (series.percentile(50), series.percentile(99));
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
        let contenders = self.contenders.iter().map(|contender| {
            json!({
                "name": contender.name,
                "under_load": contender.series.as_json(),
                "first_answer_milliseconds": contender.first_answer(),
            })
        });
        json!({
            "per_call": self.counts.as_json(),
            "workers": contenders.collect::<Value>(),
            "throughput_ratio": self.ratios().map(|(name, ratio)| (name.to_owned(), json!(ratio))).collect::<Value>(),
            "wasm": { "bytes": self.size.raw, "gzipped_bytes": self.size.gzipped },
        })
    }
}
