//! A permissive limit, counted where the request arrives, on what strangers may do without a token.

use futures_util::future::LocalBoxFuture;

pub trait Limiter {
    /// Whether one more is allowed for `key`. A limiter that is out of order allows.
    fn allow<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, bool>;
}
