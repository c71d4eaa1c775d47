//! Rows 59 and 74–78: the link that a call hands out, for one person, and harmless until a button is pressed.

use postern_tests::{
    client::{Client, send},
    person::Person,
};
use serde_json::json;
use url::Url;

use super::{attempts, browser_of, connect_form, connection, new_link, rows_of};

/// What follows the host.
fn path(link: &str) -> String {
    let url = Url::parse(link).expect("a URL");
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

#[test]
fn the_page_of_a_link_says_who_where_what_and_for_which_client() {
    let person = Person::developer();
    let link = new_link(&Client::of(&person));
    let (_, page) = browser_of(&person, &path(&link));
    let sandbox = Url::parse(&person.instance.sandbox_url).expect("a URL");
    let scopes = ["account", "pullrequest", "repository"].map(|scope| format!("<code>{scope}</code>"));
    let parts = [
        format!("({})", person.username),
        sandbox.host_str().unwrap_or_default().to_owned(),
        "<strong>black box</strong> needs it".to_owned(),
        "no AI client ever gets it".to_owned(),
        "Not now".to_owned(),
    ];
    for part in parts.into_iter().chain(scopes) {
        assert!(page.body.contains(&part), "{part} in {}", page.body);
    }
}

#[test]
fn row_76_opening_a_link_has_no_effect() {
    let person = Person::developer();
    let link = new_link(&Client::of(&person));
    let (mut browser, _) = browser_of(&person, "/connections");
    let page = browser.open(Url::parse(&link).expect("a URL")).expect("a page");
    assert_eq!((page.status.as_u16(), page.url.as_str()), (200, link.as_str()));
    assert_eq!((page.header("set-cookie"), page.header("refresh")), (None, None));
    assert_eq!((attempts(&person), connection(&person)), (json!([]), json!([])));
    assert_eq!(rows_of(&person, "elicitations")[0]["state"], "pending");
}

#[test]
fn row_59_a_link_carries_a_random_id_and_nothing_else() {
    let client = Client::of(&Person::developer());
    let links = [new_link(&client), new_link(&client)].map(|link| Url::parse(&link).expect("a URL"));
    let ids = links.each_ref().map(|link| link.query().and_then(|query| query.strip_prefix("e=")).expect("an id"));
    for (link, id) in links.iter().zip(ids) {
        assert_eq!((link.path(), link.fragment(), link.username()), ("/connect/bitbucket", None, ""), "{link}");
        let is_opaque = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        assert!(id.len() >= 22 && id.bytes().all(is_opaque), "{id}");
    }
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn row_59_a_link_asks_a_stranger_to_sign_in_first() {
    let link = new_link(&Client::of(&Person::developer()));
    let answer = send("GET", &link, &[], b"");
    assert_eq!(answer.status, 302, "{answer:?}");
    assert!(answer.header("location").starts_with("/sign-in?return_to=%2Fconnect%2Fbitbucket%3Fe%3D"), "{answer:?}");
}

#[test]
fn row_78_the_page_of_a_link_cannot_be_framed_or_kept() {
    let person = Person::developer();
    let (_, page) = browser_of(&person, &path(&new_link(&Client::of(&person))));
    let policy = page.header("content-security-policy").unwrap_or_default();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
}

#[test]
fn row_74_another_person_is_refused_a_link() {
    let (person, stranger) = (Person::developer(), Person::developer());
    let link = new_link(&Client::of(&person));
    let (_, page) = browser_of(&stranger, &path(&link));
    assert_eq!(page.status.as_u16(), 403);
    assert!(page.body.contains("This link is not for you"), "{}", page.body);
    assert!(!page.forms().iter().any(|form| form.action.contains("/connect/")), "{}", page.body);
}

#[test]
fn row_74_the_log_says_who_opened_whose_link() {
    let (person, stranger) = (Person::developer(), Person::developer());
    let link = new_link(&Client::of(&person));
    browser_of(&stranger, &path(&link));
    let logs = person.instance.logs();
    for (field, someone) in [("opened_by", &stranger), ("made_for", &person)] {
        let mention = format!(r#"\"{field}\":\"{}\""#, someone.user_id());
        assert!(logs.contains(&mention), "no {mention}");
    }
}

#[test]
fn row_74_another_person_cannot_send_the_form_of_a_link() {
    let (person, stranger) = (Person::developer(), Person::developer());
    let link = new_link(&Client::of(&person));
    let (mut browser, page) = browser_of(&stranger, "/connections");
    let mut form = connect_form(&page);
    form.set("e", link.split_once("?e=").expect("an id").1);
    let page = browser.submit(&page, &form, None).expect("a page");
    assert_eq!(page.status.as_u16(), 403);
    for someone in [&person, &stranger] {
        assert_eq!((attempts(someone), connection(someone)), (json!([]), json!([])));
    }
}

#[test]
fn row_77_a_form_without_its_token_does_nothing() {
    let person = Person::developer();
    let (mut browser, page) = browser_of(&person, "/connections");
    let sign_out = page.forms().into_iter().find(|form| form.action == "/sign-out").expect("a form that signs out");
    let other_forms_token = sign_out.fields.iter().find(|(name, _)| name == "form_token").expect("a token").1.clone();
    for token in [None, Some(""), Some("x"), Some(other_forms_token.as_str())] {
        let mut form = connect_form(&page);
        form.fields.retain(|(name, _)| name != "form_token");
        form.fields.extend(token.map(|token| ("form_token".to_owned(), token.to_owned())));
        let answer = browser.submit(&page, &form, None).expect("a page");
        assert_eq!(answer.status.as_u16(), 403, "{token:?}");
        assert!(answer.body.contains("Nothing was done"), "{}", answer.body);
    }
    assert_eq!(attempts(&person), json!([]));
}

#[test]
fn row_77_a_form_of_another_persons_session_does_nothing() {
    let (person, stranger) = (Person::developer(), Person::developer());
    let (_, page_of_other) = browser_of(&stranger, "/connections");
    let (mut browser, page) = browser_of(&person, "/connections");
    let answer = browser.submit(&page, &connect_form(&page_of_other), None).expect("a page");
    assert_eq!((answer.status.as_u16(), attempts(&person)), (403, json!([])));
}

#[test]
fn row_75_a_link_that_was_never_given_out_has_ended() {
    let person = Person::developer();
    for path in ["/connect/bitbucket?e=nothing", "/connect/bitbucket?e=", "/connect/bitbucket?e=a&e=b"] {
        let (_, page) = browser_of(&person, path);
        assert_eq!(page.status.as_u16(), 404, "{path}");
        assert!(page.body.contains("This link has ended"), "{}", page.body);
    }
}

#[test]
fn row_75_what_is_added_to_a_link_makes_it_nobody_elses() {
    let (person, stranger) = (Person::developer(), Person::developer());
    let link = new_link(&Client::of(&person));
    browser_of(&stranger, "/connections");
    let edited = format!("{}&sub={1}&user_id={1}", path(&link), stranger.user_id());
    assert_eq!(browser_of(&stranger, &edited).1.status.as_u16(), 403);
    let (_, page) = browser_of(&person, &edited);
    assert!(page.status.as_u16() == 200 && !page.body.contains(&stranger.username), "{}", page.body);
}

#[test]
fn a_link_ends() {
    let person = Person::developer();
    let link = new_link(&Client::of(&person));
    person.instance.sql("UPDATE elicitations SET expires_at = 1 WHERE user_id = ?1", &[&person.user_id()]);
    let (_, page) = browser_of(&person, &path(&link));
    assert_eq!(page.status.as_u16(), 404);
}
