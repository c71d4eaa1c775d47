//! `cargo xtask doctor`: what this machine lacks, and how to get it.

use crate::{process, tools, workspace::Workspace};
use anyhow::{Result, bail};

/// What somebody cannot do without a program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Without {
    /// Postern can be neither built nor run.
    Nothing,
    /// Some tests do not run; the rest does.
    SomeTests(&'static str),
}

/// A program that has to be there already: everything else is installed by the command that needs it first.
struct Program {
    /// Any of these will do.
    names: &'static [&'static str],
    version: &'static str,
    without: Without,
    how: &'static str,
}

const PROGRAMS: [Program; 8] = [
    Program {
        names: &["rustup"],
        version: "--version",
        without: Without::Nothing,
        how: "see https://rustup.rs; the Worker needs a standard library that is built from source",
    },
    Program {
        names: &["git"],
        version: "--version",
        without: Without::Nothing,
        how: "from your system's packages: git",
    },
    Program {
        names: &["cc", "gcc", "clang"],
        version: "--version",
        without: Without::Nothing,
        how: "from your system's packages: build-essential (Debian), Xcode's command line tools (macOS)",
    },
    Program {
        names: &["npm"],
        version: "--version",
        without: Without::Nothing,
        how: "with Node.js 20 or newer, from https://nodejs.org or your system's packages; Postern brings the Node.js \
              that it runs on",
    },
    Program {
        names: &tools::BROWSERS,
        version: "--version",
        without: Without::SomeTests("the tests in a browser"),
        how: "`cargo xtask test` installs Debian's; elsewhere install Chromium or Chrome into PATH",
    },
    Program {
        names: &["mvn"],
        version: "--version",
        without: Without::SomeTests("the tests with a real Keycloak"),
        how: "from your system's packages: maven",
    },
    Program {
        names: &["python3"],
        version: "--version",
        without: Without::SomeTests("the tests of the Python SDK"),
        how: "from your system's packages: python3 with its venv",
    },
    Program {
        names: &["java"],
        version: "-version",
        without: Without::SomeTests("the tests with a real Keycloak"),
        how: "Java 17 or newer, from your system's packages",
    },
];

/// Says of each program whether it is there. What is built with them is found out by building.
///
/// # Errors
/// Where one is missing without which nothing works.
pub(crate) fn doctor(workspace: &Workspace) -> Result<()> {
    let mut missing = Vec::new();
    for program in &PROGRAMS {
        let name = program.names.first().copied().unwrap_or_default();
        match found(program) {
            Some(version) => println!("there    {name:<9} {version}"),
            None => {
                let (word, what) = match program.without {
                    Without::Nothing => ("MISSING", "nothing can be built without it".to_owned()),
                    Without::SomeTests(tests) => ("without", format!("{tests} do not run")),
                };
                println!("{word:<8} {name:<9} {what}; {}", program.how);
                if program.without == Without::Nothing {
                    missing.push(name);
                }
            }
        }
    }
    let built = |what: bool, yes: &'static str, no: &'static str| println!("{}", if what { yes } else { no });
    built(
        workspace.path("node_modules/.postern-lock").is_file(),
        "there    the npm packages",
        "later    the npm packages: the first command that needs them installs them, a minute",
    );
    built(
        workspace.path("build/index_bg.wasm").is_file(),
        "there    a built Worker",
        "later    the Worker: `cargo xtask dev` compiles it and what it is compiled with, some minutes",
    );
    if !missing.is_empty() {
        bail!("install {} first", missing.join(", "));
    }
    Ok(())
}

/// The first line of what one of the names says of its version.
fn found(program: &Program) -> Option<String> {
    program.names.iter().find_map(|name| {
        let output =
            process::program(name).arg(program.version).output().ok().filter(|output| output.status.success())?;
        // Java tells its version on stderr.
        let text = [output.stdout, output.stderr].concat();
        Some(String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned())
    })
}
