//! Signed-in browsers: from the callback of the identity provider until the session's end.

use postern_tests::{
    authenticator::hash,
    client::{Answer, send},
    instance::instance,
    person::Person,
};
use testkit::{browser::Browser, journey};
use url::Url;

use super::{FROM_OUR_PAGE, Visitor};

const SESSION: &str = "__Host-postern_session=";

/// The last step of a sign-in, not yet taken: the callback's address, and the browser that was sent there.
fn at_the_callback(mut browser: Browser, person: &Person<'_>) -> (Browser, Url) {
    browser = browser.landing_at(person.url("/callback/identity"));
    let page = journey::open_signed_in(&mut browser, person.url("/sign-in?return_to=/clients"), &person.account());
    (browser, page.expect("signed in").url)
}

fn take(browser: &Browser, callback: &Url) -> Answer {
    let cookies = browser.cookies_for(callback).unwrap_or_default();
    send("GET", callback.as_str(), &[("cookie", &cookies)], b"")
}

/// The Set-Cookie header for the session.
fn session_cookie(answer: &Answer) -> &str {
    let cookies = answer.header("set-cookie");
    let start = cookies.find(SESSION).unwrap_or_else(|| panic!("no session: {answer:?}"));
    cookies[start..].split(", ").next().expect("a cookie")
}

fn value(cookie: &str) -> &str {
    cookie.split(';').next().and_then(|pair| pair.strip_prefix(SESSION)).expect("a value")
}

fn is_signed_in(session: &str) -> bool {
    let cookie = format!("{SESSION}{session}");
    send("GET", &format!("{}/connections", instance().url), &[("cookie", &cookie)], b"").status == 200
}

fn session_of(visitor: &Visitor) -> String {
    let cookies = visitor.cookies();
    cookies.split("; ").find_map(|cookie| cookie.strip_prefix(SESSION)).expect("a session").to_owned()
}

#[test]
fn the_session_is_a_cookie_for_this_host_alone_out_of_the_reach_of_scripts() {
    let (browser, callback) = at_the_callback(Browser::new(), &Person::developer());
    let answer = take(&browser, &callback);
    let cookie = session_cookie(&answer);
    for attribute in ["; Path=/;", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Max-Age=43200"] {
        assert!(cookie.contains(attribute), "{cookie} lacks {attribute}");
    }
    assert!(!cookie.to_ascii_lowercase().contains("domain"), "{cookie}");
    assert!(value(cookie).len() >= 43 && is_signed_in(value(cookie)));
}

#[test]
fn a_session_that_somebody_planted_is_not_the_one_signed_in_to() {
    let person = Person::developer();
    let planted = "planted-planted-planted-planted-planted-plant";
    let mut browser = Browser::new();
    browser.plant_cookie(&person.url("/"), &format!("{SESSION}{planted}; Path=/"));
    let (browser, callback) = at_the_callback(browser, &person);
    let answer = take(&browser, &callback);
    assert_ne!(value(session_cookie(&answer)), planted);
    assert!(!is_signed_in(planted));
}

#[test]
fn signing_in_again_ends_the_browsers_session_before() {
    let visitor = Visitor::developer();
    let before = session_of(&visitor);
    assert!(is_signed_in(&before));
    let (browser, callback) = at_the_callback(visitor.browser, &visitor.person);
    let answer = take(&browser, &callback);
    assert!(is_signed_in(value(session_cookie(&answer))));
    assert!(!is_signed_in(&before));
}

#[test]
fn signing_in_elsewhere_does_not() {
    let visitor = Visitor::developer();
    visitor.person.signed_in_at("/connections");
    assert!(is_signed_in(&session_of(&visitor)));
}

#[test]
fn signing_out_ends_the_session_for_everybody_who_has_its_cookie() {
    let mut visitor = Visitor::developer();
    let session = session_of(&visitor);
    let form = visitor.form("/", "/sign-out");
    let answer = visitor.post("/sign-out", &form.fields, &FROM_OUR_PAGE);
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    assert!(session_cookie(&answer).contains("Max-Age=0"), "{answer:?}");
    assert!(!is_signed_in(&session));
}

#[test]
fn a_session_ends_by_itself() {
    let session = session_of(&Visitor::developer());
    instance().sql(
        "UPDATE browser_sessions SET expires_at = 1 WHERE token_hash = ?1",
        &[&hash("browser_sessions", &session)],
    );
    assert!(!is_signed_in(&session));
}

#[test]
fn a_person_who_is_disabled_is_signed_out_and_cannot_sign_in() {
    let visitor = Visitor::developer();
    instance().sql("UPDATE users SET disabled_at = 1 WHERE username = ?1", &[&visitor.person.username]);
    assert!(!is_signed_in(&session_of(&visitor)));
    let (browser, callback) = at_the_callback(Browser::new(), &visitor.person);
    let answer = take(&browser, &callback);
    assert_eq!((answer.status, answer.header("set-cookie")), (403, ""), "{answer:?}");
}

#[test]
fn a_sign_in_is_finished_in_the_browser_that_began_it() {
    let (browser, callback) = at_the_callback(Browser::new(), &Person::developer());
    let elsewhere = take(&Browser::new(), &callback);
    assert_eq!((elsewhere.status, elsewhere.header("set-cookie")), (400, ""), "{elsewhere:?}");
    assert_eq!(take(&browser, &callback).status, 302);
}

#[test]
fn a_sign_in_is_finished_once() {
    let (browser, callback) = at_the_callback(Browser::new(), &Person::developer());
    assert_eq!(take(&browser, &callback).status, 302);
    assert_eq!(take(&browser, &callback).status, 400);
}

#[test]
fn a_sign_in_that_nobody_finished_leaves_nothing_with_us() {
    let (_, callback) = at_the_callback(Browser::new(), &Person::developer());
    let state = callback.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
    let tables = instance().sql("SELECT name FROM sqlite_master WHERE type = 'table'", &[]).to_string();
    assert!(tables.contains("browser_sessions") && !tables.contains("sign_ins"), "{tables}");
    let begun = send("GET", &format!("{}/sign-in", instance().url), &[], b"");
    let cookie = begun.header("set-cookie");
    assert!(cookie.starts_with("__Host-postern_sign_in_") && !cookie.contains(&state), "{begun:?}");
    for attribute in ["Path=/", "Max-Age=600", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{cookie}");
    }
}

#[test]
fn two_tabs_may_sign_in_at_once() {
    let person = Person::developer();
    let (browser, first) = at_the_callback(Browser::new(), &person);
    let (browser, second) = at_the_callback(browser, &person);
    assert_eq!((take(&browser, &second).status, take(&browser, &first).status), (302, 302));
}
