//! The Python SDK, `mcp`, in a virtual environment that the first test makes and later runs keep.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::LazyLock,
};

use postern_tests::person::Person;
use serde_json::json;

use crate::program::{LEGACY, MODERN, Program, learns_the_link, root, sdks, waits_for_its_person, works};

static INTERPRETER: LazyLock<PathBuf> = LazyLock::new(|| {
    let requirements = sdks().join("requirements.txt");
    let wanted = fs::read_to_string(&requirements).expect("requirements.txt");
    let environment = root().join("target/clients-venv");
    let interpreter = environment.join("bin/python");
    let installed = environment.join("installed.txt");
    // The interpreter is a link to the system's, which may have been replaced since.
    if interpreter.is_file() && fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return interpreter;
    }
    eprintln!("installing the Python SDK into {}", environment.display());
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(Command::new(&interpreter).args(pip).arg(&requirements));
    fs::write(&installed, wanted).expect("the environment can be written to");
    interpreter
});

fn run(command: &mut Command) {
    let status = command.stdin(Stdio::null()).status();
    assert!(status.as_ref().is_ok_and(|status| status.success()), "{command:?}: {status:?}");
}

fn sdk(person: Person<'static>, mode: &str) -> Program {
    let mut python = Command::new(&*INTERPRETER);
    python.arg(sdks().join("python.py"));
    Program::start(python, person, &json!(mode))
}

#[test]
fn the_python_sdk_works_in_legacy_mode() {
    works(sdk(Person::connected(), "legacy"), LEGACY);
}

#[test]
fn the_python_sdk_learns_the_link_in_legacy_mode() {
    learns_the_link(sdk(Person::developer(), "legacy"));
}

#[test]
fn the_python_sdk_works_in_auto_mode() {
    works(sdk(Person::connected(), "auto"), MODERN);
}

#[test]
fn the_python_sdk_works_when_pinned() {
    works(sdk(Person::connected(), MODERN), MODERN);
}

#[test]
fn the_python_sdk_waits_for_its_person() {
    waits_for_its_person(sdk(Person::developer(), "auto"), MODERN);
}
