//! JSON-RPC 2.0 and the members of its messages, read as strangers write them.

pub mod arguments;
pub mod capabilities;
pub mod error;
pub mod field;
pub mod id;
pub mod jsonrpc;
pub mod params;
