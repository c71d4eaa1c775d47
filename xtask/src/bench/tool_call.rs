//! Tool calls, as a modern client sends them.

use super::connection::Call;
use serde_json::{Value, json};

/// The last pull request of upstream.mjs: what only a whole answer to [`tool_call`] holds.
pub(super) const EXPECTED: &str = "Fix the retry loop in worker 10";

/// The call that everything is measured with, to the Worker at that port.
pub(super) fn tool_call(port: u16, token: &str) -> Call {
    call_of(port, token, "bitbucket_list_pull_requests", json!({ "workspace": "acme", "repository": "backend" }))
}

/// A call of that tool.
pub(crate) fn call_of(port: u16, token: &str, tool: &str, arguments: Value) -> Call {
    let headers = [
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", tool),
        ("authorization", &format!("Bearer {token}")),
    ];
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    Call::post(port, "/mcp", &headers, &body.to_string())
}
