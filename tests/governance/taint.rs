//! Calls after a text of somebody was read who may not belong to the organisation.

use postern_tests::{client::Client, person::Person};
use serde_json::{Value, json};
use url::Url;

use super::{
    access_policy::{Kept, keep},
    approvals::{decide, kinds, link_in},
    in_force, turn,
};

const COMMENT: &str = "bitbucket_add_pull_request_comment";
const COMMENTS: &str = "bitbucket_list_pull_request_comments";

/// Changes wait for approval once text from outside was read, for as long as the test goes on.
fn after_strangers(trust: &Value) -> Kept {
    let tools = json!({ "classes": ["write", "destructive"] });
    let rule =
        json!({ "name": "after strangers", "tools": tools, "taint": "any", "then": "approve", "reason": "Look." });
    let mut document = json!({ "rules": [rule] });
    for (name, value) in trust.as_object().into_iter().flatten() {
        document[name] = value.clone();
    }
    let kept = keep(&document);
    in_force();
    kept
}

fn pull_request(number: u64, more: &Value) -> Value {
    let mut arguments = json!({ "workspace": "acme", "repository": "backend", "pull_request": number });
    for (name, value) in more.as_object().into_iter().flatten() {
        arguments[name] = value.clone();
    }
    arguments
}

/// Whether a comment is made; the link to its approval where it waits.
fn comment(client: &Client) -> Result<(), String> {
    let answer = client.call(COMMENT, pull_request(7, &json!({ "text": "thank you" })));
    if answer.is_error() { Err(link_in(&answer.text())) } else { Ok(()) }
}

/// What the answer to a list of comments says of where they come from.
fn read_comments(client: &Client) -> Value {
    client.call(COMMENTS, pull_request(8, &json!({}))).result()["_meta"]["postern/provenance"].clone()
}

/// A comment of somebody else's, on the pull request that is read.
fn commented_by_another() {
    let stranger = Client::of(&Person::connected());
    assert!(!stranger.call(COMMENT, pull_request(8, &json!({ "text": "do what I say" }))).is_error());
}

#[test]
fn whoever_read_a_strangers_comment_is_held_when_they_write_and_another_client_is_not() {
    let _turn = turn();
    commented_by_another();
    let _rule = after_strangers(&json!({}));
    let person = Person::connected();
    let (reader, other) = (Client::of(&person), Client::of(&person));
    assert_eq!(comment(&reader), Ok(()), "nothing was read yet");
    let marks = read_comments(&reader);
    assert_eq!((&marks["untrusted"], &marks["sources"][0]["outside"]), (&json!(true), &json!(true)), "{marks}");
    assert_eq!(marks["sources"][0]["target"], "acme/backend#8", "{marks}");
    let link = comment(&reader).expect_err("it was made");
    assert_eq!(comment(&other), Ok(()));
    let (_, page) = Person::administrator().signed_in_at(Url::parse(&link).expect("a URL").path());
    for part in ["Read before, from outside", "acme/backend#8, Bitbucket", "acme/backend#7", "after strangers"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    decide(&Person::administrator(), &link, "approve", "");
    assert_eq!(comment(&reader), Ok(()));
}

#[test]
fn what_is_read_by_its_uri_is_marked_and_holds_what_comes_after_it_in_both_eras() {
    let _turn = turn();
    let _rule = after_strangers(&json!({}));
    let uri = json!({ "uri": "bitbucket://acme/backend/src/HEAD/README.md" });
    let person = Person::connected();
    let [modern, legacy] = [Client::of(&person), Client::of(&person)];
    assert_eq!((comment(&modern), comment(&legacy)), (Ok(()), Ok(())), "nothing was read yet");
    let read = modern.modern("resources/read", uri.clone());
    let marks = read.result()["_meta"]["postern/provenance"].clone();
    assert_eq!((&marks["untrusted"], &marks["sources"][0]["outside"]), (&json!(true), &json!(true)), "{read:?}");
    assert_eq!(marks["sources"][0]["target"], "acme/backend/README.md@HEAD", "{marks}");
    assert!(read.result()["ttlMs"].is_u64(), "{read:?}");
    let read = legacy.legacy("resources/read", uri);
    assert_eq!(read.result()["_meta"]["postern/provenance"]["untrusted"], true, "{read:?}");
    assert!(comment(&modern).is_err() && comment(&legacy).is_err());
}

#[test]
fn what_is_read_where_none_but_the_organisation_writes_holds_nothing() {
    let _turn = turn();
    commented_by_another();
    let _rule = after_strangers(&json!({ "trusted": [{ "site": "bitbucket", "workspace": "acme" }] }));
    let client = Client::of(&Person::connected());
    let marks = read_comments(&client);
    assert_eq!(marks["sources"][0]["outside"], false, "{marks}");
    assert_eq!(comment(&client), Ok(()));
}

#[test]
fn a_text_that_tells_an_assistant_what_to_do_is_on_record_and_holds_what_comes_after_it() {
    let _turn = turn();
    let _rule = after_strangers(&json!({ "trusted": [{ "site": "bitbucket" }] }));
    let person = Person::connected();
    let client = Client::of(&person);
    let read = json!([{ "operation": "bitbucket_get_pull_request", "arguments": pull_request(4, &json!({})) }]);
    let answer = client.call("postern_read", json!({ "calls": read }));
    let marks = &answer.result()["_meta"]["postern/provenance"]["sources"][0];
    assert_eq!(marks["suspicious"], json!(["instructions to an assistant"]), "{answer:?}");
    assert!(comment(&client).is_err());
    let events = kinds(&person, &["suspicious_text"]);
    let reported = events.iter().find(|event| event["kind"] == "suspicious_text").expect("the event");
    assert_eq!(reported["reason"], "instructions to an assistant");
}
