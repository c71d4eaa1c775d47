//! Each user's Session object, reached by name.

use futures::future::LocalBoxFuture;

use super::Fault;

/// The hop to a user's Session object. The command and its reply are JSON; [`crate::session`] gives them types.
pub trait Sessions {
    /// Takes one turn of the object and waits for its reply.
    fn call(&self, user: &str, command: String) -> LocalBoxFuture<'_, Result<String, Fault>>;
}
