//! What the bench found out about calls of many people, for people and as data.

use super::{
    super::{
        counts::{Count, Counts, UnderLoad},
        series::{Series, median},
    },
    Contender, VISITS, targets,
};
use serde_json::{Value, json};

pub(super) struct Report {
    pub(super) people: usize,
    /// In the order of [`VISITS`].
    pub(super) counts: Vec<Counts>,
    pub(super) under_load: UnderLoad,
    pub(super) contenders: Vec<Contender>,
}

impl Contender {
    /// Its single calls, with what they are called.
    fn single_calls(&self) -> impl Iterator<Item = (&'static str, &Series)> {
        let visits = VISITS.iter().map(|(visit, _)| *visit).zip(&self.visits);
        [("one person in quick succession", &self.in_succession)]
            .into_iter()
            .chain(visits.filter(|_| self.knows_people()))
    }

    fn first_answer(&self) -> f64 {
        median(self.first_answers.iter().copied())
    }
}

impl Report {
    pub(super) fn as_text(&self) -> String {
        [self.counts_as_text(), self.single_calls_as_text(), self.loads_as_text(), self.targets_as_text()]
            .concat()
            .join("\n")
    }

    fn counts_as_text(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{:24} {:22} {:>14} {:>10} {:>14}",
            "what a call uses", "", "before answer", "at most", "after answer"
        )];
        for ((visit, _), counts) in VISITS.iter().zip(&self.counts) {
            for (name, Count { before, most, after }) in counts.rows() {
                lines.push(format!("  {visit:22} {name:22} {before:>14} {most:>10} {after:>14.2}"));
            }
        }
        let UnderLoad { d1_round_trips, kv, hops, audit_rows_a_write } = self.under_load;
        lines.push(format!(
            "  {} in turn, on the average of all calls: {d1_round_trips:.2} D1 round trips, {kv:.2} KV operations, \
             {hops:.2} object hops; {audit_rows_a_write:.1} rows of audit in a D1 write",
            self.people
        ));
        lines
    }

    fn single_calls_as_text(&self) -> Vec<String> {
        let head = ["one call at a time", "Worker", "p50, ms", "p90, ms", "CPU µs"];
        let [what, worker, p50, p90, processor] = head;
        let mut lines = vec![String::new(), format!("{what:34} {worker:14} {p50:>8} {p90:>8} {processor:>8}")];
        for contender in &self.contenders {
            for (what, series) in contender.single_calls() {
                let (p50, p90, processor) = (series.percentile(50), series.percentile(90), series.processor());
                let worker = contender.worker.name;
                lines.push(format!("  {what:32} {worker:14} {p50:>8.2} {p90:>8.2} {processor:>8.0}"));
            }
        }
        lines
    }

    fn loads_as_text(&self) -> Vec<String> {
        let head = ["eight connections", "people", "requests/s", "p50, ms", "p99, ms", "CPU µs"];
        let [worker, people, throughput, p50, p99, processor] = head;
        let mut lines =
            vec![String::new(), format!("{worker:20} {people:>8} {throughput:>12} {p50:>8} {p99:>8} {processor:>8}")];
        for contender in &self.contenders {
            for (people, series) in &contender.loads {
                let (throughput, processor) = (series.throughput(), series.processor());
                let (p50, p99) = (series.percentile(50), series.percentile(99));
                let worker = contender.worker.name;
                lines.push(format!(
                    "  {worker:18} {people:>8} {throughput:>12.0} {p50:>8.2} {p99:>8.2} {processor:>8.0}"
                ));
            }
        }
        lines.push(String::new());
        let firsts = self.contenders.iter().map(|one| format!("{} {:.0} ms", one.worker.name, one.first_answer()));
        lines.push(format!("first answer after the start of workerd: {}", firsts.collect::<Vec<_>>().join(", ")));
        lines
    }

    fn targets_as_text(&self) -> Vec<String> {
        let mut lines = vec![String::new(), format!("{:64} {:>6} {:22} {:>6}", "targets", "ratio", "", "of CPU")];
        lines.extend(targets::targets(&self.contenders).iter().map(targets::Target::as_text));
        lines
    }

    pub(super) fn as_json(&self) -> Value {
        let visits = VISITS.iter().zip(&self.counts);
        let per_call = visits.map(|((visit, _), counts)| ((*visit).to_owned(), counts.as_json()));
        let workers = self.contenders.iter().map(|contender| {
            let single = contender.single_calls().map(|(what, series)| (what.to_owned(), series.as_json()));
            let loads = contender.loads.iter().map(|(people, series)| (people.to_string(), series.as_json()));
            json!({
                "name": contender.worker.name,
                "one_call_at_a_time": single.collect::<Value>(),
                "people_in_turn": loads.collect::<Value>(),
                "first_answer_milliseconds": contender.first_answer(),
            })
        });
        json!({
            "people": self.people,
            "per_call": per_call.collect::<Value>(),
            "under_load": {
                "d1_round_trips": self.under_load.d1_round_trips,
                "kv_operations": self.under_load.kv,
                "object_hops": self.under_load.hops,
                "audit_rows_a_d1_write": self.under_load.audit_rows_a_write,
            },
            "workers": workers.collect::<Value>(),
            "targets": targets::targets(&self.contenders).iter().map(targets::Target::as_json).collect::<Value>(),
        })
    }
}
