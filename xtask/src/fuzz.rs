//! `cargo xtask fuzz`: libFuzzer against the targets of `fuzz/`, for a while. Stable Rust alone: the flags that make
//! libFuzzer see which paths an input takes need no nightly, and code without `unsafe` gains little from sanitizers.

use crate::{process, workspace::Workspace};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What all targets together may take as a layer of tests, in seconds.
const LAYER_SECONDS: u64 = 60;

/// How inputs are followed through the code: libFuzzer's own coverage (LLVM's SanitizerCoverage).
const RUSTFLAGS: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
];

/// Named, so that the flags above are for the targets and not for what compiles them.
#[cfg(target_arch = "x86_64")]
const HOST: &str = "x86_64-unknown-linux-gnu";
#[cfg(not(target_arch = "x86_64"))]
const HOST: &str = "aarch64-unknown-linux-gnu";

/// Every target for its share of a minute.
pub(crate) fn layer(workspace: &Workspace) -> Result<()> {
    let targets = targets(workspace)?;
    let seconds = LAYER_SECONDS / u64::try_from(targets.len())?.max(1);
    run_all(workspace, &targets, seconds)
}

/// One target, or every one, for so many seconds each.
pub(crate) fn fuzz(workspace: &Workspace, target: Option<&str>, seconds: u64) -> Result<()> {
    let known = targets(workspace)?;
    match target {
        None => run_all(workspace, &known, seconds),
        Some(name) if known.iter().any(|known| known == name) => run_all(workspace, &[name.to_owned()], seconds),
        Some(_) => bail!("there is no such target; there are {}", known.join(", ")),
    }
}

/// The names of `fuzz/fuzz_targets/`.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.path("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for file in fs::read_dir(&folder).with_context(|| format!("{} could not be read", folder.display()))? {
        names.extend(file?.path().file_stem().and_then(|name| name.to_str()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn run_all(workspace: &Workspace, targets: &[String], seconds: u64) -> Result<()> {
    let programs = build(workspace)?;
    for target in targets {
        run(workspace, &programs, target, seconds)?;
    }
    Ok(())
}

/// Builds every target; they are of one library. Returns the folder they are in.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    // The dependencies that the Worker is built with; cargo adds libFuzzer's.
    fs::copy(workspace.path("Cargo.lock"), workspace.path("fuzz/Cargo.lock"))
        .context("fuzz/ could not be written to")?;
    let folder = workspace.target().join("fuzz");
    let mut cargo = process::program("cargo");
    cargo
        .args(["build", "--quiet", "--release", "--bins", "--target", HOST])
        .current_dir(workspace.path("fuzz"))
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTFLAGS", RUSTFLAGS.join(" "));
    process::run("compiling the fuzz targets", &mut cargo)?;
    Ok(folder.join(HOST).join("release"))
}

/// Runs a target from its seeds and from what earlier runs on this machine found worth keeping.
fn run(workspace: &Workspace, programs: &Path, target: &str, seconds: u64) -> Result<()> {
    let found = workspace.target().join("fuzz/corpus").join(target);
    let crashes = workspace.target().join("fuzz/crashes").join(target);
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&crashes)?;
    let program = programs.join(target);
    let mut command = process::program(&program);
    command
        .arg(&found)
        .arg(workspace.path("fuzz/seeds").join(target))
        .args([format!("-max_total_time={seconds}"), format!("-artifact_prefix={}/", crashes.display())])
        // Output only of what it found; an input that takes ten seconds is a finding too.
        .args(["-max_len=8192", "-timeout=10", "-verbosity=0", "-print_final_stats=1"])
        .current_dir(workspace.root());
    eprintln!("fuzzing {target} for {seconds} s");
    process::run_quietly(&format!("fuzzing {target}"), &mut command).with_context(|| {
        format!(
            "{target}: the input is above and in {}; to see it fail again: {} {}/crash-…",
            crashes.display(),
            program.display(),
            crashes.display()
        )
    })
}
