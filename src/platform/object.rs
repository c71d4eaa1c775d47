//! A Durable Object's own storage: SQLite that only its object reaches, without waiting, and one alarm.

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
