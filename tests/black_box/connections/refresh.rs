//! Access tokens end; people do not notice.

use std::thread;

use postern_tests::client::Answer;
use serde_json::{Value, json};

use super::{TOOL, call, connection, is_prompted, link};
use crate::tools::Developer;

/// The refresh tokens that were sent to the token endpoint, in order.
fn sent_refresh_tokens(developer: &Developer) -> Vec<String> {
    let all = developer.person.instance.upstream_requests(&developer.person.username);
    let bodies = all.iter().filter(|request| request["path"] == "/site/oauth2/access_token");
    let bodies = bodies.filter_map(|request| request["body"].as_str());
    let token = |body: &str| {
        let mut form = url::form_urlencoded::parse(body.as_bytes());
        form.find(|(name, _)| name == "refresh_token").map(|(_, value)| value.into_owned())
    };
    bodies.filter_map(token).collect()
}

/// How often the token endpoint gave a new pair for a refresh token.
fn refreshes(developer: &Developer) -> u64 {
    let url = format!("{}/control/counters", developer.person.instance.sandbox_url);
    let counters = postern_tests::client::send("GET", &url, &[], b"").json();
    counters["refreshes"][&developer.person.username].as_u64().unwrap_or_default()
}

fn expire(developer: &Developer) {
    developer.fault(json!({ "kind": "expire_access_tokens" }));
}

/// As if the two hours of the access token were over, by our own clock, after a pause of some days.
fn grow_old(developer: &Developer) {
    let (user, instance) = (developer.person.user_id(), developer.person.instance);
    instance.sql("UPDATE connections SET expires_at = 1 WHERE user_id = ?1", &[&user]);
    instance.session_sql(&user, "UPDATE credentials SET expires_at = 1");
    instance.evict(&user);
}

fn revoke(developer: &Developer) {
    developer.fault(json!({ "kind": "revoke_refresh_tokens" }));
    expire(developer);
}

fn all_at_once(developer: &Developer, calls: usize) -> Vec<Answer> {
    thread::scope(|scope| {
        let calls: Vec<_> = (0..calls).map(|_| scope.spawn(|| developer.client.call(TOOL, json!({})))).collect();
        calls.into_iter().map(|call| call.join().expect("an answer")).collect()
    })
}

#[test]
fn a_refused_access_token_is_renewed_once_and_the_call_goes_on() {
    let developer = Developer::connected();
    developer.done(TOOL, json!({}));
    expire(&developer);
    developer.done(TOOL, json!({}));
    developer.done(TOOL, json!({}));
    assert_eq!(refreshes(&developer), 1);
}

#[test]
fn an_access_token_known_to_have_ended_is_not_tried() {
    let developer = Developer::connected();
    grow_old(&developer);
    expire(&developer);
    developer.done(TOOL, json!({}));
    let all = developer.person.instance.upstream_requests(&developer.person.username);
    assert!(all.iter().all(|request| request["status"] == 200), "{all:?}");
    assert_eq!(refreshes(&developer), 1);
}

#[test]
fn twenty_calls_at_once_with_a_refused_token_renew_it_once() {
    let developer = Developer::connected();
    developer.done(TOOL, json!({}));
    expire(&developer);
    for answer in all_at_once(&developer, 20) {
        assert!(!answer.is_error(), "{answer:?}");
    }
    assert_eq!((refreshes(&developer), sent_refresh_tokens(&developer).len()), (1, 1));
}

#[test]
fn twenty_calls_at_once_with_an_ended_token_renew_it_once() {
    let developer = Developer::connected();
    grow_old(&developer);
    // Slow, so that all of them arrive before the first has the new pair.
    developer.fault(json!({ "kind": "slow_token_endpoint", "millis": 1_000, "times": 1 }));
    for answer in all_at_once(&developer, 20) {
        assert!(!answer.is_error(), "{answer:?}");
    }
    assert_eq!((refreshes(&developer), sent_refresh_tokens(&developer).len()), (1, 1));
}

#[test]
fn a_renewed_pair_outlives_the_memory_of_the_session() {
    let developer = Developer::connected();
    for expected in 1..=3 {
        expire(&developer);
        developer.done(TOOL, json!({}));
        developer.person.instance.evict(&developer.person.user_id());
        developer.done(TOOL, json!({}));
        assert_eq!(refreshes(&developer), expected);
    }
    let mut refresh_tokens = sent_refresh_tokens(&developer);
    refresh_tokens.dedup();
    assert_eq!(refresh_tokens.len(), 3, "each refresh token was sent once");
}

#[test]
fn every_renewal_is_a_version_in_the_record() {
    let developer = Developer::connected();
    expire(&developer);
    developer.done(TOOL, json!({}));
    assert_eq!(connection(&developer.person)[0]["version"], 2);
}

#[test]
fn a_failing_token_endpoint_costs_the_call_but_not_the_connection() {
    let developer = Developer::connected();
    expire(&developer);
    developer.fault(json!({ "kind": "status", "path": "/site/oauth2/access_token", "status": 503 }));
    let text = developer.refused(TOOL, json!({}));
    assert!(text.contains("did not renew Postern's access") && text.contains("try again in a minute"), "{text}");
    assert_eq!(connection(&developer.person)[0]["state"], "connected");
    developer.done(TOOL, json!({}));
}

#[test]
fn a_refused_refresh_token_asks_the_person_to_connect_again() {
    let developer = Developer::connected();
    revoke(&developer);
    let answer = call(&developer.client);
    link(&answer);
    let message = &answer.result()["inputRequests"]["bitbucket_connect"]["params"]["message"];
    assert!(message.as_str().is_some_and(|text| text.contains("has ended. Connect Bitbucket again")), "{message}");
}

#[test]
fn a_refused_refresh_token_breaks_the_connection_and_is_never_sent_again() {
    let developer = Developer::connected();
    revoke(&developer);
    assert!(is_prompted(&developer.client));
    assert_eq!(connection(&developer.person)[0]["state"], "broken");
    let before = developer.person.instance.upstream_requests(&developer.person.username).len();
    assert!(is_prompted(&developer.client));
    developer.person.instance.evict(&developer.person.user_id());
    assert!(is_prompted(&developer.client));
    let after = developer.person.instance.upstream_requests(&developer.person.username).len();
    assert_eq!((after, sent_refresh_tokens(&developer).len()), (before, 1));
}

#[test]
fn a_token_refused_twice_in_a_row_breaks_the_connection() {
    let developer = Developer::connected();
    let refused = json!({ "kind": "status", "path": "/2.0/user/workspaces", "status": 401, "times": 2 });
    developer.fault(refused);
    assert!(is_prompted(&developer.client));
    assert_eq!((refreshes(&developer), &connection(&developer.person)[0]["state"]), (1, &json!("broken")));
}

#[test]
fn a_token_refused_once_for_no_reason_is_renewed() {
    let developer = Developer::connected();
    developer.fault(json!({ "kind": "status", "path": "/2.0/user/workspaces", "status": 401 }));
    developer.done(TOOL, json!({}));
    assert_eq!((refreshes(&developer), &connection(&developer.person)[0]["state"]), (1, &json!("connected")));
}

#[test]
fn a_broken_connection_is_shown_and_mended_by_connecting_again() {
    let developer = Developer::connected();
    revoke(&developer);
    let answer = call(&developer.client);
    let (_, page) = super::browser_of(&developer.person, "/connections");
    assert!(page.body.contains("Bitbucket no longer accepts this connection"), "{}", page.body);
    developer.person.connect_at(&link(&answer));
    developer.done(TOOL, json!({}));
    let connection: Value = connection(&developer.person);
    assert_eq!(connection[0]["state"], "connected");
}
