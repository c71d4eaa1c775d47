//! Cursor's: lists `allow` and `deny` under `permissions` of cli.json, whose entries name tools of an MCP server as
//! `Mcp(server:tool)`, or the `mcpAllowlist` of its permissions.json, with `server:tool`. It asks for whatever neither has.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::agent_file::{AgentFile, Order, Permission, Verdict};

/// In the lists of permissions; the other list has nothing but these names.
const MCP: &str = "Mcp(";

pub(super) fn full_name(server: &str, tool: &str) -> String {
    format!("{server}:{tool}")
}

pub(super) fn read(file: &Value) -> Result<AgentFile> {
    let (permissions, allowlist) = (file.get("permissions"), file.get("mcpAllowlist").and_then(Value::as_array));
    ensure!(permissions.is_some() || allowlist.is_some(), "it has neither `permissions` nor `mcpAllowlist`");
    let mut read = AgentFile::new(Order::Strictest);
    for pattern in allowlist.into_iter().flatten().filter_map(Value::as_str) {
        read.add(pattern, Verdict::Allow);
    }
    let mut others = 0_usize;
    for verdict in [Verdict::Allow, Verdict::Deny] {
        let list = permissions.and_then(|lists| lists.get(verdict.name())).and_then(Value::as_array);
        for entry in list.into_iter().flatten().filter_map(Value::as_str) {
            match entry.strip_prefix(MCP).and_then(|rest| rest.strip_suffix(')')) {
                Some(pattern) => read.add(pattern, verdict),
                None => others += 1,
            }
        }
    }
    if others > 0 {
        read.leave(format!("entries about no MCP server: {others}"));
    }
    read.leave("that Cursor asks for what it neither allows nor denies: that gets no rule".to_owned());
    Ok(read)
}

pub(super) fn write(permissions: &[Permission]) -> (Value, Option<String>) {
    let of = |verdict| Permission::names(permissions, verdict).map(|name| format!("{MCP}{name})")).collect::<Vec<_>>();
    let asked = Permission::names(permissions, Verdict::Ask).count();
    let unsaid = (asked > 0).then(|| {
        format!(
            "that {asked} tools are asked for: Cursor has no list for that, and asks for what the others do not name"
        )
    });
    (json!({ "permissions": { "allow": of(Verdict::Allow), "deny": of(Verdict::Deny) } }), unsaid)
}
