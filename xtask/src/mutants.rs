//! `cargo xtask mutants`: cargo-mutants over the files that only decide. Each change that no test notices is printed: it
//! wants a test, or an argument in [`ARGUED`].

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::{process, workspace::Workspace};

/// The version that is installed where there is none.
const VERSION: &str = "27.1.0";

/// Files of pure decisions, and the tests that have to notice a change of each: a part of their names.
const DECISIONS: [(&str, &str); 8] = [
    ("src/authorization/tokens/rotation.rs", "authorization::tokens::rotation"),
    ("src/authorization/clients/redirect.rs", "authorization::clients::redirect"),
    ("src/authorization/clients/public_url.rs", "authorization::clients::public_url"),
    ("src/governance/decision.rs", "governance::decision"),
    ("src/identity/standing.rs", "identity::standing"),
    ("src/mcp/eras/routing.rs", "mcp::"),
    ("src/session/bucket.rs", "session::"),
    ("src/upstream/cursor.rs", "upstream::cursor"),
];

/// Changes that no test can notice, by what cargo-mutants calls them, each with the reason.
const ARGUED: &[(&str, &str)] = &[];

/// Every file, or those whose path contains the text.
pub(crate) fn mutants(workspace: &Workspace, only: Option<&str>) -> Result<()> {
    let program = ensure_cargo_mutants(workspace)?;
    let chosen = DECISIONS.iter().filter(|(file, _)| only.is_none_or(|only| file.contains(only)));
    let mut survived = Vec::new();
    for (file, tests) in chosen {
        eprintln!("\n── {file} ──");
        if !all_are_noticed(workspace, &program, file, tests)? {
            survived.push(*file);
        }
    }
    if survived.is_empty() {
        return Ok(());
    }
    bail!("changes survived in {}: each wants a test, or an argument in xtask/src/mutants.rs", survived.join(", "))
}

fn all_are_noticed(workspace: &Workspace, program: &Path, file: &str, tests: &str) -> Result<bool> {
    let mut command = process::program(program);
    command
        .args(["mutants", "--package", "postern", "--file", file, "--colors", "never", "--no-times"])
        .args(["--timeout", "120", "--output"])
        .arg(workspace.target().join("mutants"))
        .current_dir(workspace.root());
    for (change, _) in ARGUED {
        command.args(["--exclude-re", change]);
    }
    command.args(["--", "--lib", tests]);
    Ok(command.status()?.success())
}

/// Where cargo-mutants is: compiled once, into the target folder.
fn ensure_cargo_mutants(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target().join("tools");
    let program = folder.join("bin/cargo-mutants");
    if !program.is_file() {
        eprintln!("installing cargo-mutants {VERSION}, once: some minutes");
        let mut install = process::program("cargo");
        install.args(["install", "--quiet", "--locked", "cargo-mutants", "--version", VERSION, "--root"]).arg(&folder);
        process::run("cargo install cargo-mutants", &mut install)?;
    }
    Ok(program)
}
