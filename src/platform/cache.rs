//! A cache of public or derived things. Eventually consistent: never for anything single-use or revocable.

use std::time::Duration;

use futures::future::LocalBoxFuture;

/// The shortest life that Workers KV accepts.
pub const SHORTEST_LIFE: Duration = Duration::from_secs(60);

/// A cache of text by key. A cache that is out of order looks empty: its faults are logged, never returned.
pub trait Cache {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Option<String>>;
    /// Keeps `value` for `life`, lengthened to [`SHORTEST_LIFE`] where shorter.
    fn put<'a>(&'a self, key: &'a str, value: String, life: Duration) -> LocalBoxFuture<'a, ()>;
}
