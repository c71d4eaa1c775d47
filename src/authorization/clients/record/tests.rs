use serde_json::json;

use super::*;
use crate::{
    authorization::{
        endpoints::{authorize::Authorize, decision::Decision},
        testing::{
            DOCUMENT, DocumentHost, answer, authorization_request, browser, document_of, error_of, json_of, query_of,
            text,
        },
    },
    crypto::digest,
    platform::fetch::{HttpError, InboundResponse},
    settings::Settings,
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
fn a_client_that_its_host_no_longer_knows_is_none() {
    let other_id = document_of(&[("client_id", json!("https://client.example/other.json"))]).to_string();
    for gone in [answer(404, &[], "{}"), answer(410, &[], ""), answer(200, &[], other_id)] {
        let host = DocumentHost::describing(&[]);
        let token = refresh_token(&host);
        host.answers_with(Ok(gone));
        host.house.wait(HOUR);
        assert_eq!(error_of(&host.house.refresh(&host.client(), &token)), (401, "invalid_client".to_owned()));
    }
}

/// What hosts answer that are not heard: refusals, redirects, errors, garbage, and nothing.
fn silences() -> Vec<Result<InboundResponse, HttpError>> {
    let statuses = [301, 403, 429, 500, 503].map(|status| Ok(answer(status, &[], "")));
    let garbage = [("application/json", "{}"), ("application/json", "{"), ("text/html", "<p>Checking your browser")];
    let garbage = garbage.map(|(kind, body)| Ok(answer(200, &[("content-type", kind)], body)));
    let nothing = [Err(HttpError::Timeout), Err(HttpError::Connection("reset".into()))];
    statuses.into_iter().chain(garbage).chain(nothing).collect()
}

#[test]
fn nobody_is_logged_out_because_a_host_is_not_heard() {
    for silence in silences() {
        let host = DocumentHost::describing(&[]);
        let mut token = refresh_token(&host);
        host.answers_with(silence);
        for _ in 0..5 {
            host.house.wait(24 * HOUR);
            let refreshed = host.house.refresh(&host.client(), &token);
            assert_eq!(refreshed.status, 200, "{}", json_of(&refreshed));
            token = text(&json_of(&refreshed), "refresh_token");
        }
    }
}

#[test]
fn a_host_that_is_not_heard_is_not_asked_at_each_refresh() {
    let host = DocumentHost::describing(&[]);
    let mut token = refresh_token(&host);
    host.answers_with(Err(HttpError::Timeout));
    host.house.wait(HOUR);
    for _ in 0..3 {
        host.house.wait(60);
        token = text(&json_of(&host.house.refresh(&host.client(), &token)), "refresh_token");
    }
    assert_eq!(host.requests(), 2);
}

fn consent_is_asked(host: &DocumentHost, id: &str) -> bool {
    let challenge = digest::sha256("verifier");
    matches!(host.house.authorize(&authorization_request(id, &challenge), Some(&browser("bob"))), Authorize::Consent(_))
}

#[test]
fn where_a_host_is_not_heard_the_last_good_copy_serves_whoever_comes_while_somebodys_access_lives() {
    for silence in silences() {
        let host = DocumentHost::describing(&[]);
        refresh_token(&host);
        host.answers_with(silence);
        host.house.wait(25 * HOUR);
        assert!(consent_is_asked(&host, DOCUMENT));
        host.house.run(sql("UPDATE grants SET revoked_at = 1"));
        assert!(!consent_is_asked(&host, DOCUMENT));
    }
}

#[test]
fn a_decision_on_the_last_good_copy_lets_the_client_in() {
    let host = DocumentHost::describing(&[]);
    refresh_token(&host);
    host.answers_with(Err(HttpError::Timeout));
    host.house.wait(25 * HOUR);
    host.house.tokens(&host.client());
}

const CLAUDE_CODE: &str = "https://claude.ai/oauth/claude-code-client-metadata";
const CODEX: &str = "https://chatgpt.com/oauth/codex/client.json";
const COPILOT: &str = "https://github.com/copilot/cli/client-metadata.json";

/// Asks for one of those three with a redirect URI that it has, on a port of the moment.
fn asks_for_known(host: &DocumentHost, id: &str) -> Authorize {
    let challenge = digest::sha256("verifier");
    let redirect = if id == COPILOT { "http://127.0.0.1:60005/" } else { "http://localhost:60005/callback" };
    let mut parameters = authorization_request(id, &challenge);
    parameters.retain(|(name, _)| *name != "redirect_uri");
    parameters.push(("redirect_uri", redirect));
    host.house.authorize(&parameters, Some(&browser("alice")))
}

#[test]
fn well_known_clients_come_in_by_posterns_own_copy_where_their_host_is_not_heard() {
    for id in [CLAUDE_CODE, CODEX, COPILOT] {
        for silence in silences() {
            let host = DocumentHost::describing(&[]);
            host.answers_with(silence);
            let Authorize::Consent(consent) = asks_for_known(&host, id) else { panic!("{id} was not recognised") };
            let decided = host.house.decide(&browser("alice"), &consent.id, true);
            assert!(matches!(decided, Decision::Redirect(url) if query_of(&url).contains_key("code")), "{id}");
        }
    }
}

#[test]
fn what_a_host_says_of_a_well_known_client_counts_more_than_the_copy() {
    let host =
        DocumentHost::describing(&[("client_id", json!(CODEX)), ("redirect_uris", json!(["http://127.0.0.1/new"]))]);
    assert!(matches!(asks_for_known(&host, CODEX), Authorize::Refused(_)), "the redirect URI is not its own any more");
    for gone in [404, 410] {
        let host = DocumentHost::new(answer(gone, &[], ""));
        assert!(matches!(asks_for_known(&host, CODEX), Authorize::Refused(_)), "{gone}");
    }
}

#[test]
fn a_page_about_a_document_of_no_use_names_the_clients_own_way_out() {
    let mut host = DocumentHost::describing(&[]);
    host.house.change_settings(|settings| settings.client_metadata_documents = false);
    for (id, command) in [
        (CLAUDE_CODE, "claude mcp add --transport http --client-id CLIENT_ID postern https://postern.example/mcp"),
        (CODEX, "codex mcp login postern --oauth-client-registration dcr"),
        (DOCUMENT, "Known clients"),
    ] {
        let Authorize::Refused(refusal) = asks_for_known(&host, id) else { panic!("{id} was let in") };
        assert!(refusal.next_step.contains(command), "{}", refusal.next_step);
    }
}

#[test]
fn a_client_that_the_operator_lets_in_no_more_is_none_at_its_next_refresh() {
    let changes: [fn(&mut Settings); 2] =
        [|settings| settings.client_metadata_documents = false, |settings| settings.known_clients_only = true];
    for change in changes {
        let mut host = DocumentHost::describing(&[]);
        let token = refresh_token(&host);
        host.house.change_settings(change);
        assert_eq!(error_of(&host.house.refresh(&host.client(), &token)), (401, "invalid_client".to_owned()));
    }
}

#[test]
fn the_token_endpoint_fetches_nothing_for_a_client_that_nobody_let_in() {
    let host = DocumentHost::describing(&[]);
    assert_eq!(error_of(&host.house.refresh(&host.client(), "x")), (401, "invalid_client".to_owned()));
    assert_eq!(host.requests(), 0);
}
