//! A Durable Object's own storage: SQLite that only its object reaches, without waiting, and one alarm.

use std::cell::Cell;

use futures::future::LocalBoxFuture;

use super::{
    Fault,
    clock::Timestamp,
    database::{Rows, Statement},
};

/// Storage of one object. Statements of one turn become durable together, before the turn's answer leaves.
pub trait ObjectStorage {
    /// Runs one statement.
    ///
    /// # Errors
    /// Where SQLite refuses it.
    fn run(&self, statement: Statement) -> Result<Rows, Fault>;

    /// Runs statements that bind and return nothing, one after another.
    ///
    /// # Errors
    /// Where SQLite refuses one of them.
    fn run_script(&self, script: &'static str) -> Result<(), Fault>;

    /// Asks to be woken at that moment; replaces an earlier request.
    fn wake_at(&self, moment: Timestamp) -> LocalBoxFuture<'_, Result<(), Fault>>;
}

/// An object's one alarm, and when it goes off, where that is known: nothing is asked of the storage for a moment after it.
#[derive(Default)]
pub struct Alarm(Cell<Option<Timestamp>>);

impl Alarm {
    /// That of an object that wakes up.
    pub const fn woken(at: Option<Timestamp>) -> Self {
        Self(Cell::new(at))
    }

    /// Asks anew whatever comes next: it has gone off, or nobody knows whether it was set.
    pub fn forget(&self) {
        self.0.set(None);
    }

    /// Sees to it that it goes off at that moment or before.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub async fn set_by(&self, storage: &dyn ObjectStorage, moment: Timestamp) -> Result<(), Fault> {
        if self.is_set_by(moment) {
            return Ok(());
        }
        self.0.set(Some(moment));
        storage.wake_at(moment).await.inspect_err(|_| self.forget())
    }

    /// Whether it is known to go off at that moment or before.
    pub fn is_set_by(&self, moment: Timestamp) -> bool {
        self.0.get().is_some_and(|alarm| alarm <= moment)
    }
}
