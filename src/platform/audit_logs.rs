//! The `AuditLog` objects, reached by name.

use futures::future::LocalBoxFuture;

use super::Fault;

/// The hop to an `AuditLog` object. What is appended and the reply are JSON; [`crate::audit`] gives them types.
pub trait AuditLogs {
    /// Appends to the log that one object keeps. It is durable when the reply comes.
    fn append(&self, object: &str, delivery: String) -> LocalBoxFuture<'static, Result<String, Fault>>;
}
