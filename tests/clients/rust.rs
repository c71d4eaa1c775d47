//! The Rust SDK, `rmcp`.

use std::process::Command;

use postern_tests::person::Person;
use serde_json::json;

use crate::{
    program::{LEGACY, MODERN, Program},
    stories::{learns_the_link, lives, presents_its_document, waits_for_its_person},
    worker::connected,
};

pub fn rmcp(person: Person<'static>, mode: &str) -> Program {
    Program::start(Command::new(env!("CARGO_BIN_EXE_rust-sdk-client")), person, &json!(mode))
}

#[test]
fn rmcp_lives_in_legacy_mode() {
    lives(rmcp(connected(), "legacy"), LEGACY);
}

#[test]
fn rmcp_learns_the_link_in_legacy_mode() {
    learns_the_link(rmcp(Person::developer(), "legacy"));
}

#[test]
fn rmcp_lives_in_auto_mode() {
    lives(rmcp(connected(), "auto"), MODERN);
}

#[test]
fn rmcp_lives_in_discover_mode() {
    lives(rmcp(connected(), "discover"), MODERN);
}

#[test]
fn rmcp_waits_for_its_person() {
    waits_for_its_person(rmcp(Person::developer(), "auto"), MODERN);
}

#[test]
fn rmcp_presents_its_document() {
    presents_its_document(rmcp(Person::developer(), "auto"), MODERN);
}
