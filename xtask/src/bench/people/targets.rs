//! How fast Postern is to be, beside Workers that do less.

use super::{Contender, HOP, PASS_THROUGH, PEER, POSTERN, VISITS};
use serde_json::{Value, json};

/// Which side of a bound is the good one.
#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// One ratio, and what it is to be.
pub(super) struct Target {
    what: String,
    ratio: f64,
    /// What Postern uses of the processor for a call, as a multiple of what the other uses: a figure that other programs
    /// on the machine move less. It has no bound.
    processor: f64,
    bound: Bound,
}

impl Target {
    pub(super) fn holds(&self) -> bool {
        match self.bound {
            Bound::AtLeast(bound) => self.ratio >= bound,
            Bound::AtMost(bound) => self.ratio <= bound,
        }
    }

    pub(super) fn as_text(&self) -> String {
        let (words, bound) = match self.bound {
            Bound::AtLeast(bound) => ("at least", bound),
            Bound::AtMost(bound) => ("at most", bound),
        };
        let verdict = if self.holds() { "holds" } else { "missed" };
        format!("  {:62} {:>6.2} {words:>9} {bound:.2}  {verdict:6} {:>6.2}", self.what, self.ratio, self.processor)
    }

    pub(super) fn as_json(&self) -> Value {
        let (kind, bound) = match self.bound {
            Bound::AtLeast(bound) => ("at_least", bound),
            Bound::AtMost(bound) => ("at_most", bound),
        };
        json!({
            "what": self.what,
            "ratio": self.ratio,
            kind: bound,
            "holds": self.holds(),
            "processor_ratio": self.processor,
        })
    }
}

/// Parts of another Worker's throughput: of whose, with one person or with many.
const THROUGHPUT: [(&str, bool, f64); 4] =
    [(PASS_THROUGH, false, 0.75), (PEER, false, 2.5), (HOP, true, 0.8), (PEER, true, 1.2)];

/// Multiples of the latency of the Worker with an object for each person, in the order of [`VISITS`].
const LATENCY: [f64; VISITS.len()] = [1.6, 1.3, 1.4];

/// Every target that was measured.
pub(super) fn targets(contenders: &[Contender]) -> Vec<Target> {
    let find = |name: &str| contenders.iter().find(|contender| contender.worker.name == name);
    let Some(postern) = find(POSTERN) else { return Vec::new() };
    let mut targets = Vec::new();
    for (name, of_many, bound) in THROUGHPUT {
        for (people, series) in find(name).into_iter().flat_map(|other| &other.loads) {
            if let Some(own) = postern.loads.get(people).filter(|_| (*people > 1) == of_many) {
                targets.push(Target {
                    what: format!("throughput of {people} in turn, as a part of the {name}'s"),
                    ratio: own.throughput_ratio(series),
                    processor: own.processor_ratio(series),
                    bound: Bound::AtLeast(bound),
                });
            }
        }
    }
    let own = postern.visits.iter().zip(find(HOP).into_iter().flat_map(|hop| &hop.visits));
    for (((own, hop), (visit, _)), bound) in own.zip(VISITS).zip(LATENCY) {
        targets.push(Target {
            what: format!("p50 of a call, {visit}, as a multiple of the {HOP}'s"),
            ratio: own.latency_ratio(hop),
            processor: own.processor_ratio(hop),
            bound: Bound::AtMost(bound),
        });
    }
    targets
}
