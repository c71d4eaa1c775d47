//! The page on which a person sees whom they let in, and shows them out.

use postern_tests::{
    client::{Answer, Client, REDIRECT},
    instance::instance,
    person::Person,
};
use serde_json::json;

use super::{FROM_OUR_PAGE, Visitor};

fn named(person: &Person<'_>, name: &str) -> Client {
    let mut client = Client::registered_as(&instance().url, json!({ "client_name": name }));
    let code = client.consented(person, &[]);
    client.keep(&client.redeem(&code, &[]).json());
    client
}

fn grant_of(client: &Client) -> String {
    let rows = instance().sql("SELECT id FROM grants WHERE client_id = ?1", &[&client.id]);
    rows[0]["id"].as_str().expect("a grant").to_owned()
}

/// Ends the access of that client by its button on the page.
fn end(visitor: &mut Visitor, client: &Client) -> Answer {
    let mut form = visitor.form("/clients", "/clients/revoke");
    form.set("grant", &grant_of(client));
    visitor.post("/clients/revoke", &form.fields, &FROM_OUR_PAGE)
}

fn status(client: &Client) -> u16 {
    client.call("whoami", json!({})).status
}

#[test]
fn it_shows_the_clients_that_the_person_let_in() {
    let person = Person::developer();
    let (_first, _second) = (named(&person, "Clever Editor"), named(&person, "Patient Terminal"));
    let page = Visitor::of(person).get("/clients").body;
    assert!(page.contains("Clever Editor") && page.contains("Patient Terminal"), "{page}");
    assert!(page.contains("at 127.0.0.1:33418") && page.contains(">read<") && page.contains(">write<"), "{page}");
}

#[test]
fn it_does_not_show_those_of_others() {
    named(&Person::developer(), "Clever Editor");
    assert!(!Visitor::developer().get("/clients").body.contains("Clever Editor"));
}

#[test]
fn it_does_not_show_a_client_that_never_came_for_its_tokens() {
    let person = Person::developer();
    let client = Client::registered_as(&instance().url, json!({ "client_name": "Forgetful" }));
    client.consented(&person, &[]);
    instance().sql("UPDATE grants SET expires_at = 1 WHERE client_id = ?1", &[&client.id]);
    assert!(!Visitor::of(person).get("/clients").body.contains("Forgetful"));
}

#[test]
fn ending_the_access_is_in_force_on_the_next_call() {
    let person = Person::developer();
    let client = named(&person, "Clever Editor");
    assert_eq!(status(&client), 200);
    let mut visitor = Visitor::of(person);
    let answer = end(&mut visitor, &client);
    assert_eq!((answer.status, answer.header("location")), (303, "/clients"));
    assert_eq!(status(&client), 401);
    assert_eq!(client.refresh(&client.refresh_token, &[]).json()["error"], "invalid_grant");
    assert!(!visitor.get("/clients").body.contains("Clever Editor"));
}

#[test]
fn ending_one_leaves_the_others() {
    let person = Person::developer();
    let (first, second) = (named(&person, "Clever Editor"), named(&person, "Patient Terminal"));
    end(&mut Visitor::of(person), &first);
    assert_eq!((status(&first), status(&second)), (401, 200));
}

#[test]
fn nobody_ends_the_access_of_somebody_elses_client() {
    let victims = named(&Person::developer(), "Clever Editor");
    let person = Person::developer();
    named(&person, "Patient Terminal");
    end(&mut Visitor::of(person), &victims);
    assert_eq!(status(&victims), 200);
}

#[test]
fn ending_what_has_ended_is_no_failure() {
    let person = Person::developer();
    let (first, _second) = (named(&person, "Clever Editor"), named(&person, "Patient Terminal"));
    let mut visitor = Visitor::of(person);
    end(&mut visitor, &first);
    assert_eq!(end(&mut visitor, &first).status, 303);
}

#[test]
fn it_shows_who_vouches_for_a_client() {
    let person = Person::developer();
    let id = "https://vouching-editor.example/client.json";
    let document = json!({ "client_id": id, "client_name": "Vouched Editor", "redirect_uris": [REDIRECT] });
    instance().serve(id, 200, &json!({ "content-type": "application/json" }), &document.to_string());
    let client = Client { id: id.into(), ..Client::registered(&instance().url) };
    client.consented(&person, &[]);
    let page = Visitor::of(person).get("/clients").body;
    assert!(page.contains("Vouched Editor") && page.contains("vouched for by vouching-editor.example"), "{page}");
}
