//! Locks on the subject, or on an AI client of theirs, for as long as an isolate may not know the policy yet that has
//! them. Afterwards the policy alone stops calls.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use super::storage::Remembered;
use crate::{
    governance::snapshot_cache::IN_FORCE_AFTER,
    identifiers::ClientId,
    platform::{Fault, clock::Timestamp, database::sql, object::ObjectStorage},
};

/// How long the object itself stops calls: until every isolate knows the policy, and a second for clocks that differ.
const TERM: Duration = IN_FORCE_AFTER.saturating_add(Duration::from_secs(1));

/// Names the subject's whole access. No client has this id.
const WHOLE: &str = "";

/// Until when what is locked.
pub struct Locks(RefCell<HashMap<String, Timestamp>>);

impl Locks {
    /// The locks that the object remembers.
    pub fn woken(remembered: &Remembered) -> Self {
        Self(RefCell::new(remembered.locks.clone()))
    }

    /// Stops calls of that client, or all calls, durably.
    ///
    /// # Errors
    /// Where the storage refuses: then nothing is locked here.
    pub fn lock(&self, storage: &dyn ObjectStorage, client: Option<&ClientId>, now: Timestamp) -> Result<(), Fault> {
        let (name, until) = (client.map_or(WHOLE, ClientId::as_str), now + TERM);
        storage.run(sql("DELETE FROM brief_locks WHERE until <= ?1").bind(now))?;
        storage.run(sql("INSERT OR REPLACE INTO brief_locks (name, until) VALUES (?1, ?2)").bind(name).bind(until))?;
        self.0.borrow_mut().insert(name.to_owned(), until);
        Ok(())
    }

    /// Whether a call of that client is stopped here.
    pub fn stop(&self, client: &ClientId, now: Timestamp) -> bool {
        let locks = self.0.borrow();
        [WHOLE, client.as_str()].into_iter().any(|name| locks.get(name).is_some_and(|until| now < *until))
    }
}
