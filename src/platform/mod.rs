//! The ports Postern reaches the world through, and their adapters.
//!
//! Each is a small trait: [`database`], [`cache`], [`fetch`], [`clock`], [`sessions`], [`audit_logs`]; [`bucket`], which may be missing; [`limiter`], because what
//! strangers may do is counted where they arrive; [`signature`], because the runtime verifies RS256 and ES256 27 times
//! faster than Rust compiled to WASM; [`caller`], whoever waits for the response;
//! and [`object`], a Durable Object's own storage as the room that lives there sees it.
//!
//! With [`crate::entry`], which the runtime calls, this is the only room that may name the runtime's types: `worker`'s and
//! those of JavaScript. Everything else runs natively.

pub mod accept;
pub mod audit_logs;
pub mod bucket;
pub mod cache;
pub mod caller;
pub mod cap;
pub mod clock;
pub mod database;
pub mod expiry;
pub mod fetch;
pub mod http;
pub mod json;
pub mod limiter;
pub mod log;
pub mod object;
pub mod panic;
pub mod renewal;
pub mod sender;
pub mod sessions;
pub mod signature;

#[cfg(any(test, feature = "fuzzing"))]
#[cfg_attr(not(test), allow(dead_code, reason = "the fuzz targets need less of it than the tests"))]
pub mod native;
#[expect(clippy::disallowed_types, reason = "the adapters to the runtime")]
pub mod workers;

use std::rc::Rc;

use audit_logs::AuditLogs;
use bucket::Bucket;
use cache::Cache;
use caller::Caller;
use clock::Clock;
use database::Database;
use fetch::Http;
use limiter::Limiter;
use sessions::Sessions;
use signature::Signatures;

/// Every port, ready for use. Cheap to clone.
#[derive(Clone)]
pub struct Platform {
    pub database: Rc<dyn Database>,
    pub cache: Rc<dyn Cache>,
    pub http: Rc<dyn Http>,
    pub clock: Rc<dyn Clock>,
    pub limiter: Rc<dyn Limiter>,
    pub sessions: Rc<dyn Sessions>,
    pub audit_logs: Rc<dyn AuditLogs>,
    /// The second place of the log's checkpoints, where the operator has bound one.
    pub checkpoints: Option<Rc<dyn Bucket>>,
    pub signatures: Rc<dyn Signatures>,
    pub caller: Rc<dyn Caller>,
}

/// Something that Postern relies on did not work: a store, an object, a binding.
///
/// For the log alone. A stranger sees a generic answer with the request id.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{subject}: {detail}")]
pub struct Fault {
    /// What did not work, in a word or two: `database`, `session`, `seal`.
    pub subject: &'static str,
    /// Why, as told by the thing that failed. Never holds a secret.
    pub detail: String,
}

impl Fault {
    pub fn new(subject: &'static str, detail: impl std::fmt::Display) -> Self {
        Self { subject, detail: detail.to_string() }
    }
}

/// Marks a future as `Send` for a library that asks for it: everything here runs on one thread.
pub fn on_one_thread<F: Future>(future: F) -> impl Future<Output = F::Output> + Send {
    worker::send::SendFuture::new(future)
}
