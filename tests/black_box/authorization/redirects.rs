//! Rows 111–113: where an answer may go.

use postern_tests::{
    client::{Client, REDIRECT, parameter},
    person::Person,
};
use serde_json::json;

use super::{assert_local, assert_refused, open, origin};

const WEB: &str = "https://client.example/callback";
const OTHER_PORT: &str = "http://127.0.0.1:54321/callback";

fn web_client() -> Client {
    Client::registered_as(origin(), json!({ "redirect_uris": [WEB] }))
}

#[test]
fn row_111_an_unknown_client_is_told_to_the_person_alone() {
    let client = Client::registered(origin());
    assert_local(&open(&client, &[("client_id", "nobody")]));
    assert_local(&open(&client, &[("client_id", "")]));
}

#[test]
fn row_111_so_is_a_foreign_or_missing_redirect() {
    let client = Client::registered(origin());
    assert_local(&open(&client, &[("redirect_uri", "https://evil.example/callback")]));
    assert_local(&open(&client, &[("redirect_uri", "")]));
}

#[test]
fn row_111_whatever_else_is_wrong_with_the_request() {
    let client = Client::registered(origin());
    let wrong = [("redirect_uri", "https://evil.example/callback"), ("response_type", "token"), ("prompt", "none")];
    assert_local(&open(&client, &wrong));
}

#[test]
fn row_111_a_redirect_given_twice_is_none() {
    let client = Client::registered(origin());
    let mut url = client.authorization_url(&[]);
    url.query_pairs_mut().append_pair("redirect_uri", "https://evil.example/callback");
    assert_local(&postern_tests::client::send("GET", url.as_str(), &[], b""));
}

#[test]
fn row_112_a_redirect_must_be_the_registered_one_to_the_byte() {
    let client = web_client();
    assert_eq!(open(&client, &[("redirect_uri", WEB)]).status, 302);
    for redirect in [
        "https://client.example/callback/",
        "https://client.example/callback?x",
        "https://client.example/Callback",
        "https://client.example/%63allback",
        "https://CLIENT.example/callback",
        "https://client.example:443/callback",
        "https://client.example:8443/callback",
        "https://client.example.evil.example/callback",
        "https://client.example@evil.example/callback",
        "https://client.example/callback#x",
        "http://client.example/callback",
    ] {
        assert_local(&open(&client, &[("redirect_uri", redirect)]));
    }
}

#[test]
fn row_113_on_loopback_the_port_is_free() {
    let client = Client::registered(origin());
    let page = client.authorize(&Person::developer(), &[("redirect_uri", OTHER_PORT)], "approve");
    let code = parameter(&page, "code").unwrap_or_else(|| panic!("no code at {}: {}", page.url, page.body));
    assert_eq!(page.url.port(), Some(54321));
    assert_refused(&client.redeem(&code, &[("redirect_uri", REDIRECT)]), "invalid_grant");
    assert_eq!(client.redeem(&code, &[("redirect_uri", OTHER_PORT)]).status, 200);
}

#[test]
fn row_113_loopback_is_one_place_by_any_of_its_names() {
    let client = Client::registered(origin());
    for redirect in ["http://localhost:33418/callback", "http://[::1]:54321/callback"] {
        let page = client.authorize(&Person::developer(), &[("redirect_uri", redirect)], "approve");
        let code = parameter(&page, "code").unwrap_or_else(|| panic!("no code at {}: {}", page.url, page.body));
        assert_eq!(client.redeem(&code, &[("redirect_uri", redirect)]).status, 200, "{redirect}");
    }
}

#[test]
fn row_113_nothing_else_of_a_loopback_redirect_is_free() {
    let client = Client::registered(origin());
    for redirect in [
        "http://127.0.0.1:54321/other",
        "http://127.0.0.1:54321/callback?x",
        "http://127.0.0.2:33418/callback",
        "http://127.0.0.1:33418@evil.example/callback",
        "https://127.0.0.1:33418/callback",
    ] {
        assert_local(&open(&client, &[("redirect_uri", redirect)]));
    }
}
