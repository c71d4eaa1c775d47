//! The page on which administrators enter clients.

use postern_tests::{
    client::{Answer, Client, REDIRECT, post_form},
    instance::instance,
    person::Person,
};
use serde_json::Value;
use testkit::browser::Page;

use super::Visitor;

/// An administrator, and the page after a client was entered, with fields of the form replaced.
fn enter(changed: &[(&str, &str)]) -> (Visitor, Page) {
    let mut administrator = Visitor::of(Person::administrator());
    let page = administrator.open("/admin/clients");
    let mut form = page.forms().into_iter().find(|form| form.action == "/admin/clients").expect("a form");
    form.set("name", "Build pipeline");
    form.set("redirect_uris", REDIRECT);
    for (name, value) in changed {
        form.set(name, value);
    }
    let page = administrator.browser.submit(&page, &form, None).expect("a page");
    (administrator, page)
}

/// The values of the page's list of facts: the id, and the secret where there is one.
fn facts(page: &Page) -> Vec<String> {
    let values = page.body.split("<dd><code>").skip(1);
    values.map(|after| after.split("</code>").next().expect("a value").to_owned()).collect()
}

/// A client that people sign in with, and its secret.
fn entered(changed: &[(&str, &str)]) -> (Visitor, Client, String) {
    let (administrator, page) = enter(changed);
    assert_eq!(page.status, 200, "{}", page.body);
    let facts = facts(&page);
    let origin = instance().url.clone();
    let (access_token, refresh_token, view) = (String::new(), String::new(), String::new());
    let client = Client { origin, id: facts[0].clone(), access_token, refresh_token, view };
    (administrator, client, facts[1].clone())
}

fn remove(administrator: &mut Visitor, client: &Client) {
    let page = administrator.open("/admin/clients");
    let of_client = |form: &testkit::browser::Form| form.fields.contains(&("client".into(), client.id.clone()));
    let form = page.forms().into_iter().find(of_client).expect("a form that removes it");
    assert_eq!(administrator.browser.submit(&page, &form, None).expect("a page").status, 200);
}

/// The client lets itself in as itself.
fn as_itself(client: &Client, secret: &str) -> Answer {
    let fields = [("grant_type", "client_credentials"), ("client_id", client.id.as_str()), ("client_secret", secret)];
    post_form(&format!("{}/token", client.origin), &fields)
}

#[test]
fn a_client_that_was_entered_goes_all_the_way_with_its_secret() {
    let (_, mut client, secret) = entered(&[]);
    let code = client.consented(&Person::developer(), &[("scope", "read")]);
    assert_eq!(client.redeem(&code, &[]).json()["error"], "invalid_client", "without its secret");
    let tokens = client.redeem(&code, &[("client_secret", &secret)]);
    assert_eq!(tokens.status, 200, "{tokens:?}");
    client.keep(&tokens.json());
    assert_eq!(client.modern("tools/list", serde_json::json!({})).status, 200);
}

#[test]
fn consent_says_that_an_administrator_knows_it() {
    let (_, client, _) = entered(&[("name", "Release Robot")]);
    let page = Visitor::developer().browser.open(client.authorization_url(&[("scope", "read")])).expect("a page");
    assert!(page.body.contains("Release Robot") && page.body.contains("Known here"), "{}", page.body);
    assert!(!page.body.contains("Not verified"));
}

#[test]
fn nobody_is_asked_for_more_than_it_is_limited_to() {
    let (_, client, _) = entered(&[]);
    let page = client.authorize(&Person::developer(), &[("scope", "read write")], "approve");
    assert!(page.url.query().is_some_and(|query| query.contains("error=invalid_scope")), "{}", page.url);
}

#[test]
fn its_secret_is_shown_once_and_kept_nowhere() {
    let (mut administrator, client, secret) = entered(&[]);
    let list = administrator.open("/admin/clients").body;
    assert!(list.contains(&client.id) && !list.contains(&secret), "{list}");
    let row = instance().sql("SELECT * FROM clients WHERE id = ?1", &[&client.id]).to_string();
    assert!(!row.contains(&secret) && !instance().logs().contains(&secret));
}

#[test]
fn the_list_says_who_entered_it() {
    let (mut administrator, client, _) = entered(&[("name", "Release Robot")]);
    let list = administrator.open("/admin/clients").body;
    let row = list.split("<tr>").find(|row| row.contains(&client.id)).expect("a row").to_owned();
    assert!(row.contains("Release Robot") && row.contains("by ") && row.contains(REDIRECT), "{row}");
}

#[test]
fn what_is_wrong_is_said_and_what_was_written_is_still_there() {
    let (_, page) = enter(&[("redirect_uris", "http://evil.example/callback")]);
    assert_eq!(page.status, 400);
    assert!(page.body.contains("Line 1 of the redirect URIs") && page.body.contains("http://evil.example/callback"));
    assert!(page.body.contains("value=\"Build pipeline\""), "{}", page.body);
}

#[test]
fn a_service_gets_access_as_itself_until_it_is_removed() {
    let (mut administrator, mut service, secret) = entered(&[("grant_type", "client_credentials")]);
    let tokens = as_itself(&service, &secret);
    assert_eq!((tokens.status, tokens.json().get("refresh_token")), (200, None), "{tokens:?}");
    service.keep(&tokens.json());
    assert_eq!(service.modern("tools/list", serde_json::json!({})).status, 200);
    remove(&mut administrator, &service);
    assert_eq!(service.modern("tools/list", serde_json::json!({})).status, 401, "at once");
    assert_eq!(as_itself(&service, &secret).json()["error"], "invalid_client");
}

#[test]
fn what_people_let_a_removed_client_do_is_over_on_the_next_call() {
    let (mut administrator, mut client, secret) = entered(&[]);
    let person = Person::developer();
    let code = client.consented(&person, &[("scope", "read")]);
    client.keep(&client.redeem(&code, &[("client_secret", &secret)]).json());
    let other = Client::of(&person);
    remove(&mut administrator, &client);
    let status = |client: &Client| client.modern("tools/list", serde_json::json!({})).status;
    assert_eq!((status(&client), status(&other)), (401, 200));
    let refused = client.refresh(&client.refresh_token, &[("client_secret", &secret)]);
    assert_eq!(refused.json()["error"], "invalid_client");
    assert_eq!(instance().sql("SELECT id FROM clients WHERE id = ?1", &[&client.id]), Value::Array(Vec::new()));
}

#[test]
fn a_client_that_registered_itself_is_not_in_the_list() {
    let client = Client::registered(&instance().url);
    assert!(!Visitor::of(Person::administrator()).get("/admin/clients").body.contains(&client.id));
}
