//! An access token carries its person's roles and groups (RFC 9068 §2.2.3.1), as the identity provider claimed them last.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use postern_tests::{client::Client, instance::instance, person::Person, service::Service, token::reissued};
use serde_json::{Value, json};

use super::mcp_status;

/// What the client's access token says of roles and groups.
fn attributes(client: &Client) -> [Value; 3] {
    let claims = client.access_token.split('.').nth(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims: Value = serde_json::from_slice(&claims.expect("a JWT")).expect("claims");
    ["roles", "groups", "groups_complete"].map(|name| claims[name].clone())
}

#[test]
fn a_developers_token_has_no_roles_and_an_administrators_has_theirs() {
    let developer = attributes(&Client::of(&Person::developer()));
    assert_eq!(developer, [json!([]), json!(["/engineering"]), json!(true)]);
    let administrator = attributes(&Client::of(&Person::administrator()));
    assert_eq!(administrator, [json!(["administrator", "approver"]), json!(["/platform"]), json!(true)]);
}

#[test]
fn roles_and_groups_that_change_are_in_the_next_token_after_the_providers_next_word() {
    let person = Person::developer();
    let mut client = Client::of(&person);
    instance().change_person(&person.username, &json!({ "roles": ["postern-approver"], "groups": ["/release"] }));
    instance().sql("UPDATE standings SET vouched_at = 0 WHERE user_id = ?1", &[&person.user_id()]);
    client.keep(&client.refresh(&client.refresh_token, &[]).json());
    assert_eq!(attributes(&client), [json!(["approver"]), json!(["/release"]), json!(true)]);
}

#[test]
fn a_person_in_a_thousand_groups_has_a_token_that_works_and_says_that_groups_are_missing() {
    let person = Person::developer();
    let groups: Vec<String> = (0..1000).map(|number| format!("/organisation/team-{number}")).collect();
    instance().change_person(&person.username, &json!({ "groups": groups }));
    let client = Client::of(&person);
    assert_eq!((&attributes(&client)[2], mcp_status(&client)), (&json!(false), 200));
    assert!(client.access_token.len() < 4096, "{} bytes", client.access_token.len());
}

#[test]
fn a_services_token_has_no_roles_and_no_groups() {
    let service = Service::with_secret(instance(), "client_credentials");
    assert_eq!(attributes(&service.client()), [json!([]), json!([]), json!(true)]);
}

#[test]
fn a_token_of_a_release_that_knew_of_no_roles_and_groups_goes_on_working() {
    let mut client = Client::of(&Person::developer());
    client.access_token = reissued(&client.access_token, |claims| {
        let claims = claims.as_object_mut().expect("claims");
        claims.retain(|name, _| !matches!(name.as_str(), "roles" | "groups" | "groups_complete"));
    });
    assert_eq!(mcp_status(&client), 200);
}
