//! Coding agents as their makers publish them. Each call is the agent's own; only the model behind it is played, by a
//! script on this machine.

use std::{env, io::Write, sync::Once};

use postern_tests::person::Person;
use serde_json::Value;

use crate::program::{Program, node, programs};

/// Why they are not installed, where `cargo xtask test` could not fetch them.
const WITHOUT: &str = "POSTERN_WITHOUT_AGENTS";

/// Starts an agent that knows the MCP URL and nothing else of Postern; where there are none, says so once.
pub fn agent(script: &str, person: impl FnOnce() -> Person<'static>) -> Option<Program> {
    static SAID: Once = Once::new();
    if let Ok(reason) = env::var(WITHOUT) {
        let line = format!("the tests of Claude Code and Codex did not run: npm cannot fetch them here ({reason})\n");
        // Not `eprint!`, which the test runner keeps to itself.
        SAID.call_once(|| std::io::stderr().write_all(line.as_bytes()).expect("a terminal"));
        return None;
    }
    let packages = programs().with_file_name("agents/node_modules");
    assert!(packages.is_dir(), "no {}: `cargo xtask test` makes it, or `npm ci` there", packages.display());
    Some(Program::start(node(script), person(), &Value::Null))
}
