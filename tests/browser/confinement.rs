//! What pages may load and do, and who may frame them: as Chromium enforces it.

use postern_tests::{client::Client, instance::instance, person::Person};

use crate::{site::Site, visitor::Visitor};

/// Every page there is, with something on it.
fn visit_everything(visitor: &Visitor) {
    let administrator = Person::administrator();
    let site = Site::showing("<!doctype html><title>Done</title><link rel=icon href=data:,>");
    let client = Client::registered(&instance().url);
    let redirect_uri = format!("{}/callback", site.url);
    visitor.go("/");
    visitor.sign_in(&administrator, "/");
    visitor.go("/connections");
    visitor.go("/connect/bitbucket");
    visitor.click("button", "Continue to Bitbucket");
    visitor.fill("or another one (test-…)", &administrator.username);
    visitor.click("button", "Grant access");
    visitor.see("Bitbucket is connected");
    visitor.go(client.authorization_url(&[("redirect_uri", &redirect_uri)]).as_str());
    visitor.click("button", "Allow");
    visitor.arrive(&redirect_uri);
    let person = format!("/admin/people/{}", administrator.user_id());
    let of_everybody = ["/clients", "/sessions", "/connect-a-client", "/authorize", "/no-such-page"];
    let of_administrators =
        ["/admin/people", &person, "/admin/locks", "/admin/accounts", "/admin/clients", "/admin/audit", "/admin/tools"];
    let of_governance = [
        "/admin/policy",
        "/admin/policy/document",
        "/admin/tokens",
        "/admin/rights",
        "/access",
        "/approvals",
        "/admin/notices",
        "/admin/audit/verify",
        "/admin/audit/segments",
        "/admin/audit/story",
        "/admin/audit/monitoring",
    ];
    for path in of_everybody.iter().chain(&of_administrators).chain(&of_governance) {
        visitor.go(path);
    }
    visitor.click("button", "Sign out");
    visitor.see("The small, watched gate");
}

#[test]
fn no_page_breaks_the_content_security_policy_or_makes_the_console_complain() {
    let visitor = Visitor::new();
    visit_everything(&visitor);
    assert_eq!(visitor.complaints(), Vec::<String>::new());
}

#[test]
fn the_policy_refuses_a_style_that_somebody_smuggled_in() {
    let visitor = Visitor::new();
    visitor.go("/");
    visitor.evaluate("document.body.insertAdjacentHTML('beforeend', '<style>body { display: none }</style>')");
    let complaints = visitor.complaints();
    assert!(complaints.iter().any(|complaint| complaint.contains("Content Security Policy")), "{complaints:?}");
}

#[test]
fn another_site_cannot_frame_a_page() {
    let framing = |path: &str| {
        let html = format!("<!doctype html><iframe src=\"{}{path}\"></iframe>", instance().url);
        let visitor = Visitor::new();
        visitor.go(&Site::showing(&html).url);
        visitor.frames()
    };
    // What is no page of a person's may be framed: so it is not the test's own making that the others may not.
    assert_eq!(framing("/health")[0], format!("{}/health", instance().url));
    assert_eq!(framing("/")[0], "chrome-error://chromewebdata/");
}
