//! The search finds what people and models mean: `phrases.tsv` has their phrases, each with the operations that are right.

use std::{collections::BTreeSet, io::Write as _};

use super::*;
use crate::catalog::find;

/// The place of the search that must hold the right operation.
const SHOWN: usize = 5;

struct Phrase {
    text: &'static str,
    /// Any of them is right.
    right: Vec<&'static str>,
}

fn phrases() -> Vec<Phrase> {
    let lines = include_str!("phrases.tsv").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let phrase = |line: &'static str| {
        let (right, text) = line.split_once('\t').unwrap_or_else(|| panic!("no tab in {line}"));
        Phrase { text, right: right.split('|').collect() }
    };
    lines.map(phrase).collect()
}

#[test]
fn there_are_enough_phrases_in_several_languages() {
    let phrases = phrases();
    assert!(phrases.len() >= 120, "{}", phrases.len());
    assert!(phrases.iter().filter(|phrase| !phrase.text.is_ascii()).count() >= 15);
    assert_eq!(phrases.iter().map(|phrase| phrase.text).collect::<BTreeSet<_>>().len(), phrases.len());
}

#[test]
fn every_phrase_is_of_operations_that_exist() {
    let unknown: BTreeSet<_> =
        phrases().into_iter().flat_map(|phrase| phrase.right).filter(|name| find(name).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn the_right_operation_is_among_the_first_five_for_nineteen_phrases_of_twenty() {
    let phrases = phrases();
    let mut missed = Vec::new();
    for Phrase { text, right } in &phrases {
        let shown: Vec<_> = search(text).operations.iter().take(SHOWN).map(|operation| operation.name).collect();
        if !right.iter().any(|name| shown.contains(name)) {
            missed.push(format!("{text}: {right:?}, not {shown:?}"));
        }
    }
    let count = phrases.len();
    // Not eprintln!, which the test harness keeps to itself when a test passes.
    writeln!(std::io::stderr(), "phrases: {} of {count} found", count - missed.len()).unwrap();
    assert!(missed.len() * 20 <= count, "{} of {count} missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn an_operation_is_found_by_its_own_name_and_by_its_title() {
    for operation in all() {
        for query in [operation.name.to_owned(), operation.name.replace('_', " ")] {
            let first: Vec<_> = search(&query).operations.into_iter().take(SHOWN).map(|found| found.name).collect();
            assert!(first.contains(&operation.name), "{query}: {first:?}");
        }
    }
}

#[test]
fn an_address_is_what_it_leads_to_and_says_the_arguments() {
    let found = search("https://bitbucket.org/acme/backend/pull-requests/7");
    assert_eq!(found.operations[0].name, "bitbucket_get_pull_request");
    assert_eq!(found.known["workspace"], "acme");
    assert_eq!(found.known["pull_request"], "7");
    let found = search("comments on https://bitbucket.org/acme/backend/pull-requests/7/overview");
    assert!(found.operations.iter().take(SHOWN).any(|operation| operation.name.contains("comment")));
    let found = search("https://acme.atlassian.net/wiki/spaces/ENG/pages/98305/Decisions");
    assert_eq!((found.operations[0].name, &found.known["page"]), ("confluence_get_page", &"98305".into()));
}

#[test]
fn an_address_beside_words_says_what_they_are_about_and_not_what_is_done() {
    let first = |query: &str| search(query).operations[0].name;
    let repository = "https://bitbucket.org/acme/backend";
    assert_eq!(first(&format!("list branches of {repository}")), "bitbucket_list_branches");
    assert_eq!(first(&format!("{repository} create a branch")), "bitbucket_create_branch");
    assert_eq!(first(&format!("merge {repository}/pull-requests/7")), "bitbucket_merge_pull_request");
    let page = "https://acme.atlassian.net/wiki/spaces/ENG/pages/98305/Decisions";
    assert_eq!(first(&format!("list the versions of {page}")), "confluence_list_page_versions");
}

#[test]
fn what_means_nothing_finds_nothing() {
    for query in ["", "   ", "?!", "qwertzuiop", "the of and"] {
        assert!(search(query).operations.is_empty(), "{query}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_is_asked_the_search_answers(query in ".{0,400}") {
        search(&query);
    }
}
