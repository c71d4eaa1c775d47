//! The TypeScript SDKs: `@modelcontextprotocol/sdk` (v1) and `@modelcontextprotocol/client` (v2).

use postern_tests::person::Person;
use serde_json::{Value, json};

use crate::{
    program::{LEGACY, MODERN, Program, node},
    stories::{
        hears_how_far_a_merge_is, hears_of_changes, learns_the_link, lives, presents_its_document, steps_up,
        waits_for_its_person,
    },
    worker::connected,
};

pub fn v1(person: Person<'static>) -> Program {
    Program::start(node("typescript_v1.mjs"), person, &Value::Null)
}

pub fn v2(person: Person<'static>, mode: &Value) -> Program {
    Program::start(node("typescript_v2.mjs"), person, mode)
}

#[test]
fn v1_lives() {
    lives(v1(connected()), LEGACY);
}

#[test]
fn v1_learns_the_link() {
    learns_the_link(v1(Person::developer()));
}

#[test]
fn v2_lives_in_legacy_mode() {
    lives(v2(connected(), &json!("legacy")), LEGACY);
}

#[test]
fn v2_learns_the_link_in_legacy_mode() {
    learns_the_link(v2(Person::developer(), &json!("legacy")));
}

#[test]
fn v2_lives_in_auto_mode() {
    lives(v2(connected(), &json!("auto")), MODERN);
}

#[test]
fn v2_lives_when_pinned() {
    lives(v2(connected(), &json!({ "pin": MODERN })), MODERN);
}

#[test]
fn v1_steps_up() {
    steps_up(v1(connected()), LEGACY);
}

#[test]
fn v2_steps_up_in_legacy_mode() {
    steps_up(v2(connected(), &json!("legacy")), LEGACY);
}

#[test]
fn v2_steps_up_in_auto_mode() {
    steps_up(v2(connected(), &json!("auto")), MODERN);
}

#[test]
fn v1_hears_how_far_a_merge_is() {
    hears_how_far_a_merge_is(v1(connected()), LEGACY, 2);
}

#[test]
fn v2_hears_how_far_a_merge_is_in_auto_mode() {
    hears_how_far_a_merge_is(v2(connected(), &json!("auto")), MODERN, 3);
}

#[test]
fn v2_waits_for_its_person() {
    waits_for_its_person(v2(Person::developer(), &json!("auto")), MODERN);
}

#[test]
fn v1_presents_its_document() {
    presents_its_document(v1(Person::developer()), LEGACY);
}

#[test]
fn v2_presents_its_document() {
    presents_its_document(v2(Person::developer(), &json!("auto")), MODERN);
}

#[test]
fn v1_hears_of_changes() {
    hears_of_changes(v1(Person::developer()), LEGACY, "bitbucket_get_file");
}

#[test]
fn v2_hears_of_changes() {
    hears_of_changes(v2(Person::developer(), &json!("auto")), MODERN, "confluence_get_page");
}
