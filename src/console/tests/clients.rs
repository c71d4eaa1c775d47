//! AI clients: consent, and the end of it.

use super::register_client;
use crate::{
    console::testing::{open, post, postern, run, submit},
    platform::database::sql,
    postern::Postern,
};

fn grant(postern: &Postern) {
    register_client(postern);
    run(
        postern,
        sql("INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, refreshed_at,
             created_at, used_at, expires_at)
         VALUES ('grant', 'dana', 'client', 'http://127.0.0.1:9/callback', 'read', 'r', 1, 0, 0, 0, 9000000000000)"),
    );
}

fn authorization_request() -> &'static str {
    "/authorize?response_type=code&client_id=client&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&scope=read\
     &state=s&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
}

#[test]
fn an_authorization_request_makes_the_person_sign_in_first() {
    let postern = postern();
    register_client(&postern);
    let shown = open(&postern, None, authorization_request());
    assert!(shown.header("location").unwrap().starts_with("/sign-in?return_to=%2Fauthorize%3Fresponse_type%3Dcode"));
}

#[test]
fn consent_shows_the_client_where_it_is_and_who_is_asked() {
    let postern = postern();
    register_client(&postern);
    let shown = open(&postern, Some("dana"), authorization_request());
    assert_eq!(shown.status, 200);
    for text in ["Editor &lt;b&gt;", "Not verified", "127.0.0.1:9", "program on your own computer", "(dana)"] {
        assert!(shown.html.contains(text), "{text}");
    }
}

#[test]
fn a_decision_takes_the_browser_to_the_client_without_a_redirect_that_the_policy_would_stop() {
    for (decision, answer) in [("approve", "code="), ("deny", "error=access_denied")] {
        let postern = postern();
        register_client(&postern);
        let consent = open(&postern, Some("dana"), authorization_request());
        let request = consent.html.split_once("name=\"request\" value=\"").unwrap().1.split('"').next().unwrap();
        let token = consent.form_token("/authorize/decision").unwrap();
        let body = format!("form_token={token}&request={request}&decision={decision}");
        let shown = post(&postern, Some("dana"), "/authorize/decision", &body);
        let refresh = shown.header("refresh").unwrap();
        assert_eq!(shown.status, 200);
        assert!(refresh.starts_with("0; url=http://127.0.0.1:9/callback?"), "{refresh}");
        assert!(refresh.contains(answer), "{refresh}");
        let again = post(&postern, Some("dana"), "/authorize/decision", &body);
        assert_eq!(again.status, 400, "a decision counts once");
    }
}

#[test]
fn an_authorization_request_without_a_known_client_goes_nowhere() {
    let shown = open(&postern(), Some("dana"), authorization_request());
    assert_eq!((shown.status, shown.header("location"), shown.header("refresh")), (400, None, None));
}

#[test]
fn a_person_ends_the_access_of_a_client() {
    let postern = postern();
    grant(&postern);
    assert!(open(&postern, Some("dana"), "/clients").html.contains("127.0.0.1:9"));
    let shown = submit(&postern, "dana", "/clients", "/clients/revoke", "grant=grant");
    assert_eq!(shown.status, 303);
    assert!(!open(&postern, Some("dana"), "/clients").html.contains("127.0.0.1:9"));
}

#[test]
fn nobody_ends_the_access_of_another_persons_client() {
    let postern = postern();
    grant(&postern);
    run(
        &postern,
        sql("INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, refreshed_at,
                 created_at, used_at, expires_at)
             SELECT 'hers', 'ada', client_id, redirect_uri, scope, resource, generation, refreshed_at, created_at,
                 used_at, expires_at FROM grants"),
    );
    submit(&postern, "dana", "/clients", "/clients/revoke", "grant=hers");
    assert!(open(&postern, Some("ada"), "/clients").html.contains("127.0.0.1:9"));
}

#[test]
fn a_person_sees_when_and_why_an_access_ended_without_their_doing() {
    let postern = postern();
    grant(&postern);
    run(&postern, sql("UPDATE grants SET revoked_at = 1767225905000, revoked_reason = 'refresh token replayed'"));
    let shown = open(&postern, Some("dana"), "/clients").html;
    for text in ["Ended in the last 30 days", "2026-01-01 00:05 UTC", "An outdated refresh token was used"] {
        assert!(shown.contains(text), "{text}");
    }
    assert!(!open(&postern, Some("ada"), "/clients").html.contains("Ended in the last"));
}

#[test]
fn what_a_person_ended_by_themselves_needs_no_explanation() {
    let postern = postern();
    grant(&postern);
    submit(&postern, "dana", "/clients", "/clients/revoke", "grant=grant");
    assert!(!open(&postern, Some("dana"), "/clients").html.contains("Ended in the last"));
}
