use serde_json::json;

use super::*;
use crate::{
    authorization::{
        authorize::{Authorize, Decision},
        testing::{DOCUMENT, DocumentHost, answer, authorization_request, browser, error_of, json_of, query_of, text},
    },
    crypto::digest,
    platform::fetch::HttpError,
};

const HOUR: u64 = 60 * 60;

/// The first refresh token of a client with a metadata document.
fn refresh_token(host: &DocumentHost) -> String {
    text(&host.house.tokens(&host.client()), "refresh_token")
}

fn grant_ended(host: &DocumentHost) -> bool {
    host.house.number("SELECT COUNT(*) AS n FROM grants WHERE revoked_reason = 'the client changed'") == 1
}

#[test]
fn a_client_that_a_person_let_in_by_its_document_is_in_the_record() {
    let host = DocumentHost::describing(&[]);
    host.house.tokens(&host.client());
    let row = host.house.run(sql("SELECT * FROM clients"))[0].clone();
    assert_eq!((text(&row, "id"), text(&row, "origin")), (DOCUMENT.to_owned(), "metadata_document".to_owned()));
    assert_eq!(host.requests(), 1);
}

#[test]
fn a_document_that_nobody_consented_to_leaves_no_record() {
    let host = DocumentHost::describing(&[]);
    let request = host.house.ask(&host.client(), &browser("alice"));
    host.house.decide(&browser("alice"), &request.id, false);
    assert_eq!(host.house.number("SELECT COUNT(*) AS n FROM clients"), 0);
}

#[test]
fn the_decision_is_about_the_document_that_was_shown() {
    let host = DocumentHost::describing(&[]);
    let request = host.house.ask(&host.client(), &browser("alice"));
    host.describes(&[("client_name", json!("Another")), ("redirect_uris", json!(["https://evil.example/callback"]))]);
    host.house.wait(599);
    let Decision::Redirect(url) = host.house.decide(&browser("alice"), &request.id, true) else { panic!("refused") };
    assert!(query_of(&url).contains_key("code") && url.starts_with("https://client.example/"));
    assert_eq!(text(&host.house.run(sql("SELECT client_name FROM grants"))[0], "client_name"), "Client");
}

#[test]
fn a_redirect_uri_that_is_not_in_the_document_goes_nowhere() {
    let host = DocumentHost::describing(&[("redirect_uris", json!(["https://client.example/other"]))]);
    let challenge = digest::sha256("verifier");
    let outcome = host.house.authorize(&authorization_request(DOCUMENT, &challenge), Some(&browser("alice")));
    assert!(matches!(outcome, Authorize::Refused(_)));
}

#[test]
fn a_refresh_looks_at_the_document_again_once_its_time_is_up() {
    let host = DocumentHost::describing(&[]);
    let token = text(&json_of(&host.house.refresh(&host.client(), &refresh_token(&host))), "refresh_token");
    assert_eq!(host.requests(), 1);
    host.house.wait(HOUR);
    let token = text(&json_of(&host.house.refresh(&host.client(), &token)), "refresh_token");
    assert_eq!(host.requests(), 2);
    assert_eq!(host.house.refresh(&host.client(), &token).status, 200);
    assert_eq!(host.requests(), 2);
}

#[test]
fn what_a_person_did_not_rely_on_may_change() {
    let host = DocumentHost::describing(&[]);
    let token = refresh_token(&host);
    let uris = json!([crate::authorization::testing::REDIRECT, "https://client.example/new"]);
    host.describes(&[("redirect_uris", uris), ("logo_uri", json!("https://client.example/new.png"))]);
    host.house.wait(HOUR);
    assert_eq!(host.house.refresh(&host.client(), &token).status, 200);
}

#[test]
fn under_another_name_or_without_the_redirect_the_person_is_asked_again() {
    let keys = json!({ "keys": [{ "kty": "RSA" }] });
    for change in
        [vec![("client_name", json!("Another"))], vec![("redirect_uris", json!(["https://client.example/new"]))]]
    {
        let host = DocumentHost::describing(&[("jwks", keys.clone())]);
        let token = refresh_token(&host);
        host.describes(&change);
        host.house.wait(HOUR);
        let refused = error_of(&host.house.refresh(&host.client(), &token));
        assert_eq!(refused, (400, "invalid_grant".to_owned()), "{change:?}");
        assert!(grant_ended(&host));
    }
}

#[test]
fn a_client_whose_document_is_gone_or_broken_is_none() {
    for broken in [answer(404, &[], "{}"), answer(200, &[], "{}"), answer(301, &[], "")] {
        let host = DocumentHost::describing(&[]);
        let token = refresh_token(&host);
        host.answers_with(Ok(broken));
        host.house.wait(HOUR);
        assert_eq!(error_of(&host.house.refresh(&host.client(), &token)), (400, "invalid_client".to_owned()));
    }
}

#[test]
fn nobody_is_logged_out_for_a_day_because_a_host_is_down() {
    let host = DocumentHost::describing(&[]);
    let token = refresh_token(&host);
    host.answers_with(Err(HttpError::Timeout));
    host.house.wait(24 * HOUR);
    let token = text(&json_of(&host.house.refresh(&host.client(), &token)), "refresh_token");
    host.house.wait(HOUR);
    assert_eq!(error_of(&host.house.refresh(&host.client(), &token)), (400, "invalid_client".to_owned()));
    host.describes(&[]);
    assert_eq!(host.house.refresh(&host.client(), &token).status, 200);
}

#[test]
fn the_token_endpoint_fetches_nothing_for_a_client_that_nobody_let_in() {
    let host = DocumentHost::describing(&[]);
    assert_eq!(error_of(&host.house.refresh(&host.client(), "x")), (400, "invalid_client".to_owned()));
    assert_eq!(host.requests(), 0);
}
