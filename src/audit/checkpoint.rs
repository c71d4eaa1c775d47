//! Checkpoints: how far the chain of each shard came, authenticated, so that a chain which ends too soon, or is not there at
//! all, is known to.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::chain::{ChainKeys, Head};
use crate::platform::{
    Fault,
    clock::Timestamp,
    database::{self, Database, Statement, sql},
    json,
};

/// What its authentication is over, so that nothing else that is authenticated is a checkpoint.
const KIND: &str = "checkpoint";

/// What a checkpoint is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The epoch began.
    Begun,
    /// The database has every event up to this one.
    Reached,
    /// Retention removed every event up to this one.
    Removed,
}

/// One checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub shard: String,
    #[serde(flatten)]
    pub head: Head,
    pub kind: Mark,
    /// Of a beginning: the newest epoch of the shard that was on record then.
    pub previous_epoch: Option<i64>,
    /// Of a removal: 1 where all that was removed was verified before.
    pub is_whole: u8,
    pub at: Timestamp,
}

impl Checkpoint {
    pub fn new(shard: &str, head: Head, kind: Mark, at: Timestamp) -> Self {
        Self { shard: shard.to_owned(), head, kind, previous_epoch: None, is_whole: 1, at }
    }

    /// As the stores keep it: with its authentication.
    pub fn authenticated(&self, keys: &ChainKeys) -> Value {
        let mut row = json!(self);
        let mac = keys.authenticate(KIND, &row.to_string());
        if let Some(row) = row.as_object_mut() {
            row.insert("mac".into(), mac.into());
        }
        row
    }

    /// Reads what [`Self::authenticated`] wrote; nothing where it is not authentic.
    pub fn read(keys: &ChainKeys, row: &Value) -> Option<Self> {
        let mac = row.get("mac").and_then(Value::as_str)?;
        let row = row.as_object()?.iter().map(|(name, value)| (name.clone(), database::exact(value))).collect();
        let checkpoint: Self = json::from_value(Value::Object(row)).ok()?;
        keys.is_authentic(KIND, &json!(checkpoint).to_string(), mac).then_some(checkpoint)
    }

    /// Puts it in the place of the last one of its kind, unless that goes further.
    pub fn put(&self, keys: &ChainKeys) -> Statement {
        sql("INSERT INTO audit_checkpoints (shard, epoch, kind, sequence, link, previous_epoch, is_whole, at, mac)
            SELECT value ->> 'shard', value ->> 'epoch', value ->> 'kind', value ->> 'sequence', value ->> 'link',
                value ->> 'previous_epoch', value ->> 'is_whole', value ->> 'at', value ->> 'mac'
            FROM (SELECT ?1 AS value) WHERE true
            ON CONFLICT (shard, epoch, kind) DO UPDATE SET sequence = excluded.sequence, link = excluded.link,
                previous_epoch = excluded.previous_epoch, is_whole = excluded.is_whole, at = excluded.at,
                mac = excluded.mac
            WHERE excluded.sequence >= sequence")
        .bind(self.authenticated(keys).to_string())
    }
}

/// What a store has of checkpoints.
#[derive(Default)]
pub struct Checkpoints {
    pub authentic: Vec<Checkpoint>,
    /// How many others there are, which are not ours.
    pub forged: usize,
}

impl Checkpoints {
    /// Adds what was read as [`Checkpoint::read`] does.
    pub fn add(&mut self, read: Option<Checkpoint>) {
        match read {
            Some(checkpoint) => self.authentic.push(checkpoint),
            None => self.forged += 1,
        }
    }

    /// Adds those of another store.
    pub fn extend(&mut self, other: Self) {
        self.authentic.extend(other.authentic);
        self.forged += other.forged;
    }
}

/// The checkpoints of a shard, or of all.
///
/// # Errors
/// Where the database cannot be read.
pub async fn all(database: &dyn Database, keys: &ChainKeys, shard: Option<&str>) -> Result<Checkpoints, Fault> {
    let query = "SELECT * FROM audit_checkpoints WHERE ?1 IS NULL OR shard = ?1 ORDER BY shard, epoch, kind";
    let rows = database.run(sql(query).bind(shard)).await?.rows;
    let mut checkpoints = Checkpoints::default();
    rows.iter().for_each(|row| checkpoints.add(Checkpoint::read(keys, row)));
    Ok(checkpoints)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::key::{Key, KeyPair};

    fn keys(seed: u8) -> ChainKeys {
        ChainKeys::new(&KeyPair { current: Key::for_tests(seed), previous: None })
    }

    #[test]
    fn a_checkpoint_is_read_as_it_was_written_and_in_no_other_way() {
        let head = Head { epoch: 1, sequence: 7, link: "link".into() };
        let checkpoint = Checkpoint::new("audit/0", head, Mark::Reached, Timestamp(5));
        let written = checkpoint.authenticated(&keys(1));
        assert_eq!(Checkpoint::read(&keys(1), &written), Some(checkpoint));
        assert_eq!(Checkpoint::read(&keys(2), &written), None);
        for (column, value) in [
            ("shard", json!("audit/1")),
            ("epoch", json!(2)),
            ("sequence", json!(6)),
            ("link", json!("another")),
            ("kind", json!("removed")),
            ("previous_epoch", json!(1)),
            ("is_whole", json!(0)),
            ("at", json!(6)),
            ("mac", json!("")),
        ] {
            let mut changed = written.clone();
            changed[column] = value;
            assert_eq!(Checkpoint::read(&keys(1), &changed), None, "{column}");
        }
    }
}
