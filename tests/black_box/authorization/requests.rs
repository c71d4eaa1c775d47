//! Rows 115–118: what an authorization request asks for, and how it is answered.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use postern_tests::{
    client::{Answer, Client, REDIRECT, parameter, send, sha256},
    person::Person,
};
use serde_json::{Value, json};
use testkit::browser::Page;
use url::Url;

use super::{open, origin};

const STATE: &str = "a b&c=ü+%41/?#\"";

/// What the client is told, by a redirect that has its state and our name.
fn error_of(changed: &[(&str, &str)]) -> String {
    let client = Client::registered(origin());
    let changed = [&[("state", STATE)], changed].concat();
    let answer = open(&client, &changed);
    assert_eq!(answer.status, 302, "{answer:?}");
    let location = Url::parse(answer.header("location")).expect("a URL");
    assert!(location.as_str().starts_with(REDIRECT), "{location}");
    let page = Page { url: location, status: Default::default(), headers: Default::default(), body: String::new() };
    assert_eq!(parameter(&page, "state").as_deref(), Some(STATE));
    assert_eq!(parameter(&page, "iss").as_deref(), Some(origin()));
    assert_eq!(parameter(&page, "code"), None);
    parameter(&page, "error").expect("an error")
}

#[test]
fn row_115_a_request_without_pkce_is_invalid() {
    assert_eq!(error_of(&[("code_challenge", "")]), "invalid_request");
}

#[test]
fn row_115_s256_is_the_only_method() {
    assert_eq!(error_of(&[("code_challenge_method", "plain")]), "invalid_request");
    assert_eq!(error_of(&[("code_challenge_method", "")]), "invalid_request");
}

#[test]
fn row_115_a_challenge_has_the_form_that_rfc_7636_gives_it() {
    assert_eq!(error_of(&[("code_challenge", "short")]), "invalid_request");
    assert_eq!(error_of(&[("code_challenge", &format!("{}!", sha256("x")))]), "invalid_request");
}

#[test]
fn row_116_code_is_the_only_response_type() {
    for response_type in ["token", "id_token", "code token", "none"] {
        assert_eq!(error_of(&[("response_type", response_type)]), "unsupported_response_type");
    }
    assert_eq!(error_of(&[("response_type", "")]), "invalid_request");
}

#[test]
fn row_117_another_resource_is_an_invalid_target() {
    let ours = format!("{}/mcp", origin());
    for resource in ["https://other.example", origin(), &format!("{ours}/other"), &format!("{ours}#x"), "mcp"] {
        assert_eq!(error_of(&[("resource", resource)]), "invalid_target", "{resource}");
    }
}

#[test]
fn row_117_without_a_resource_the_token_is_for_ours() {
    let client = Client::registered(origin());
    let code = client.consented(&Person::developer(), &[("resource", "")]);
    let tokens = client.redeem(&code, &[("resource", "")]).json();
    let claims = tokens["access_token"].as_str().and_then(|token| token.split('.').nth(1)).expect("a JWT");
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64url")).expect("claims");
    assert_eq!(claims["aud"], client.resource());
}

#[test]
fn row_117_a_slash_at_its_end_does_not_matter() {
    let client = Client::registered(origin());
    let resource = format!("{}/", client.resource());
    client.consented(&Person::developer(), &[("resource", &resource)]);
}

#[test]
fn row_118_success_comes_with_the_state_and_our_name() {
    let page = Client::registered(origin()).authorize(&Person::developer(), &[("state", STATE)], "approve");
    assert!(parameter(&page, "code").is_some_and(|code| code.len() >= 43), "{}", page.url);
    assert_eq!(parameter(&page, "state").as_deref(), Some(STATE));
    assert_eq!(parameter(&page, "iss").as_deref(), Some(origin()));
}

#[test]
fn row_118_so_does_denial() {
    let page = Client::registered(origin()).authorize(&Person::developer(), &[("state", STATE)], "deny");
    assert_eq!(parameter(&page, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&page, "state").as_deref(), Some(STATE));
    assert_eq!(parameter(&page, "iss").as_deref(), Some(origin()));
    assert_eq!(parameter(&page, "code"), None);
}

#[test]
fn row_118_a_request_without_a_state_is_answered_without_one() {
    let page = Client::registered(origin()).authorize(&Person::developer(), &[("state", "")], "approve");
    assert!(parameter(&page, "code").is_some() && parameter(&page, "state").is_none(), "{}", page.url);
}

#[test]
fn a_parameter_given_twice_is_invalid() {
    let client = Client::registered(origin());
    let mut url = client.authorization_url(&[]);
    url.query_pairs_mut().append_pair("scope", "read");
    let answer = send("GET", url.as_str(), &[], b"");
    assert!(answer.header("location").contains("error=invalid_request"), "{answer:?}");
}

#[test]
fn scopes_that_do_not_exist_are_left_out_and_the_answer_names_what_was_given() {
    for (asked, given) in [
        ("read everything offline_access", "read"),
        ("openid profile email offline_access", "read write"),
        ("claudeai", "read write"),
    ] {
        let client = Client::registered(origin());
        let code = client.consented(&Person::developer(), &[("scope", asked)]);
        assert_eq!(client.redeem(&code, &[]).json()["scope"], given, "{asked}");
    }
}

/// A client with a web address that nobody but itself vouches for, and what its mistake leads to.
fn mistaken_on_the_web(changed: &[(&str, &str)]) -> Answer {
    const WEB: &str = "https://client.example/callback";
    let client = Client::registered_as(origin(), json!({ "redirect_uris": [WEB] }));
    open(&client, &[&[("redirect_uri", WEB), ("state", STATE)], changed].concat())
}

#[test]
fn a_browser_goes_by_itself_to_no_web_address_that_only_a_stranger_vouches_for() {
    for changed in [("prompt", "none"), ("response_type", "token"), ("code_challenge", "")] {
        let answer = mistaken_on_the_web(&[changed]);
        assert_eq!((answer.status, answer.header("location"), answer.header("refresh")), (400, "", ""), "{answer:?}");
        assert!(answer.body.contains("<strong class=\"host\">client.example</strong>"), "{}", answer.body);
        assert!(answer.body.contains("href=\"https://client.example/callback?error="), "{}", answer.body);
    }
}

#[test]
fn a_program_that_takes_no_page_is_told_what_is_wrong_and_where_to_register() {
    let client = Client::registered(origin());
    let url = client.authorization_url(&[("client_id", "nobody")]);
    let answer = send("GET", url.as_str(), &[("accept", "application/json")], b"");
    assert_eq!((answer.status, answer.header("content-type")), (400, "application/json"), "{answer:?}");
    assert_eq!(answer.json()["error"], "invalid_client");
    assert_eq!(answer.json()["registration_endpoint"], format!("{}/register", origin()));
    let url = client.authorization_url(&[("redirect_uri", "https://evil.example/callback")]);
    let answer = send("GET", url.as_str(), &[("accept", "application/json")], b"");
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_request")), "{answer:?}");
}

#[test]
fn nobody_is_asked_silently() {
    assert_eq!(error_of(&[("prompt", "none")]), "login_required");
}

/// ChatGPT's states are the longest published ones, with some 500 characters; an n8n's are encrypted objects.
#[test]
fn a_long_state_survives_signing_in() {
    for length in [521, 2_000, 3_000, 8_000] {
        let state = "x".repeat(length);
        let page = Client::registered(origin()).authorize(&Person::developer(), &[("state", &state)], "approve");
        assert!(parameter(&page, "code").is_some(), "{length}: {}", page.body);
        assert_eq!(parameter(&page, "state"), Some(state));
    }
}
