//! The official conformance suite: what it needs is built and installed here, `tests/conformance` runs it.

use crate::{
    build::{self, Variant},
    check, process, tools,
    workspace::Workspace,
    wrangler,
};
use anyhow::{Context, Result, ensure};
use std::fs;

/// Names that only the Worker with the suite's fixtures knows: of tools, a resource and a prompt, and what one says.
const FIXTURES: [&str; 4] = ["test_simple_text", "test://static-text", "test_simple_prompt", "About to fail"];

/// Where each run leaves its score, in a file of its own name: scenarios passed, scored, expected to fail.
const SCORES: &str = "target/conformance/scores";

/// Runs the suite against what the bundle layer made and against a Worker with fixtures, and prints the scores.
pub(crate) fn conformance(workspace: &Workspace) -> Result<()> {
    check::bundle_variant(workspace, Variant::Conformance)?;
    tools::ensure_npm_packages(&workspace.path("tests/conformance"))?;
    let _ = fs::remove_dir_all(workspace.path(SCORES)); // of an earlier run
    let arguments = ["test", "--package", "postern-tests", "--features", "conformance", "--test", "conformance"];
    let mut test = check::cargo(workspace, &arguments);
    wrangler::silence(workspace, &mut test)?;
    process::run("the conformance suite", &mut test)?;
    print_scores(workspace)
}

/// Proves that what is uploaded has none of the fixtures. That it would find them, the build with all of them proves.
///
/// # Errors
/// Where the WebAssembly holds others than its variant should.
pub(crate) fn check_fixtures(workspace: &Workspace, variant: Variant) -> Result<()> {
    let wasm = build::wasm(workspace, variant)?;
    let holds = |name: &&str| wasm.windows(name.len()).any(|window| window == name.as_bytes());
    let (held, missing): (Vec<&str>, Vec<&str>) = FIXTURES.iter().partition(|name| holds(name));
    match variant {
        Variant::Release | Variant::Quick => {
            ensure!(held.is_empty(), "the Worker to be uploaded holds fixtures of the conformance suite: {held:?}");
        }
        Variant::Conformance => {
            ensure!(missing.is_empty(), "the Worker for the conformance suite lacks its fixtures: {missing:?}");
        }
    }
    Ok(())
}

fn print_scores(workspace: &Workspace) -> Result<()> {
    let mut rows = Vec::new();
    for file in fs::read_dir(workspace.path(SCORES)).context("the conformance suite left no scores")? {
        let file = file?;
        let score = fs::read_to_string(file.path())?;
        let mut numbers = score.split(' ').map(str::to_owned);
        rows.push((
            file.file_name().to_string_lossy().into_owned(),
            [(); 3].map(|()| numbers.next().unwrap_or_default()),
        ));
    }
    rows.sort();
    println!("\n{:<36} {:>6} {:>6} {:>17}", "conformance", "passed", "scored", "expected failures");
    for (run, [passed, scored, expected]) in rows {
        println!("{run:<36} {passed:>6} {scored:>6} {expected:>17}");
    }
    Ok(())
}
