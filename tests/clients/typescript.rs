//! The TypeScript SDKs: `@modelcontextprotocol/sdk` (v1) and `@modelcontextprotocol/client` (v2).

use std::process::Command;

use postern_tests::person::Person;
use serde_json::{Value, json};

use crate::program::{LEGACY, MODERN, Program, learns_the_link, root, sdks, waits_for_its_person, works};

fn script(name: &str, person: Person<'static>, mode: &Value) -> Program {
    let mut node = Command::new(root().join("node_modules/.bin/node"));
    node.arg(sdks().join(name));
    Program::start(node, person, mode)
}

fn v1(person: Person<'static>) -> Program {
    script("typescript_v1.mjs", person, &Value::Null)
}

fn v2(person: Person<'static>, mode: &Value) -> Program {
    script("typescript_v2.mjs", person, mode)
}

#[test]
fn v1_works() {
    works(v1(Person::connected()), LEGACY);
}

#[test]
fn v1_learns_the_link() {
    learns_the_link(v1(Person::developer()));
}

#[test]
fn v2_works_in_legacy_mode() {
    works(v2(Person::connected(), &json!("legacy")), LEGACY);
}

#[test]
fn v2_learns_the_link_in_legacy_mode() {
    learns_the_link(v2(Person::developer(), &json!("legacy")));
}

#[test]
fn v2_works_in_auto_mode() {
    works(v2(Person::connected(), &json!("auto")), MODERN);
}

#[test]
fn v2_works_when_pinned() {
    works(v2(Person::connected(), &json!({ "pin": MODERN })), MODERN);
}

#[test]
fn v2_waits_for_its_person() {
    waits_for_its_person(v2(Person::developer(), &json!("auto")), MODERN);
}
