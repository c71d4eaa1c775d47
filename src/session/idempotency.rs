//! Idempotency keys: a write that its client sends again under the same key is done once. What is known of a key is kept
//! here, durable before the write is sent, with the words of the outcome once there are some.

use std::{cell::Cell, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{in_flight::LONGEST, storage::Remembered};
use crate::{
    crypto::digest,
    identifiers::ClientId,
    platform::{Fault, clock::Timestamp, database::sql, json, object::ObjectStorage},
};

/// How long a key is known.
pub const LIFE: Duration = Duration::from_hours(24);

/// How many keys of one subject are known. The oldest go.
const MOST: i64 = 256;

/// A call under a key, by digests: a key of one client's is not another's, and tells nothing of the arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyedCall {
    key: String,
    /// The tool and its arguments.
    call: String,
}

impl KeyedCall {
    pub fn new(client: &ClientId, key: &str, tool: &str, arguments_digest: &str) -> Self {
        let hash = |parts: [&str; 2]| digest::sha256(&json!(parts).to_string());
        Self { key: hash([client.as_str(), key]), call: hash([tool, arguments_digest]) }
    }
}

/// How a call ended that may have changed something, in the words of its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Done(String),
    /// It was sent, and nobody knows whether it was done.
    Unknown(String),
}

/// What became of the first call under a key, for whoever sends it again: that is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    Ended(Ending),
    Running,
    /// It would have ended by now, and nobody said how.
    Unheard,
    /// It was another call, or had other arguments.
    OtherCall,
}

/// What is kept of the first call under a key.
struct First {
    call: String,
    began: Timestamp,
    ending: Option<Ending>,
}

/// What a call under a key repeats; `None` where it is the first.
fn decide(first: Option<First>, call: &str, now: Timestamp) -> Option<Repeat> {
    let first = first.filter(|first| now.since(first.began) < LIFE)?;
    Some(match first.ending {
        _ if first.call != call => Repeat::OtherCall,
        Some(ending) => Repeat::Ended(ending),
        None if now.since(first.began) < LONGEST => Repeat::Running,
        None => Repeat::Unheard,
    })
}

/// The keys of one subject.
#[derive(Default)]
pub struct IdempotencyKeys {
    /// When the oldest that is kept began: without keys, nothing is asked of the storage.
    oldest: Cell<Option<Timestamp>>,
}

impl IdempotencyKeys {
    pub fn woken(remembered: &Remembered) -> Self {
        Self { oldest: Cell::new(remembered.oldest_key) }
    }

    /// Begins a call, unless it repeats an earlier one.
    ///
    /// # Errors
    /// Where the storage refuses: then the call is not to be sent.
    pub fn begin(
        &self,
        storage: &dyn ObjectStorage,
        keyed: &KeyedCall,
        now: Timestamp,
    ) -> Result<Option<Repeat>, Fault> {
        let repeat = self.look(storage, keyed, now)?;
        if repeat.is_none() {
            let begin = "INSERT OR REPLACE INTO idempotency_keys (id, call, began) VALUES (?1, ?2, ?3)";
            storage.run(sql(begin).bind(&keyed.key).bind(&keyed.call).bind(now))?;
            let forget = "DELETE FROM idempotency_keys WHERE id IN
                (SELECT id FROM idempotency_keys ORDER BY began DESC LIMIT -1 OFFSET ?1)";
            storage.run(sql(forget).bind(MOST))?;
            self.oldest.set(self.oldest.get().or(Some(now)));
        }
        Ok(repeat)
    }

    /// What a call repeats.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn look(
        &self,
        storage: &dyn ObjectStorage,
        keyed: &KeyedCall,
        now: Timestamp,
    ) -> Result<Option<Repeat>, Fault> {
        #[derive(Deserialize)]
        struct Row {
            call: String,
            began: Timestamp,
            ending: Option<String>,
        }
        if self.oldest.get().is_none() {
            return Ok(None);
        }
        let row =
            storage.run(sql("SELECT call, began, ending FROM idempotency_keys WHERE id = ?1").bind(&keyed.key))?;
        let Some(Row { call, began, ending }) = row.first()? else { return Ok(None) };
        let ending = ending.map(|ending| json::from_str(&ending)).transpose();
        let ending = ending.map_err(|error| Fault::new("idempotency key", error))?;
        Ok(decide(Some(First { call, began, ending }), &keyed.call, now))
    }

    /// Keeps how a call ended. Where it changed nothing its key may be used again, by that call or another.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn end(&self, storage: &dyn ObjectStorage, keyed: &KeyedCall, ending: Option<&Ending>) -> Result<(), Fault> {
        let end = match ending {
            Some(ending) => {
                let ending = serde_json::to_string(ending).map_err(|error| Fault::new("idempotency key", error))?;
                sql("UPDATE idempotency_keys SET ending = ?3 WHERE id = ?1 AND call = ?2 AND ending IS NULL")
                    .bind(&keyed.key)
                    .bind(&keyed.call)
                    .bind(ending)
            }
            None => sql("DELETE FROM idempotency_keys WHERE id = ?1 AND call = ?2 AND ending IS NULL")
                .bind(&keyed.key)
                .bind(&keyed.call),
        };
        storage.run(end).map(drop)
    }

    /// Forgets the keys whose time is over, and tells when that of the next one is.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn expire(&self, storage: &dyn ObjectStorage, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
        #[derive(Deserialize)]
        struct Oldest {
            began: Option<Timestamp>,
        }
        if self.oldest.get().is_some_and(|oldest| now.since(oldest) >= LIFE) {
            storage.run(sql("DELETE FROM idempotency_keys WHERE began <= ?1").bind(now - LIFE))?;
            let oldest = storage.run(sql("SELECT MIN(began) AS began FROM idempotency_keys"))?.first::<Oldest>()?;
            self.oldest.set(oldest.and_then(|oldest| oldest.began));
        }
        Ok(self.oldest.get().map(|oldest| oldest + LIFE))
    }
}

#[cfg(test)]
mod tests;
