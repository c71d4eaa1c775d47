//! What a call uses in stores, objects and upstream requests, as counting-entry.js counts it.

use super::connection::Call;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{iter, thread::sleep, time::Duration};

/// How many hot calls are counted.
const CALLS: usize = 50;
/// Long enough for what a call does after its answer not to be counted with the next one.
const PAUSE: Duration = Duration::from_millis(20);
/// Longer than an outcome waits for its row in the database (AUDIT_DELAY_MILLISECONDS).
pub(super) const FLUSH: Duration = Duration::from_secs(4);

#[derive(Deserialize, Clone, Copy)]
struct Used {
    d1: u64,
    d1_round_trips: u64,
    kv_reads: u64,
    kv_writes: u64,
    hops: u64,
    audit_writes: u64,
    audit_rows: u64,
}

/// The answer of counting-entry.js.
#[derive(Deserialize)]
struct Counted {
    total: Used,
    calls: Vec<Used>,
}

/// The answer of upstream.mjs.
#[derive(Deserialize)]
struct Lists {
    lists: u64,
}

/// One kind of thing that a call uses.
pub(super) struct Count {
    /// As most calls have it.
    pub(super) before: u64,
    /// As the dearest call has it, which asks for the next lease or finds that the policy is to be read again.
    pub(super) most: u64,
    /// On the average: calls that end at about the same time share the writing of their audit.
    pub(super) after: f64,
}

/// What calls of one kind use.
pub(super) struct Counts {
    d1: Count,
    d1_round_trips: Count,
    kv_reads: Count,
    kv_writes: Count,
    hops: Count,
    upstream: Count,
}

impl Counts {
    pub(super) fn rows(&self) -> [(&'static str, &Count); 6] {
        [
            ("D1 queries", &self.d1),
            ("D1 round trips", &self.d1_round_trips),
            ("KV reads", &self.kv_reads),
            ("KV writes", &self.kv_writes),
            ("object hops", &self.hops),
            ("upstream requests", &self.upstream),
        ]
    }

    pub(super) fn as_json(&self) -> Value {
        let rows = self.rows().map(|(name, Count { before, most, after })| {
            (name.to_owned(), json!({ "before_answer": before, "before_answer_at_most": most, "after_answer": after }))
        });
        rows.into_iter().collect()
    }

    /// Fails if a hot call uses more than it may: one hop, one upstream request, and no store.
    pub(super) fn check_hot(&self) -> Result<()> {
        for ((name, Count { before, most, .. }), budget) in self.rows().into_iter().zip(HOT_BUDGET) {
            ensure!(*before <= budget, "a call uses {before} {name} before its answer, more than {budget}");
            ensure!(*most <= 1, "some call uses {most} {name} before its answer, and none may use more than one");
        }
        Ok(())
    }
}

/// What most hot calls may use before their answer, in the order of [`Counts::rows`].
pub(super) const HOT_BUDGET: [u64; 6] = [0, 0, 0, 0, 1, 1];

/// What a load used, on the average of its calls.
pub(super) struct UnderLoad {
    pub(super) d1_round_trips: f64,
    pub(super) kv: f64,
    pub(super) hops: f64,
    pub(super) audit_rows_a_write: f64,
}

/// The ports of counting-entry.js and upstream.mjs.
#[derive(Clone, Copy)]
pub(super) struct Counter {
    pub(super) worker: u16,
    pub(super) upstream: u16,
}

impl Counter {
    /// Counts what a call uses that follows others of its kind.
    pub(super) fn count_hot(self, call: &Call, expected: &str) -> Result<Counts> {
        (0..3).try_for_each(|_| once(call, expected))?;
        sleep(FLUSH);
        once(call, expected)?; // reads the policy again, which serves those that follow
        self.count(iter::repeat_n(call, CALLS), expected)
    }

    /// Makes the calls one after the other, waits until their audit is written, and tells what they used.
    pub(super) fn count<'a>(self, calls: impl Iterator<Item = &'a Call>, expected: &str) -> Result<Counts> {
        let (then, lists_then) = (self.counted()?, self.lists()?);
        for call in calls {
            once(call, expected)?;
        }
        let lists = self.lists()? - lists_then;
        sleep(FLUSH);
        let now = self.counted()?;
        let calls = now.calls.get(then.calls.len()..).context("the counts went back")?;
        let of = |name: fn(&Used) -> u64| {
            let mut each: Vec<u64> = calls.iter().map(name).collect();
            let before: u64 = each.iter().sum();
            each.sort_unstable();
            let after = share((name(&now.total) - name(&then.total)).saturating_sub(before), each.len());
            let nth = |n: usize| each.get(n).copied().unwrap_or_default();
            Count { before: nth(each.len() / 2), most: nth(each.len().saturating_sub(1)), after }
        };
        let lists = lists.div_ceil(calls.len().max(1) as u64);
        Ok(Counts {
            d1: of(|used| used.d1),
            d1_round_trips: of(|used| used.d1_round_trips),
            kv_reads: of(|used| used.kv_reads),
            kv_writes: of(|used| used.kv_writes),
            hops: of(|used| used.hops),
            upstream: Count { before: lists, most: lists, after: 0.0 },
        })
    }

    /// Counts what a load uses, until its audit is written.
    pub(super) fn count_load(self, load: impl FnOnce() -> Result<()>) -> Result<UnderLoad> {
        let then = self.counted()?;
        load()?;
        sleep(FLUSH);
        let now = self.counted()?;
        let calls = now.calls.len() - then.calls.len();
        let used = |name: fn(&Used) -> u64| name(&now.total) - name(&then.total);
        let writes = usize::try_from(used(|used| used.audit_writes))?;
        Ok(UnderLoad {
            d1_round_trips: share(used(|used| used.d1_round_trips), calls),
            kv: share(used(|used| used.kv_reads + used.kv_writes), calls),
            hops: share(used(|used| used.hops), calls),
            audit_rows_a_write: share(used(|used| used.audit_rows), writes),
        })
    }

    fn counted(self) -> Result<Counted> {
        read(&Call::get(self.worker, "/bench/counts"))
    }

    fn lists(self) -> Result<u64> {
        read::<Lists>(&Call::get(self.upstream, "/counts")).map(|answer| answer.lists)
    }
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn share(count: u64, of: usize) -> f64 {
    count as f64 / of as f64
}

fn once(call: &Call, expected: &str) -> Result<()> {
    call.once()?.check(expected)?;
    sleep(PAUSE);
    Ok(())
}

fn read<T: for<'de> Deserialize<'de>>(call: &Call) -> Result<T> {
    serde_json::from_slice(&call.once()?.body).context("the counters do not answer")
}
