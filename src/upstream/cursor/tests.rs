use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    catalog::{arguments, find},
    settings,
};

fn call(repository: &str) -> (&'static Operation, Arguments) {
    let operation = find("bitbucket_list_pull_requests").unwrap();
    let given = json!({"workspace": "acme", "repository": repository});
    (operation, arguments::validate(operation, given.as_object().unwrap()).unwrap())
}

fn page(skip: usize) -> Position {
    Position::Page { query: "page=2".to_owned(), skip }
}

fn alice() -> Subject {
    Subject::from("alice".to_owned())
}

fn keys() -> KeyPair {
    settings::for_tests().signing_keys
}

#[test]
fn a_cursor_continues_its_own_call() {
    let (operation, arguments) = call("backend");
    for position in [page(0), page(25), Position::Offset { offset: 60_000, check: "abc".into() }] {
        let cursor = seal(&keys(), &alice(), operation, &arguments, &position);
        assert_eq!(open(&keys(), &alice(), operation, &arguments, &cursor), Ok(position));
    }
}

#[test]
fn a_cursor_is_of_no_use_with_other_arguments() {
    let (operation, arguments) = call("backend");
    let cursor = seal(&keys(), &alice(), operation, &arguments, &page(0));
    assert_eq!(open(&keys(), &alice(), operation, &call("website").1, &cursor), Err(ArgumentProblem::Cursor));
}

#[test]
fn a_cursor_is_of_no_use_to_another_operation() {
    let (operation, arguments) = call("backend");
    let cursor = seal(&keys(), &alice(), operation, &arguments, &page(0));
    let other = find("bitbucket_get_repository").unwrap();
    assert_eq!(open(&keys(), &alice(), other, &arguments, &cursor), Err(ArgumentProblem::Cursor));
}

#[test]
fn a_cursor_is_of_no_use_to_another_subject() {
    let (operation, arguments) = call("backend");
    let cursor = seal(&keys(), &alice(), operation, &arguments, &page(0));
    for other in ["bob", "service:alice"] {
        let other = Subject::from(other.to_owned());
        assert_eq!(open(&keys(), &other, operation, &arguments, &cursor), Err(ArgumentProblem::Cursor));
    }
}

#[test]
fn a_cursor_outlives_one_rotation_of_the_key() {
    let (operation, arguments) = call("backend");
    let position = page(0);
    let cursor = seal(&keys(), &alice(), operation, &arguments, &position);
    let rotated = KeyPair { current: Key::for_tests(9), previous: Some(keys().current) };
    assert_eq!(open(&rotated, &alice(), operation, &arguments, &cursor), Ok(position));
}

#[test]
fn of_a_next_link_only_the_page_is_kept() {
    let next = "https://api.bitbucket.org/2.0/repositories/acme/backend/pullrequests?fields=x&access_token=t&page=2";
    let page = next_page(next, "https://api.bitbucket.org/2.0", &["page", "ctx"]);
    assert_eq!(page.as_deref(), Some("page=2"));
}

#[test]
fn a_next_link_to_another_origin_is_not_followed() {
    for next in ["https://evil.example/2.0/x?page=2", "http://api.bitbucket.org/2.0/x?page=2", "//evil.example?page=2"]
    {
        assert_eq!(next_page(next, "https://api.bitbucket.org/2.0", &["page", "ctx"]), None, "{next}");
    }
}

#[test]
fn a_relative_next_link_is_the_providers() {
    let next = "/rest/api/search?next=true&cursor=_f_MjU%3D&limit=25&cql=x";
    let page = next_page(next, "https://acme.atlassian.net/wiki", &["cursor"]);
    assert_eq!(page.as_deref(), Some("cursor=_f_MjU%3D"));
}

/// How a list whose `limit` is 25 goes on.
fn goes_on(paging: Paging, next: Option<&str>, rows: usize, page: Option<&str>) -> Onward {
    onward(&paging, next, "https://api.bitbucket.org/2.0", &call("backend").1, rows, page)
}

const ROWS: Paging = Paging::Start { parameter: "start", limit: "limit" };
const PAGES: Paging = Paging::Page { parameter: "page", limit: "limit" };
const CURSOR: Paging = Paging::Cursor { next: "next", parameter: "c" };
const LINK: Paging = Paging::Link { next: "next", keep: &["p"] };

#[test]
fn after_a_full_page_a_list_goes_on_by_the_number_of_rows() {
    assert_eq!(goes_on(ROWS, None, 25, None), Onward::Page("start=25".to_owned()));
    assert_eq!(goes_on(ROWS, None, 25, Some("fields=7&start=50")), Onward::Page("start=75".to_owned()));
}

#[test]
fn after_a_full_page_a_list_goes_on_by_the_number_of_the_page() {
    assert_eq!(goes_on(PAGES, None, 25, None), Onward::Page("page=2".to_owned()));
    assert_eq!(goes_on(PAGES, None, 25, Some("fields=7&page=4")), Onward::Page("page=5".to_owned()));
}

#[test]
fn a_counted_page_that_is_not_full_is_the_last() {
    for rows in [0, 24] {
        assert_eq!(goes_on(ROWS, None, rows, None), Onward::End, "{rows}");
        assert_eq!(goes_on(PAGES, None, rows, Some("page=4")), Onward::End, "{rows}");
    }
}

#[test]
fn where_no_argument_says_how_long_a_page_is_only_an_empty_one_is_the_last() {
    let paging = Paging::Start { parameter: "start", limit: "length" };
    assert_eq!(goes_on(paging, None, 1, None), Onward::Page("start=1".to_owned()));
    assert_eq!(goes_on(paging, None, 0, None), Onward::End);
}

#[test]
fn a_list_that_comes_whole_or_names_no_next_page_ends() {
    assert_eq!(goes_on(Paging::Whole, Some("x"), 25, None), Onward::End);
    assert_eq!(goes_on(CURSOR, None, 25, None), Onward::End);
    assert_eq!(goes_on(LINK, None, 25, None), Onward::End);
}

#[test]
fn a_next_page_is_followed_up_to_the_longest_query() {
    for paging in [CURSOR, LINK] {
        let next = |length: usize| match paging {
            Paging::Link { .. } => format!("?p={}", "x".repeat(length - 2)),
            _ => "x".repeat(length - 2),
        };
        assert!(matches!(goes_on(paging, Some(&next(LONGEST_QUERY)), 25, None), Onward::Page(_)), "{paging:?}");
        assert_eq!(goes_on(paging, Some(&next(LONGEST_QUERY + 1)), 25, None), Onward::Unusable, "{paging:?}");
    }
}

#[test]
fn a_next_link_that_says_nothing_of_the_page_is_of_no_use() {
    assert_eq!(goes_on(LINK, Some("?q=1"), 25, None), Onward::Unusable);
}

#[test]
fn room_is_kept_for_a_cursor_by_the_length_of_its_query() {
    let room = |length: usize| tokens_at_most(&"x".repeat(length));
    assert_eq!((room(0), room(100), room(LONGEST_QUERY)), (63, 199, 3_399));
}

proptest! {
    #[test]
    fn nothing_but_a_cursor_of_ours_opens(text in "[A-Za-z0-9._-]{0,60}") {
        let (operation, arguments) = call("backend");
        prop_assert_eq!(open(&keys(), &alice(), operation, &arguments, &text), Err(ArgumentProblem::Cursor));
    }
}
