//! Segments: events that retention moved out of the database, a thousand at a time, as lines of JSON (NDJSON). A line is the
//! event with its place in its chain and its link, so that the chain goes on through segments into the database.
//!
//! A segment is sealed, at the place that its number is, so that nobody reads one, changes one, or puts one in the place of
//! another. Its record in the database proves what was moved: of each chain the part, and the digest of the sealed text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::chain::{ChainKeys, Head};
use crate::{
    crypto::digest,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, exact, sql},
        json,
    },
};

/// What its authentication is over.
const KIND: &str = "segment";

/// An event as a row.
pub type Row = Map<String, Value>;

/// The part of a chain that a segment holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub shard: String,
    /// The event before the first one.
    pub before: Head,
    pub last: Head,
}

/// What a segment holds. It stands at the beginning of the segment, and with the digest of that on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// From 1. A number is left out where something else was in its place.
    pub number: i64,
    pub moved_at: Timestamp,
    pub events: usize,
    /// The moments of its earliest and its latest event.
    pub from: Timestamp,
    pub until: Timestamp,
    pub spans: Vec<Span>,
    /// SHA-256 of the sealed text; empty in the segment itself.
    pub digest: String,
}

/// The name of a segment in the bucket, which is also the place that it is sealed at.
pub fn name(number: i64) -> String {
    format!("segments/{number:016}")
}

impl Segment {
    /// One of these rows.
    pub fn new(number: i64, spans: Vec<Span>, rows: &[Row], moved_at: Timestamp) -> Self {
        let moments = || rows.iter().filter_map(|row| exact(row.get("at")?).as_i64()).map(Timestamp);
        let (from, until) = (moments().min().unwrap_or(moved_at), moments().max().unwrap_or(moved_at));
        Self { number, moved_at, events: rows.len(), from, until, spans, digest: String::new() }
    }

    /// The sealed text of it and its rows.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub fn seal(&self, keys: &ChainKeys, rows: &[Row]) -> Result<String, Fault> {
        let mut text = json!(self).to_string();
        for row in rows {
            let values = row.iter().filter(|(_, value)| !value.is_null());
            let line: BTreeMap<&str, Value> = values.map(|(name, value)| (name.as_str(), exact(value))).collect();
            text.push('\n');
            text.push_str(&json!(line).to_string());
        }
        keys.seal(&text, &name(self.number))
    }

    /// Reads what [`Self::seal`] wrote: the segment with its digest, and its lines. Nothing where it is none of that number.
    pub fn open(keys: &ChainKeys, number: i64, sealed: &str) -> Option<(Self, String)> {
        let text = keys.open(sealed, &name(number))?;
        let (head, lines) = text.expose().split_once('\n')?;
        let segment: Self = json::from_str(head).ok()?;
        Some((Self { digest: digest::sha256_hex(sealed), ..segment }, lines.to_owned()))
    }

    /// Puts it on record.
    pub fn put(&self, keys: &ChainKeys) -> Statement {
        let record = json!(self).to_string();
        let mac = keys.authenticate(KIND, &record);
        sql("INSERT INTO audit_segments (number, record, mac) VALUES (?1, ?2, ?3)
            ON CONFLICT (number) DO UPDATE SET record = excluded.record, mac = excluded.mac")
        .bind(self.number)
        .bind(record)
        .bind(mac)
    }

    /// Reads what [`Self::put`] wrote; nothing where it is not authentic.
    pub fn of_record(keys: &ChainKeys, record: &str, mac: &str) -> Option<Self> {
        let segment = json::from_str(record).ok()?;
        keys.is_authentic(KIND, record, mac).then_some(segment)
    }
}

/// The rows of a segment's lines.
pub fn rows(lines: &str) -> impl Iterator<Item = Row> {
    lines.lines().filter_map(|line| json::from_str(line).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::key::{Key, KeyPair};

    fn keys(current: u8, previous: Option<u8>) -> ChainKeys {
        ChainKeys::new(&KeyPair { current: Key::for_tests(current), previous: previous.map(Key::for_tests) })
    }

    fn some() -> (Segment, Vec<Row>) {
        let Value::Object(row) = json!({ "at": 5.0, "kind": "sign_in", "reason": null, "shard": "audit/0" }) else {
            unreachable!()
        };
        let last = Head { epoch: 1, sequence: 1, link: "link".into() };
        let span = Span { shard: "audit/0".into(), before: Head::beginning(1), last };
        (Segment::new(7, vec![span], std::slice::from_ref(&row), Timestamp(9)), vec![row])
    }

    #[test]
    fn a_segment_is_read_as_it_was_written_also_after_its_key_was_replaced() {
        let (segment, rows) = some();
        let sealed = segment.seal(&keys(1, None), &rows).unwrap();
        let (read, lines) = Segment::open(&keys(2, Some(1)), 7, &sealed).unwrap();
        assert_eq!(Segment { digest: String::new(), ..read.clone() }, segment);
        assert_eq!((lines.as_str(), read.from), (r#"{"at":5,"kind":"sign_in","shard":"audit/0"}"#, Timestamp(5)));
        assert_eq!(self::rows(&lines).count(), 1);
    }

    #[test]
    fn a_segment_in_the_place_of_another_or_cut_is_none() {
        let (segment, rows) = some();
        let sealed = segment.seal(&keys(1, None), &rows).unwrap();
        assert!(Segment::open(&keys(1, None), 8, &sealed).is_none());
        assert!(Segment::open(&keys(1, None), 7, &sealed[..sealed.len() - 4]).is_none());
        assert!(Segment::open(&keys(3, None), 7, &sealed).is_none());
    }

    #[test]
    fn a_record_that_somebody_else_made_is_none() {
        let record = json!(some().0).to_string();
        let mac = keys(1, None).authenticate(KIND, &record);
        assert_eq!(Segment::of_record(&keys(1, None), &record, &mac), Some(some().0));
        assert_eq!(Segment::of_record(&keys(1, None), &record.replace("\"sequence\":1", "\"sequence\":2"), &mac), None);
        assert_eq!(Segment::of_record(&keys(2, None), &record, &mac), None);
    }
}
