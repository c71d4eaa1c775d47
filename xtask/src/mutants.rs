//! `cargo xtask mutants`: cargo-mutants over the files that only decide. Each change that no test notices is printed: it
//! wants a test, or an argument in [`ARGUED`].

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::{process, workspace::Workspace};

/// The version that is installed where there is none.
const VERSION: &str = "27.1.0";

/// A file whose changes a test has to notice.
struct Decisions {
    file: &'static str,
    /// The functions that decide, as a regular expression on the names of changes; empty where the whole file does.
    functions: &'static str,
    /// The tests that have to notice: a part of their names.
    tests: &'static str,
}

const fn whole(file: &'static str, tests: &'static str) -> Decisions {
    Decisions { file, functions: "", tests }
}

/// Files of pure decisions.
const DECISIONS: [Decisions; 12] = [
    whole("src/authorization/tokens/rotation.rs", "authorization::tokens::rotation"),
    whole("src/authorization/clients/redirect.rs", "authorization::clients::redirect"),
    whole("src/authorization/clients/public_url.rs", "authorization::clients::public_url"),
    whole("src/catalog/arguments.rs", "catalog::arguments"),
    Decisions {
        file: "src/connections/vault.rs",
        functions: r"\b(AccessToken::is_fresh|decide|Row::facts)\b",
        tests: "connections::vault",
    },
    whole("src/governance/decision.rs", "governance::decision"),
    whole("src/identity/standing.rs", "identity::standing"),
    whole("src/mcp/eras/routing.rs", "mcp::eras::routing"),
    whole("src/session/bucket.rs", "session::bucket"),
    whole("src/session/lease.rs", "session::lease::"),
    whole("src/upstream/cursor.rs", "upstream::cursor"),
    whole("src/upstream/cut.rs", "upstream::cut"),
];

/// Changes that no test can notice, as regular expressions on what cargo-mutants calls them, each with the reason.
const ARGUED: &[(&str, &str)] = &[
    (r"eras/routing\.rs:.*: replace > with >= in decide$", "the modern version itself is taken by the arm before"),
    (
        r"catalog/arguments\.rs:\d+:30: replace \+ with \* in distance$",
        "a row's first cell is at most one more than its diagonal, whichever of both stands to its left",
    ),
];

/// Every file, or those whose path contains the text.
pub(crate) fn mutants(workspace: &Workspace, only: Option<&str>) -> Result<()> {
    let program = ensure_cargo_mutants(workspace)?;
    let chosen = DECISIONS.iter().filter(|decisions| only.is_none_or(|only| decisions.file.contains(only)));
    let mut survived = Vec::new();
    for decisions in chosen {
        eprintln!("\n── {} ──", decisions.file);
        if !all_are_noticed(workspace, &program, decisions)? {
            survived.push(decisions.file);
        }
    }
    if survived.is_empty() {
        return Ok(());
    }
    bail!("changes survived in {}: each wants a test, or an argument in xtask/src/mutants.rs", survived.join(", "))
}

/// Changes a copy of the sources, so that nothing is left changed where this is stopped. What was compiled is kept for the
/// next file, and the next run.
fn all_are_noticed(workspace: &Workspace, program: &Path, decisions: &Decisions) -> Result<bool> {
    let folder = workspace.target().join("mutants");
    let mut command = process::program(program);
    command
        .args(["mutants", "--package", "postern", "--file", decisions.file, "--re", decisions.functions])
        .args(["--gitignore", "true", "--colors", "never", "--no-times", "--timeout", "120", "--output"])
        .arg(&folder)
        .env("CARGO_TARGET_DIR", folder.join("build"))
        .current_dir(workspace.root());
    for (change, _) in ARGUED {
        command.args(["--exclude-re", change]);
    }
    command.args(["--", "--lib", decisions.tests]);
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
