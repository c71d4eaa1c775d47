use serde_json::json;

use super::*;
use crate::{settings, tools};

fn told(query: &str, offer: &Offer) -> String {
    let request = Request { query: query.to_owned(), limit: MOST_FOUND };
    answer(&request, offer, &View::default(), &settings::for_tests().sites)
}

fn everything() -> Offer {
    Offer { runnable: tools::all().to_vec(), pending: Vec::new() }
}

fn read(given: Value) -> Result<Request, String> {
    Request::read(given.as_object().unwrap())
}

#[test]
fn an_operation_is_one_line_with_its_class_and_what_it_takes() {
    let told = told("list branches", &everything());
    let line = told.lines().find(|line| line.starts_with("bitbucket_list_branches")).unwrap();
    assert!(line.starts_with("bitbucket_list_branches (read): List the branches of a"), "{told}");
}

#[test]
fn the_first_one_comes_with_a_call_that_can_be_sent() {
    let told = told("reply to https://bitbucket.org/acme/backend/pull-requests/7", &everything());
    let next = told.lines().find_map(|line| line.strip_prefix("Next: ")).unwrap();
    assert!(next.contains(r#""pull_request":7"#) && next.contains(r#""workspace":"acme""#), "{told}");
}

#[test]
fn what_waits_for_an_administrator_is_counted_and_not_shown() {
    let all = tools::all();
    let (pending, runnable) = all.iter().cloned().partition(|tool| tool.name == "bitbucket_list_branches");
    let told = told("list branches", &Offer { runnable, pending });
    assert!(
        !told.contains("bitbucket_list_branches") && told.ends_with("1 more waits for an administrator."),
        "{told}"
    );
}

#[test]
fn whoever_may_run_nothing_is_told_so() {
    let told = told("list branches", &Offer { runnable: Vec::new(), pending: Vec::new() });
    assert!(told.starts_with("Not found: ") && told.contains("Next: "), "{told}");
}

#[test]
fn a_view_of_what_reads_finds_only_that() {
    let request = Request { query: "comment on a pull request".to_owned(), limit: MOST_FOUND };
    let view = View::parse("access=read").unwrap();
    let told = answer(&request, &everything(), &view, &settings::for_tests().sites);
    assert!(!told.contains("(write)") && !told.contains("(delete)"), "{told}");
}

#[test]
fn no_answer_is_longer_than_it_may_be() {
    let phrases = include_str!("../../../../catalog/search/phrases.tsv").lines();
    for query in phrases.filter_map(|line| line.split_once('\t')).map(|(_, query)| query) {
        let told = told(query, &everything());
        assert!(tokens::estimate(&told) <= MOST_TOKENS, "{query}: {} tokens\n{told}", tokens::estimate(&told));
    }
}

#[test]
fn arguments_are_those_of_the_schema() {
    assert_eq!(read(json!({ "query": " x ", "limit": 2 })), Ok(Request { query: "x".into(), limit: 2 }));
    assert!(read(json!({ "words": "x" })).unwrap_err().contains("`query`"));
    for wrong in
        [json!({}), json!({ "query": "" }), json!({ "query": "x", "limit": 6 }), json!({ "query": "x", "limit": 0 })]
    {
        assert!(read(wrong.clone()).unwrap_err().contains("Next: postern_find"), "{wrong}");
    }
}
