//! How pages look, by day and by night, on a desk and in a hand. Pictures are kept beneath target/tmp/browser.

use std::sync::LazyLock;

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::{Value, json};

use crate::visitor::Visitor;

/// An administrator with a connected account, a client, and calls on record.
static ADMINISTRATOR: LazyLock<Person<'_>> = LazyLock::new(|| {
    let person = Person::administrator();
    person.connect_bitbucket();
    let client = Client::of(&person);
    client.call("bitbucket_list_workspaces", json!({}));
    client.call("bitbucket_get_repository", json!({ "workspace": "acme", "repository": "backend" }));
    person
});

/// Visits each page, signed in, and looks there for what is wrong.
fn faults(scheme: &str, (width, height): (u32, u32), look: impl Fn(&Visitor) -> Value) -> Vec<(&'static str, Value)> {
    let visitor = Visitor::with(scheme, width, height);
    visitor.sign_in(&ADMINISTRATOR, "/");
    let consent = Client::registered(&instance().url).authorization_url(&[]);
    let person = format!("/admin/people/{}", ADMINISTRATOR.user_id());
    let pages = [
        ("home", "/"),
        ("connections", "/connections"),
        ("connect", "/connect/bitbucket"),
        ("consent", consent.as_str()),
        ("clients", "/clients"),
        ("sessions", "/sessions"),
        ("people", "/admin/people"),
        ("person", person.as_str()),
        ("tools", "/admin/tools"),
        ("access", "/admin/policy"),
        ("access-document", "/admin/policy/document"),
        ("rights", "/admin/rights?person=test-nobody&tool=whoami"),
        ("administration-tokens", "/admin/tokens"),
        ("your-access", "/access"),
        ("approvals", "/approvals"),
        ("log-verification", "/admin/audit/verify"),
        ("moved-events", "/admin/audit/segments"),
        ("notices", "/admin/notices"),
        ("locks", "/admin/locks?kind=tool&name=whoami"),
        ("accounts", "/admin/accounts"),
        ("known-clients", "/admin/clients"),
        ("audit", "/admin/audit"),
        ("story", "/admin/audit/story?of=acme/backend"),
        ("monitoring", "/admin/audit/monitoring"),
        ("problem", "/no-such-page"),
    ];
    let mut faults = Vec::new();
    for (name, path) in pages {
        visitor.go(path);
        visitor.photograph(&format!("{name}-{scheme}-{width}"));
        let fault = look(&visitor);
        if fault != json!([]) {
            faults.push((name, fault));
        }
    }
    faults
}

/// The page's width, where it is more than the window's.
const TOO_WIDE: &str = "[document.documentElement.scrollWidth].filter((width) => width > window.innerWidth)";

const DESK: (u32, u32) = (1200, 800);
const HAND: (u32, u32) = (360, 740);

#[test]
fn axe_finds_no_violation_on_any_page_by_day() {
    assert_eq!(faults("light", DESK, Visitor::violations), []);
}

#[test]
fn axe_finds_no_violation_on_any_page_by_night() {
    assert_eq!(faults("dark", DESK, Visitor::violations), []);
}

#[test]
fn axe_finds_no_violation_on_any_page_in_a_hand() {
    assert_eq!(faults("light", HAND, Visitor::violations), []);
}

#[test]
fn no_page_scrolls_sideways_in_a_hand() {
    assert_eq!(faults("light", HAND, |visitor| visitor.evaluate(TOO_WIDE)), []);
}

#[test]
fn pages_are_dark_where_the_person_likes_them_dark() {
    let brightness = |scheme| {
        let visitor = Visitor::with(scheme, 1200, 800);
        visitor.go("/");
        let script = "Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])";
        visitor.evaluate(script).as_i64().expect("a number")
    };
    assert!(brightness("dark") < 64 && brightness("light") > 192);
}
