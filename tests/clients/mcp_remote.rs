//! `mcp-remote`, behind which clients live that speak only to servers on the same machine. Those speak the era of
//! `initialize` with it; what it speaks with Postern, it decides by its `--protocol`.

use postern_tests::person::Person;
use serde_json::json;

use crate::{
    program::{LEGACY, MODERN, Program, node},
    stories::{lives, presents_its_document},
    worker::connected,
};

pub fn mcp_remote(person: Person<'static>, protocol: &str) -> Program {
    Program::start(node("mcp_remote.mjs"), person, &json!(protocol))
}

#[test]
fn mcp_remote_lives_in_legacy_mode() {
    lives(mcp_remote(connected(), "legacy"), LEGACY);
}

#[test]
fn mcp_remote_lives_in_auto_mode() {
    lives(mcp_remote(connected(), "auto"), MODERN);
}

#[test]
fn mcp_remote_presents_its_document() {
    presents_its_document(mcp_remote(Person::developer(), "auto"), MODERN);
}
