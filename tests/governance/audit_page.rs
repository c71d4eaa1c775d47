//! The page on which administrators search the audit.

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::{Value, json};
use testkit::browser::Page;

use super::{audit, decide, turn};

const TOOL: &str = "bitbucket_list_workspaces";

/// The page of what matches.
fn search(query: &str) -> Page {
    let (_, page) = Person::administrator().signed_in_at(&format!("/admin/audit{query}"));
    assert_eq!(page.status, 200);
    page
}

/// The request ids of the entries on a page.
fn requests(page: &Page) -> Vec<&str> {
    page.body.split("request <code>").skip(1).filter_map(|rest| rest.split('<').next()).collect()
}

fn count(query: &str) -> usize {
    requests(&search(query)).len()
}

/// Two successes of two tools and a denial.
fn busy_person() -> Person<'static> {
    let person = Person::connected();
    let client = Client::of(&person);
    client.call("whoami", json!({}));
    client.call(TOOL, json!({}));
    decide(TOOL, "disabled");
    let client = Client::of(&person);
    instance().evict(&person.user_id());
    client.call(TOOL, json!({}));
    audit(&person, 3);
    person
}

#[test]
fn it_filters_by_kind_user_tool_and_outcome() {
    let _turn = turn();
    let (person, other) = (busy_person(), Person::developer());
    Client::of(&other).call("whoami", json!({}));
    audit(&other, 1);
    let user = format!("?kind=call&person={}", person.username);
    assert_eq!(count(&user), 3);
    assert_eq!(count(&format!("{user}&tool={TOOL}")), 2);
    assert_eq!(count(&format!("{user}&outcome=denied")), 1);
    assert_eq!(count(&format!("{user}&tool={TOOL}&outcome=succeeded")), 1);
    assert_eq!(count(&format!("{user}&tool=whoami&outcome=denied")), 0);
    assert_eq!(count(&format!("?kind=call&person={}", other.username)), 1);
    assert_eq!(count("?person=nobody"), 0);
}

#[test]
fn it_filters_by_its_own_form() {
    let _turn = turn();
    let person = busy_person();
    let (mut browser, page) = Person::administrator().signed_in_at("/admin/audit");
    let mut form = page.forms().into_iter().find(|form| form.action == "/admin/audit").expect("a form");
    assert!(form.choices["tool"].contains(&TOOL.to_owned()) && form.choices["outcome"].contains(&"unknown".to_owned()));
    form.set("person", &person.username);
    form.set("outcome", "denied");
    let page = browser.submit(&page, &form, None).expect("a page");
    assert_eq!(requests(&page).len(), 1);
    assert!(
        page.body.contains(&format!("value=\"{}\"", person.username)) && page.body.contains("the tool is disabled")
    );
}

#[test]
fn it_shows_the_newest_first() {
    let _turn = turn();
    let person = Person::developer();
    let client = Client::of(&person);
    let mut ids = [(); 3].map(|()| client.call("whoami", json!({})).header("x-request-id").to_owned());
    ids.reverse();
    audit(&person, 3);
    assert_eq!(requests(&search(&format!("?kind=call&person={}", person.username))), ids);
}

#[test]
fn its_pages_lose_no_entry_though_many_are_of_the_same_moment() {
    let _turn = turn();
    let person = Person::developer();
    person.signed_in_at("/connections");
    let insert = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
        INSERT INTO events (person, part, at, request_id, client_id, tool, kind, phase, outcome, count)
        SELECT ?1, i, 1767225600000, 'request-' || i, 'client', 'whoami', 'call', 'outcome', 'succeeded', 1 FROM n";
    instance().sql(insert, &[&person.user_id()]);
    let mut rows = Vec::new();
    let mut next = Some(format!("?tool=whoami&person={}", person.username));
    while let Some(query) = next {
        let page = search(&query);
        rows.extend(requests(&page).iter().map(|id| (*id).to_owned()));
        assert!(rows.len() <= 250);
        let older = page.body.split("href=\"/admin/audit").find(|rest| rest.contains("\">Older entries"));
        next = older.and_then(|rest| rest.split('"').next()).map(|query| query.replace("&amp;", "&"));
    }
    let expected: Vec<String> = (1..=250).rev().map(|number| format!("request-{number}")).collect();
    assert!(rows == expected, "{} entries, the last {:?}", rows.len(), rows.last());
}

#[test]
fn what_matches_is_exported_as_lines() {
    let _turn = turn();
    let person = busy_person();
    let exported = |format: &str| search(&format!("/export?format={format}&kind=call&person={}", person.username)).body;
    let lines: Vec<Value> =
        exported("ndjson").lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let outcomes: Vec<&Value> = lines.iter().map(|line| &line["outcome"]).collect();
    assert_eq!(outcomes, ["denied", "succeeded", "succeeded"]);
    assert_eq!(exported("csv").lines().count(), 4);
}

#[test]
fn what_is_searched_for_cannot_become_part_of_the_page() {
    let _turn = turn();
    let page = search("?person=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&tool=%3Cb%3E&outcome=%3Cb%3E&after=x");
    assert!(!page.body.contains("<script") && !page.body.contains("<b>"), "{}", page.body);
}
