//! The MCP Inspector's command line, `@modelcontextprotocol/inspector --cli`. It does everything by itself, OAuth
//! included; a connection lasts for one command.

use postern_tests::person::Person;
use serde_json::json;

use crate::{
    program::{LEGACY, MODERN, Program, node},
    stories::{lives, presents_its_document},
    worker::connected,
};

pub fn inspector(person: Person<'static>, era: &str) -> Program {
    Program::start(node("inspector.mjs"), person, &json!(era))
}

#[test]
fn the_inspector_lives_in_legacy_mode() {
    lives(inspector(connected(), "legacy"), LEGACY);
}

#[test]
fn the_inspector_lives_in_modern_mode() {
    lives(inspector(connected(), "modern"), MODERN);
}

#[test]
fn the_inspector_presents_its_document() {
    presents_its_document(inspector(Person::developer(), "modern"), MODERN);
}
