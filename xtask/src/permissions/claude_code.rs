//! Claude Code's: lists `deny`, `ask` and `allow` under `permissions` of settings.json, whose entries name tools of an MCP
//! server as `mcp__server__tool`, all of them as `mcp__server`. The strictest list that has a tool counts.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::agent_file::{AgentFile, Order, Permission, Verdict, plain};

const PREFIX: &str = "mcp__";

pub(super) fn full_name(server: &str, tool: &str) -> String {
    format!("{PREFIX}{}__{tool}", plain(server))
}

pub(super) fn read(file: &Value, server: &str) -> Result<AgentFile> {
    let permissions = file.get("permissions").and_then(Value::as_object).context("it has no `permissions`")?;
    let mut read = AgentFile::new(Order::Strictest);
    let (all, tools) = (format!("{PREFIX}{}", plain(server)), full_name(server, ""));
    let mut others = 0_usize;
    for verdict in Verdict::ALL {
        let list = permissions.get(verdict.name()).and_then(Value::as_array);
        for entry in list.into_iter().flatten().filter_map(Value::as_str) {
            // A list that denies or asks may have wildcards before the server's name; one that allows is not heard then.
            let names_servers = verdict > Verdict::Allow
                && entry
                    .split_once('*')
                    .is_some_and(|(before, _)| before.len() < tools.len() && tools.starts_with(before));
            match entry {
                _ if entry.contains('(') && (entry.starts_with(&tools) || entry.starts_with(&format!("{all}("))) => {
                    read.leave(format!("{entry}: rules of the policy are not on single arguments"));
                }
                _ if entry == all => read.add(&format!("{tools}*"), verdict),
                _ if entry.starts_with(&tools) || names_servers => read.add(entry, verdict),
                _ => others += 1,
            }
        }
    }
    if others > 0 {
        read.leave(format!("entries about other tools than those of the server {server}: {others}"));
    }
    if let Some(mode) = permissions.get("defaultMode").and_then(Value::as_str) {
        read.leave(format!("the mode {mode}: what the file does not name gets no rule"));
    }
    Ok(read)
}

pub(super) fn write(permissions: &[Permission]) -> Value {
    let of = |verdict| Permission::names(permissions, verdict).collect::<Vec<_>>();
    json!({ "permissions": { "allow": of(Verdict::Allow), "ask": of(Verdict::Ask), "deny": of(Verdict::Deny) } })
}
