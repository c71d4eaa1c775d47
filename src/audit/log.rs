//! The `AuditLog` object of one shard, over its storage and the ports. The Durable Object class is a shell of it.
//!
//! What is appended is durable when the append returns. Within the delay of the settings it goes on to the database, for
//! all people of the shard together, linked to what went there before, and leaves the object when the database has
//! confirmed it. The database knows an event
//! by its key, so that one which comes twice, from an isolate or from here, is recorded once. Whoever keeps what it handed on
//! learns from a receipt when the database has it.

mod linking;

use std::{cell::Cell, rc::Rc, time::Duration};

use serde::Deserialize;
use serde_json::json;

use super::{
    admissions,
    chain::ChainKeys,
    delivery::{Delivery, Handing, Receipt, Reply},
    event::Event,
    ledger, repeats,
};
use crate::{
    crypto::random,
    platform::{
        Fault, Platform,
        clock::Timestamp,
        database::sql,
        log::{self, Level},
        object::{Alarm, ObjectStorage},
        panic,
    },
    settings::Settings,
};

/// How many events one statement moves at the most: with the intents that they bring along well below D1's limit on one bound
/// value.
const BATCH: i64 = 300;

/// How many such statements one alarm runs before it lets appends in between.
const BATCHES: usize = 17;

/// How long a failed flush waits for its next try.
const RETRY: Duration = Duration::from_secs(10);

/// The object of one shard.
pub struct AuditLog {
    settings: Rc<Settings>,
    platform: Platform,
    storage: Rc<dyn ObjectStorage>,
    alarm: Alarm,
    /// Of this waking alone, so that a storage which began anew, or was set back, vouches for nothing of before.
    waking: String,
    /// The database has whatever lay up to this position, as far as this waking has seen.
    confirmed: Cell<i64>,
    keys: ChainKeys,
    /// Whether this waking knows that the storage holds the name of the object.
    is_named: Cell<bool>,
    /// Whether this waking has compared its chain with the checkpoints of the database.
    is_compared: Cell<bool>,
}

impl AuditLog {
    /// Wakes the object up over its storage.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn new(settings: Rc<Settings>, platform: Platform, storage: Rc<dyn ObjectStorage>) -> Result<Self, Fault> {
        storage.run(sql(
            "CREATE TABLE IF NOT EXISTS log (sequence INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)",
        ))?;
        repeats::create(storage.as_ref())?;
        admissions::create(storage.as_ref())?;
        ledger::create(storage.as_ref(), platform.clock.now())?;
        Ok(Self {
            keys: ChainKeys::new(&settings.signing_keys),
            settings,
            platform,
            storage,
            alarm: Alarm::default(),
            waking: random::identifier()?,
            confirmed: Cell::new(0),
            is_named: Cell::new(false),
            is_compared: Cell::new(false),
        })
    }

    /// Appends. A fault or a panic goes to the log of the runtime; the caller is told of it.
    pub async fn append(&self, delivery: Delivery) -> Reply {
        match panic::contain(self.try_append(delivery)).await.unwrap_or_else(Err) {
            Ok(reply) => reply,
            Err(fault) => {
                log::write(Level::Error, "audit append failed", &[("detail", json!(fault.to_string()))]);
                Reply::Failed
            }
        }
    }

    async fn try_append(&self, delivery: Delivery) -> Result<Reply, Fault> {
        let (storage, now) = (self.storage.as_ref(), self.platform.clock.now());
        let Delivery { shard, handing, events, admissions, unused } = delivery;
        if !shard.is_empty() && !self.is_named.replace(true) {
            ledger::name(storage, &shard)?;
        }
        let events = events.into_iter().map(|event| repeats::first_of_its_minute(storage, event, now));
        let events: Vec<Event> = events.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        match handing {
            Handing::Over | Handing::On => self.put(&events)?,
            Handing::OnAgain => self.put_missing(&events)?,
            Handing::Look => return Ok(Reply::Head(ledger::read(storage)?.head)),
        }
        admissions::put(storage, &admissions, &unused, now + self.settings.audit_settle)?;
        let reply = match handing {
            Handing::Over => Reply::Appended,
            Handing::On | Handing::OnAgain | Handing::Look => Reply::Received(self.receipt()?),
        };
        // An earlier waking may have left some, whose alarm must not be put off.
        let waits = !events.is_empty() || !self.is_empty()?;
        let due = if waits { Some(now + self.settings.audit_delay) } else { self.due_later()? };
        if let Some(due) = due {
            self.alarm.set_by(storage, due).await?;
        }
        Ok(reply)
    }

    /// Puts events behind those that wait for the database.
    fn put(&self, events: &[Event]) -> Result<(), Fault> {
        self.insert(events, "INSERT INTO log (event) SELECT value FROM json_each(?1) ORDER BY key")
    }

    /// The same for those that do not wait there yet.
    fn put_missing(&self, events: &[Event]) -> Result<(), Fault> {
        let insert = "INSERT INTO log (event) SELECT value FROM json_each(?1)
            WHERE (value ->> 'request_id', value ->> 'phase', value ->> 'part') NOT IN
                (SELECT event ->> 'request_id', event ->> 'phase', event ->> 'part' FROM log)
            ORDER BY key";
        self.insert(events, insert)
    }

    fn insert(&self, events: &[Event], insert: &'static str) -> Result<(), Fault> {
        if events.is_empty() {
            return Ok(());
        }
        let text = serde_json::to_string(events).map_err(|error| Fault::new("audit event", error))?;
        self.storage.run(sql(insert).bind(text)).map(drop)
    }

    fn receipt(&self) -> Result<Receipt, Fault> {
        #[derive(Deserialize)]
        struct Newest {
            position: Option<i64>,
        }
        let newest = self.storage.run(sql("SELECT max(sequence) AS position FROM log"))?.first::<Newest>()?;
        let (waking, confirmed) = (self.waking.clone(), self.confirmed.get());
        Ok(Receipt { waking, newest: newest.and_then(|newest| newest.position).unwrap_or(confirmed), confirmed })
    }

    /// When the first of what only waits for its time is due.
    fn due_later(&self) -> Result<Option<Timestamp>, Fault> {
        let storage = self.storage.as_ref();
        let checkpoint = ledger::read(storage)?.due();
        Ok([repeats::due(storage)?, admissions::due(storage)?, checkpoint].into_iter().flatten().min())
    }

    /// Moves what waits on to the database. What cannot be moved now is tried again later.
    pub async fn alarm(&self) {
        self.alarm.forget();
        let due = match panic::contain(self.work_off()).await.unwrap_or_else(Err) {
            Ok(due) => due,
            Err(fault) => {
                log::write(Level::Error, "audit not flushed", &[("detail", json!(fault.to_string()))]);
                Some(self.platform.clock.now() + RETRY)
            }
        };
        let Some(due) = due else { return };
        if let Err(fault) = self.alarm.set_by(self.storage.as_ref(), due).await {
            log::write(Level::Error, "alarm not set", &[("detail", json!(fault.to_string()))]);
        }
    }

    /// Does what is due; tells when there will be something again.
    async fn work_off(&self) -> Result<Option<Timestamp>, Fault> {
        let (storage, now) = (self.storage.as_ref(), self.platform.clock.now());
        self.put(&repeats::take_counted(storage, now)?)?;
        let mut is_empty = self.flush().await?;
        // Only now does the database know of every call that has ended.
        if is_empty {
            let database = self.platform.database.as_ref();
            let missed = admissions::missed(storage, database, now).await?;
            self.put(&missed)?;
            is_empty = missed.is_empty();
        }
        self.checkpoint(now).await?;
        if is_empty { self.due_later() } else { Ok(Some(now)) }
    }

    fn is_empty(&self) -> Result<bool, Fault> {
        Ok(self.storage.run(sql("SELECT 1 AS one FROM log LIMIT 1"))?.rows.is_empty())
    }
}

#[cfg(test)]
mod tests;
