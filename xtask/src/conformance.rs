//! The official conformance suite: what it needs is installed here, `tests/conformance` runs it.

use crate::{check, process, tools, workspace::Workspace, wrangler};
use anyhow::{Context, Result};
use std::fs;

/// Where each run leaves its score, in a file of its own name: scenarios passed, scored, expected to fail.
const SCORES: &str = "target/conformance/scores";

/// Runs the suite against what the bundle layer made, and prints the scores.
pub(crate) fn conformance(workspace: &Workspace) -> Result<()> {
    tools::ensure_npm_packages(&workspace.path("tests/conformance"))?;
    let _ = fs::remove_dir_all(workspace.path(SCORES)); // of an earlier run
    let arguments = ["test", "--package", "postern-tests", "--features", "conformance", "--test", "conformance"];
    let mut test = check::cargo(workspace, &arguments);
    wrangler::silence(workspace, &mut test)?;
    process::run("the conformance suite", &mut test)?;
    print_scores(workspace)
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
