//! What people's AI clients are made with, each in a program of its own, through its whole life: from the bare MCP URL
//! through OAuth to tools, past expired tokens and a restart of the Worker, and back in after its access was ended.

mod agents;
mod claude_code;
mod codex;
mod fastmcp;
mod inspector;
mod mcp_remote;
mod mcporter;
mod program;
mod python;
mod rust;
mod shapes;
mod stories;
mod typescript;
mod versions;
mod worker;
