//! What one call uses in stores, objects and upstream requests.

use super::load::Call;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::{thread::sleep, time::Duration};

/// How many calls are counted.
const CALLS: usize = 50;
/// Long enough for what a call does after its answer not to be counted with the next one.
const PAUSE: Duration = Duration::from_millis(20);
/// Longer than an outcome waits for its row in the database (AUDIT_DELAY_MILLISECONDS).
const FLUSH: Duration = Duration::from_secs(4);

#[derive(Deserialize, Clone, Copy)]
struct Used {
    d1: u64,
    kv_reads: u64,
    kv_writes: u64,
    hops: u64,
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
    pub(super) budget: u64,
}

pub(super) struct Counts {
    d1: Count,
    kv_reads: Count,
    kv_writes: Count,
    hops: Count,
    upstream: Count,
}

impl Counts {
    pub(super) fn rows(&self) -> impl Iterator<Item = (&'static str, &Count)> {
        [
            ("D1 queries", &self.d1),
            ("KV reads", &self.kv_reads),
            ("KV writes", &self.kv_writes),
            ("object hops", &self.hops),
            ("upstream requests", &self.upstream),
        ]
        .into_iter()
    }

    /// Fails if a call uses more than it may.
    pub(super) fn check(&self) -> Result<()> {
        for (name, Count { before, most, budget, .. }) in self.rows() {
            ensure!(before <= budget, "a call uses {before} {name} before its answer, more than {budget}");
            ensure!(*most <= 1, "some call uses {most} {name} before its answer, and none may use more than one");
        }
        Ok(())
    }
}

/// Makes calls one after the other and counts what they use. `worker` is where counting-entry.js listens.
pub(super) fn count(worker: u16, upstream: u16, call: &Call, expected: &str) -> Result<Counts> {
    let one = || -> Result<()> {
        call.once()?.check(expected)?;
        sleep(PAUSE);
        Ok(())
    };
    (0..3).try_for_each(|_| one())?;
    sleep(FLUSH);
    one()?; // reads the policy again, which serves those that follow
    let counted = || read::<Counted>(&Call::get(worker, "/bench/counts"));
    let lists = || read::<Lists>(&Call::get(upstream, "/counts")).map(|answer| answer.lists);
    let (then, lists_then) = (counted()?, lists()?);
    (0..CALLS).try_for_each(|_| one())?;
    let upstream_each = (lists()? - lists_then).div_ceil(CALLS as u64);
    sleep(FLUSH);
    let now = counted()?;
    let calls = now.calls.get(then.calls.len()..).context("the counts went back")?;
    let of = |name: fn(&Used) -> u64, budget| {
        let mut each: Vec<u64> = calls.iter().map(name).collect();
        let before: u64 = each.iter().sum();
        each.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let after = (name(&now.total) - name(&then.total)).saturating_sub(before) as f64 / CALLS as f64;
        let nth = |n: usize| each.get(n).copied().unwrap_or_default();
        Count { before: nth(each.len() / 2), most: nth(each.len() - 1), after, budget }
    };
    Ok(Counts {
        d1: of(|used| used.d1, 0),
        kv_reads: of(|used| used.kv_reads, 0),
        kv_writes: of(|used| used.kv_writes, 0),
        hops: of(|used| used.hops, 1),
        upstream: Count { before: upstream_each, most: upstream_each, after: 0.0, budget: 1 },
    })
}

fn read<T: for<'de> Deserialize<'de>>(call: &Call) -> Result<T> {
    serde_json::from_slice(&call.once()?.body).context("the counters do not answer")
}
