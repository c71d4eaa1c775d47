//! The `error` of a JSON-RPC response, and the codes that it may have.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};

/// The `error` of a response.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Error {
    pub code: i32,
    pub message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl Error {
    pub const PARSE: i32 = -32700;
    pub const INVALID_REQUEST: i32 = -32600;
    pub const METHOD_NOT_FOUND: i32 = -32601;
    pub const INVALID_PARAMS: i32 = -32602;
    pub const INTERNAL: i32 = -32603;
    /// A header is missing, badly encoded, or says another thing than the body.
    pub const HEADER_MISMATCH: i32 = -32020;
    /// The request takes a capability that the client did not declare.
    pub const MISSING_CAPABILITY: i32 = -32021;
    pub const UNSUPPORTED_VERSION: i32 = -32022;
    /// Used in the legacy era alone.
    pub const RESOURCE_NOT_FOUND: i32 = -32002;
    /// Used in 2025-11-25 alone.
    pub const URL_ELICITATION_REQUIRED: i32 = -32042;
    /// Ours, outside of what JSON-RPC reserves: it could not be done, and the message says why.
    pub const NOT_DONE: i32 = -31000;
    /// Ours: the person or the client asked for too much in a short time; the data says when to ask again.
    pub const TOO_MANY: i32 = -31001;

    pub fn new(code: i32, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// The error for whoever asked for too much in a short time, from methods that have no words of their own for it.
    pub fn too_many(retry_after_milliseconds: u64) -> Self {
        let seconds = retry_after_milliseconds.div_ceil(1000);
        Self::new(Self::TOO_MANY, format!("too many requests in a short time; wait {seconds} s, then ask again"))
            .with_data(json!({ "retryAfterSeconds": seconds }))
    }

    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }
}
