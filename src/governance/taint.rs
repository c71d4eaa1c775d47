//! Taint: that a grant read text of somebody who may not belong to the organisation, where, and until when that counts. Pure.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{platform::clock::Timestamp, providers::Site};

/// How many places are kept of one taint. More are counted as being elsewhere than any call.
const MOST: usize = 8;

/// How much longer than it has to a reading counts, so that one that is repeated need not be written each time.
const SLACK: Duration = Duration::from_mins(1);

/// Where something is read or written, as far as a call's arguments tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub site: Site,
    /// The workspace or space.
    pub container: Option<String>,
    /// The whole of it, as the audit shows it.
    pub target: String,
}

impl Place {
    /// Whether both are for certain in one workspace or space, or are the same thing.
    fn is_with(&self, other: &Self) -> bool {
        let is_one = match (&self.container, &other.container) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => !self.target.is_empty() && !self.target.ends_with('…') && self.target == other.target,
        };
        self.site == other.site && is_one
    }
}

/// As a person reads it: `acme/backend#7, Bitbucket`.
impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = if self.target.is_empty() { self.container.as_deref() } else { Some(self.target.as_str()) };
        named.map_or(Ok(()), |named| write!(formatter, "{named}, "))?;
        formatter.write_str(&self.site.title())
    }
}

/// A reading of text from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub place: Place,
    pub until: Timestamp,
}

/// How a grant is tainted where a call of it goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaintLevel {
    #[default]
    Clean,
    /// By what it read in the same workspace or space alone.
    Here,
    /// By what it read elsewhere, or where nobody knows.
    Elsewhere,
}

impl TaintLevel {
    pub const ALL: [Self; 3] = [Self::Clean, Self::Here, Self::Elsewhere];
}

/// How a grant is tainted where one call of it goes, and by what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tainted {
    pub level: TaintLevel,
    pub readings: Vec<Reading>,
}

/// What a grant read from outside, for as long as that counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    readings: Vec<Reading>,
    /// Until when there are more than are kept.
    #[serde(default)]
    others_until: Option<Timestamp>,
}

impl Taint {
    /// Notes a reading that counts for that long from now on. Whether there is anything to keep.
    pub fn note(&mut self, place: Place, life: Duration, now: Timestamp) -> bool {
        let (least, until) = (now + life, now + life + SLACK);
        self.readings.retain(|reading| now < reading.until);
        let known = self.readings.iter().position(|reading| reading.place == place);
        let is_full = self.readings.len() >= MOST;
        let alike = || self.readings.iter().position(|reading| reading.place.is_with(&place)).filter(|_| is_full);
        match known.or_else(alike).and_then(|index| self.readings.get_mut(index)) {
            Some(reading) if reading.until >= least => return false,
            Some(reading) => reading.until = until,
            None if is_full && self.others_until >= Some(least) => return false,
            None if is_full => self.others_until = Some(until),
            None => self.readings.push(Reading { place, until }),
        }
        true
    }

    /// How it taints a call that goes there, and by what.
    pub fn tainted(&self, place: Option<&Place>, now: Timestamp) -> Tainted {
        Tainted { level: self.level(place, now), readings: self.readings(now) }
    }

    /// How it taints a call that goes there.
    fn level(&self, place: Option<&Place>, now: Timestamp) -> TaintLevel {
        let mut live = self.readings.iter().filter(|reading| now < reading.until);
        let has_others = self.others_until.is_some_and(|until| now < until);
        let is_with = |reading: &Reading| place.is_some_and(|place| place.is_with(&reading.place));
        match (has_others, live.clone().next()) {
            (false, None) => TaintLevel::Clean,
            (false, Some(_)) if live.all(is_with) => TaintLevel::Here,
            _ => TaintLevel::Elsewhere,
        }
    }

    /// The readings that count.
    fn readings(&self, now: Timestamp) -> Vec<Reading> {
        self.readings.iter().filter(|reading| now < reading.until).cloned().collect()
    }

    /// When it is over.
    pub fn until(&self) -> Timestamp {
        let last = self.readings.iter().map(|reading| reading.until).chain(self.others_until).max();
        last.unwrap_or(Timestamp(0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::providers::{BITBUCKET, CONFLUENCE};

    const HOUR: Duration = Duration::from_hours(1);

    fn place(container: &str, target: &str) -> Place {
        let container = Some(container.to_owned()).filter(|name| !name.is_empty());
        Place { site: Site::main(&BITBUCKET), container, target: target.to_owned() }
    }

    fn tainted_by(place: Place) -> Taint {
        let mut taint = Taint::default();
        assert!(taint.note(place, HOUR, Timestamp(0)));
        taint
    }

    #[test]
    fn a_reading_counts_for_its_time_and_no_longer() {
        let taint = tainted_by(place("acme", "acme/backend#7"));
        let here = place("ACME", "acme/website");
        assert_eq!(taint.level(Some(&here), Timestamp(0) + HOUR), TaintLevel::Here);
        assert_eq!(taint.level(Some(&here), taint.until()), TaintLevel::Clean);
        assert!(taint.readings(taint.until()).is_empty());
    }

    #[test]
    fn what_is_not_known_to_be_in_the_same_place_is_elsewhere() {
        let taint = tainted_by(place("acme", "acme/backend#7"));
        let wiki = Place { site: Site::main(&CONFLUENCE), ..place("acme", "acme/backend#7") };
        for other in [place("other", "acme/backend#7"), place("", "acme/backend"), place("{0f1e}", "x"), wiki] {
            assert_eq!(taint.level(Some(&other), Timestamp(1)), TaintLevel::Elsewhere, "{other}");
        }
        assert_eq!(taint.level(None, Timestamp(1)), TaintLevel::Elsewhere);
    }

    #[test]
    fn the_same_thing_is_here_though_nobody_knows_in_which_space_it_lies() {
        let taint = tainted_by(place("", "page 98305"));
        assert_eq!(taint.level(Some(&place("", "page 98305")), Timestamp(1)), TaintLevel::Here);
        assert_eq!(taint.level(Some(&place("", "page 98306")), Timestamp(1)), TaintLevel::Elsewhere);
        assert_eq!(tainted_by(place("", "")).level(Some(&place("", "")), Timestamp(1)), TaintLevel::Elsewhere);
    }

    #[test]
    fn a_reading_that_is_repeated_is_kept_once_a_minute() {
        let mut taint = tainted_by(place("acme", "a"));
        assert!(!taint.note(place("acme", "a"), HOUR, Timestamp(0) + SLACK));
        assert!(taint.note(place("acme", "a"), HOUR, Timestamp(1) + SLACK));
    }

    proptest! {
        #[test]
        fn whatever_was_read_within_its_time_taints_and_the_rows_are_few(
            readings in prop::collection::vec((0_u8..4, 0_u8..9, 0_u64..4_000_000), 1..40),
            goes_to in 0_u8..4,
        ) {
            let (mut taint, mut now) = (Taint::default(), Timestamp(0));
            let mut read = Vec::new();
            for (container, target, later) in readings {
                now = now + Duration::from_millis(later);
                let place = place(&format!("w{container}"), &format!("w{container}/{target}"));
                taint.note(place.clone(), HOUR, now);
                read.push((place, now));
                let live: Vec<_> = read.iter().filter(|(_, at)| now.since(*at) < HOUR).collect();
                let call = Place { target: "x".to_owned(), ..self::place(&format!("w{goes_to}"), "x") };
                let level = taint.level(Some(&call), now);
                let least = match live.iter().any(|(place, _)| !place.is_with(&call)) {
                    true => TaintLevel::Elsewhere,
                    false => TaintLevel::Here,
                };
                prop_assert!(level >= least, "{level:?} {least:?}");
                prop_assert!(taint.readings.len() <= MOST);
            }
            prop_assert_eq!(taint.level(None, taint.until()), TaintLevel::Clean);
        }
    }
}
