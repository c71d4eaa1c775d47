//! Intents of calls, durable with the turn that let them run. They stay after they were handed on to the log, until the
//! database has them: what one object loses, the other still has.

use std::cell::{Cell, RefCell};

use serde::Deserialize;

use super::progress::Progress;
use crate::{
    audit::{
        Event,
        delivery::{Handing, Receipt},
    },
    identifiers::Subject,
    platform::{Fault, database::sql, json, object::ObjectStorage},
};

/// How many intents are handed on at once at the most.
const BATCH: usize = 500;

/// The intents that an object still has.
#[derive(Default)]
pub struct Intents {
    /// The table is there: it is made with the first one that a woken object takes.
    is_created: Cell<bool>,
    progress: RefCell<Progress>,
}

/// Intents that are handed on together.
#[derive(Default)]
pub struct Batch {
    pub events: Vec<Event>,
    /// The numbers of the first and the last.
    first: Option<i64>,
    last: Option<i64>,
    /// It is as large as a batch can be, so that others may wait behind it.
    is_full: bool,
}

impl Intents {
    /// Takes one.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn put(&self, storage: &dyn ObjectStorage, intent: &Event) -> Result<(), Fault> {
        #[derive(Deserialize)]
        struct Taken {
            sequence: i64,
        }
        self.create(storage)?;
        let intent = serde_json::to_string(intent).map_err(|error| Fault::new("audit intent", error))?;
        let insert = sql("INSERT INTO outbox (record) VALUES (?1) RETURNING sequence").bind(intent);
        if let Some(Taken { sequence }) = storage.run(insert)?.first()? {
            self.progress.borrow_mut().took(sequence);
        }
        Ok(())
    }

    /// The table is called and shaped as it was before intents were events.
    fn create(&self, storage: &dyn ObjectStorage) -> Result<(), Fault> {
        if !self.is_created.get() {
            storage.run(sql(
                "CREATE TABLE IF NOT EXISTS outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL)",
            ))?;
            self.is_created.set(true);
        }
        Ok(())
    }

    /// Whether the log has some that the database is not known to have.
    pub fn are_unconfirmed(&self) -> bool {
        self.progress.borrow().is_unconfirmed()
    }

    /// The oldest that are to be handed on. An intent of an earlier release is completed with what its row did not say: its
    /// key is the one under which that release would have recorded it.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn next(&self, storage: &dyn ObjectStorage, subject: &Subject) -> Result<Batch, Fault> {
        #[derive(Deserialize)]
        struct Oldest {
            /// A JSON array.
            records: String,
            first: Option<i64>,
            last: Option<i64>,
        }
        self.create(storage)?;
        let oldest = "SELECT json_group_array(json_patch(json_object('kind', 'call', 'count', 1, 'person', ?2,
                'part', ?2 || ' ' || sequence), record)) AS records, min(sequence) AS first, max(sequence) AS last
            FROM (SELECT sequence, record FROM outbox WHERE sequence > ?3 ORDER BY sequence LIMIT ?1)";
        let most = i64::try_from(BATCH).unwrap_or(i64::MAX);
        let oldest = sql(oldest).bind(most).bind(subject).bind(self.progress.borrow().handed_on());
        let Some(Oldest { records, first, last }) = storage.run(oldest)?.first()? else {
            return Ok(Batch::default());
        };
        let events: Vec<Event> = json::from_str(&records).map_err(|error| Fault::new("audit intent", error))?;
        Ok(Batch { is_full: events.len() == BATCH, events, first, last })
    }

    /// What becomes of a batch here, as the log is to be told.
    pub fn handing(&self, batch: &Batch) -> Handing {
        self.progress.borrow().handing(batch.first)
    }

    /// The log has a batch. Forgets what the database has, and tells whether there are more to be handed on.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn received(&self, storage: &dyn ObjectStorage, batch: &Batch, receipt: &Receipt) -> Result<bool, Fault> {
        let next = self.progress.borrow_mut().received(batch.last, receipt);
        if let Some(last) = next.forget {
            storage.run(sql("DELETE FROM outbox WHERE sequence <= ?1").bind(last))?;
        }
        Ok(next.begins_anew || batch.is_full)
    }
}
