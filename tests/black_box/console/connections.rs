//! The page of a person's own accounts, and the way to a new one.

use postern_tests::{
    client::{Answer, Client, send},
    instance::instance,
    person::Person,
};
use serde_json::{Value, json};
use testkit::{browser::Page, journey};
use url::Url;

use super::{FROM_OUR_PAGE, Visitor};

const CALLBACK: &str = "/callback/bitbucket";

/// The accounts on record of that person.
fn accounts(person: &Person<'_>) -> Value {
    instance().sql("SELECT account_name, state FROM connections WHERE user_id = ?1", &[&person.user_id()])
}

/// The link that a tool call hands to that person.
fn link(person: &Person<'_>) -> String {
    let text = Client::of(person).call("bitbucket_list_workspaces", json!({})).text();
    let link = text.split_whitespace().find(|word| word.contains("/connect/bitbucket?e="));
    link.unwrap_or_else(|| panic!("no link: {text}")).trim_end_matches(['.', ')']).to_owned()
}

/// Connects, up to the provider's redirect back to us; the browser stays before it.
fn at_the_callback(visitor: Visitor) -> (Visitor, Url) {
    let Visitor { person, browser } = visitor;
    let mut visitor = Visitor { browser: browser.landing_at(person.url(CALLBACK)), person };
    let page = visitor.open("/connections");
    let form = page.forms().into_iter().find(|form| form.action == "/connect/bitbucket").expect("a form");
    let page = visitor.browser.submit(&page, &form, None).expect("the provider's page");
    let mut form = journey::form_with_button(&page, "decision", "grant").expect("a form that grants");
    form.set("account_name", &visitor.person.username);
    let page: Page = visitor.browser.submit(&page, &form, Some(("decision", "grant"))).expect("back");
    assert_eq!(page.url.path(), CALLBACK);
    (visitor, page.url)
}

fn take(visitor: &Visitor, callback: &Url) -> Answer {
    send("GET", callback.as_str(), &[("cookie", &visitor.cookies())], b"")
}

#[test]
fn it_says_which_account_is_connected() {
    let person = Person::connected();
    let page = Visitor::of(person).get("/connections").body;
    assert!(page.contains("Connected") && page.contains("Disconnect") && page.contains("Reconnect"), "{page}");
}

#[test]
fn it_says_when_none_is() {
    let page = Visitor::developer().get("/connections").body;
    assert!(page.contains("Not connected") && page.contains("Connect Bitbucket"), "{page}");
}

#[test]
fn disconnecting_is_in_force_on_the_next_call() {
    let person = Person::connected();
    let client = Client::of(&person);
    assert!(!client.call("bitbucket_list_workspaces", json!({})).is_error());
    let mut visitor = Visitor::of(person);
    let form = visitor.form("/connections", "/connections/bitbucket/disconnect");
    assert_eq!(visitor.post(&form.action, &form.fields, &FROM_OUR_PAGE).status, 303);
    let answer = client.call("bitbucket_list_workspaces", json!({}));
    assert!(answer.is_error() && answer.text().contains("/connect/bitbucket?e="), "{answer:?}");
    assert_eq!(accounts(&visitor.person), json!([]));
}

#[test]
fn a_connection_that_the_provider_ended_is_shown_as_broken() {
    let person = Person::connected();
    instance().fault(&json!({ "kind": "revoke_refresh_tokens", "account": person.username }));
    instance().fault(&json!({ "kind": "expire_access_tokens", "account": person.username }));
    assert!(Client::of(&person).call("bitbucket_list_workspaces", json!({})).is_error());
    let page = Visitor::of(person).get("/connections").body;
    assert!(page.contains("Broken") && page.contains("Reconnect"), "{page}");
}

#[test]
fn a_link_is_for_the_person_it_was_made_for() {
    let made_for = Person::developer();
    let link = Url::parse(&link(&made_for)).expect("a URL");
    let path = format!("{}?{}", link.path(), link.query().expect("a query"));
    let mut other = Visitor::developer();
    let answer = other.get(&path);
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(answer.body.contains("This link is not for you"));
    let mut form = other.form("/connections", "/connect/bitbucket");
    let elicitation = link.query_pairs().find(|(name, _)| name == "e").expect("an id").1;
    form.set("e", &elicitation);
    assert_eq!(other.post("/connect/bitbucket", &form.fields, &FROM_OUR_PAGE).status, 403);
    assert_eq!(Visitor::of(made_for).get(&path).status, 200);
}

#[test]
fn a_link_that_was_never_given_out_leads_nowhere() {
    assert_eq!(Visitor::developer().get("/connect/bitbucket?e=guessed").status, 404);
}

#[test]
fn connecting_is_finished_in_the_browser_that_began_it() {
    let (visitor, callback) = at_the_callback(Visitor::developer());
    let stranger = Visitor::developer();
    assert_eq!(take(&stranger, &callback).status, 400);
    let elsewhere =
        Visitor::of(Person { username: visitor.person.username.clone(), instance: visitor.person.instance });
    assert_eq!(take(&elsewhere, &callback).status, 400);
    assert_eq!((accounts(&visitor.person), accounts(&stranger.person)), (json!([]), json!([])));
    assert_eq!(take(&visitor, &callback).status, 200);
}

#[test]
fn connecting_is_finished_once() {
    let (visitor, callback) = at_the_callback(Visitor::developer());
    assert_eq!((take(&visitor, &callback).status, take(&visitor, &callback).status), (200, 400));
    assert_eq!(accounts(&visitor.person)[0]["state"], "connected");
}

#[test]
fn who_refuses_at_the_provider_is_told_that_nothing_changed() {
    let mut visitor = Visitor::developer();
    let page = visitor.open("/connections");
    let form = page.forms().into_iter().find(|form| form.action == "/connect/bitbucket").expect("a form");
    let page = visitor.browser.submit(&page, &form, None).expect("the provider's page");
    let form = journey::form_with_button(&page, "decision", "deny").expect("a form that refuses");
    let page = visitor.browser.submit(&page, &form, Some(("decision", "deny"))).expect("back");
    assert!(page.body.contains("nothing changed here"), "{}", page.body);
    assert_eq!(accounts(&visitor.person), json!([]));
}
