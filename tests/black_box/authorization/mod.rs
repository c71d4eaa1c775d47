//! The authorization server: a test of a requirement bears the number of its row in `tests/rows.md`.

mod attributes;
mod client_assertions;
mod codes;
mod concurrency;
mod consent;
mod documents;
mod id_jag;
mod introspection;
mod metadata;
mod metadata_claims;
mod redirects;
mod refresh;
mod registration;
mod requests;
mod revocation;
mod secrets;
mod services;

use postern_tests::{
    client::{Answer, Client, send},
    instance::instance,
    person::Person,
};
use serde_json::json;

fn origin() -> &'static str {
    &instance().url
}

/// A client of a developer whom no other test knows.
fn client() -> Client {
    Client::of(&Person::developer())
}

/// Opens the authorization endpoint as a browser would in which nobody has signed in.
fn open(client: &Client, changed: &[(&str, &str)]) -> Answer {
    send("GET", client.authorization_url(changed).as_str(), &[], b"")
}

/// The status of an MCP request with the client's access token.
fn mcp_status(client: &Client) -> u16 {
    client.modern("tools/list", json!({})).status
}

/// Lets everything that the client's refreshes superseded be superseded that many seconds longer ago.
fn age(client_id: &str, seconds: u32) {
    let age = "UPDATE grants SET superseded = (SELECT json_group_array(value - ?2 * 1000) FROM json_each(superseded))
               WHERE client_id = ?1";
    instance().sql(age, &[client_id, &seconds.to_string()]);
}

/// The time in which a superseded refresh token yields the present one, in seconds.
const REUSE: u32 = 30 * 60;

fn assert_refused(answer: &Answer, error: &str) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some(error)), "{answer:?}");
}

/// A page for the person, and no way to the client.
fn assert_local(answer: &Answer) {
    assert_eq!((answer.status, answer.header("location"), answer.header("refresh")), (400, "", ""), "{answer:?}");
    assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
    assert!(answer.body.contains("What you can do"), "{}", answer.body);
}
