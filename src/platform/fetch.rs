//! Requests that Postern sends.

use std::{borrow::Cow, time::Duration};

use futures::future::LocalBoxFuture;

use super::http::Method;

/// A request to another service. Redirects are never followed: they come back as answers.
#[derive(Clone)]
pub struct OutboundRequest {
    pub method: Method,
    pub url: String,
    /// Name and value. May hold credentials, so this type has no `Debug`.
    pub headers: Vec<(Cow<'static, str>, String)>,
    pub body: Option<Vec<u8>>,
    pub limits: Limits,
}

/// How much of another service's time and body Postern is willing to take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From sending to the last byte.
    pub deadline: Duration,
    /// Of the body after decoding. Reading stops here, and [`InboundResponse::truncated`] says so.
    pub bytes: usize,
    pub coding: ContentCoding,
}

/// What Postern makes of an answer whose body has a content coding, such as gzip (RFC 9110 §8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCoding {
    /// It is decoded, up to the limit in bytes.
    Decoded,
    /// None is asked for, and an answer with one is refused unread: a few bytes of a stranger's are no reason to make
    /// millions of them.
    Refused,
}

/// The answer of another service. Its body is untrusted and may hold credentials: no `Debug`.
#[derive(Clone)]
pub struct InboundResponse {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The body was longer than the limit and was cut there.
    pub truncated: bool,
}

impl InboundResponse {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    #[error("no answer within the deadline")]
    Timeout,
    /// The answer has a content coding, though none was asked for.
    #[error("the answer has the content coding {0}, though none was asked for")]
    ContentCoding(String),
    /// Refused, reset, or cut off within the body.
    #[error("connection failed: {0}")]
    Connection(String),
}

/// Sends requests. One attempt each: retrying is the caller's decision.
pub trait Http {
    fn send(&self, request: OutboundRequest) -> LocalBoxFuture<'_, Result<InboundResponse, HttpError>>;
}
