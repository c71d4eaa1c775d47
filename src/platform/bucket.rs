//! A bucket of texts by name (R2), which is there where the operator has bound one.

use futures::future::LocalBoxFuture;

use super::Fault;

/// A bucket in which nothing is ever changed.
pub trait Bucket {
    /// Puts a text there, unless there is one of that name. Of two at the same time one is there afterwards, whole.
    fn put(&self, name: String, text: String) -> LocalBoxFuture<'_, Result<(), Fault>>;

    /// The text of that name, if there is one.
    fn get(&self, name: String) -> LocalBoxFuture<'_, Result<Option<String>, Fault>>;

    /// The first name, in alphabetical order, that begins with `prefix` and comes after `after`, and its text.
    fn first(&self, prefix: String, after: String) -> LocalBoxFuture<'_, Result<Option<(String, String)>, Fault>>;
}
