use std::rc::Rc;

use futures_executor::block_on;

use super::*;
use crate::{
    crypto::key::{Key, KeyPair},
    governance::attributes::Role,
    identifiers::RequestId,
    identity::testing::Objects,
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
fn signed_in(clock: &TestClock) -> Context {
    let mut platform = native::platform(ScriptedHttp::unreachable());
    platform.clock = Rc::new(clock.clone());
    platform.sessions = Rc::new(Objects::default());
    let (now, settings, user) = (platform.clock.now(), settings::for_tests(), UserId::new("user"));
    let roles = Claimed::new(&vec![Role::Approver], now);
    let statements = vec![
        sql("INSERT INTO users (id, issuer, subject, username, name, roles, created_at, signed_in_at, roles_at, mac)
             VALUES ('user', 'issuer', 'subject', 'dana', 'Dana', ?1, 0, 0, ?2, ?3)")
        .bind(&roles.json)
        .bind(roles.at)
        .bind(roles.mac(settings.authenticator(), &user)),
        begin(settings.authenticator(), &user, "token", Origin::default(), now),
    ];
    block_on(platform.database.batch(statements)).unwrap();
    Context { settings: Rc::new(settings), platform, request_id: RequestId::new("request") }
}

fn with_cookie(cookie: &str) -> Request {
    post("/", &[("cookie", cookie)], "")
}

fn who(context: &Context, cookie: &str) -> Option<String> {
    block_on(current(context, &with_cookie(cookie))).unwrap().map(|browser| browser.person.username)
}

#[test]
fn the_session_cookie_tells_who_is_signed_in() {
    let context = signed_in(&TestClock::default());
    let browser = block_on(current(&context, &with_cookie("a=b; __Host-postern_session=token"))).unwrap().unwrap();
    assert_eq!((browser.person.username.as_str(), browser.person.roles), ("dana", vec![Role::Approver]));
}

#[test]
fn a_disabled_person_whom_somebody_enabled_on_record_alone_is_signed_out() {
    let mut context = signed_in(&TestClock::default());
    let objects = Objects::default();
    context.platform.sessions = Rc::new(objects.clone());
    assert!(who(&context, "__Host-postern_session=token").is_some());
    objects.disabled.set(true);
    assert_eq!(who(&context, "__Host-postern_session=token"), None);
}

#[test]
fn another_cookie_or_none_tells_nothing() {
    let context = signed_in(&TestClock::default());
    assert_eq!(who(&context, "__Host-postern_session=another"), None);
    assert_eq!(who(&context, "postern_session=token"), None);
}

#[test]
fn a_session_ends_after_twelve_hours() {
    let clock = TestClock::default();
    let context = signed_in(&clock);
    clock.advance(SESSION_LIFE);
    assert_eq!(who(&context, "__Host-postern_session=token"), None);
}

#[test]
fn a_disabled_person_is_signed_in_nowhere() {
    let context = signed_in(&TestClock::default());
    block_on(context.platform.database.run(sql("UPDATE users SET disabled_at = 1"))).unwrap();
    assert_eq!(who(&context, "__Host-postern_session=token"), None);
}

#[test]
fn signing_out_ends_the_session_and_the_cookie() {
    let context = signed_in(&TestClock::default());
    let response = block_on(sign_out(&context, &with_cookie("__Host-postern_session=token"))).unwrap();
    assert!(response.headers.iter().any(|(name, value)| name == "set-cookie"
        && value.starts_with("__Host-postern_session=;")
        && value.contains("Max-Age=0")));
    assert_eq!(who(&context, "__Host-postern_session=token"), None);
}

fn tamper(context: &Context, statement: Statement) {
    block_on(context.platform.database.run(statement)).unwrap();
}

fn roles(context: &Context) -> Vec<Role> {
    block_on(current(context, &with_cookie("__Host-postern_session=token"))).unwrap().unwrap().person.roles
}

#[test]
fn a_session_is_nobody_elses_however_its_row_is_changed() {
    let context = signed_in(&TestClock::default());
    tamper(
        &context,
        sql("INSERT INTO users (id, issuer, subject, username, name, roles, created_at, signed_in_at)
        VALUES ('victim', 'issuer', 'victim', 'vic', 'Vic', '[]', 0, 0)"),
    );
    tamper(&context, sql("UPDATE browser_sessions SET user_id = 'victim'"));
    assert_eq!(who(&context, "__Host-postern_session=token"), None);
    for hash in [digest::sha256("mine"), digest::authenticate(&Key::for_tests(7), &["browser_sessions", "mine"])] {
        tamper(
            &context,
            sql("INSERT INTO browser_sessions (token_hash, user_id, created_at, expires_at, mac)
            SELECT ?1, 'victim', created_at, expires_at, mac FROM browser_sessions LIMIT 1")
            .bind(hash),
        );
    }
    assert_eq!(who(&context, "__Host-postern_session=mine"), None);
}

#[test]
fn a_session_does_not_last_longer_because_its_row_says_so() {
    let clock = TestClock::default();
    let context = signed_in(&clock);
    tamper(&context, sql("UPDATE browser_sessions SET expires_at = expires_at + 1"));
    assert_eq!(who(&context, "__Host-postern_session=token"), None);
}

#[test]
fn roles_are_those_that_were_claimed_however_the_row_is_changed() {
    let context = signed_in(&TestClock::default());
    assert_eq!(roles(&context), [Role::Approver]);
    tamper(&context, sql("UPDATE users SET roles = '[\"administrator\"]'"));
    assert_eq!(roles(&context), []);
}

#[test]
fn a_browser_stays_signed_in_while_the_previous_key_is_live() {
    let mut context = signed_in(&TestClock::default());
    let rotated = |previous: Option<Key>| {
        let signing_keys = KeyPair { current: Key::for_tests(9), previous };
        Rc::new(Settings { signing_keys, ..settings::for_tests() })
    };
    let old = context.settings.signing_keys.current.clone();
    context.settings = rotated(Some(old));
    assert!(who(&context, "__Host-postern_session=token").is_some());
    context.settings = rotated(None);
    assert_eq!(who(&context, "__Host-postern_session=token"), None);
}
