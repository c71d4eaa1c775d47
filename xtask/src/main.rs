//! `cargo xtask`: everything that is done with Postern's source, one command each. `cargo xtask help` lists them.

mod agents;
mod apply;
mod bench;
mod build;
mod check;
mod command_line;
mod conformance;
mod dev;
mod doctor;
mod function_order;
mod fuzz;
mod keycloak;
mod kill;
mod leaks;
mod mutants;
mod permissions;
mod process;
mod rooms;
mod rotate;
mod seed;
mod service;
mod tools;
mod verify_audit;
#[cfg(test)]
mod what_it_speaks;
mod workspace;
mod wrangler;

use anyhow::Result;
use clap::{CommandFactory, Parser};
use command_line::{Command, CommandLine};
use std::process::ExitCode;
use testkit::{connect, token};
use workspace::Workspace;

fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    let result = process::end_all_on_signals().and_then(|()| run(command));
    process::end_all();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Dev(options) => dev::dev(&Workspace::find()?, &options),
        Command::Test { only } => check::test(&Workspace::find()?, only.as_deref()),
        Command::Bench(options) => bench::bench(&Workspace::find()?, &options),
        Command::Tokens => check::tokens(&Workspace::find()?),
        Command::Kill(options) => kill::kill(&Workspace::find()?, &options),
        Command::Fuzz { target, seconds } => fuzz::fuzz(&Workspace::find()?, target.as_deref(), seconds),
        Command::Build => build::build(&Workspace::find()?, build::Variant::wanted()?),
        Command::Generate => check::generate(&Workspace::find()?),
        Command::Mutants { file } => mutants::mutants(&Workspace::find()?, file.as_deref()),
        Command::Doctor => doctor::doctor(&Workspace::find()?),
        Command::Rotate { purpose, options } => rotate::rotate(&Workspace::find()?, purpose.name(), &options),
        Command::Token { account } => {
            println!("{}", token::fetch(&account.url.join("/mcp")?, &account.person())?);
            Ok(())
        }
        Command::VerifyAudit { account } => verify_audit::verify(&account.url, &account.person()),
        Command::Apply(options) => apply::apply(&options),
        Command::Export(postern) => apply::export(&postern),
        Command::Permissions(command) => permissions::permissions(&Workspace::find()?, &command),
        Command::Connect { provider, account } => {
            println!("{}", connect::connect(&account.url, &provider, &account.person())?);
            Ok(())
        }
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut CommandLine::command(), "xtask", &mut std::io::stdout());
            Ok(())
        }
    }
}
