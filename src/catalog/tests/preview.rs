//! What shows an approver what a call is about.

use crate::catalog::{
    SHOWN_BY,
    arguments::{Arguments, examples, validate},
    find, preview,
};

fn preview_of(name: &str) -> Option<(&'static str, Arguments)> {
    let operation = find(name).expect("an operation");
    let arguments = validate(operation, &examples(operation, true)).expect("valid");
    preview::of(operation, &arguments).map(|(read, arguments)| (read.name, arguments))
}

#[test]
fn the_preview_of_a_merge_is_its_pull_request() {
    let (name, arguments) = preview_of("bitbucket_merge_pull_request").expect("a preview");
    assert_eq!(name, "bitbucket_get_pull_request");
    assert!(arguments.get("pull_request").is_some());
}

#[test]
fn the_preview_of_an_edit_is_its_own_check() {
    let (name, arguments) = preview_of("confluence_edit_page").expect("a preview");
    assert_eq!(name, "confluence_edit_page");
    assert_eq!(arguments.text("check").as_deref(), Some("true"));
}

#[test]
fn what_shows_a_thing_reads_and_takes_its_name() {
    for (argument, operation) in SHOWN_BY.iter().copied().flatten() {
        assert!(!operation.writes() && operation.parameter(argument).is_some(), "{}", operation.name);
    }
}
