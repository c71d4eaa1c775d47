//! `mcporter`, a command line for people and their agents. It speaks the era of `initialize`.

use postern_tests::person::Person;
use serde_json::Value;

use crate::{
    program::{Program, node},
    stories::is_added_and_lives,
    worker::connected,
};

pub fn mcporter(person: Person<'static>) -> Program {
    Program::start(node("mcporter.mjs"), person, &Value::Null)
}

#[test]
fn mcporter_is_added_and_lives() {
    is_added_and_lives(mcporter(connected()));
}
