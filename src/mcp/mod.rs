//! The MCP endpoint.

pub mod tools;
