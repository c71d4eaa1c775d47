//! Whether a log is whole: a pure function over its rows, in the order of their positions, and over what is known of the
//! chains from elsewhere. It can stop after any row and go on later.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    chain::{self, ChainKeys, Head},
    checkpoint::{Checkpoint, Mark},
    segment::{self, Segment, Span},
};
use crate::platform::{database, json};

/// How long after the first chain began there may be events without one: a deployment spreads meanwhile.
const SPREAD: i64 = 60 * 60 * 1000;

/// Before the position of any row: the least whole number that D1 takes as it is.
const BEFORE_ALL: i64 = -(1 << 53);

/// How many findings are told by themselves; more are counted.
const MOST_FINDINGS: usize = 100;

/// How many gaps of one chain are kept in mind, in case their events come later.
const MOST_GAPS: usize = 100;

/// What can be wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Defect {
    /// An event does not fit its link: it was changed, or made up.
    Changed,
    /// Events are not there, and later ones of their chain are.
    Missing,
    /// An event stands behind one that came after it.
    Reordered,
    /// An event is there that the log never took in, or once more.
    Inserted,
    /// The last events of a chain are not there.
    CutTail,
    /// Of a chain there is nothing.
    Deleted,
    /// The storage of the object was lost or set back, and its chain began anew. What was waiting there is lost, too.
    BegunAnew,
    /// Events are linked with a key that is not known any more.
    UnknownKey,
    /// A checkpoint is not one of ours.
    ForgedCheckpoint,
    /// Retention removed events that were not whole.
    RemovedUnverified,
    /// Events were moved to a segment that is not there.
    SegmentMissing,
    /// Events were moved to a segment in whose place something else is.
    SegmentChanged,
}

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub defect: Defect,
    /// Empty where no shard is known.
    pub shard: String,
    pub epoch: i64,
    /// The first and the last sequence; of an event without a place in a chain its position.
    pub first: i64,
    pub last: i64,
}

/// A chain as far as it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Chain {
    shard: String,
    head: Head,
    /// The link that the last event should have had, where it has another: its successor tells which of both was changed.
    expected: Option<String>,
    /// First and last numbers of the events that have not come.
    gaps: Vec<(i64, i64)>,
    /// Heads that are known from elsewhere.
    attested: Vec<Head>,
    previous_epoch: Option<i64>,
    /// Whether it was followed from its first segment on.
    #[serde(default)]
    is_in_segments: bool,
}

/// A verification under way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    chains: Vec<Chain>,
    /// Up to which position rows were looked at.
    pub position: i64,
    /// How many events were looked at, and how many of them are from before there was a chain.
    pub events: u64,
    pub unlinked: u64,
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub further: u64,
}

/// What of a row says where it stands.
#[derive(Deserialize)]
struct Place {
    position: i64,
    at: i64,
    shard: Option<String>,
    epoch: Option<i64>,
    sequence: Option<i64>,
    link: Option<String>,
    link_key: Option<String>,
}

impl Verification {
    /// Begins with the checkpoints of all stores, and the heads that the objects of the shards have.
    pub fn new(checkpoints: &[Checkpoint], heads: &[(String, Head)]) -> Self {
        let mut this = Self { position: BEFORE_ALL, ..Self::default() };
        for checkpoint in checkpoints {
            let Checkpoint { shard, head, kind, previous_epoch, is_whole, .. } = checkpoint;
            let chain = this.chain(shard, head.epoch);
            match kind {
                Mark::Begun => chain.previous_epoch = *previous_epoch,
                Mark::Reached => chain.attested.push(head.clone()),
                Mark::Removed if head.sequence >= chain.head.sequence => chain.head = head.clone(),
                Mark::Removed => (),
            }
            if *kind == Mark::Removed && *is_whole == 0 {
                this.find(Defect::RemovedUnverified, shard, head.epoch, (1, head.sequence));
            }
        }
        for (shard, head) in heads {
            this.chain(shard, head.epoch).attested.push(head.clone());
        }
        for chain in &mut this.chains {
            chain.attested.retain(|attested| attested.sequence > chain.head.sequence);
        }
        this
    }

    fn chain(&mut self, shard: &str, epoch: i64) -> &mut Chain {
        let is_it = |chain: &Chain| chain.shard == shard && chain.head.epoch == epoch;
        let index = self.chains.iter().position(is_it).unwrap_or(self.chains.len());
        if index == self.chains.len() {
            self.chains.push(Chain {
                shard: shard.to_owned(),
                head: Head::beginning(epoch),
                expected: None,
                gaps: Vec::new(),
                attested: Vec::new(),
                previous_epoch: None,
                is_in_segments: false,
            });
        }
        #[expect(clippy::indexing_slicing, reason = "one was pushed if there was none")]
        &mut self.chains[index]
    }

    fn find(&mut self, defect: Defect, shard: &str, epoch: i64, (first, last): (i64, i64)) {
        let finding = Finding { defect, shard: shard.to_owned(), epoch, first, last };
        if self.findings.contains(&finding) {
            return;
        }
        // A run of events with the same defect is one finding.
        let is_full = self.findings.len() >= MOST_FINDINGS;
        let before = self.findings.iter_mut().rev().find(|one| one.shard == finding.shard && one.epoch == epoch);
        match before {
            Some(before) if before.defect == defect && before.last + 1 == first => before.last = last,
            _ if is_full => self.further += 1,
            _ => self.findings.push(finding),
        }
    }

    /// Tells of checkpoints that are not ours.
    pub fn forged(&mut self, checkpoints: usize) {
        if let Some(last) = i64::try_from(checkpoints).ok().filter(|count| *count > 0) {
            self.find(Defect::ForgedCheckpoint, "", 0, (1, last));
        }
    }

    /// Looks at the next segment: at its lines, or at what is wrong with it. Segments come before rows of the database. Of one
    /// that was moved there meanwhile, rows that were looked at already are left out.
    pub fn segment(&mut self, keys: &ChainKeys, segment: &Segment, lines: Result<&str, Defect>) {
        let position = self.position;
        for span in segment.spans.iter().filter(|_| position == BEFORE_ALL) {
            self.chain(&span.shard, span.before.epoch).enter(span);
        }
        match lines {
            Ok(lines) => {
                for row in segment::rows(lines) {
                    let is_new = database::exact(row.get("position").unwrap_or(&Value::Null)).as_i64() > Some(position);
                    if position == BEFORE_ALL || is_new {
                        self.row(keys, &row);
                    }
                }
            }
            Err(defect) => {
                for Span { shard, before, last } in &segment.spans {
                    self.find(defect, shard, before.epoch, (before.sequence + 1, last.sequence));
                    let chain = self.chain(shard, last.epoch);
                    if last.sequence > chain.head.sequence {
                        chain.head = last.clone();
                    }
                }
                if segment.spans.is_empty() {
                    self.find(defect, "", 0, (segment.number, segment.number));
                }
            }
        }
        if position == BEFORE_ALL {
            self.position = BEFORE_ALL;
        }
    }

    /// Looks at the next row, an object of column name to value.
    pub fn row(&mut self, keys: &ChainKeys, row: &Map<String, Value>) {
        self.events += 1;
        let place = row.iter().map(|(name, value)| (name.clone(), database::exact(value)));
        let Ok(place) = json::from_value::<Place>(Value::Object(place.collect())) else {
            self.find(Defect::Inserted, "", 0, (0, 0));
            return;
        };
        self.position = place.position;
        let Place { position, at, shard, epoch, sequence, link, link_key } = place;
        let (Some(shard), Some(epoch), Some(sequence), Some(link), Some(link_key)) =
            (shard, epoch, sequence, link, link_key)
        else {
            self.unlinked += 1;
            let began = self.chains.iter().map(|chain| chain.head.epoch).min();
            if began.is_some_and(|began| at > began + SPREAD) {
                self.find(Defect::Inserted, "", 0, (position, position));
            }
            return;
        };
        let here = (sequence, sequence);
        let canonical = chain::canonical(row);
        let is_known = self.chains.iter().any(|chain| chain.shard == shard && chain.head.epoch == epoch);
        if !is_known && keys.link(&link_key, &shard, &Head::beginning(epoch), &canonical).as_ref() != Some(&link) {
            self.find(Defect::Inserted, &shard, epoch, here);
            return;
        }
        let chain = self.chain(&shard, epoch);
        let defect = if sequence > chain.head.sequence {
            chain.follow(keys, &link_key, Head { epoch, sequence, link }, &canonical)
        } else if chain.fill_gap(sequence) {
            Some(Defect::Reordered)
        } else {
            Some(Defect::Inserted)
        };
        if let Some(defect) = defect {
            self.find(defect, &shard, epoch, here);
        }
    }

    /// Ends: what did not come until now is not there.
    #[must_use]
    pub fn end(mut self) -> Self {
        let mut chains = self.chains.clone();
        chains.sort_by(|one, other| (&one.shard, one.head.epoch).cmp(&(&other.shard, other.head.epoch)));
        let mut before: Option<&Chain> = None;
        for chain in &chains {
            let (shard, Head { epoch, sequence, .. }) = (&chain.shard, &chain.head);
            for gap in &chain.gaps {
                self.find(Defect::Missing, shard, *epoch, *gap);
            }
            let attested = chain.attested.iter().map(|head| head.sequence).max().unwrap_or_default();
            match *sequence {
                0 if attested > 0 => self.find(Defect::Deleted, shard, *epoch, (1, attested)),
                last if last < attested => self.find(Defect::CutTail, shard, *epoch, (last + 1, attested)),
                _ => (),
            }
            let predecessor = before.filter(|before| before.shard == *shard).map(|before| before.head.epoch);
            if let Some(previous) = chain.previous_epoch.filter(|previous| Some(*previous) != predecessor) {
                self.find(Defect::Deleted, shard, previous, (1, 1));
            }
            if predecessor.is_some() || chain.previous_epoch.is_some() {
                self.find(Defect::BegunAnew, shard, *epoch, (0, 0));
            }
            before = Some(chain);
        }
        self
    }

    /// How far each chain was followed, as retention keeps it.
    pub fn heads(&self) -> impl Iterator<Item = (&str, &Head)> {
        self.chains.iter().map(|chain| (chain.shard.as_str(), &chain.head))
    }

    /// Whether nothing is wrong, apart from chains that began anew, which is on record.
    pub fn is_whole(&self) -> bool {
        self.further == 0 && self.findings.iter().all(|finding| finding.defect == Defect::BegunAnew)
    }
}

impl Chain {
    /// Goes back to where its first segment begins. What retention says to have removed attests then how far segments go.
    fn enter(&mut self, span: &Span) {
        if !std::mem::replace(&mut self.is_in_segments, true) && span.before.sequence < self.head.sequence {
            self.attested.push(std::mem::replace(&mut self.head, span.before.clone()));
        }
    }

    /// Moves on to an event that comes after the last one; tells what is wrong with it.
    fn follow(&mut self, keys: &ChainKeys, key: &str, next: Head, canonical: &str) -> Option<Defect> {
        let attested = self.attested.iter().find(|attested| attested.sequence == next.sequence);
        let is_contradicted = attested.is_some_and(|attested| attested.link != next.link);
        let is_successor = next.sequence == self.head.sequence + 1;
        if !is_successor && self.gaps.len() < MOST_GAPS {
            self.gaps.push((self.head.sequence + 1, next.sequence - 1));
        }
        let expected = is_successor.then(|| keys.link(key, &self.shard, &self.head, canonical));
        let alternative = self.expected.take().map(|link| Head { link, ..self.head.clone() });
        let fits = |expected: &Option<String>| expected.as_ref() == Some(&next.link);
        let defect = match &expected {
            // The link of a predecessor that is not there is not known.
            None => None,
            Some(None) => Some(Defect::UnknownKey),
            Some(expected) if fits(expected) => None,
            Some(_) => {
                let fits_the_other =
                    alternative.is_some_and(|head| fits(&keys.link(key, &self.shard, &head, canonical)));
                (!fits_the_other).then_some(Defect::Changed)
            }
        };
        if defect == Some(Defect::Changed) {
            self.expected = expected.flatten();
        }
        self.head = next;
        defect.or(is_contradicted.then_some(Defect::Changed))
    }

    /// Whether an event of that number was missing until now; then it is not any more.
    fn fill_gap(&mut self, sequence: i64) -> bool {
        let Some(index) = self.gaps.iter().position(|(first, last)| (*first..=*last).contains(&sequence)) else {
            return false;
        };
        let (first, last) = self.gaps.swap_remove(index);
        let rest = [(first, sequence - 1), (sequence + 1, last)];
        self.gaps.extend(rest.into_iter().filter(|(first, last)| first <= last));
        true
    }
}

#[cfg(test)]
mod tests;
