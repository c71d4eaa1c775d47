//! The Python SDK, `mcp`, in a virtual environment that the first test makes and later runs keep, beside what is made
//! with it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use postern_tests::person::Person;
use serde_json::json;

use crate::{
    program::{LEGACY, MODERN, Program, programs, root},
    stories::{learns_the_link, lives, presents_its_document, waits_for_its_person},
    worker::connected,
};

/// The virtual environment of requirements.txt.
pub fn environment() -> &'static Path {
    &ENVIRONMENT
}

/// A program of that environment.
pub fn interpreted(script: &str) -> Command {
    let mut interpreter = Command::new(environment().join("bin/python"));
    interpreter.arg(programs().join(script));
    interpreter
}

static ENVIRONMENT: LazyLock<PathBuf> = LazyLock::new(|| {
    let requirements = programs().join("requirements.txt");
    let list = fs::read_to_string(&requirements).expect("requirements.txt");
    let environment = root().join("target/clients-venv");
    let interpreter = environment.join("bin/python");
    let installed = environment.join("installed.txt");
    // The interpreter is a link to the system's, which may have been replaced since.
    if interpreter.is_file() && fs::read_to_string(&installed).is_ok_and(|installed| installed == list) {
        return environment;
    }
    eprintln!("installing the Python clients into {}", environment.display());
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(Command::new(&interpreter).args(pip).arg(&requirements));
    fs::write(&installed, list).expect("the environment can be written to");
    environment
});

fn run(command: &mut Command) {
    let status = command.stdin(Stdio::null()).status();
    assert!(status.as_ref().is_ok_and(|status| status.success()), "{command:?}: {status:?}");
}

pub fn python(person: Person<'static>, mode: &str) -> Program {
    Program::start(interpreted("python.py"), person, &json!(mode))
}

#[test]
fn the_python_sdk_lives_in_legacy_mode() {
    lives(python(connected(), "legacy"), LEGACY);
}

#[test]
fn the_python_sdk_learns_the_link_in_legacy_mode() {
    learns_the_link(python(Person::developer(), "legacy"));
}

#[test]
fn the_python_sdk_lives_in_auto_mode() {
    lives(python(connected(), "auto"), MODERN);
}

#[test]
fn the_python_sdk_lives_when_pinned() {
    lives(python(connected(), MODERN), MODERN);
}

#[test]
fn the_python_sdk_waits_for_its_person() {
    waits_for_its_person(python(Person::developer(), "auto"), MODERN);
}

#[test]
fn the_python_sdk_presents_its_document() {
    presents_its_document(python(Person::developer(), "auto"), MODERN);
}
