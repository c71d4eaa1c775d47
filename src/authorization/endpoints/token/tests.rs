use base64::{Engine, engine::general_purpose::STANDARD};
use futures_executor::block_on;
use serde_json::{Value, json};

use super::*;
use crate::{
    authorization::{
        testing::{House, REDIRECT, Registration, VERIFIER, error_of, from, header, json_of, post, text, with_client},
        tokens::access_token,
    },
    identifiers::Subject,
    platform::{database::sql, limiter::Limit},
};

fn refused(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

/// Redeems a code with parameters replaced, or left out where the value is empty.
fn redeem_with(house: &House, client: &Registration, code: &str, changes: &[(&str, &str)]) -> Response {
    let mut parameters = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in changes {
        parameters.retain(|(have, _)| have != name);
        parameters.push((name, value));
    }
    house.token(client, &parameters)
}

/// What redeeming a fresh code with those changes gives, and then redeeming it as it should be.
fn attempt_then_redeem(changes: &[(&str, &str)]) -> ((u16, String), u16) {
    let house = House::default();
    let client = house.register("none");
    let code = house.code(&client);
    (error_of(&redeem_with(&house, &client, &code, changes)), house.redeem(&client, &code).status)
}

#[test]
fn a_code_yields_tokens() {
    let house = House::default();
    let reply = house.tokens(&house.register("none"));
    assert_eq!(reply["token_type"], "Bearer");
    assert_eq!(reply["expires_in"], 900);
    assert_eq!(reply["scope"], "read write");
    assert!(text(&reply, "refresh_token").starts_with("postern_refresh_"));
}

#[test]
fn the_access_token_is_the_persons_for_the_scopes_they_consented_to() {
    let house = House::default();
    let client = house.register("none");
    let reply = json_of(&house.redeem(&client, &house.code_for(&client, "read")));
    let now = house.context.platform.clock.now();
    let principal = access_token::read(&house.context.settings, &text(&reply, "access_token"), now).unwrap();
    assert_eq!((principal.subject.to_string().as_str(), principal.client.as_str()), ("alice", client.id.as_str()));
    assert_eq!(principal.scopes.to_string(), "read");
}

#[test]
fn the_reply_is_for_no_cache_and_any_origin() {
    let house = House::default();
    let client = house.register("none");
    let response = house.redeem(&client, &house.code(&client));
    assert_eq!(header(&response, "cache-control"), Some("no-store"));
    assert_eq!(header(&response, "pragma"), Some("no-cache"));
    assert_eq!(header(&response, "access-control-allow-origin"), Some("*"));
}

#[test]
fn a_client_that_did_not_register_for_refresh_gets_no_refresh_token() {
    let house = House::default();
    let reply = json_of(&house.register_with(&json!({
        "redirect_uris": [REDIRECT], "grant_types": ["authorization_code"], "token_endpoint_auth_method": "none",
    })));
    let client = Registration { id: text(&reply, "client_id"), secret: None };
    assert_eq!(house.tokens(&client).get("refresh_token"), None);
    assert_eq!(error_of(&house.refresh(&client, "any")), refused("unauthorized_client"));
}

#[test]
fn a_wrong_verifier_neither_redeems_a_code_nor_uses_it_up() {
    let wrong = "a".repeat(43);
    assert_eq!(attempt_then_redeem(&[("code_verifier", &wrong)]), (refused("invalid_grant"), 200));
}

#[test]
fn a_missing_or_malformed_verifier_is_an_invalid_request() {
    assert_eq!(attempt_then_redeem(&[("code_verifier", "")]), (refused("invalid_request"), 200));
    assert_eq!(attempt_then_redeem(&[("code_verifier", "short")]), (refused("invalid_request"), 200));
}

#[test]
fn another_redirect_uri_does_not_redeem_it() {
    let other = "https://client.example/callback/";
    assert_eq!(attempt_then_redeem(&[("redirect_uri", other)]), (refused("invalid_grant"), 200));
}

#[test]
fn another_resource_does_not_redeem_it() {
    let other = "https://other.example/mcp";
    assert_eq!(attempt_then_redeem(&[("resource", other)]), (refused("invalid_target"), 200));
}

#[test]
fn an_oauth_2_1_client_may_leave_the_redirect_uri_out() {
    let house = House::default();
    let client = house.register("none");
    assert_eq!(redeem_with(&house, &client, &house.code(&client), &[("redirect_uri", "")]).status, 200);
}

#[test]
fn another_client_cannot_redeem_it_and_does_not_use_it_up() {
    let house = House::default();
    let (client, thief) = (house.register("none"), house.register("none"));
    let code = house.code(&client);
    assert_eq!(error_of(&house.redeem(&thief, &code)), refused("invalid_grant"));
    assert_eq!(house.redeem(&client, &code).status, 200);
}

#[test]
fn a_code_lasts_a_minute() {
    let house = House::default();
    let client = house.register("none");
    let code = house.code(&client);
    house.wait(60);
    assert_eq!(error_of(&house.redeem(&client, &code)), refused("invalid_grant"));
}

#[test]
fn a_grant_whose_code_nobody_redeemed_ends_with_it() {
    let house = House::default();
    house.code(&house.register("none"));
    house.wait(60);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants WHERE expires_at > 1767225660000"), 0);
}

#[test]
fn a_second_use_of_a_code_gets_nothing_and_ends_what_the_first_began_where_it_comes_later() {
    for (seconds, lives) in [(0, true), (10, true), (11, false)] {
        let house = House::default();
        let client = house.register("none");
        let code = house.code(&client);
        let reply = json_of(&house.redeem(&client, &code));
        house.wait(seconds);
        assert_eq!(error_of(&house.redeem(&client, &code)), refused("invalid_grant"));
        let refreshed = house.refresh(&client, &text(&reply, "refresh_token"));
        assert_eq!(refreshed.status, if lives { 200 } else { 400 }, "{seconds} s");
        assert_eq!(house.sessions.told.borrow().iter().any(|told| told.contains("end_grant")), !lives);
    }
}

#[test]
fn a_second_use_without_the_verifier_ends_nothing() {
    let house = House::default();
    let client = house.register("none");
    let code = house.code(&client);
    let reply = json_of(&house.redeem(&client, &code));
    let wrong = "a".repeat(43);
    house.wait(11);
    assert_eq!(error_of(&redeem_with(&house, &client, &code, &[("code_verifier", &wrong)])), refused("invalid_grant"));
    assert_eq!(house.refresh(&client, &text(&reply, "refresh_token")).status, 200);
}

#[test]
fn of_parallel_uses_of_a_code_one_gets_tokens_and_they_live() {
    let mut house = House::default();
    let client = house.register("none");
    let code = house.code(&client);
    house.interrupt(Vec::new());
    let parameters = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", VERIFIER)];
    let replies = house.token_at_once(&client, &parameters, 2);
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants WHERE revoked_at IS NULL"), 1);
}

#[test]
fn a_grant_revoked_before_its_code_is_redeemed_yields_nothing() {
    let house = House::default();
    let client = house.register("none");
    let code = house.code(&client);
    house.run(sql("UPDATE grants SET revoked_at = 0"));
    assert_eq!(error_of(&house.redeem(&client, &code)), refused("invalid_grant"));
}

#[test]
fn a_disabled_person_gets_nothing() {
    let house = House::default();
    let client = house.register("none");
    let code = house.code(&client);
    house.run(sql("UPDATE users SET disabled_at = 0 WHERE id = 'alice'"));
    assert_eq!(error_of(&house.redeem(&client, &code)), refused("invalid_grant"));
}

#[test]
fn only_a_form_is_read() {
    let house = House::default();
    let request = Request {
        headers: vec![("content-type".into(), "application/json".into())],
        ..post(&[("grant_type", "refresh_token")])
    };
    assert_eq!(error_of(&block_on(token(&house.context, &request)).unwrap()), refused("invalid_request"));
}

#[test]
fn a_repeated_parameter_is_refused() {
    let house = House::default();
    let client = house.register("none");
    let reply = house.token(&client, &[("grant_type", "refresh_token"), ("grant_type", "refresh_token")]);
    assert_eq!(error_of(&reply), refused("invalid_request"));
}

#[test]
fn an_unknown_grant_type_is_unsupported() {
    let house = House::default();
    let client = house.register("none");
    assert_eq!(error_of(&house.token(&client, &[("grant_type", "password")])), refused("unsupported_grant_type"));
    assert_eq!(error_of(&house.token(&client, &[])), refused("invalid_request"));
}

#[test]
fn a_confidential_client_has_to_send_its_secret() {
    let house = House::default();
    let client = house.register("client_secret_post");
    let code = house.code(&client);
    for secret in [None, Some("wrong".to_owned())] {
        let other = Registration { secret, ..client.clone() };
        assert_eq!(error_of(&house.redeem(&other, &code)), refused("invalid_client"));
    }
    assert_eq!(house.redeem(&client, &code).status, 200);
}

#[test]
fn an_unknown_client_is_invalid() {
    let client = Registration { id: "unknown".into(), secret: None };
    let response = House::default().redeem(&client, "code");
    assert_eq!(error_of(&response), (401, "invalid_client".to_owned()));
    assert_eq!(header(&response, "www-authenticate"), None);
}

#[test]
fn an_unknown_client_is_challenged_where_it_used_basic() {
    let response = by_basic(&House::default(), "unknown:secret", "code");
    assert_eq!(error_of(&response), (401, "invalid_client".to_owned()));
    assert_eq!(header(&response, "www-authenticate"), Some("Basic realm=\"postern\""));
}

#[test]
fn a_public_client_that_sends_a_secret_is_told_to_send_none() {
    let house = House::default();
    let client = Registration { secret: Some("secret".into()), ..house.register("none") };
    let response = house.redeem(&client, "code");
    assert_eq!(error_of(&response), refused("invalid_client"));
    assert!(text(&json_of(&response), "error_description").contains("without a secret, so send none"));
}

#[test]
fn a_public_client_may_name_itself_by_basic_with_an_empty_secret() {
    let house = House::default();
    let client = house.register("none");
    let code = house.code(&client);
    assert_eq!(by_basic(&house, &format!("{}:", client.id), &code).status, 200);
}

#[test]
fn a_header_for_another_endpoint_is_left_aside() {
    let house = House::default();
    let (client, refresh_token) = house.refreshable();
    let parameters = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
    let mut request = post(&with_client(&client, &parameters));
    request.headers.push(("authorization".into(), "Bearer stale".into()));
    assert_eq!(block_on(token(&house.context, &request)).unwrap().status, 200);
}

fn by_basic(house: &House, credentials: &str, code: &str) -> Response {
    let mut request = post(&[("grant_type", "authorization_code"), ("code", code), ("code_verifier", VERIFIER)]);
    request.headers.push(("authorization".into(), format!("Basic {}", STANDARD.encode(credentials))));
    block_on(token(&house.context, &request)).unwrap()
}

#[test]
fn basic_authentication_works() {
    let house = House::default();
    let client = house.register("client_secret_basic");
    let code = house.code(&client);
    let credentials = format!("{}:{}", client.id, client.secret.as_deref().unwrap());
    assert_eq!(by_basic(&house, &credentials, &code).status, 200);
}

#[test]
fn failed_basic_authentication_is_challenged() {
    let house = House::default();
    let client = house.register("client_secret_basic");
    let response = by_basic(&house, &format!("{}:wrong", client.id), "code");
    assert_eq!(error_of(&response), (401, "invalid_client".to_owned()));
    assert_eq!(header(&response, "www-authenticate"), Some("Basic realm=\"postern\""));
}

#[test]
fn who_keeps_failing_has_to_wait() {
    let house = House::default();
    let client = house.register("none");
    house.limiter.exhausted.set(Some(Limit::Failures));
    let response = house.redeem(&client, "guess");
    assert_eq!((response.status, header(&response, "retry-after")), (429, Some("60")));
}

#[test]
fn nothing_is_done_for_a_network_that_asks_without_end() {
    let house = House::default();
    let client = house.register("none");
    let code = house.code(&client);
    house.limiter.exhausted.set(Some(Limit::Requests));
    let parameters = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let request = || from("192.0.2.1", post(&with_client(&client, &parameters)));
    let response = block_on(token(&house.context, &request())).unwrap();
    assert_eq!((response.status, header(&response, "retry-after")), (429, Some("60")));
    house.limiter.exhausted.set(None);
    assert_eq!(block_on(token(&house.context, &request())).unwrap().status, 200, "the code was not used up");
}

#[test]
fn who_comes_from_nobody_knows_where_is_not_held_back_for_others() {
    let house = House::default();
    house.limiter.exhausted.set(Some(Limit::Requests));
    house.tokens(&house.register("none"));
}

#[test]
fn who_does_not_fail_is_not_counted() {
    let house = House::default();
    let client = house.register("none");
    house.tokens(&client);
    assert!(house.limiter.keys(Limit::Failures).is_empty());
}

#[test]
fn every_refusal_says_what_to_do() {
    let house = House::default();
    let client = house.register("none");
    for parameters in [vec![], vec![("grant_type", "password")], vec![("grant_type", "refresh_token")]] {
        let reply: Value = json_of(&house.token(&client, &parameters));
        assert!(!text(&reply, "error_description").is_empty());
    }
}

fn service_token(house: &House, scope: &str) -> Response {
    let client = house.enter("client_credentials", Some("secret"));
    house.token(&client, &[("grant_type", "client_credentials"), ("scope", scope)])
}

#[test]
fn a_service_gets_a_token_that_stands_for_nobody_else() {
    let house = House::default();
    let client = house.enter("client_credentials", Some("secret"));
    let reply = json_of(&house.token(&client, &[("grant_type", "client_credentials")]));
    assert_eq!((&reply["scope"], reply.get("refresh_token")), (&json!("read write"), None), "{reply}");
    let now = house.context.platform.clock.now();
    let principal = access_token::read(&house.context.settings, &text(&reply, "access_token"), now).unwrap();
    assert_eq!(principal.subject, Subject::Service(principal.client));
}

#[test]
fn a_service_gets_the_scope_it_asks_for_within_its_registration() {
    let house = House::default();
    assert_eq!(json_of(&service_token(&house, "read"))["scope"], "read");
    assert_eq!(json_of(&service_token(&house, "openid"))["scope"], "read write");
    assert_eq!(error_of(&service_token(&house, "read write admin")), refused("invalid_scope"));
    let limited = house.enter("client_credentials", Some("secret"));
    house.change_clients(sql("UPDATE clients SET scope = 'read' WHERE id = ?1").bind(&limited.id));
    let wider = house.token(&limited, &[("grant_type", "client_credentials"), ("scope", "write")]);
    assert_eq!(error_of(&wider), refused("invalid_scope"));
}

#[test]
fn no_client_that_registered_itself_can_act_for_itself() {
    let house = House::default();
    for method in ["none", "client_secret_post"] {
        let reply = house.token(&house.register(method), &[("grant_type", "client_credentials")]);
        assert_eq!(error_of(&reply), refused("unauthorized_client"), "{method}");
    }
}

#[test]
fn a_services_token_is_for_our_resource() {
    let house = House::default();
    let client = house.enter("client_credentials", Some("secret"));
    let parameters = [("grant_type", "client_credentials"), ("resource", "https://other.example/mcp")];
    assert_eq!(error_of(&house.token(&client, &parameters)), refused("invalid_target"));
}
