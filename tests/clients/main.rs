//! What people's AI clients are made with: the official SDKs, each in a program of its own, from the bare MCP URL
//! through OAuth to tools.

mod program;
mod python;
mod rust;
mod typescript;
