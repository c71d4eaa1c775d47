//! A form counts only if we showed it to this session, and one of our pages sent it.

use postern_tests::{
    client::{Client, send},
    person::Person,
};
use testkit::browser::Form;

use super::{FROM_OUR_PAGE, Visitor, post_with, routes::routes};

/// Shown only while a tool is pending, the access policy has rules, something is locked, somebody is disabled, a credential is
/// entered, a call is held or access can be asked for, which would be in the way of other tests; or to whoever signed in just
/// now.
const NOT_SHOWN_HERE: [&str; 16] = [
    "/admin/tools/decide-many",
    "/admin/policy/change",
    "/admin/locks/lift",
    "/admin/people/enable",
    "/admin/tokens",
    "/admin/tokens/revoke",
    "/admin/accounts/remove",
    "/approvals/decide",
    "/approvals/end",
    "/access",
    "/admin/notices/test",
    "/admin/notices/rotate",
    "/admin/notices/remove",
    "/access/break-glass",
    "/access/decide",
    "/access/end",
];

/// An administrator to whom every form is shown, and the forms.
fn all_forms() -> (Visitor, Vec<Form>) {
    let mut visitor = Visitor::of(Person::administrator());
    visitor.person.connect_bitbucket();
    let client = Client::of(&visitor.person);
    let url = client.authorization_url(&[]);
    let consent = format!("{}?{}", url.path(), url.query().expect("a query"));
    let mut known = visitor.form("/admin/clients", "/admin/clients");
    known.set("name", "A service");
    known.set("grant_type", "client_credentials");
    assert_eq!(visitor.post("/admin/clients", &known.fields, &FROM_OUR_PAGE).status, 200);
    // Of another browser of theirs, which they can end.
    visitor.person.signed_in_at("/connections");
    // Nobody disables themselves.
    let other = Person::developer();
    other.signed_in_at("/connections");
    let person = format!("/admin/people/{}", other.user_id());
    let paths = [
        "/",
        "/connections",
        "/clients",
        "/sessions",
        "/admin/tools",
        "/admin/tools/whoami",
        "/admin/locks?kind=client&name=nobody",
        "/admin/policy",
        "/admin/policy/document",
        "/admin/tokens",
        "/admin/audit/verify",
        "/admin/notices",
        "/admin/accounts",
        "/admin/clients",
        "/admin/people",
        &person,
        &consent,
    ];
    let pages = paths.map(|path| visitor.open(path));
    let mut forms: Vec<Form> = Vec::new();
    for form in pages.iter().flat_map(testkit::browser::Page::forms).filter(|form| form.is_post) {
        // Those of hundreds of tools are alike.
        if forms.iter().filter(|other| other.action == form.action).count() < 2 {
            forms.push(form);
        }
    }
    (visitor, forms)
}

/// The fields of a form with another form token, or with none.
fn with_token(form: &Form, token: Option<&str>) -> Vec<(String, String)> {
    let others = form.fields.iter().filter(|(name, _)| name != "form_token").cloned();
    others.chain(token.map(|token| ("form_token".to_owned(), token.to_owned()))).collect()
}

fn token_of(form: &Form) -> &str {
    let field = form.fields.iter().find(|(name, _)| name == "form_token");
    &field.unwrap_or_else(|| panic!("{form:?} has no form token")).1
}

#[test]
fn every_form_is_one_of_the_route_tables_and_carries_a_token_of_its_own() {
    let (_, forms) = all_forms();
    for form in &forms {
        assert!(routes("Post").contains(&form.action), "{form:?}");
    }
    for route in routes("Post").iter().filter(|route| !NOT_SHOWN_HERE.contains(&route.as_str())) {
        let form = forms.iter().find(|form| form.action == *route).unwrap_or_else(|| panic!("no form for {route}"));
        let same = forms.iter().filter(|other| token_of(other) == token_of(form));
        assert!(same.into_iter().all(|other| other.action == *route), "{route}");
    }
}

#[test]
fn a_post_without_a_token_does_nothing() {
    let visitor = Visitor::of(Person::administrator());
    for route in routes("Post") {
        assert_eq!(visitor.post(&route, &[], &FROM_OUR_PAGE).status, 403, "{route}");
    }
}

#[test]
fn nor_does_one_with_the_token_of_another_form() {
    let (visitor, forms) = all_forms();
    for (form, other) in forms.iter().flat_map(|form| forms.iter().map(move |other| (form, other))) {
        if form.action != other.action {
            let answer = visitor.post(&form.action, &with_token(form, Some(token_of(other))), &FROM_OUR_PAGE);
            assert_eq!(answer.status, 403, "{} with the token for {}", form.action, other.action);
        }
    }
}

#[test]
fn nor_does_one_with_the_token_of_another_session_of_the_same_person() {
    let (visitor, forms) = all_forms();
    let other = Visitor::of(Person { username: visitor.person.username.clone(), instance: visitor.person.instance });
    for form in &forms {
        assert_eq!(other.post(&form.action, &form.fields, &FROM_OUR_PAGE).status, 403, "{}", form.action);
    }
}

#[test]
fn nor_does_one_that_another_site_sends() {
    let (visitor, forms) = all_forms();
    for form in &forms {
        for headers in [
            &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "null"), ("sec-fetch-site", "cross-site")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
        ] {
            let answer = visitor.post(&form.action, &form.fields, headers);
            assert_eq!(answer.status, 403, "{} with {headers:?}", form.action);
        }
    }
}

#[test]
fn nor_does_one_that_is_no_form() {
    let visitor = Visitor::of(Person::administrator());
    for route in routes("Post") {
        let headers = [("cookie", visitor.cookies()), ("content-type", "application/json".into())];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = send("POST", visitor.person.url(&route).as_str(), &headers, b"{}");
        assert_eq!(answer.status, 403, "{route}");
    }
}

#[test]
fn nor_does_one_of_somebody_who_has_not_signed_in() {
    let (visitor, forms) = all_forms();
    for form in &forms {
        let answer = post_with("", visitor.person.url(&form.action).as_str(), &form.fields, &FROM_OUR_PAGE);
        assert_eq!(answer.status, 401, "{}", form.action);
    }
}

#[test]
fn nothing_is_done_by_opening_an_address() {
    let visitor = Visitor::of(Person::administrator());
    for route in routes("Post").into_iter().filter(|route| !routes("Get").contains(route)) {
        assert_eq!(visitor.get(&route).status, 405, "{route}");
    }
    assert_eq!(visitor.get("/connections").status, 200, "still signed in");
}

#[test]
fn a_form_of_ours_works() {
    let mut visitor = Visitor::developer();
    let form = visitor.form("/connections", "/connect/bitbucket");
    let answer = visitor.post(&form.action, &form.fields, &FROM_OUR_PAGE);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.header("refresh").contains("/site/oauth2/authorize"), "{answer:?}");
}
