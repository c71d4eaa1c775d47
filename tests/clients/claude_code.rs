//! Claude Code, which comes as the client that its maker's metadata document describes.

use postern_tests::person::Person;

use crate::{
    agents::agent,
    program::Program,
    stories::{is_added_and_lives, is_given_the_link_in_words, is_known_by_its_pinned_document, registers},
    worker::{connected, without_documents},
};

const DOCUMENT: &str = "https://claude.ai/oauth/claude-code-client-metadata";

/// Nothing where it is not installed.
pub fn claude_code(person: impl FnOnce() -> Person<'static>) -> Option<Program> {
    agent("claude_code.mjs", person)
}

#[test]
fn claude_code_is_added_and_lives() {
    if let Some(program) = claude_code(connected) {
        is_added_and_lives(program);
    }
}

#[test]
fn claude_code_is_known_by_its_pinned_document_while_the_host_of_that_is_out_of_reach() {
    if let Some(program) = claude_code(connected) {
        is_known_by_its_pinned_document(program, DOCUMENT);
    }
}

#[test]
fn claude_code_registers_where_documents_are_not_taken() {
    if let Some(program) = claude_code(|| Person::new("test-claude-code", without_documents())) {
        registers(program);
    }
}

#[test]
fn claude_code_without_a_screen_is_given_the_link_in_words_and_goes_on_after_connecting() {
    if let Some(program) = claude_code(Person::developer) {
        is_given_the_link_in_words(program);
    }
}
