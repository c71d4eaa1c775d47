//! What holds for every page and every form.

use crate::{
    console::{
        page::{self, CONTENT_SECURITY_POLICY},
        testing::{context, open, post, submit},
    },
    settings::Misconfigured,
};

const PAGES: [&str; 5] = ["/", "/connections", "/clients", "/admin/tools", "/admin/audit"];
const FORMS: [&str; 7] = [
    "/sign-out",
    "/authorize/decision",
    "/connect/bitbucket",
    "/connections/bitbucket/disconnect",
    "/clients/revoke",
    "/admin/tools/decide",
    "/admin/tools/approve-pending",
];

#[test]
fn every_page_forbids_scripts_frames_caches_and_referrers() {
    let context = context();
    for page in PAGES {
        let shown = open(&context, Some("ada"), page);
        assert_eq!(shown.status, 200, "{page}");
        assert_eq!(shown.header("content-security-policy"), Some(CONTENT_SECURITY_POLICY), "{page}");
        assert_eq!(shown.header("x-frame-options"), Some("DENY"), "{page}");
        assert_eq!(shown.header("referrer-policy"), Some("no-referrer"), "{page}");
        assert_eq!(shown.header("cache-control"), Some("no-store"), "{page}");
        assert_eq!(shown.header("x-content-type-options"), Some("nosniff"), "{page}");
        assert!(!shown.html.contains("<script") && !shown.html.contains(" style="), "{page}");
    }
}

#[test]
fn the_content_security_policy_is_the_strict_one() {
    assert_eq!(
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
}

#[test]
fn whoever_is_signed_out_signs_in_and_comes_back() {
    let context = context();
    for page in PAGES.iter().skip(1).chain(&["/connect/bitbucket"]) {
        let encoded = page.replace('/', "%2F");
        let shown = open(&context, None, page);
        assert_eq!(shown.header("location"), Some(format!("/sign-in?return_to={encoded}").as_str()));
    }
    let shown = open(&context, None, "/connect/bitbucket?e=a%2Fb");
    assert_eq!(shown.header("location"), Some("/sign-in?return_to=%2Fconnect%2Fbitbucket%3Fe%3Da%252Fb"));
}

#[test]
fn no_form_counts_without_the_token_of_its_page() {
    let context = context();
    for action in FORMS {
        assert_eq!(post(&context, Some("ada"), action, "").status, 403, "{action}");
        assert_eq!(post(&context, Some("ada"), action, "form_token=guessed").status, 403, "{action}");
    }
}

#[test]
fn no_form_counts_from_whoever_is_signed_out() {
    let context = context();
    for action in FORMS {
        assert_eq!(post(&context, None, action, "").status, 401, "{action}");
    }
}

#[test]
fn names_are_text_and_never_markup() {
    let shown = open(&context(), Some("dana"), "/");
    assert!(shown.html.contains("Dana &lt;Developer&gt;"));
}

#[test]
fn an_unknown_page_says_so_with_the_request_id() {
    let shown = open(&context(), Some("dana"), "/nothing/here");
    assert_eq!(shown.status, 404);
    assert!(shown.html.contains("request-1"));
}

#[test]
fn an_unknown_page_keeps_the_navigation_of_whoever_is_signed_in() {
    assert!(open(&context(), Some("dana"), "/nothing/here").html.contains("href=\"/connections\""));
}

#[test]
fn a_misconfigured_postern_names_the_setting() {
    let response = page::misconfigured(&Misconfigured { name: "SEALING_KEY", problem: "is not set" });
    let html = std::str::from_utf8(response.body.whole().unwrap()).unwrap();
    assert_eq!(response.status, 503);
    assert!(html.contains("<code>SEALING_KEY</code> is not set."));
}

#[test]
fn the_front_page_gives_the_address_for_ai_clients() {
    let shown = open(&context(), None, "/");
    assert!(shown.html.contains("https://postern.example/mcp") && shown.html.contains("href=\"/connect-a-client\""));
    assert!(shown.html.contains("href=\"/sign-in\""));
}

#[test]
fn signing_out_ends_the_session() {
    let context = context();
    let shown = submit(&context, "dana", "/", "/sign-out", "");
    assert_eq!((shown.status, shown.header("location")), (303, Some("/")));
    assert!(open(&context, Some("dana"), "/clients").header("location").is_some());
}
