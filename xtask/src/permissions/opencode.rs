//! OpenCode's: `permission` of opencode.json, one word for all or a word for each pattern, the last that fits; tools of an
//! MCP server are named `server_tool`. Before it came `tools`, with `true` and `false`, which is read first.

use anyhow::{Result, ensure};
use serde_json::{Map, Value};

use super::agent_file::{AgentFile, Order, Permission, Verdict, plain};

pub(super) fn full_name(server: &str, tool: &str) -> String {
    format!("{}_{tool}", plain(server))
}

pub(super) fn read(file: &Value, server: &str) -> Result<AgentFile> {
    let (permission, tools) = (file.get("permission"), file.get("tools").and_then(Value::as_object));
    ensure!(permission.is_some() || tools.is_some(), "it has neither `permission` nor `tools`");
    let mut read = AgentFile::new(Order::Last);
    for (pattern, enabled) in tools.into_iter().flatten() {
        match enabled.as_bool() {
            Some(enabled) => read.add(pattern, if enabled { Verdict::Allow } else { Verdict::Deny }),
            None => read.leave(format!("tools.{pattern}: it is neither true nor false")),
        }
    }
    match permission {
        Some(Value::String(word)) => add(&mut read, "*", word),
        Some(Value::Object(patterns)) => {
            for (pattern, said) in patterns {
                match said {
                    Value::String(word) => add(&mut read, pattern, word),
                    // By what a call is given, as of a shell: no pattern of a tool's name but `*` says that of ours.
                    Value::Object(_) if pattern.starts_with(&full_name(server, "")) || pattern.contains('*') => {
                        read.leave(format!("permission.{pattern}: rules of the policy are not on single arguments"));
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
    for (name, agent) in file.get("agent").and_then(Value::as_object).into_iter().flatten() {
        if agent.get("permission").or_else(|| agent.get("tools")).is_some() {
            read.leave(format!("agent.{name}: to Postern all agents of one client are that client"));
        }
    }
    Ok(read)
}

fn add(read: &mut AgentFile, pattern: &str, word: &str) {
    match Verdict::of(word) {
        Some(verdict) => read.add(pattern, verdict),
        None => read.leave(format!("permission.{pattern}: it is none of allow, ask and deny")),
    }
}

pub(super) fn write(permissions: &[Permission]) -> Value {
    let named = permissions.iter().map(|one| (one.tool.clone(), one.verdict.name().into()));
    let file = [
        ("$schema".to_owned(), "https://opencode.ai/config.json".into()),
        ("permission".to_owned(), Value::Object(named.collect())),
    ];
    Value::Object(Map::from_iter(file))
}
