//! `cargo xtask`: everything that is done with Postern's source, one command each. `cargo xtask help` lists them.

mod bench;
mod build;
mod check;
mod conformance;
mod dev;
mod fuzz;
mod leaks;
mod process;
mod rotate;
mod seed;
mod tools;
mod workspace;
mod wrangler;

use anyhow::{Context, Result, bail};
use lexopt::{Arg, Parser, ValueExt};
use std::process::ExitCode;
use url::Url;
use workspace::Workspace;
use xtask::{connect, journey::Person, token};

const HELP: &str = "\
cargo xtask <command>

  dev [--fresh]                          run Postern on this machine with a demo organisation; --fresh forgets the last
  test [--only LAYER]                    run every layer of tests: format, lint, unit, fuzz, bundle, black-box, conformance
  bench [--json] [--peer] [--seconds N]  measure a hot call beside a bare Worker, N seconds a run; --peer: beside
                                         what Cloudflare's own libraries make of it too; --json: print data
  fuzz [TARGET] [--seconds N]            look for inputs that break what fuzz/ promises, N seconds a target (60)
  build                                  build the Worker into build/, if anything it is made of has changed

  rotate signing|sealing                 replace that key of the deployed Postern, one step a run; says what to do
                                         next. --local: of the one that `cargo xtask dev` runs; --drop: take the
                                         previous key away at once, because it has leaked

  With `cargo xtask dev` running elsewhere:
  token --user NAME                      print an access token, got through the whole OAuth flow
  connect PROVIDER --user NAME           connect the account of that person at the provider: bitbucket

  token and connect also take --url and --password, for a Postern and an account other than the demo's.
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
    let command = match arguments.next()? {
        Some(Arg::Value(name)) => name.string()?,
        _ => "help".to_owned(),
    };
    let options = Options::read(arguments)?;
    match (command.as_str(), options.operands.as_slice()) {
        ("bench", []) => bench::bench(&Workspace::find()?, &options.bench),
        ("build", []) => build::build(&Workspace::find()?, build::Variant::wanted()?),
        ("dev", []) => dev::dev(&Workspace::find()?, options.fresh),
        ("test", []) => check::test(&Workspace::find()?, options.only.as_deref()),
        ("fuzz", targets @ ([] | [_])) => {
            fuzz::fuzz(&Workspace::find()?, targets.first().map(String::as_str), options.seconds.unwrap_or(60))
        }
        ("token", []) => {
            println!("{}", token::fetch(&options.url.join("/mcp")?, &options.person()?)?);
            Ok(())
        }
        ("connect", [provider]) => {
            println!("{}", connect::connect(&options.url, provider, &options.person()?)?);
            Ok(())
        }
        ("rotate", [purpose]) => rotate::rotate(&Workspace::find()?, purpose, &options.rotate),
        ("help", _) => {
            print!("{HELP}");
            Ok(())
        }
        _ => bail!("`{command}` is not a command, or not with these arguments; `cargo xtask help` lists what there is"),
    }
}

/// What follows a command's name.
struct Options {
    operands: Vec<String>,
    bench: bench::Options,
    /// Of each fuzz target.
    seconds: Option<u64>,
    fresh: bool,
    only: Option<String>,
    rotate: rotate::Options,
    user: Option<String>,
    password: Option<String>,
    url: Url,
}

impl Options {
    fn read(mut arguments: Parser) -> Result<Self> {
        let url = Url::parse(dev::POSTERN)?;
        let bench = bench::Options::default();
        let mut options = Self {
            operands: Vec::new(),
            bench,
            seconds: None,
            fresh: false,
            only: None,
            rotate: rotate::Options::default(),
            user: None,
            password: None,
            url,
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("drop") => options.rotate.drop = true,
                Arg::Long("fresh") => options.fresh = true,
                Arg::Long("json") => options.bench.json = true,
                Arg::Long("peer") => options.bench.peer = true,
                Arg::Long("seconds") => {
                    let seconds = arguments.value()?.parse()?;
                    options.bench.seconds = seconds;
                    options.seconds = Some(seconds);
                }
                Arg::Long("local") => options.rotate.local = true,
                Arg::Long("only") => options.only = Some(arguments.value()?.string()?),
                Arg::Long("user") => options.user = Some(arguments.value()?.string()?),
                Arg::Long("password") => options.password = Some(arguments.value()?.string()?),
                Arg::Long("url") => options.url = arguments.value()?.parse_with(Url::parse)?,
                Arg::Value(operand) => options.operands.push(operand.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }

    fn person(&self) -> Result<Person> {
        let user = self.user.as_deref().context("whose? Say --user developer, approver or admin")?;
        let mut person = Person::of_the_demo(user);
        person.password.clone_from(self.password.as_ref().unwrap_or(&person.password.clone()));
        Ok(person)
    }
}
