//! What holds for every page and every form.

use futures_executor::block_on;

use crate::{
    console::{
        CONNECT_A_CLIENT, ROUTES,
        page::{self, ADMINISTRATION, CONTENT_SECURITY_POLICY, MAIN_PAGES},
        testing::{Shown, context, context_with_sites, open, post, signed_in, submit},
    },
    identity::browser,
    platform::http::Method,
    settings::Misconfigured,
};

/// Addresses that take the browser somewhere else, that yield a file, or that need more than an address.
const PASSED_THROUGH: [&str; 7] = [
    "/sign-in",
    "/callback/",
    "/authorize",
    "/approvals/",
    "/admin/audit/export",
    "/admin/audit/evidence",
    "/admin/audit/segments/",
];

/// The addresses of the route table with that method, with somebody and something in the places of names.
fn addresses(method: Method) -> Vec<String> {
    let routes = ROUTES.iter().filter(|route| route.method == method);
    let names = [("{provider}", "bitbucket"), ("{site}", "eu"), ("{id}", "dana"), ("{tool}", "whoami")];
    let named = |path: &str| names.iter().fold(path.to_owned(), |path, (name, text)| path.replace(name, text));
    routes.map(|route| named(route.path)).collect()
}

fn pages() -> Vec<String> {
    let is_page = |path: &String| !PASSED_THROUGH.iter().any(|other| path.starts_with(other));
    addresses(Method::Get).into_iter().filter(is_page).collect()
}

#[test]
fn every_page_forbids_scripts_frames_caches_and_referrers() {
    let context = context_with_sites();
    for page in &pages() {
        let shown = open(&context, Some("ada"), page);
        assert_eq!(shown.status, 200, "{page}");
        // One page runs a script of ours, which its policy allows.
        let runs_script = page == CONNECT_A_CLIENT;
        assert_eq!(shown.header("content-security-policy") != Some(CONTENT_SECURITY_POLICY), runs_script, "{page}");
        assert_eq!(shown.header("x-frame-options"), Some("DENY"), "{page}");
        assert_eq!(shown.header("referrer-policy"), Some("no-referrer"), "{page}");
        assert_eq!(shown.header("cache-control"), Some("no-store"), "{page}");
        assert_eq!(shown.header("x-content-type-options"), Some("nosniff"), "{page}");
        assert_eq!(shown.html.contains("<script"), runs_script, "{page}");
        assert!(!shown.html.contains(" style="), "{page}");
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
    let context = context_with_sites();
    for page in pages().iter().filter(|page| !["/", CONNECT_A_CLIENT].contains(&page.as_str())) {
        let encoded = page.replace('/', "%2F");
        let shown = open(&context, None, page);
        assert_eq!(shown.header("location"), Some(format!("/sign-in?return_to={encoded}").as_str()));
    }
    let shown = open(&context, None, "/connect/bitbucket?e=a%2Fb");
    assert_eq!(shown.header("location"), Some("/sign-in?return_to=%2Fconnect%2Fbitbucket%3Fe%3Da%252Fb"));
}

#[test]
fn no_form_counts_without_the_token_of_its_page() {
    let context = context_with_sites();
    for action in &addresses(Method::Post) {
        assert_eq!(post(&context, Some("ada"), action, "").status, 403, "{action}");
        assert_eq!(post(&context, Some("ada"), action, "form_token=guessed").status, 403, "{action}");
    }
}

#[test]
fn no_form_counts_from_whoever_is_signed_out() {
    let context = context_with_sites();
    for action in &addresses(Method::Post) {
        assert_eq!(post(&context, None, action, "").status, 401, "{action}");
    }
}

#[test]
fn administration_is_for_administrators_alone_page_by_page_and_form_by_form() {
    let context = context();
    let is_theirs = |path: &String| path.starts_with(ADMINISTRATION);
    let refused = |shown: &Shown| shown.status == 403 && shown.html.contains("This page is for administrators");
    for page in pages().iter().filter(|page| is_theirs(page)) {
        assert!(refused(&open(&context, Some("dana"), page)), "{page}");
    }
    let browser = block_on(browser::current(&context, &signed_in("dana"))).unwrap().unwrap();
    for action in addresses(Method::Post).iter().filter(|action| is_theirs(action)) {
        let token = browser.form_token(&context.settings, action);
        assert!(refused(&post(&context, Some("dana"), action, &format!("form_token={token}"))), "{action}");
    }
}

#[test]
fn the_navigation_leads_to_pages_of_the_route_table_and_marks_the_one_that_is_open() {
    let context = context();
    for (path, label) in MAIN_PAGES {
        assert!(pages().contains(&path.to_owned()), "{path}");
        let marked = format!("<a href=\"{path}\" aria-current=\"page\">{label}</a>");
        assert!(open(&context, Some("ada"), path).html.contains(&marked), "{path}");
        let is_shown = open(&context, Some("dana"), "/").html.contains(&format!("href=\"{path}\""));
        assert_ne!(is_shown, path.starts_with(ADMINISTRATION), "{path}");
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
    let response = page::misconfigured(&Misconfigured { name: "SEALING_KEY".to_owned(), problem: "is not set" });
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
