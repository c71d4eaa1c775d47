//! The chain of a shard's events. Each event has a number and a link: an HMAC over the event, its place and the link of its
//! predecessor. Whoever changes, removes, inserts or moves an event without the key leaves a link that does not fit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    crypto::{
        digest,
        key::{Key, KeyPair},
        seal::Sealer,
        secret::Secret,
    },
    platform::{Fault, database},
};

/// How far the chain of one epoch of a shard has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// When the storage of the shard's object began, in milliseconds since 1970: storage that was lost begins another one.
    pub epoch: i64,
    /// The number of the last event; 0 where there is none yet.
    pub sequence: i64,
    /// The link of that event; empty where there is none.
    pub link: String,
}

impl Head {
    /// Where an epoch begins.
    pub const fn beginning(epoch: i64) -> Self {
        Self { epoch, sequence: 0, link: String::new() }
    }
}

/// Columns of an event that say where it stands. The link covers every other column, also one that a later release adds.
const PLACE: [&str; 6] = ["position", "shard", "epoch", "sequence", "link", "link_key"];

/// What of an event its link covers: every column with a value, by name.
pub fn canonical(row: &Map<String, Value>) -> String {
    let covered = row.iter().filter(|(name, value)| !value.is_null() && !PLACE.contains(&name.as_str()));
    let covered: BTreeMap<&str, Value> = covered.map(|(name, value)| (name.as_str(), database::exact(value))).collect();
    serde_json::to_string(&covered).unwrap_or_default()
}

/// What texts are sealed for.
const SEGMENTS: &str = "segments of the audit log";

/// The keys of the links: one in use, and those that earlier links were made with.
pub struct ChainKeys {
    current: Key,
    earlier: Vec<Key>,
}

impl ChainKeys {
    pub fn new(signing_keys: &KeyPair) -> Self {
        let KeyPair { current, previous } = signing_keys.derive("chain of the audit log");
        Self { current, earlier: previous.into_iter().collect() }
    }

    /// The same with more keys of earlier links.
    #[must_use]
    pub fn with(mut self, earlier: impl IntoIterator<Item = Key>) -> Self {
        self.earlier.extend(earlier);
        self
    }

    /// The key that links are made with.
    pub const fn current(&self) -> &Key {
        &self.current
    }

    /// The link of an event that follows on `head` in the chain of `shard`, by the key of that id, if that is known.
    pub fn link(&self, key: &str, shard: &str, head: &Head, canonical: &str) -> Option<String> {
        let key = self.find(key)?;
        let [epoch, sequence] = [head.epoch, head.sequence + 1].map(|number| number.to_string());
        Some(digest::authenticate(key, &[shard, &epoch, &sequence, &head.link, canonical]))
    }

    /// The authentication of a text that is no link, such as a checkpoint: `<key id>.<HMAC-SHA-256>`.
    pub fn authenticate(&self, kind: &str, text: &str) -> String {
        format!("{}.{}", self.current.id(), digest::authenticate(&self.current, &[kind, text]))
    }

    /// Whether a text was authenticated so, by any of the keys.
    pub fn is_authentic(&self, kind: &str, text: &str, mac: &str) -> bool {
        let Some((id, mac)) = mac.split_once('.') else { return false };
        self.find(id).is_some_and(|key| digest::equal(&digest::authenticate(key, &[kind, text]), mac))
    }

    /// Seals a text at its place, to be opened for as long as its key is known, which outlives the operator's.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub fn seal(&self, text: &str, place: &str) -> Result<String, Fault> {
        Sealer::of(&self.current, SEGMENTS).seal(text, place)
    }

    /// What was sealed at that place, with any of the keys.
    pub fn open(&self, sealed: &str, place: &str) -> Option<Secret> {
        self.known().find_map(|key| Sealer::of(key, SEGMENTS).open(sealed, place))
    }

    fn known(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.earlier)
    }

    fn find(&self, id: &str) -> Option<&Key> {
        self.known().find(|key| key.id() == id)
    }

    /// Puts an event behind the chain of `shard`: gives it its place, and moves `head` on.
    pub fn append(&self, shard: &str, head: &mut Head, row: &mut Map<String, Value>) {
        let key = self.current.id();
        let Some(link) = self.link(key, shard, head, &canonical(row)) else { return };
        *head = Head { epoch: head.epoch, sequence: head.sequence + 1, link };
        row.insert("shard".into(), shard.into());
        row.insert("epoch".into(), head.epoch.into());
        row.insert("sequence".into(), head.sequence.into());
        row.insert("link".into(), head.link.as_str().into());
        row.insert("link_key".into(), key.into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys() -> ChainKeys {
        ChainKeys::new(&KeyPair { current: Key::for_tests(2), previous: Some(Key::for_tests(1)) })
    }

    fn row() -> Map<String, Value> {
        let Value::Object(row) = json!({ "request_id": "one", "at": 5, "reason": null }) else { unreachable!() };
        row
    }

    #[test]
    fn a_link_covers_every_column_that_has_a_value_in_any_order() {
        assert_eq!(canonical(&row()), r#"{"at":5,"request_id":"one"}"#);
        let mut later = row();
        later.insert("a_column_of_tomorrow".into(), json!("x"));
        assert_ne!(canonical(&later), canonical(&row()));
    }

    #[test]
    fn a_number_is_the_same_as_an_integer_and_as_a_double_of_d1() {
        let mut double = row();
        double.insert("at".into(), json!(5.0));
        assert_eq!(canonical(&double), canonical(&row()));
    }

    #[test]
    fn where_an_event_is_kept_is_no_part_of_it() {
        let (mut head, mut linked) = (Head::beginning(1), row());
        keys().append("audit/0", &mut head, &mut linked);
        assert_eq!(canonical(&linked), canonical(&row()));
        assert_eq!((&linked["sequence"], linked["link"].as_str()), (&json!(1), Some(head.link.as_str())));
    }

    #[test]
    fn a_link_depends_on_the_shard_the_epoch_the_number_and_the_predecessor() {
        let id = Key::for_tests(2).id().to_owned();
        let link = |shard: &str, head: Head| keys().link(&id, shard, &head, "{}");
        let head = Head { epoch: 1, sequence: 7, link: "before".into() };
        let links = [
            link("audit/0", head.clone()),
            link("audit/1", head.clone()),
            link("audit/0", Head { epoch: 2, ..head.clone() }),
            link("audit/0", Head { sequence: 8, ..head.clone() }),
            link("audit/0", Head { link: "another".into(), ..head }),
        ];
        let different: std::collections::HashSet<_> = links.iter().collect();
        assert_eq!(different.len(), links.len());
    }

    #[test]
    fn a_link_by_the_previous_key_is_still_known_and_one_by_another_is_not() {
        let link = |seed| keys().link(Key::for_tests(seed).id(), "audit/0", &Head::beginning(1), "{}");
        assert!(link(1).is_some() && link(2).is_some() && link(3).is_none());
    }
}
