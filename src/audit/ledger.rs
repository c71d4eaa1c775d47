//! Where the chain of one shard stands, in the storage of its object. Whoever can write to the database does not reach it.
//!
//! A batch is linked once and kept until the database has it. A crash between the two repeats the very same rows, which the
//! database knows, and never the same numbers for others.

use serde::Deserialize;

use super::chain::Head;
use crate::platform::{Fault, clock::Timestamp, database::sql, object::ObjectStorage};

/// The chain as the object knows it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Chain {
    /// The name of the object, once it heard of it.
    pub shard: Option<String>,
    #[serde(flatten)]
    pub head: Head,
    /// 1 once the database has the beginning of the epoch on record.
    pub is_begun: u8,
    /// Up to which number the last checkpoint goes.
    pub checkpoint: i64,
    /// When the next one is due at the earliest.
    pub checkpoint_due: Timestamp,
}

/// Events with their links, on their way to the database.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Batch {
    /// As [`row::values`](super::row::values) writes them.
    pub rows: String,
    /// How many of them have a number.
    pub count: i64,
    /// The link of the last one.
    pub link: String,
    /// Up to this position nothing waits in the object once the database has it.
    pub last: i64,
}

/// Makes the tables where the object is new, and with them an epoch.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn create(storage: &dyn ObjectStorage, now: Timestamp) -> Result<(), Fault> {
    storage.run(sql("CREATE TABLE IF NOT EXISTS chain (id INTEGER PRIMARY KEY, shard TEXT, epoch INTEGER NOT NULL,
            sequence INTEGER NOT NULL, link TEXT NOT NULL, is_begun INTEGER NOT NULL, checkpoint INTEGER NOT NULL,
            checkpoint_due INTEGER NOT NULL)"))?;
    storage.run(sql(
        "CREATE TABLE IF NOT EXISTS batch (id INTEGER PRIMARY KEY, rows TEXT NOT NULL, count INTEGER NOT NULL,
            link TEXT NOT NULL, last INTEGER NOT NULL)",
    ))?;
    let begin = "INSERT INTO chain (id, epoch, sequence, link, is_begun, checkpoint, checkpoint_due)
        VALUES (1, ?1, 0, '', 0, 0, 0) ON CONFLICT (id) DO NOTHING";
    storage.run(sql(begin).bind(now)).map(drop)
}

/// The chain.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn read(storage: &dyn ObjectStorage) -> Result<Chain, Fault> {
    let chain = storage.run(sql("SELECT * FROM chain"))?.first()?;
    chain.ok_or_else(|| Fault::new("audit log", "the object has no chain"))
}

/// Notes the name of the object, where it is not known yet.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn name(storage: &dyn ObjectStorage, shard: &str) -> Result<(), Fault> {
    storage.run(sql("UPDATE chain SET shard = ?1 WHERE shard IS NULL").bind(shard)).map(drop)
}

/// Begins an epoch. What was linked and is not known to be in the database is linked anew.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn begin_anew(storage: &dyn ObjectStorage, epoch: i64) -> Result<(), Fault> {
    discard(storage)?;
    let begin = "UPDATE chain SET epoch = ?1, sequence = 0, link = '', is_begun = 0, checkpoint = 0";
    storage.run(sql(begin).bind(epoch)).map(drop)
}

/// Notes that the database has the beginning of the epoch.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn has_begun(storage: &dyn ObjectStorage) -> Result<(), Fault> {
    storage.run(sql("UPDATE chain SET is_begun = 1")).map(drop)
}

/// The batch that was linked and is not known to be in the database, if there is one.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn prepared(storage: &dyn ObjectStorage) -> Result<Option<Batch>, Fault> {
    storage.run(sql("SELECT * FROM batch"))?.first()
}

/// Keeps a batch until [`take`] or [`discard`].
///
/// # Errors
/// Where the storage refuses.
pub(super) fn prepare(storage: &dyn ObjectStorage, batch: &Batch) -> Result<(), Fault> {
    let insert = sql("INSERT INTO batch (id, rows, count, link, last) VALUES (1, ?1, ?2, ?3, ?4)");
    storage.run(insert.bind(&batch.rows).bind(batch.count).bind(&batch.link).bind(batch.last)).map(drop)
}

/// Forgets a batch, which will be linked anew.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn discard(storage: &dyn ObjectStorage) -> Result<(), Fault> {
    storage.run(sql("DELETE FROM batch")).map(drop)
}

/// Moves the chain on by a batch that the database has, and forgets what waited for that.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn take(storage: &dyn ObjectStorage, batch: &Batch) -> Result<(), Fault> {
    if batch.count > 0 {
        let advance = "UPDATE chain SET sequence = sequence + ?1, link = ?2";
        storage.run(sql(advance).bind(batch.count).bind(&batch.link))?;
    }
    discard(storage)?;
    storage.run(sql("DELETE FROM log WHERE sequence <= ?1").bind(batch.last)).map(drop)
}

/// Notes a checkpoint up to that number.
///
/// # Errors
/// Where the storage refuses.
pub(super) fn checkpointed(storage: &dyn ObjectStorage, sequence: i64, next_due: Timestamp) -> Result<(), Fault> {
    let note = "UPDATE chain SET checkpoint = ?1, checkpoint_due = ?2";
    storage.run(sql(note).bind(sequence).bind(next_due)).map(drop)
}

impl Chain {
    /// When a checkpoint is due, if there is something new.
    pub(super) fn due(&self) -> Option<Timestamp> {
        (self.shard.is_some() && self.head.sequence > self.checkpoint).then_some(self.checkpoint_due)
    }
}
