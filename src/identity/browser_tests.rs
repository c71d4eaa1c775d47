use std::rc::Rc;

use futures_executor::block_on;

use super::*;
use crate::{
    crypto::key::{Key, KeyPair},
    identifiers::RequestId,
    platform::{
        http::{Body, Method},
        native::{
            self,
            memory::{ScriptedHttp, TestClock},
        },
    },
    settings,
};

fn browser(session_hash: &str) -> Browser {
    let person = Person {
        id: UserId::new("user"),
        username: "dana".into(),
        name: "Dana".into(),
        email: None,
        roles: Vec::new(),
    };
    Browser { person, session_hash: session_hash.into(), ended_before: Timestamp(-1) }
}

fn post(path: &str, headers: &[(&str, &str)], form_token: &str) -> Request {
    let mut headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
    let body = Body::Bytes(format!("form_token={form_token}").into_bytes());
    Request { method: Method::Post, path: path.into(), query: String::new(), headers, body }
}

fn accepted(settings: &Settings, headers: &[(&str, &str)]) -> bool {
    let token = browser("session").form_token(settings, "/clients/revoke");
    let request = post("/clients/revoke", headers, &token);
    browser("session").accepts(settings, &request, &request.form().unwrap())
}

#[test]
fn a_form_of_this_session_and_path_is_accepted() {
    assert!(accepted(&settings::for_tests(), &[]));
}

#[test]
fn a_form_of_another_session_is_refused() {
    let settings = settings::for_tests();
    let token = browser("another").form_token(&settings, "/clients/revoke");
    let request = post("/clients/revoke", &[], &token);
    assert!(!browser("session").accepts(&settings, &request, &request.form().unwrap()));
}

#[test]
fn a_form_for_another_path_is_refused() {
    let settings = settings::for_tests();
    let token = browser("session").form_token(&settings, "/sign-out");
    let request = post("/clients/revoke", &[], &token);
    assert!(!browser("session").accepts(&settings, &request, &request.form().unwrap()));
}

#[test]
fn a_form_without_its_token_is_refused() {
    let request = post("/clients/revoke", &[], "");
    assert!(!browser("session").accepts(&settings::for_tests(), &request, &request.form().unwrap()));
}

#[test]
fn a_form_rendered_before_the_signing_key_was_rotated_is_accepted() {
    let mut settings = settings::for_tests();
    let token = browser("session").form_token(&settings, "/sign-out");
    let request = post("/sign-out", &[], &token);
    let previous = Some(settings.signing_keys.current.clone());
    settings.signing_keys = KeyPair { current: Key::for_tests(9), previous };
    assert!(browser("session").accepts(&settings, &request, &request.form().unwrap()));
}

#[test]
fn a_form_that_another_origin_sent_is_refused() {
    let settings = settings::for_tests();
    assert!(accepted(&settings, &[("origin", "https://postern.example")]));
    assert!(!accepted(&settings, &[("origin", "https://evil.example")]));
}

#[test]
fn a_form_that_another_site_sent_is_refused() {
    let settings = settings::for_tests();
    assert!(accepted(&settings, &[("sec-fetch-site", "same-origin")]));
    assert!(!accepted(&settings, &[("sec-fetch-site", "cross-site")]));
    assert!(!accepted(&settings, &[("sec-fetch-site", "same-site")]));
}

#[test]
fn a_hidden_origin_is_accepted_only_where_the_browser_says_it_is_ours() {
    let settings = settings::for_tests();
    assert!(accepted(&settings, &[("origin", "null"), ("sec-fetch-site", "same-origin")]));
    assert!(!accepted(&settings, &[("origin", "null"), ("sec-fetch-site", "cross-site")]));
    assert!(!accepted(&settings, &[("origin", "null")]));
}

/// A Postern with one person, signed in with the cookie `token`.
fn signed_in(clock: &TestClock) -> Postern {
    let mut platform = native::platform(ScriptedHttp::unreachable());
    platform.clock = Rc::new(clock.clone());
    let now = platform.clock.now();
    let statements = vec![
        sql("INSERT INTO users (id, issuer, subject, username, name, roles, created_at, signed_in_at)
             VALUES ('user', 'issuer', 'subject', 'dana', 'Dana', '[\"approver\"]', 0, 0)"),
        begin("issuer", "subject", "token", Origin::default(), now),
    ];
    block_on(platform.database.batch(statements)).unwrap();
    Postern { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("request") }
}

fn with_cookie(cookie: &str) -> Request {
    post("/", &[("cookie", cookie)], "")
}

fn who(postern: &Postern, cookie: &str) -> Option<String> {
    block_on(current(postern, &with_cookie(cookie))).unwrap().map(|browser| browser.person.username)
}

#[test]
fn the_session_cookie_tells_who_is_signed_in() {
    let postern = signed_in(&TestClock::default());
    let browser = block_on(current(&postern, &with_cookie("a=b; __Host-postern_session=token"))).unwrap().unwrap();
    assert_eq!((browser.person.username.as_str(), browser.person.roles), ("dana", vec![Role::Approver]));
}

#[test]
fn another_cookie_or_none_tells_nothing() {
    let postern = signed_in(&TestClock::default());
    assert_eq!(who(&postern, "__Host-postern_session=another"), None);
    assert_eq!(who(&postern, "postern_session=token"), None);
}

#[test]
fn a_session_ends_after_twelve_hours() {
    let clock = TestClock::default();
    let postern = signed_in(&clock);
    clock.advance(SESSION_LIFE);
    assert_eq!(who(&postern, "__Host-postern_session=token"), None);
}

#[test]
fn a_disabled_person_is_signed_in_nowhere() {
    let postern = signed_in(&TestClock::default());
    block_on(postern.platform.database.run(sql("UPDATE users SET disabled_at = 1"))).unwrap();
    assert_eq!(who(&postern, "__Host-postern_session=token"), None);
}

#[test]
fn signing_out_ends_the_session_and_the_cookie() {
    let postern = signed_in(&TestClock::default());
    let response = block_on(sign_out(&postern, &with_cookie("__Host-postern_session=token"))).unwrap();
    assert!(response.headers.iter().any(|(name, value)| name == "set-cookie"
        && value.starts_with("__Host-postern_session=;")
        && value.contains("Max-Age=0")));
    assert_eq!(who(&postern, "__Host-postern_session=token"), None);
}
