//! A bucket of small texts by name (R2), which is there where the operator has bound one.

use futures::future::LocalBoxFuture;

use super::Fault;

/// A bucket in which nothing is ever changed.
pub trait Bucket {
    /// Puts a text there, unless there is one of that name.
    fn put(&self, name: String, text: String) -> LocalBoxFuture<'_, Result<(), Fault>>;

    /// The first name, in alphabetical order, that begins with `prefix` and comes after `after`, and its text.
    fn first(&self, prefix: String, after: String) -> LocalBoxFuture<'_, Result<Option<(String, String)>, Fault>>;
}
