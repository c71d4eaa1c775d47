//! What providers say of their quotas: it is told to clients, and once one is spent nobody asks in vain.

use postern_tests::{
    client::{Answer, Client},
    instance::instance,
    person::Person,
};
use serde_json::{Value, json};

fn list(client: &Client) -> Answer {
    client.call("bitbucket_list_workspaces", json!({}))
}

/// What the next request in that person's name is answered with.
fn next_answer(person: &Person<'_>, status: u16, headers: &Value, body: &Value) {
    let fault =
        json!({ "kind": "status", "account": person.username, "status": status, "headers": headers, "body": body });
    instance().fault(&fault);
}

#[test]
fn what_is_left_of_a_quota_is_told_in_the_answers_meta() {
    let person = Person::connected();
    let client = Client::of(&person);
    let quota = |answer: &Answer| answer.result()["_meta"]["postern/quota"].clone();
    assert_eq!(quota(&list(&client)), Value::Null, "nothing is made up");
    let headers = json!({ "X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "12", "X-RateLimit-Reset": "60" });
    next_answer(&person, 200, &headers, &json!({ "values": [] }));
    let expected = json!({ "limit": 1000, "remaining": 12, "resetsInSeconds": 60 });
    assert_eq!(quota(&list(&client)), expected);
}

#[test]
fn of_several_calls_the_least_that_is_left_is_told_and_people_see_it_before_calls_fail() {
    let person = Person::connected();
    let client = Client::of(&person);
    let call = json!({ "operation": "bitbucket_list_workspaces", "arguments": {} });
    for left in ["700", "12"] {
        let headers = json!({ "X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": left, "X-RateLimit-Reset": "600" });
        next_answer(&person, 200, &headers, &json!({ "values": [] }));
    }
    let answer = client.call("postern_read", json!({ "calls": [call, call] }));
    assert_eq!(answer.result()["_meta"]["postern/quota"]["remaining"], 12, "{answer:?}");
    let is_shown = || person.signed_in_at("/connections").1.body.contains("at most 12 is left until");
    assert!((0..20).any(|_| is_shown()));
}

#[test]
fn once_a_quota_is_spent_calls_are_refused_with_the_time_and_the_provider_is_not_asked() {
    let person = Person::connected();
    let client = Client::of(&person);
    let headers = json!({ "Retry-After": "30", "RateLimit-Reason": "confluence-quota-tenant-based" });
    next_answer(&person, 429, &headers, &json!({}));
    assert!(list(&client).is_error());
    let asked = || instance().upstream_requests(&person.username).len();
    let before = asked();
    let text = list(&client).text();
    assert!(text.contains("its quota is spent, so nothing was sent") && text.contains("try again in "), "{text}");
    assert_eq!(asked(), before);
}
