//! `cargo xtask`: everything that is done with Postern's source, one command each. `cargo xtask help` lists them.

mod build;
mod process;
mod tools;
mod wasm;
mod workspace;

use anyhow::{Result, bail};
use std::process::ExitCode;
use workspace::Workspace;

const HELP: &str = "\
cargo xtask <command>

  build    build the Worker into build/, when something it is made of has changed
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = lexopt::Parser::from_env();
    let workspace = Workspace::find()?;
    let Some(command) = arguments.next()? else {
        print!("{HELP}");
        return Ok(());
    };
    let lexopt::Arg::Value(command) = command else {
        print!("{HELP}");
        return Ok(());
    };
    match command.to_str() {
        Some("build") => build::build(&workspace),
        Some("help") => {
            print!("{HELP}");
            Ok(())
        }
        _ => bail!("no command is called {command:?}; `cargo xtask help` lists them"),
    }
}
