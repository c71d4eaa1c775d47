//! Who is let in to which page, and where signing in leads.

use postern_tests::{
    client::{Answer, send},
    instance::instance,
    person::Person,
};
use testkit::{browser::Browser, journey};

use super::{FROM_OUR_PAGE, Visitor, routes::routes};

/// Pages that anybody may see, or that have their own way with strangers.
const OPEN: [&str; 5] = ["/", "/connect-a-client", "/sign-in", "/callback/identity", "/authorize"];

fn get(path: &str) -> Answer {
    send("GET", &format!("{}{path}", instance().url), &[], b"")
}

/// The address to which a sign-in with that `return_to` leads in the end.
fn returned_to(return_to: &str) -> String {
    let person = Person::developer();
    let mut address = person.url("/sign-in");
    address.query_pairs_mut().append_pair("return_to", return_to);
    let page = journey::open_signed_in(&mut Browser::new(), address, &person.account()).expect("signed in");
    assert_eq!(page.url.origin(), person.url("/").origin(), "{return_to:?}");
    page.url.path().to_owned()
}

#[test]
fn a_page_that_is_for_signed_in_people_asks_them_to_sign_in_and_come_back() {
    for path in routes("Get").into_iter().filter(|path| !OPEN.contains(&path.as_str())) {
        let answer = get(&format!("{path}?a=1"));
        let encoded = path.replace('/', "%2F");
        assert_eq!(answer.status, 302, "{path}: {answer:?}");
        assert_eq!(answer.header("location"), format!("/sign-in?return_to={encoded}%3Fa%3D1"));
    }
}

#[test]
fn who_signs_in_arrives_where_they_wanted_to_go() {
    let (_, page) = Person::developer().signed_in_at("/clients?a=1&b=2");
    assert_eq!((page.url.path(), page.url.query()), ("/clients", Some("a=1&b=2")));
}

#[test]
fn signing_in_leads_nowhere_but_here() {
    assert_eq!(returned_to("/clients"), "/clients");
    for elsewhere in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/clients\r\nset-cookie: a=b",
        "",
    ] {
        assert_eq!(returned_to(elsewhere), "/", "{elsewhere:?}");
    }
}

#[test]
fn pages_for_administrators_are_not_for_developers() {
    let (developer, administrator) = (Visitor::developer(), Visitor::of(Person::administrator()));
    for path in routes("Get").into_iter().filter(|path| path.starts_with("/admin/")) {
        let refused = developer.get(&path);
        assert_eq!(refused.status, 403, "{path}");
        assert!(refused.body.contains("This page is for administrators"), "{}", refused.body);
        assert_eq!(administrator.get(&path).status, 200, "{path}");
    }
}

#[test]
fn forms_for_administrators_do_nothing_for_developers() {
    let mut administrator = Visitor::of(Person::administrator());
    let form = administrator.form("/admin/tools", "/admin/tools/decide");
    let developer = Visitor::developer();
    let mut fields = form.fields.clone();
    fields.push(("state".into(), "disabled".into()));
    assert_eq!(developer.post("/admin/tools/decide", &fields, &FROM_OUR_PAGE).status, 403);
    let disabled = instance().sql("SELECT name FROM tools WHERE state = 'disabled'", &[]);
    assert_eq!(disabled, serde_json::json!([]));
}

#[test]
fn the_navigation_shows_administration_to_administrators_alone() {
    assert!(!Visitor::developer().get("/").body.contains("/admin/"));
    assert!(Visitor::of(Person::administrator()).get("/").body.contains("/admin/tools"));
}
