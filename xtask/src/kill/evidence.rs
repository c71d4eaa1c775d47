//! What the provider and the audit log say of the calls, and what has to agree between them.

use super::calls::{digest, number_in, writes};
use anyhow::{Result, ensure};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    path::PathBuf,
};

/// A request as the sandbox keeps it.
#[derive(Deserialize)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    body: Option<String>,
}

/// What is stored, as xtask/stored.mjs prints it.
#[derive(Deserialize)]
pub(super) struct Stored {
    /// The audit log in D1.
    pub(super) events: Vec<Event>,
    pub(super) objects: Vec<Object>,
}

/// The storage of one object.
#[derive(Deserialize)]
pub(super) struct Object {
    pub(super) file: PathBuf,
    /// What it still keeps for D1.
    pub(super) kept: Vec<Kept>,
}

/// An event that D1 does not have yet or is not known to have, or a number of calls whose outcomes are awaited.
#[derive(Deserialize)]
pub(super) struct Kept {
    phase: Phase,
    digest: Option<String>,
    /// How many calls are to be counted as unaccounted, should nobody hear of them.
    pub(super) calls: u64,
}

impl Stored {
    /// Whether something of every call whose intent this object keeps is in D1 or in another object.
    pub(super) fn has_elsewhere(&self, object: &Object) -> bool {
        let others = self.objects.iter().filter(|other| other.file != object.file).flat_map(|other| &other.kept);
        let elsewhere = others.map(|kept| &kept.digest).chain(self.events.iter().map(|event| &event.digest));
        let elsewhere: HashSet<&str> = elsewhere.flatten().map(String::as_str).collect();
        let intents = object.kept.iter().filter(|kept| kept.phase == Phase::Intent);
        intents.filter_map(|kept| kept.digest.as_deref()).all(|digest| elsewhere.contains(digest))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    Intent,
    Outcome,
}

/// An event of the audit log in D1.
#[derive(Clone, Deserialize)]
pub(super) struct Event {
    kind: String,
    phase: Phase,
    part: String,
    request_id: String,
    count: u64,
    digest: Option<String>,
}

/// What is known of one call.
#[derive(Clone, Copy, Default)]
struct Traces {
    upstream: usize,
    intents: usize,
    outcomes: usize,
}

/// A number of reads, and one of writes.
#[derive(Clone, Copy, Default)]
struct Counts {
    reads: usize,
    writes: usize,
}

impl Counts {
    fn add(&mut self, writes: bool, holds: bool) {
        let count = if writes { &mut self.writes } else { &mut self.reads };
        *count += usize::from(holds);
    }
}

/// What a run found.
#[derive(Default)]
pub(super) struct Findings {
    strict: bool,
    reached: Counts,
    /// Of those that reached the provider: how many have an intent, and how many an outcome.
    intents: Counts,
    outcomes: Counts,
    /// How many calls are counted in D1 whose outcomes nobody recorded.
    unaccounted: u64,
    /// How many more of them were counted, or were going to be, in storage that was lost.
    lost: u64,
    writes_without_intent: Vec<usize>,
    reads_without_record: Vec<usize>,
    writes_sent_twice: Vec<usize>,
    on_record_twice: Vec<usize>,
    keys_twice: usize,
}

impl Findings {
    /// Compares what the provider was asked with the events in D1. Of storage that was lost it is known how many calls were
    /// counted in it: they are in no other place. In strict mode a read must be on record too.
    pub(super) fn of(count: usize, requests: &[Request], events: &[Event], lost: u64, strict: bool) -> Self {
        let mut traces: BTreeMap<usize, Traces> = BTreeMap::new();
        let numbers = requests.iter().filter_map(|request| {
            let text = request.body.as_deref().filter(|_| request.path.ends_with("/comments"));
            number_in(text.unwrap_or(&request.path))
        });
        for number in numbers {
            traces.entry(number).or_default().upstream += 1;
        }
        let by_digest: HashMap<String, usize> = (0..count).map(|number| (digest(number), number)).collect();
        let number_of = |digest: &Option<String>| digest.as_ref().and_then(|digest| by_digest.get(digest)).copied();
        let mut findings = Self { strict, lost, ..Self::default() };
        let mut keys = HashSet::new();
        for event in events {
            if !keys.insert((&event.request_id, &event.phase, &event.part)) {
                findings.keys_twice += 1;
            }
            if event.kind == "unaccounted" {
                findings.unaccounted += event.count;
            }
            let Some(number) = number_of(&event.digest) else { continue };
            let traces = traces.entry(number).or_default();
            *if event.phase == Phase::Intent { &mut traces.intents } else { &mut traces.outcomes } += 1;
        }
        traces.into_iter().for_each(|(number, traces)| findings.add(number, traces));
        findings
    }

    fn add(&mut self, number: usize, Traces { upstream, intents, outcomes }: Traces) {
        let writes = writes(number);
        if intents > 1 || outcomes > 1 {
            self.on_record_twice.push(number);
        }
        if writes && upstream > 1 {
            self.writes_sent_twice.push(number);
        }
        if upstream == 0 {
            return;
        }
        self.reached.add(writes, true);
        self.intents.add(writes, intents > 0);
        self.outcomes.add(writes, outcomes > 0);
        let is_on_record = if writes { intents > 0 } else { intents + outcomes > 0 };
        if !is_on_record {
            if writes { &mut self.writes_without_intent } else { &mut self.reads_without_record }.push(number);
        }
    }

    /// How many reads reached the provider and have no outcome in D1. They have no intent either, unless reads are strict.
    const fn reads_without_outcome(&self) -> usize {
        self.reached.reads - self.outcomes.reads
    }

    /// Fails where something that must hold does not.
    pub(super) fn check(&self) -> Result<()> {
        ensure!(self.reached.writes > 0, "no write reached the provider");
        must_be_empty("writes reached the provider and have no intent in D1", &self.writes_without_intent)?;
        must_be_empty("writes reached the provider twice", &self.writes_sent_twice)?;
        must_be_empty("calls are on record twice", &self.on_record_twice)?;
        ensure!(self.keys_twice == 0, "{} events have the key of another", self.keys_twice);
        if self.strict {
            must_be_empty("reads reached the provider and are not in D1", &self.reads_without_record)?;
        } else {
            let (without, counted) = (u64::try_from(self.reads_without_outcome())?, self.unaccounted + self.lost);
            ensure!(without <= counted, "{without} reads have no outcome in D1, and {counted} are unaccounted");
        }
        Ok(())
    }
}

fn must_be_empty(what: &str, numbers: &[usize]) -> Result<()> {
    ensure!(numbers.is_empty(), "{} {what}: {:?}", numbers.len(), numbers.get(..20).unwrap_or(numbers));
    Ok(())
}

impl fmt::Display for Findings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{:34}{:>8}{:>8}", "", "reads", "writes")?;
        let missing = Counts { reads: self.reads_without_record.len(), writes: self.writes_without_intent.len() };
        for (what, Counts { reads, writes }) in [
            ("reached the provider", self.reached),
            ("of these with an intent", self.intents),
            ("of these with an outcome", self.outcomes),
            ("of these missing", missing),
        ] {
            writeln!(formatter, "{what:34}{reads:>8}{writes:>8}")?;
        }
        let (sent, recorded) = (self.writes_sent_twice.len(), self.on_record_twice.len());
        writeln!(formatter, "twice: {sent} writes sent, {recorded} calls on record, {} keys", self.keys_twice)?;
        let (without, unaccounted, lost) = (self.reads_without_outcome(), self.unaccounted, self.lost);
        write!(formatter, "reads without an outcome: {without}; unaccounted: {unaccounted}, and {lost} in lost storage")
    }
}

#[cfg(test)]
mod tests {
    use super::{Phase::*, *};

    fn comment(number: usize) -> Request {
        let body = Some(format!(r#"{{"content":{{"raw":"kill-{number:06}"}}}}"#));
        Request { method: "POST".into(), path: "/2.0/repositories/acme/backend/pullrequests/1/comments".into(), body }
    }

    fn file(number: usize) -> Request {
        let path = format!("/2.0/repositories/acme/backend/src/main/kill-{number:06}");
        Request { method: "GET".into(), path, body: None }
    }

    fn event(number: usize, phase: Phase, part: &str) -> Event {
        Event {
            kind: "call".into(),
            phase,
            part: part.into(),
            request_id: number.to_string(),
            count: 1,
            digest: Some(digest(number)),
        }
    }

    /// What is wrong, if something is.
    fn verdict(requests: &[Request], events: &[Event], strict: bool) -> Option<String> {
        Findings::of(10, requests, events, 0, strict).check().err().map(|error| error.to_string())
    }

    #[test]
    fn a_write_with_its_intent_is_well_though_its_outcome_is_lost() {
        assert_eq!(verdict(&[comment(2)], &[event(2, Intent, "1")], false), None);
    }

    #[test]
    fn a_write_without_its_intent_fails_the_run() {
        let found = verdict(&[comment(2), comment(4)], &[event(2, Intent, "1"), event(4, Outcome, "1")], false);
        assert_eq!(found.as_deref(), Some("1 writes reached the provider and have no intent in D1: [4]"));
    }

    #[test]
    fn reads_without_an_outcome_fail_the_run_where_too_few_are_counted() {
        let requests = [comment(2), file(3), file(5), file(7)];
        let unaccounted = |count| {
            let unaccounted = Event { kind: "unaccounted".into(), count, digest: None, ..event(1, Outcome, "1") };
            [event(2, Intent, "1"), event(7, Outcome, "1"), unaccounted]
        };
        let is_well = |count, lost| Findings::of(10, &requests, &unaccounted(count), lost, false).check().is_ok();
        assert!(is_well(2, 0) && is_well(1, 1) && is_well(9, 0));
        assert!(!is_well(1, 0));
    }

    #[test]
    fn what_an_object_keeps_is_elsewhere_only_if_something_is_of_every_intent() {
        let object = |file: &str, phase, numbers: &[usize]| {
            let kept = |number: &usize| Kept { phase, digest: Some(digest(*number)), calls: 0 };
            Object { file: file.into(), kept: numbers.iter().map(kept).collect() }
        };
        let stored = |outcomes| Stored {
            events: vec![event(2, Intent, "1")],
            objects: vec![object("session", Intent, &[2, 4]), object("log", Outcome, outcomes)],
        };
        let has_elsewhere = |stored: &Stored| stored.has_elsewhere(&stored.objects[0]);
        assert!(has_elsewhere(&stored(&[4])));
        assert!(!has_elsewhere(&stored(&[6])));
    }

    #[test]
    fn an_intent_of_a_write_that_was_never_sent_is_well() {
        let events = [event(2, Intent, "1"), event(4, Intent, "1")];
        assert_eq!(verdict(&[comment(2)], &events, false), None);
    }

    #[test]
    fn a_write_that_was_sent_twice_fails_the_run() {
        assert!(verdict(&[comment(2), comment(2)], &[event(2, Intent, "1")], false).is_some());
    }

    #[test]
    fn a_call_that_is_on_record_twice_fails_the_run() {
        for part in ["1", "2"] {
            assert!(verdict(&[comment(2)], &[event(2, Intent, "1"), event(2, Intent, part)], false).is_some());
        }
    }

    #[test]
    fn a_read_that_is_not_on_record_fails_the_run_in_strict_mode_alone() {
        let (requests, events) = ([comment(2), file(3)], [event(2, Intent, "1")]);
        assert!(Findings::of(10, &requests, &events, 1, false).check().is_ok());
        assert!(verdict(&requests, &events, true).is_some());
        assert_eq!(verdict(&requests, &[events[0].clone(), event(3, Intent, "1")], true), None);
    }

    #[test]
    fn a_run_in_which_nothing_was_written_proves_nothing() {
        assert!(verdict(&[], &[], false).is_some());
    }
}
