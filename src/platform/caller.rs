//! Whoever sent the request that is being served: whether they have disconnected, and work that goes on without them
//! (`waitUntil`).

use futures::future::LocalBoxFuture;

/// Whether somebody still waits for the response, and what goes on without them.
///
/// A runtime ends what is left of a request that nobody waits for, upstream requests included, as soon as the work
/// handed to [`Caller::finish_without`] is done.
pub trait Caller {
    /// Resolves when nobody waits for the response any more.
    fn gone(&self) -> LocalBoxFuture<'static, ()>;

    /// Does this to its end, whether or not somebody waits; the runtime allows 30 s after the caller has gone.
    fn finish_without(&self, work: LocalBoxFuture<'static, ()>);
}
