//! Signing in and out.

use postern_tests::{instance::instance, person::Person};
use serde_json::Value;

use crate::visitor::{PASSWORD, Visitor};

/// Cookies do not know ports: those of the identity provider, on the same host, are in the same jar.
fn cookies_of_postern(cookies: &[Value]) -> Vec<&Value> {
    cookies.iter().filter(|cookie| cookie["name"].as_str().is_some_and(|name| name.contains("postern"))).collect()
}

#[test]
fn a_wrong_password_does_not_sign_in_and_the_right_one_then_does() {
    let person = Person::developer();
    let visitor = Visitor::new();
    visitor.go("/connections");
    visitor.enter_password(&person, "not the password");
    visitor.see("The user name or the password is wrong.");
    visitor.enter_password(&person, PASSWORD);
    visitor.arrive(&format!("{}/connections", instance().url));
    assert_eq!(visitor.heading(), "Connections");
}

#[test]
fn signing_out_ends_the_session_and_takes_its_cookie() {
    let visitor = Visitor::signed_in(&Person::developer(), "/");
    visitor.click("button", "Sign out");
    visitor.see("The small, watched gate");
    let cookies = visitor.cookies();
    assert!(cookies_of_postern(&cookies).is_empty(), "{cookies:?}");
}

#[test]
fn no_cookie_can_be_read_by_a_script_or_planted_from_another_host_or_sent_in_the_clear() {
    let visitor = Visitor::signed_in(&Person::developer(), "/connections");
    visitor.click("button", "Connect Bitbucket");
    visitor.see("Grant access");
    let cookies = visitor.cookies();
    let ours = cookies_of_postern(&cookies);
    assert!(!ours.is_empty(), "{cookies:?}");
    for cookie in ours {
        let is_safe = cookie["name"].as_str().is_some_and(|name| name.starts_with("__Host-"))
            && cookie["secure"] == true
            && cookie["httpOnly"] == true
            && cookie["path"] == "/"
            && cookie["sameSite"] == "Lax";
        assert!(is_safe, "{cookie}");
    }
}
