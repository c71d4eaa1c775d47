//! What every page has around it.

use postern_tests::{
    client::{Answer, Client, send},
    instance::instance,
    person::Person,
};

use super::{BROWSER, FROM_OUR_PAGE, Visitor, routes::routes};

/// The one page that runs a script, which is a file of ours.
const COPYING: &str = "/connect-a-client";
const SCRIPT: &str = "<script src=\"/assets/copy.js?v=";

/// One of every kind of page, by name: good ones and bad ones, with and without somebody signed in.
fn pages() -> Vec<(String, Answer)> {
    let mut visitor = Visitor::of(Person::administrator());
    let url = Client::registered(&instance().url).authorization_url(&[]);
    let consent = format!("{}?{}", url.path(), url.query().expect("a query"));
    let connect = visitor.form("/connections", "/connect/bitbucket");
    let mut pages: Vec<(String, Answer)> = routes("Get")
        .into_iter()
        .chain([consent, "/connect/bitbucket?e=unknown".into(), "/nowhere".into(), "/admin/audit?user=nobody".into()])
        .map(|path| (path.clone(), visitor.get(&path)))
        // What leads on, or is a file, is no page.
        .filter(|(_, answer)| answer.status != 302 && answer.header("content-disposition").is_empty())
        .collect();
    pages.push(("a developer's /admin/tools".into(), Visitor::developer().get("/admin/tools")));
    for path in ["/", "/authorize?client_id=nobody", "/callback/identity?state=unknown", "/token"] {
        pages.push((format!("a stranger's {path}"), send("GET", visitor.person.url(path).as_str(), &[BROWSER], b"")));
    }
    pages.push(("a refused form".into(), visitor.post("/clients/revoke", &[], &FROM_OUR_PAGE)));
    pages.push((
        "a stranger's form".into(),
        send("POST", visitor.person.url("/clients/revoke").as_str(), &[BROWSER], b""),
    ));
    pages.push(("a way out".into(), visitor.post("/connect/bitbucket", &connect.fields, &FROM_OUR_PAGE)));
    assert!(pages.len() > 15, "{}", pages.len());
    pages
}

#[test]
fn every_page_is_framed_by_nobody_and_kept_by_nobody_and_runs_nothing() {
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                  base-uri 'none'";
    for (name, page) in pages() {
        assert!(page.header("content-type").starts_with("text/html"), "{name}: {page:?}");
        let copying = policy.replace("style-src", "script-src 'self'; style-src");
        let expected = if name == COPYING { &copying } else { policy };
        assert_eq!(page.header("content-security-policy"), expected, "{name}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{name}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{name}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{name}");
        assert_eq!(page.header("cache-control"), "no-store", "{name}");
        assert_eq!(page.header("access-control-allow-origin"), "", "{name}");
    }
}

#[test]
fn no_page_needs_what_its_policy_forbids() {
    for (name, page) in pages() {
        for forbidden in ["<script", "<style", " style=", " onclick=", " onload=", "<iframe", "javascript:"] {
            let body = if name == COPYING { page.body.replace(SCRIPT, "") } else { page.body.clone() };
            assert!(!body.contains(forbidden), "{name} has {forbidden}");
        }
    }
}

#[test]
fn every_page_has_a_language_a_title_and_a_way_past_the_navigation() {
    for (name, page) in pages() {
        assert!(page.body.contains("<html lang=\"en\">") && page.body.contains("· Postern</title>"), "{name}");
        assert!(page.body.contains("href=\"#content\"") && page.body.contains("id=\"content\""), "{name}");
        assert_eq!(page.body.matches("<h1>").count(), 1, "{name}");
    }
}

#[test]
fn a_page_that_says_what_went_wrong_says_what_to_do_and_how_to_ask_about_it() {
    for (name, page) in pages().into_iter().filter(|(_, page)| page.status >= 400) {
        assert!(page.body.contains("What you can do"), "{name}");
        let request_id = page.header("x-request-id");
        assert!(!request_id.is_empty() && page.body.contains(request_id), "{name}");
    }
}

#[test]
fn the_style_and_the_icon_are_there() {
    let visitor = Visitor::developer();
    let page = visitor.get("/").body;
    for (start, kind) in [("/assets/postern.css", "text/css"), ("/assets/postern.svg", "image/svg+xml")] {
        let address = page.split('"').find(|text| text.starts_with(start)).expect("a link");
        let asset = visitor.get(address);
        assert_eq!(asset.status, 200, "{address}");
        assert!(asset.header("content-type").starts_with(kind), "{address}: {asset:?}");
    }
    assert_eq!(visitor.get("/assets/copy.js").status, 200);
}
