//! Running other programs, with one sentence that says which step failed.

use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};

/// Runs a program to its end. What it says goes to the terminal, on stderr: stdout belongs to xtask's own answer.
pub(crate) fn run(what: &str, command: &mut Command) -> Result<()> {
    command.stdout(std::io::stderr());
    let status = start_error(what, command.status(), command)?;
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(())
}

/// Runs a program to its end and returns what it wrote on stdout; its stderr goes to the terminal.
pub(crate) fn read(what: &str, command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = start_error(what, output, command)?;
    if !output.status.success() {
        bail!("{what} failed ({})", output.status);
    }
    let text = String::from_utf8(output.stdout).with_context(|| format!("{what}: its answer is not text"))?;
    Ok(text.trim().to_owned())
}

/// Runs a program in silence; only if it fails, all that it said is shown.
pub(crate) fn run_quietly(what: &str, command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output();
    let output = start_error(what, output, command)?;
    if !output.status.success() {
        eprint!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        bail!("{what} failed ({})", output.status);
    }
    Ok(())
}

fn start_error<T>(what: &str, started: std::io::Result<T>, command: &Command) -> Result<T> {
    let program = command.get_program().to_string_lossy();
    started.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => anyhow::anyhow!("{what}: the program `{program}` is missing"),
        _ => anyhow::anyhow!("{what}: `{program}` could not be started: {error}"),
    })
}

/// A program that does not see the settings cargo makes for xtask itself.
pub(crate) fn clean(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO" {
            command.env_remove(&name);
        }
    }
    command
}
