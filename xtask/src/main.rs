//! `cargo xtask`: everything that is done with Postern's source, one command each. `cargo xtask help` lists them.

mod build;
mod process;
mod tools;
mod workspace;

use anyhow::{Result, bail};
use lexopt::{Arg, Parser, ValueExt};
use std::process::ExitCode;
use workspace::Workspace;

const HELP: &str = "\
cargo xtask <command>

  build    build the Worker into build/, when something it is made of has changed
";

fn main() -> ExitCode {
    let result = process::end_all_on_signals().and_then(|()| run(Parser::from_env()));
    process::end_all();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: Parser) -> Result<()> {
    let workspace = Workspace::find()?;
    let command = match arguments.next()? {
        Some(Arg::Value(name)) => name.string()?,
        _ => "help".to_owned(),
    };
    match command.as_str() {
        "build" => {
            end_of(arguments)?;
            build::build(&workspace)
        }
        "help" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => bail!("there is no command `{unknown}`; `cargo xtask help` lists them"),
    }
}

fn end_of(mut arguments: Parser) -> Result<()> {
    match arguments.next()? {
        None => Ok(()),
        Some(unexpected) => Err(unexpected.unexpected().into()),
    }
}
