//! Rows 119–122: nobody gets anything unless the person says so on a page that says what.

use postern_tests::{
    client::{Client, REDIRECT, parameter, send},
    person::Person,
};
use serde_json::json;
use testkit::{
    browser::{Browser, Page},
    journey::form_with_button,
};
use url::Url;

use super::origin;

/// The consent page that this client's request leads to.
fn consent_page(browser: &mut Browser, client: &Client) -> Page {
    let page = browser.open(client.authorization_url(&[])).expect("a page");
    assert!(form_with_button(&page, "decision", "approve").is_some(), "{}: {}", page.url, page.body);
    page
}

fn person_at_consent(client: &Client) -> (Person<'static>, Browser, Page) {
    let person = Person::developer();
    let (mut browser, _) = person.signed_in_at("/connections");
    let page = consent_page(&mut browser, client);
    (person, browser, page)
}

/// Decides with that form token (and, to be sure, from the consent page itself); the status.
fn decide_with(browser: &Browser, page: &Page, form_token: Option<&str>) -> u16 {
    let form = form_with_button(page, "decision", "approve").expect("a form");
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form.fields.iter().filter(|(name, _)| name != "form_token"));
    body.append_pair("decision", "approve").extend_pairs(form_token.map(|token| ("form_token", token)));
    let cookies = browser.cookies_for(&page.url).expect("a session");
    let headers = [
        ("cookie", cookies.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    send("POST", &format!("{}/authorize/decision", origin()), &headers, body.finish().as_bytes()).status
}

fn form_token(page: &Page) -> String {
    let form = form_with_button(page, "decision", "approve").expect("a form");
    form.fields.into_iter().find(|(name, _)| name == "form_token").expect("a form token").1
}

#[test]
fn row_119_every_client_is_asked_for_by_itself() {
    let (_, browser, page) = person_at_consent(&Client::registered(origin()));
    let mut browser = browser.landing_at(Url::parse(REDIRECT).expect("a URL"));
    let form = form_with_button(&page, "decision", "approve").expect("a form");
    let page = browser.submit(&page, &form, Some(("decision", "approve"))).expect("back at the client");
    assert!(parameter(&page, "code").is_some());
    let second = Client::registered_as(origin(), json!({ "client_name": "The second" }));
    assert!(consent_page(&mut browser, &second).body.contains("The second"));
}

#[test]
fn row_119_one_that_was_allowed_before_is_asked_for_again() {
    let client = Client::registered(origin());
    let (_, browser, page) = person_at_consent(&client);
    let mut browser = browser.landing_at(Url::parse(REDIRECT).expect("a URL"));
    let form = form_with_button(&page, "decision", "approve").expect("a form");
    browser.submit(&page, &form, Some(("decision", "approve"))).expect("back at the client");
    consent_page(&mut browser, &client);
}

#[test]
fn row_120_the_page_says_who_asks_and_that_nobody_vouches_for_the_name() {
    let client = Client::registered_as(origin(), json!({ "client_name": "Clever Editor" }));
    let (_, _, page) = person_at_consent(&client);
    assert!(page.body.contains("Clever Editor") && page.body.contains(&client.id));
    assert!(page.body.contains("Not verified"), "{}", page.body);
}

#[test]
fn row_120_the_name_cannot_be_more_than_a_name() {
    let name = "<script>alert(1)</script>\u{202e}\u{200b}<b>";
    let (_, _, page) = person_at_consent(&Client::registered_as(origin(), json!({ "client_name": name })));
    assert!(page.body.contains("&lt;script&gt;") && !page.body.contains("<script"), "{}", page.body);
    assert!(!page.body.contains(['\u{202e}', '\u{200b}']));
}

#[test]
fn row_120_the_page_says_where_the_answer_goes() {
    let client = Client::registered_as(origin(), json!({ "redirect_uris": ["https://editor.example/back"] }));
    let person = Person::developer();
    let (mut browser, _) = person.signed_in_at("/connections");
    let page = browser.open(client.authorization_url(&[("redirect_uri", "https://editor.example/back")]));
    let body = page.expect("a page").body;
    assert!(body.contains("<strong class=\"host\">editor.example</strong>"), "{body}");
    assert!(!body.contains("program on your own computer"));
}

#[test]
fn row_120_the_page_warns_of_programs_on_the_same_computer() {
    let (_, _, page) = person_at_consent(&Client::registered(origin()));
    assert!(page.body.contains("<strong class=\"host\">127.0.0.1:33418</strong>"), "{}", page.body);
    assert!(page.body.contains("This is a program on your own computer."));
}

#[test]
fn row_120_the_page_says_in_words_what_is_asked_for_and_in_whose_name() {
    let (person, mut browser, page) = person_at_consent(&Client::registered(origin()));
    assert!(page.body.contains("Read in Bitbucket what you can read: workspaces, "), "{}", page.body);
    assert!(page.body.contains("account, also where you yourself cannot: "));
    let changes = page.body.split("Change in Bitbucket, in your name: ").nth(1).expect("what is changed");
    assert!(changes.split('<').next().is_some_and(|changes| changes.contains("comment on pull requests")), "{changes}");
    assert!(page.body.contains(&format!("({})", person.username)));
    let reader = Client::registered(origin()).authorization_url(&[("scope", "read")]);
    assert!(!browser.open(reader).expect("a page").body.contains("comment on"));
}

#[test]
fn row_121_only_the_page_itself_can_decide() {
    let (_, browser, page) = person_at_consent(&Client::registered(origin()));
    let (_, _, of_somebody_else) = person_at_consent(&Client::registered(origin()));
    assert_eq!(decide_with(&browser, &page, None), 403);
    assert_eq!(decide_with(&browser, &page, Some("guessed")), 403);
    assert_eq!(decide_with(&browser, &page, Some(&form_token(&of_somebody_else))), 403);
    assert_eq!(decide_with(&browser, &page, Some(&form_token(&page))), 200);
}

#[test]
fn row_120_who_unticks_writing_gives_reading_alone() {
    let client = Client::registered(origin());
    let (_, browser, page) = person_at_consent(&client);
    let mut browser = browser.landing_at(Url::parse(REDIRECT).expect("a URL"));
    let mut form = form_with_button(&page, "decision", "approve").expect("a form");
    assert!(form.has_field("write"));
    form.fields.retain(|(name, _)| name != "write");
    let page = browser.submit(&page, &form, Some(("decision", "approve"))).expect("back at the client");
    let tokens = client.redeem(&parameter(&page, "code").expect("a code"), &[]).json();
    assert_eq!(tokens["scope"], "read");
}

#[test]
fn row_121_a_form_sent_twice_ends_at_the_client_with_one_code_that_works() {
    let client = Client::registered(origin());
    let (_, browser, page) = person_at_consent(&client);
    let mut browser = browser.landing_at(Url::parse(REDIRECT).expect("a URL"));
    let form = form_with_button(&page, "decision", "approve").expect("a form");
    let codes = [(); 2].map(|()| {
        let back = browser.submit(&page, &form, Some(("decision", "approve"))).expect("back at the client");
        parameter(&back, "code").expect("a code")
    });
    assert_eq!(codes[0], codes[1]);
    assert_eq!(client.redeem(&codes[1], &[]).status, 200);
}

#[test]
fn row_121_a_request_that_was_decided_is_not_decided_in_another_way() {
    let (_, mut browser, page) = person_at_consent(&Client::registered(origin()));
    let token = form_token(&page);
    assert_eq!(decide_with(&browser, &page, Some(&token)), 200);
    let form = form_with_button(&page, "decision", "deny").expect("a form");
    let denied = browser.submit(&page, &form, Some(("decision", "deny"))).expect("a page");
    assert_eq!(denied.status.as_u16(), 400);
}

#[test]
fn row_121_a_decision_from_long_ago_is_not_repeated() {
    let client = Client::registered(origin());
    let (_, browser, page) = person_at_consent(&client);
    let token = form_token(&page);
    assert_eq!(decide_with(&browser, &page, Some(&token)), 200);
    let over = "UPDATE authorization_requests SET expires_at = 1 WHERE client_id = ?1";
    postern_tests::instance::instance().sql(over, &[&client.id]);
    assert_eq!(decide_with(&browser, &page, Some(&token)), 400);
}

#[test]
fn row_121_requests_in_two_tabs_are_decided_each_by_itself() {
    let (first, second) = (Client::registered(origin()), Client::registered(origin()));
    let (mut browser, _) = Person::developer().signed_in_at("/connections");
    let pages = [consent_page(&mut browser, &first), consent_page(&mut browser, &second)];
    let mut browser = browser.landing_at(Url::parse(REDIRECT).expect("a URL"));
    let mut decide = |page: &Page, decision| {
        let form = form_with_button(page, "decision", decision).expect("a form");
        browser.submit(page, &form, Some(("decision", decision))).expect("back at the client")
    };
    let (denied, allowed) = (decide(&pages[1], "deny"), decide(&pages[0], "approve"));
    assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
    assert_eq!(first.redeem(&parameter(&allowed, "code").expect("a code"), &[]).status, 200);
}

#[test]
fn row_121_nobody_decides_for_somebody_else() {
    let (_, _, page) = person_at_consent(&Client::registered(origin()));
    let (_, others_browser, others_page) = person_at_consent(&Client::registered(origin()));
    assert_eq!(decide_with(&others_browser, &page, Some(&form_token(&others_page))), 400);
}

#[test]
fn row_121_the_page_cannot_be_framed() {
    let (_, _, page) = person_at_consent(&Client::registered(origin()));
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.contains("frame-ancestors 'none'")));
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
}

#[test]
fn row_122_nothing_begins_upstream_before_the_person_agrees() {
    let (_, mut browser, page) = person_at_consent(&Client::registered(origin()));
    assert_eq!(page.header("set-cookie"), None);
    let before = browser.open(Url::parse(&format!("{}/connect/bitbucket", origin())).expect("a URL")).expect("a page");
    assert_eq!((before.status.as_u16(), before.header("set-cookie")), (200, None));
}
