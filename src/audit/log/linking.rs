//! The object's way of events into the database: it links a batch, keeps it, hands it over, and moves its chain on.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::{AuditLog, BATCH, BATCHES};
use crate::{
    audit::{
        chain::Head,
        chain_keys,
        checkpoint::{self, Checkpoint, Mark},
        checkpoint_bucket,
        ledger::{self, Batch},
        row::{self, Row},
        store,
    },
    crypto::seal::Purpose,
    platform::{
        Fault,
        clock::Timestamp,
        database::sql,
        log::{self, Level},
    },
};

/// How long it is from one checkpoint to the next at least.
const BETWEEN_CHECKPOINTS: Duration = Duration::from_secs(60);

impl AuditLog {
    /// Moves events on, the oldest first; tells whether all were. Those that come while the database is asked are left for
    /// the next time, so that this ends.
    pub(super) async fn flush(&self) -> Result<bool, Fault> {
        let storage = self.storage.as_ref();
        for _ in 0..BATCHES {
            let waiting = self.oldest()?;
            let Some((batch, rows)) = self.next_batch(&waiting).await? else { return Ok(true) };
            if !rows.is_empty() && !store::insert(self.platform.database.as_ref(), &rows, &batch.rows).await? {
                // Another object has recorded one of them meanwhile, as where the number of objects has just changed.
                log::write(Level::Warning, "a batch of the audit log is linked anew", &[]);
                ledger::discard(storage)?;
                continue;
            }
            ledger::take(storage, &batch)?;
            self.confirmed.set(batch.last);
            if waiting.count < BATCH {
                return self.is_empty();
            }
        }
        self.is_empty()
    }

    fn oldest(&self) -> Result<Oldest, Fault> {
        // SQLite joins them: each row by itself would cross into WebAssembly.
        let oldest =
            "SELECT '[' || COALESCE(group_concat(event), '') || ']' AS events, count(*) AS count, max(sequence) AS last
            FROM (SELECT sequence, event FROM log ORDER BY sequence LIMIT ?1)";
        Ok(self.storage.run(sql(oldest).bind(BATCH))?.first()?.unwrap_or_default())
    }

    /// What goes to the database next: what was linked before and may not have come there, or what waits.
    async fn next_batch(&self, waiting: &Oldest) -> Result<Option<(Batch, Vec<Row>)>, Fault> {
        let storage = self.storage.as_ref();
        self.compare().await?;
        if let Some(batch) = ledger::prepared(storage)? {
            let rows = row::parse(&batch.rows)?;
            return Ok(Some((Batch { rows: row::values(&rows), ..batch }, rows)));
        }
        let Some(last) = waiting.last else { return Ok(None) };
        let mut chain = ledger::read(storage)?;
        let shard = chain.shard.clone().unwrap_or_default();
        let database = self.platform.database.as_ref();
        let rows = row::read(&waiting.events)?;
        let found = store::look_up(database, &rows, &shard, chain.head.epoch).await?;
        if found.furthest > chain.head.sequence {
            self.begin_anew(chain.head.epoch)?;
            self.compare().await?;
            chain = ledger::read(storage)?;
        }
        let (mut head, mut rows) = (chain.head.clone(), found.unrecorded(rows)?);
        if chain.shard.is_some() {
            rows.iter_mut().for_each(|row| self.keys.append(&shard, &mut head, row));
        }
        let count = head.sequence - chain.head.sequence;
        let batch = Batch { rows: row::values(&rows), count, link: head.link, last };
        if !rows.is_empty() {
            ledger::prepare(storage, &batch)?;
        }
        Ok(Some((batch, rows)))
    }

    /// Compares the chain with the checkpoints of the database, once a waking, and puts a new epoch on record: storage that was
    /// lost has one already, and storage that was set back gets one here.
    async fn compare(&self) -> Result<(), Fault> {
        let storage = self.storage.as_ref();
        let chain = ledger::read(storage)?;
        let Some(shard) = chain.shard.filter(|_| chain.is_begun == 0 || !self.is_compared.get()) else { return Ok(()) };
        let (database, settings) = (self.platform.database.as_ref(), &self.settings);
        let keys = chain_keys::all(database, settings.sealer(Purpose::Tokens), &settings.signing_keys).await?;
        let known = checkpoint::all(database, &keys, Some(&shard)).await?.authentic;
        let newest = known.iter().map(|checkpoint| checkpoint.head.epoch).max();
        let is_ahead =
            |known: &Checkpoint| known.head.epoch == chain.head.epoch && known.head.sequence > chain.head.sequence;
        let is_taken = chain.is_begun == 0 && newest.is_some_and(|newest| newest > chain.head.epoch);
        if is_taken || known.iter().any(is_ahead) {
            self.begin_anew(newest.unwrap_or_default())?;
        }
        let chain = ledger::read(storage)?;
        if chain.is_begun == 0 {
            let (head, now) = (Head::beginning(chain.head.epoch), self.platform.clock.now());
            let previous_epoch = known.iter().map(|known| known.head.epoch).filter(|known| *known < head.epoch).max();
            let begun = Checkpoint { previous_epoch, ..Checkpoint::new(&shard, head, Mark::Begun, now) };
            database.run(begun.put(&self.keys)).await?;
            ledger::has_begun(storage)?;
        }
        self.is_compared.set(true);
        Ok(())
    }

    /// Begins an epoch that comes after that one.
    fn begin_anew(&self, after: i64) -> Result<(), Fault> {
        log::write(Level::Error, "an audit log begins anew", &[("after", json!(after))]);
        ledger::begin_anew(self.storage.as_ref(), self.platform.clock.now().0.max(after + 1))
    }

    /// Puts on record how far the chain has come, where that is due.
    pub(super) async fn checkpoint(&self, now: Timestamp) -> Result<(), Fault> {
        let storage = self.storage.as_ref();
        let chain = ledger::read(storage)?;
        let is_due = chain.due().is_some_and(|due| due <= now);
        let (Some(shard), true) = (chain.shard, is_due) else { return Ok(()) };
        let sequence = chain.head.sequence;
        let reached = Checkpoint::new(&shard, chain.head, Mark::Reached, now);
        self.platform.database.run(reached.put(&self.keys)).await?;
        if let Some(bucket) = &self.platform.checkpoints {
            checkpoint_bucket::put(bucket.as_ref(), &self.keys, &reached).await?;
        }
        ledger::checkpointed(storage, sequence, now + BETWEEN_CHECKPOINTS)
    }
}

/// The oldest events that wait.
#[derive(Default, Deserialize)]
struct Oldest {
    /// A JSON array.
    events: String,
    count: i64,
    last: Option<i64>,
}
