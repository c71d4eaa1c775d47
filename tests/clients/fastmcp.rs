//! `fastmcp`, a library for clients in Python and its command line. Both open the browser and listen for the callback.

use postern_tests::person::Person;
use serde_json::{Value, json};

use crate::{
    program::{MODERN, Program, node},
    python::{environment, interpreted},
    stories::{lists_and_calls, lives, presents_its_document, waits_for_its_person},
    worker::connected,
};

pub fn fastmcp(person: Person<'static>) -> Program {
    let mut library = interpreted("fast_mcp.py");
    library.env("FASTMCP_LOG_ENABLED", "false").env("PYTHONWARNINGS", "ignore");
    Program::start(library, person, &Value::Null)
}

fn command_line(person: Person<'static>) -> Program {
    Program::start(node("fastmcp.mjs"), person, &json!(environment().join("bin/fastmcp")))
}

#[test]
fn fastmcp_lives() {
    lives(fastmcp(connected()), MODERN);
}

#[test]
fn fastmcp_waits_for_its_person() {
    waits_for_its_person(fastmcp(Person::developer()), MODERN);
}

#[test]
fn fastmcp_presents_its_document() {
    presents_its_document(fastmcp(Person::developer()), MODERN);
}

#[test]
fn the_command_line_of_fastmcp_lists_and_calls_after_one_sign_in() {
    lists_and_calls(command_line(connected()));
}
