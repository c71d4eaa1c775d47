//! What was granted decides what is sent: a call that the granted scopes cannot suffice for goes nowhere.

use super::*;

const NARROW: &str = "account-sandbox";

/// A person whose account was connected through a consumer that may read who they are, and nothing else.
fn narrowly_connected() -> Person<'static> {
    instance().set_variables(&json!({ "BITBUCKET_CLIENT_ID": NARROW, "BITBUCKET_CLIENT_SECRET": "account-secret" }));
    Person::connected()
}

/// The paths that Bitbucket was asked in that person's name, beside who they are.
fn asked(person: &Person<'_>) -> Vec<String> {
    let all = instance().upstream_requests(&person.username);
    let paths = all.iter().filter_map(|request| request["path"].as_str());
    paths.filter(|path| path.starts_with("/2.0/") && *path != "/2.0/user").map(str::to_owned).collect()
}

#[test]
fn a_call_whose_scope_was_not_granted_is_refused_before_it_is_sent() {
    let _turn = complete_turn();
    let person = narrowly_connected();
    let answer = Client::of(&person).call("bitbucket_list_repositories", json!({ "workspace": "acme" }));
    assert!(answer.is_error(), "{answer:?}");
    let text = answer.text();
    assert!(text.starts_with("Not run: your Bitbucket connection lacks the scope repository."), "{text}");
    assert!(text.contains("Postern's OAuth consumer") && text.contains("/connections"), "{text}");
    assert_eq!(asked(&person), Vec::<String>::new());
}

#[test]
fn what_was_not_sent_is_on_record_as_refused() {
    let _turn = complete_turn();
    let person = narrowly_connected();
    let client = Client::of(&person);
    let comment = json!({ "workspace": "acme", "repository": "backend", "pull_request": 2, "text": "hello" });
    assert!(client.call("bitbucket_add_pull_request_comment", comment).is_error());
    let user = person.user_id();
    let outcomes = "SELECT outcome, reason FROM events WHERE person = ?1 AND phase = 'outcome'
        AND tool = 'bitbucket_add_pull_request_comment'";
    let expected = json!([{ "outcome": "denied", "reason": "the credential lacks a scope" }]);
    let recorded = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        instance().sql(outcomes, &[&user]) == expected
    });
    assert!(recorded, "{}", instance().sql(outcomes, &[&user]));
    assert_eq!(asked(&person), Vec::<String>::new());
}

#[test]
fn a_scope_that_another_implies_is_enough() {
    let _turn = complete_turn();
    let person = Person::connected();
    // The consumer's pull requests and account alone: to read those implies to read repositories.
    instance().sql("UPDATE connections SET scopes = 'pullrequest account' WHERE user_id = ?1", &[&person.user_id()]);
    let answer = Client::of(&person).call("bitbucket_list_repositories", json!({ "workspace": "acme" }));
    assert!(!answer.is_error(), "{answer:?}");
}

#[test]
fn granted_scopes_that_nobody_told_stop_nothing() {
    let _turn = complete_turn();
    let person = Person::connected();
    instance().sql("UPDATE connections SET scopes = '' WHERE user_id = ?1", &[&person.user_id()]);
    let answer = Client::of(&person).call("bitbucket_list_repositories", json!({ "workspace": "acme" }));
    assert!(!answer.is_error(), "{answer:?}");
}

#[test]
fn the_page_of_connections_names_the_scopes_that_were_not_granted() {
    let _turn = complete_turn();
    let person = narrowly_connected();
    let (_, page) = person.signed_in_at("/connections");
    let note = page.body.split("Not granted").nth(1).unwrap_or_else(|| panic!("{}", page.body));
    assert!(note.contains("<code>pullrequest</code>") && note.contains("<code>repository</code>"), "{note}");
}
