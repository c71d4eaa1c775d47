//! The call that everything is measured with, as a modern client sends it.

use super::connection::Call;

/// The last pull request of upstream.mjs: what only a whole answer holds.
pub(super) const EXPECTED: &str = "Fix the retry loop in worker 10";
const BODY: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"bitbucket_list_pull_requests","arguments":{"workspace":"acme","repository":"backend"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}"#;

/// The call to the Worker at that port.
pub(super) fn tool_call(port: u16, token: &str) -> Call {
    let headers = [
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", "bitbucket_list_pull_requests"),
        ("authorization", &format!("Bearer {token}")),
    ];
    Call::post(port, "/mcp", &headers, BODY)
}
