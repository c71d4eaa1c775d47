//! The Streamable HTTP transport: origins (CORS), headers, and replies as JSON or as server-sent events (SSE).

pub mod form;
pub mod headers;
pub mod notifier;
pub mod origin;
pub mod outbox;
pub mod reply;
pub mod sse;
