//! Public-key signatures: WebCrypto in the Worker (27 times faster than Rust in WASM).

use futures::future::LocalBoxFuture;
use serde_json::Value;

use super::Fault;

/// Algorithms of RFC 7518 §3.1 that Postern accepts from an identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Es256,
}

pub trait Signatures {
    /// Whether `signature` over `message` was made by the private half of `key`, a JWK (RFC 7517).
    ///
    /// An `Err` means that the key itself is of no use, for the log.
    fn verify<'a>(
        &'a self,
        algorithm: Algorithm,
        key: &'a Value,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<bool, Fault>>;
}
