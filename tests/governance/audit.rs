//! What a call leaves on record.

use std::thread;

use postern_tests::{
    client::{Answer, Client},
    instance::instance,
    person::Person,
};
use serde_json::{Value, json};

use super::{audit, decide, turn, until};

const COMMENT: &str = "bitbucket_add_pull_request_comment";

pub fn comment(client: &Client, text: &str) -> Answer {
    let arguments = json!({ "workspace": "acme", "repository": "backend", "pull_request": 1, "text": text });
    client.call(COMMENT, arguments)
}

fn list(client: &Client) -> Answer {
    client.call("bitbucket_list_repositories", json!({ "workspace": "acme" }))
}

/// How rows read: phase and outcome.
fn story(rows: &[Value]) -> Vec<(&str, &str)> {
    rows.iter().map(|row| (row["phase"].as_str().expect("text"), row["outcome"].as_str().expect("text"))).collect()
}

#[test]
fn a_read_leaves_its_outcome() {
    let _turn = turn();
    let person = Person::connected();
    let client = Client::of(&person);
    let answer = list(&client);
    let rows = audit(&person, 1);
    assert_eq!(story(&rows), [("outcome", "succeeded")]);
    let row = &rows[0];
    assert_eq!((&row["tool"], &row["target"]), (&json!("bitbucket_list_repositories"), &json!("acme")));
    assert_eq!((&row["client_id"], &row["upstream_status"]), (&json!(client.id), &json!(200)));
    assert_eq!(row["request_id"], answer.header("x-request-id"));
    assert!(row["duration_milliseconds"].as_i64().is_some_and(|duration| duration >= 0), "{row}");
}

#[test]
fn a_write_leaves_its_intent_and_its_outcome() {
    let _turn = turn();
    let person = Person::connected();
    assert!(!comment(&Client::of(&person), "a secret remark").is_error());
    let rows = audit(&person, 2);
    assert_eq!(story(&rows), [("intent", "started"), ("outcome", "succeeded")]);
    assert_eq!(rows[0]["target"], "acme/backend#1");
    assert_eq!(rows[0]["request_id"], rows[1]["request_id"]);
    assert_eq!(rows[0]["arguments_digest"], rows[1]["arguments_digest"]);
    assert_eq!((&rows[0]["account"], &rows[1]["account"]), (&json!("own bitbucket"), &json!("own bitbucket")));
}

#[test]
fn a_call_names_the_account_that_it_worked_in() {
    let _turn = turn();
    let person = Person::connected();
    let client = Client::of(&person);
    assert!(!list(&client).is_error());
    assert!(!client.call("confluence_get_page", json!({ "page": "98306" })).is_error());
    client.call("whoami", json!({}));
    let rows = audit(&person, 3);
    let accounts: Vec<_> = rows.iter().map(|row| (&row["tool"], &row["account"])).collect();
    for (tool, account) in [
        ("bitbucket_list_repositories", json!("own bitbucket")),
        ("confluence_get_page", json!("organisation confluence")),
        ("whoami", Value::Null),
    ] {
        assert!(accounts.contains(&(&json!(tool), &account)), "{tool}: {accounts:?}");
    }
    let (_, page) = Person::administrator().signed_in_at(&format!("/admin/audit?person={}", person.user_id()));
    for words in ["in their own account at bitbucket", "in the organisation's account at confluence"] {
        assert!(page.body.contains(words), "{}", page.body);
    }
}

#[test]
fn arguments_are_proven_not_kept() {
    let _turn = turn();
    let person = Person::connected();
    let client = Client::of(&person);
    for text in ["a secret remark", "a secret remark", "another"] {
        comment(&client, text);
    }
    let rows = audit(&person, 6);
    assert!(!Value::from(rows.clone()).to_string().contains("secret remark"));
    // Outcomes are recorded after the answer was given: one may come behind the next call's intent.
    let intents = rows.iter().filter(|row| row["phase"] == "intent");
    let digests: Vec<&str> = intents.filter_map(|row| row["arguments_digest"].as_str()).collect();
    assert!(digests[0] == digests[1] && digests[1] != digests[2], "{digests:?}");
}

#[test]
fn the_intent_is_on_record_while_the_write_is_under_way() {
    let _turn = turn();
    let person = Person::connected();
    let client = Client::of(&person);
    instance().fault(&json!({ "kind": "hang", "account": person.username, "method": "POST", "seconds": 5 }));
    let user = person.user_id();
    thread::scope(|scope| {
        let call = scope.spawn(|| comment(&client, "slowly"));
        until("the intent", || {
            instance().sql("SELECT phase FROM events WHERE person = ?1 AND kind = 'call'", &[&user])
                == json!([{ "phase": "intent" }])
        });
        assert!(!call.is_finished());
    });
    assert_eq!(story(&audit(&person, 2))[0], ("intent", "started"));
}

#[test]
fn a_write_that_nobody_answered_for_has_an_unknown_outcome() {
    let _turn = turn();
    let person = Person::connected();
    instance().fault(&json!({ "kind": "status", "status": 502, "account": person.username, "method": "POST" }));
    assert!(comment(&Client::of(&person), "perhaps").is_error());
    let rows = audit(&person, 2);
    assert_eq!(story(&rows), [("intent", "started"), ("outcome", "unknown")]);
    assert_eq!(rows[1]["upstream_status"], 502);
}

#[test]
fn a_call_that_failed_leaves_why() {
    let _turn = turn();
    let person = Person::connected();
    let client = Client::of(&person);
    assert!(client.call("bitbucket_get_repository", json!({ "workspace": "acme", "repository": "none" })).is_error());
    let rows = audit(&person, 1);
    assert_eq!((story(&rows), &rows[0]["upstream_status"]), (vec![("outcome", "failed")], &json!(404)));
    assert!(rows[0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{rows:?}");
}

#[test]
fn a_call_that_was_denied_leaves_that() {
    let _turn = turn();
    decide(COMMENT, "disabled");
    let person = Person::connected();
    assert!(comment(&Client::of(&person), "no").is_error());
    let rows = audit(&person, 1);
    assert_eq!(story(&rows), [("outcome", "denied")]);
    assert_eq!((&rows[0]["tool"], &rows[0]["reason"]), (&json!(COMMENT), &json!("the tool is disabled")));
}
