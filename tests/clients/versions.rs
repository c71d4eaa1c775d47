//! Which versions all this holds of.

use std::fs;

use postern_tests::person::Person;
use serde_json::{Value, json};

use crate::{
    claude_code::claude_code,
    codex::codex,
    fastmcp::fastmcp,
    inspector::inspector,
    mcp_remote::mcp_remote,
    mcporter::mcporter,
    program::{Program, programs, root},
    python::python,
    rust::rmcp,
    typescript::{v1, v2},
};

/// The version of an npm package that package.json asks for.
fn npm(package: &str) -> String {
    version_in("programs", package)
}

/// The same of the package.json in that folder.
fn version_in(folder: &str, package: &str) -> String {
    let manifest = fs::read_to_string(programs().with_file_name(folder).join("package.json")).expect("package.json");
    let manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    manifest["dependencies"][package].as_str().expect("a version").to_owned()
}

/// What stands between two words of a file.
fn between(file: &str, before: &str, after: &str) -> String {
    let text = fs::read_to_string(file).expect(file);
    let found = text.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    found.unwrap_or_else(|| panic!("no {before}…{after} in {file}")).0.to_owned()
}

#[test]
fn programs_are_of_the_versions_that_are_pinned() {
    let somebody = Person::developer;
    let requirements = programs().join("requirements.txt").to_string_lossy().into_owned();
    let manifest = root().join("tests/Cargo.toml").to_string_lossy().into_owned();
    let mut programs: Vec<(&str, Program, String)> = vec![
        ("TypeScript SDK v1", v1(somebody()), npm("@modelcontextprotocol/sdk")),
        ("TypeScript SDK v2", v2(somebody(), &json!("auto")), npm("@modelcontextprotocol/client")),
        ("Python SDK", python(somebody(), "auto"), between(&requirements, "\nmcp==", "\n")),
        ("fastmcp", fastmcp(somebody()), between(&requirements, "\nfastmcp==", "\n")),
        ("rmcp", rmcp(somebody(), "auto"), between(&manifest, "rmcp = { version = \"=", "\"")),
        ("MCP Inspector", inspector(somebody(), "auto"), npm("@modelcontextprotocol/inspector")),
        ("mcp-remote", mcp_remote(somebody(), "auto"), npm("mcp-remote")),
        ("mcporter", mcporter(somebody()), npm("mcporter")),
    ];
    let agents = [
        ("Claude Code", claude_code(somebody), "@anthropic-ai/claude-code"),
        ("Codex", codex(somebody), "@openai/codex"),
    ];
    for (name, program, package) in agents {
        programs.extend(program.map(|program| (name, program, version_in("agents", package))));
    }
    let mut table = String::from("\n  program            version\n");
    for (name, mut program, pinned) in programs {
        let version = program.version();
        assert_eq!(version, pinned, "{name}");
        table.push_str(&format!("  {name:<18} {version}\n"));
    }
    // Not `print!`, which the test runner keeps to itself.
    std::io::Write::write_all(&mut std::io::stderr(), table.as_bytes()).expect("a terminal");
}
