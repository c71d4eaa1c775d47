//! Access profiles and rules: what an administrator grants and blocks on a page is what clients meet.

use std::time::Duration;

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::{Value, json};

use super::{in_force, names, ran, turn, until};

/// The access policy is this test's alone, and is empty again afterwards.
pub struct Kept;

impl Drop for Kept {
    fn drop(&mut self) {
        Person::administrator().keep_access_policy(&json!({}));
    }
}

/// Keeps a document as the access policy, for as long as the test goes on.
pub fn keep(document: &Value) -> Kept {
    Person::administrator().keep_access_policy(document);
    Kept
}

/// Sends the form of that page that leads to that address, as an administrator fills it in; gives what it led to.
fn submit(path: &str, action: &str, fields: &[(&str, &str)]) -> String {
    let (mut browser, page) = Person::administrator().signed_in_at(path);
    let mut form = page.forms().into_iter().find(|form| form.action == action).expect("the form");
    fields.iter().for_each(|(name, value)| form.set(name, value));
    let kept = browser.submit(&page, &form, None).expect("an answer");
    assert!(kept.status.is_success(), "{}", kept.body);
    kept.body
}

const GET: &str = "bitbucket_get_repository";
const MERGE: &str = "bitbucket_merge_pull_request";

fn repository(name: &str) -> Value {
    json!({"workspace": "acme", "repository": name})
}

fn reading_backend() -> Value {
    json!({
        "toolsets": [{"name": "Reading", "tools": {"classes": ["read"]}}],
        "profiles": [{"name": "everybody reads the backend", "subjects": ["everyone"], "toolsets": ["Reading"],
            "resources": [{"site": "bitbucket", "workspace": "acme", "repository": "backend"}]}],
    })
}

#[test]
fn what_no_profile_grants_is_neither_listed_nor_run() {
    let _turn = turn();
    let client = Client::of(&Person::connected());
    let _kept = keep(&reading_backend());
    until("the profile", || !names(&client).contains(&MERGE.to_owned()));
    assert!(ran(&client.call(GET, repository("backend"))));
    let refused = client.call(GET, repository("website"));
    assert!(refused.is_error());
    assert!(refused.text().contains("may be called by you on these alone: acme/backend"), "{}", refused.text());
    let merge = json!({"workspace": "acme", "repository": "backend", "pull_request": 1, "commit": "0a1b2c3d"});
    let refused = client.call(MERGE, merge);
    assert!(refused.text().contains("in no access profile of yours"), "{}", refused.text());
}

#[test]
fn a_list_shows_what_the_profile_reaches_and_nothing_of_the_rest() {
    let _turn = turn();
    let client = Client::of(&Person::connected());
    let all = client.call("bitbucket_list_repositories", json!({"workspace": "acme"})).text();
    assert!(all.lines().any(|line| line.starts_with("website")), "{all}");
    let _kept = keep(&reading_backend());
    until("the profile", || !names(&client).contains(&MERGE.to_owned()));
    let shown = client.call("bitbucket_list_repositories", json!({"workspace": "acme"})).text();
    assert!(shown.lines().any(|line| line.starts_with("backend")), "{shown}");
    assert!(!shown.contains("website"), "{shown}");
}

#[test]
fn a_rule_blocks_within_five_seconds_and_says_which_and_why() {
    let _turn = turn();
    let client = Client::of(&Person::connected());
    assert!(ran(&client.call(GET, repository("backend"))));
    let _kept = keep(
        &json!({"rules": [{"name": "frozen", "tools": {"names": [GET]}, "then": "block", "reason": "audit until May",
        "resources": [{"site": "bitbucket", "workspace": "acme", "repository": "back*"}]}]}),
    );
    let taken = until("the rule", || !ran(&client.call(GET, repository("backend"))));
    assert!(taken < Duration::from_secs(5), "{taken:?}");
    let refused = client.call(GET, repository("backend")).text();
    assert!(refused.contains("rule \u{201c}frozen\u{201d} (audit until May)"), "{refused}");
    assert!(ran(&client.call(GET, repository("website"))));
}

#[test]
fn a_page_is_read_where_no_rule_closes_the_space_that_it_lies_in() {
    let _turn = turn();
    let client = Client::of(&Person::connected());
    let page = |id: &str| client.call("confluence_get_page", json!({ "page": id }));
    let is_shown = |id: &str| !page(id).is_error();
    assert!(is_shown("98306") && is_shown("98401"));
    let closed = json!([{"site": "confluence", "space": "OPS"}]);
    let _kept = keep(&json!({"rules": [{"name": "closed", "resources": closed, "then": "block"}]}));
    until("the rule", || !is_shown("98401"));
    let refused = page("98401").text();
    assert!(refused.contains("that a rule of your organisation closes"), "{refused}");
    assert!(is_shown("98306"));
    let spaces = client.call("confluence_list_spaces", json!({})).text();
    assert!(spaces.contains("ENG") && !spaces.contains("OPS"), "{spaces}");
    let found = |query: &str| client.call("confluence_search", json!({"query": query, "limit": 50})).text();
    let all = found("space in (ENG, OPS) or type = page");
    assert!(all.contains("98306") && !all.contains("98401"), "{all}");
    assert!(!found("space = OPS or id = 98401").contains("98401"));
    assert!(client.call("confluence_search", json!({"query": "type = page) or (space = OPS"})).is_error());
    assert!(client.call("confluence_search", json!({"query": "type = page", "space": "OPS"})).is_error());
}

#[test]
fn what_an_observed_rule_would_do_is_on_record_and_is_not_done() {
    let _turn = turn();
    let person = Person::connected();
    let client = Client::of(&person);
    let _kept =
        keep(&json!({"rules": [{"name": "watched", "tools": {"names": [GET]}, "then": "block", "observe": true}]}));
    in_force();
    assert!(ran(&client.call(GET, repository("backend"))));
    let recorded = || {
        let rows = instance().sql(
            "SELECT reason FROM events WHERE person = ?1 AND tool = ?2 AND outcome = 'succeeded'",
            &[&person.user_id(), GET],
        );
        rows.to_string().contains("observed rule watched: block")
    };
    until("the event", recorded);
}

#[test]
fn an_administrator_grants_and_holds_by_forms_alone() {
    let _turn = turn();
    let _kept = Kept;
    let granted = [("subjects", "everyone"), ("tools", "reading"), ("resources", "bitbucket acme/backend")];
    let page = submit("/admin/policy", "/admin/policy/grant", &granted);
    assert!(page.contains("Reading for everyone"), "{page}");
    let ruled = [("tools", "merging"), ("then", "block"), ("reason", "by people")];
    let page = submit("/admin/policy", "/admin/policy/rule", &ruled);
    assert!(page.contains("Merging pull requests: block"), "{page}");
    let checked = [("tools", "merging"), ("then", "approve"), ("checks", "on"), ("name", "Merge checks hold")];
    let page = submit("/admin/policy", "/admin/policy/rule", &checked);
    assert!(page.contains("where merge checks fail"), "{page}");
    let client = Client::of(&Person::connected());
    until("the profile", || !names(&client).contains(&MERGE.to_owned()));
    let recorded = || instance().sql("SELECT reason FROM events WHERE kind = 'access_policy_changed'", &[]).to_string();
    until("the events", || recorded().contains("Added the rule Merging pull requests: block"));
}

/// Some branches of `acme`'s repositories.
fn branches(pattern: &str) -> Value {
    json!([{"site": "bitbucket", "workspace": "acme", "repository": "*", "branch": pattern}])
}

/// A merge into `main` that Postern sends to nobody, since the pull request is at another commit.
fn merge_of_another_commit(client: &Client) -> String {
    let merge = json!({"workspace": "acme", "repository": "backend", "pull_request": 1, "commit": "0a1b2c3d"});
    let refused = client.call(MERGE, merge);
    assert!(refused.is_error());
    refused.text()
}

#[test]
fn a_rule_on_branches_decides_on_a_pull_request_by_the_branch_that_it_goes_into() {
    let _turn = turn();
    let client = Client::with_scope(&Person::connected(), "read write admin");
    let moved = merge_of_another_commit(&client);
    let rule =
        |pattern: &str| json!({"rules": [{"name": "protected", "resources": branches(pattern), "then": "block"}]});
    let _kept = keep(&rule("main"));
    until("the rule", || merge_of_another_commit(&client).contains("rule \u{201c}protected\u{201d}"));
    let pull_request =
        |tool: &str| client.call(tool, json!({"workspace": "acme", "repository": "backend", "pull_request": 1}));
    assert!(!ran(&pull_request("bitbucket_get_pull_request")));
    let file = |reference: &str| json!({"workspace": "acme", "repository": "backend", "branch": reference});
    assert!(!ran(&client.call("bitbucket_get_branch", file("main"))));
    let _kept = keep(&rule("release/*"));
    until("the other rule", || merge_of_another_commit(&client) == moved);
    assert!(
        ran(&pull_request("bitbucket_get_pull_request")) && ran(&client.call("bitbucket_get_branch", file("main")))
    );
    let missing = client.call(
        MERGE,
        json!({"workspace": "acme", "repository": "backend", "pull_request": 999,
        "commit": "0a1b2c3d"}),
    );
    assert!(missing.is_error() && !missing.text().contains("protected"), "{}", missing.text());
}

#[test]
fn a_profile_on_a_branch_grants_merges_into_it() {
    let _turn = turn();
    let client = Client::with_scope(&Person::connected(), "read write admin");
    let moved = merge_of_another_commit(&client);
    let profile = |pattern: &str| {
        json!({"toolsets": [{"name": "All"}], "profiles": [{"name": "on a branch", "subjects": ["everyone"],
            "toolsets": ["All"], "resources": branches(pattern)}]})
    };
    let _kept = keep(&profile("release/*"));
    until("the profile", || merge_of_another_commit(&client).contains("on these alone: acme/* at release/*"));
    let _kept = keep(&profile("main"));
    until("the other profile", || merge_of_another_commit(&client) == moved);
}

#[test]
fn a_rule_on_a_project_is_about_the_repositories_that_lie_in_it() {
    let _turn = turn();
    let client = Client::of(&Person::connected());
    let rule = |project: &str| {
        let closed = json!([{"site": "bitbucket", "workspace": "acme", "project": project}]);
        json!({"rules": [{"name": "closed", "resources": closed, "then": "block"}]})
    };
    let listed = || client.call("bitbucket_list_repositories", json!({"workspace": "acme"})).text();
    assert!(listed().contains("backend"));
    let _kept = keep(&rule("CORE"));
    until("the rule", || !ran(&client.call(GET, repository("backend"))));
    let refused = client.call(GET, repository("backend")).text();
    assert!(refused.contains("rule \u{201c}closed\u{201d}"), "{refused}");
    assert!(!listed().contains("backend"), "{}", listed());
    let _kept = keep(&rule("OTHER"));
    until("the other rule", || ran(&client.call(GET, repository("backend"))));
    assert!(listed().contains("backend"));
}

#[test]
fn a_merge_that_a_check_advises_against_is_refused_with_the_check() {
    let _turn = turn();
    let client = Client::with_scope(&Person::connected(), "read write admin");
    let moved = merge_of_another_commit(&client);
    let _kept = keep(&json!({"rules": [{"name": "checks", "tools": {"names": [MERGE]}, "failing_checks": true,
        "then": "block", "reason": "merge checks hold"}]}));
    let declined = || {
        let merge = json!({"workspace": "acme", "repository": "backend", "pull_request": 17, "commit": "0a1b2c3d"});
        client.call(MERGE, merge).text()
    };
    until("the rule", || declined().contains("rule \u{201c}checks\u{201d}"));
    let refused = declined();
    assert!(refused.contains("merge checks hold; failing: pullrequest_state_check"), "{refused}");
    assert_eq!(merge_of_another_commit(&client), moved);
}
