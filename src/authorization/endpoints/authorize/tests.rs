use super::*;
use crate::{
    authorization::{
        clients::redirect::Destination,
        endpoints::decision::Decision,
        testing::{House, REDIRECT, VERIFIER, authorization_request, browser, header, query_of},
    },
    crypto::digest,
};

fn location(outcome: Authorize) -> String {
    match outcome {
        Authorize::Respond(response) => header(&response, "location").unwrap().to_owned(),
        Authorize::Onward(onward) => panic!("{onward:?}"),
        Authorize::Refused(refusal) => panic!("{refusal:?}"),
        Authorize::SignIn => panic!("sign in"),
        Authorize::Consent(_) => panic!("consent"),
    }
}

/// Asks for a code with one parameter added or replaced, signed in as Alice.
fn ask_with(house: &House, name: &str, value: &str) -> Authorize {
    let client = house.register("none");
    let challenge = digest::sha256(VERIFIER);
    let mut parameters = authorization_request(&client.id, &challenge);
    parameters.retain(|(have, _)| *have != name);
    parameters.push((name, value));
    house.authorize(&parameters, Some(&browser("alice")))
}

const LOOPBACK: &str = "http://127.0.0.1:54321/callback";

/// Asks for an answer to a program on the person's own computer, with parameters replaced.
fn ask_on_loopback(house: &House, changes: &[(&'static str, &'static str)], signed_in: bool) -> Authorize {
    let client = house.register("none");
    let challenge = digest::sha256(VERIFIER);
    let mut parameters = authorization_request(&client.id, &challenge);
    for change in [&[("redirect_uri", LOOPBACK)], changes].concat() {
        parameters.retain(|(have, _)| *have != change.0);
        parameters.push(change);
    }
    house.authorize(&parameters, signed_in.then(|| browser("alice")).as_ref())
}

#[test]
fn an_unknown_client_is_refused_without_a_redirect() {
    assert!(matches!(ask_with(&House::default(), "client_id", "unknown"), Authorize::Refused(_)));
}

#[test]
fn an_unregistered_redirect_is_refused_without_a_redirect() {
    let outcome = ask_with(&House::default(), "redirect_uri", "https://evil.example/callback");
    assert!(matches!(outcome, Authorize::Refused(_)));
}

#[test]
fn a_registration_that_nobody_used_for_a_day_is_unknown() {
    let house = House::default();
    let client = house.register("none");
    house.wait(24 * 60 * 60);
    let challenge = digest::sha256(VERIFIER);
    let outcome = house.authorize(&authorization_request(&client.id, &challenge), Some(&browser("alice")));
    assert!(matches!(outcome, Authorize::Refused(_)));
}

#[test]
fn a_registration_that_somebody_consented_to_does_not_expire() {
    let house = House::default();
    let client = house.register("none");
    house.code(&client);
    house.wait(48 * 60 * 60);
    house.ask(&client, &browser("alice"));
}

#[test]
fn the_oldest_requests_of_a_person_close_where_they_open_many() {
    let house = House::default();
    let (client, alice) = (house.register("none"), browser("alice"));
    let others = house.ask(&client, &browser("bob")).id;
    let asked: Vec<String> = (0..=CAP.most()).map(|_| house.ask(&client, &alice).id).collect();
    assert!(matches!(house.decide(&alice, &asked[0], true), Decision::Refused(_)));
    assert!(matches!(house.decide(&alice, &asked[1], true), Decision::Redirect(_)));
    assert!(matches!(house.decide(&browser("bob"), &others, true), Decision::Redirect(_)));
}

#[test]
fn a_problem_is_told_to_the_client_with_state_and_issuer() {
    let location = location(ask_on_loopback(&House::default(), &[("code_challenge_method", "plain")], true));
    assert!(location.starts_with(LOOPBACK), "{location}");
    let query = query_of(&location);
    assert_eq!(query["error"], "invalid_request");
    assert_eq!((query["state"].as_str(), query["iss"].as_str()), ("s 1/ä", "https://postern.example"));
}

#[test]
fn the_browser_follows_no_web_address_that_only_a_stranger_vouches_for() {
    for (name, value) in [("code_challenge_method", "plain"), ("prompt", "none"), ("response_type", "token")] {
        match ask_with(&House::default(), name, value) {
            Authorize::Onward(onward) => {
                assert_eq!(onward.authority, "client.example");
                assert!(onward.location.starts_with(REDIRECT) && query_of(&onward.location).contains_key("error"));
            }
            _ => panic!("{name}: the browser goes on by itself"),
        }
    }
}

#[test]
fn the_browser_goes_at_once_where_an_administrator_vouches() {
    let house = House::default();
    let client = house.register("none");
    house.change_clients(sql("UPDATE clients SET origin = 'pre_registered'"));
    let challenge = digest::sha256(VERIFIER);
    let mut parameters = authorization_request(&client.id, &challenge);
    parameters.push(("prompt", "none"));
    assert!(location(house.authorize(&parameters, None)).starts_with(REDIRECT));
}

#[test]
fn only_clients_that_an_administrator_entered_are_known() {
    let mut house = House::default();
    let client = house.register("none");
    house.change_settings(|settings| settings.known_clients_only = true);
    let challenge = digest::sha256(VERIFIER);
    let ask = |id: &str| house.authorize(&authorization_request(id, &challenge), Some(&browser("alice")));
    for id in [client.id.as_str(), "https://claude.ai/oauth/claude-code-client-metadata"] {
        let Authorize::Refused(refusal) = ask(id) else { panic!("{id} was let in") };
        assert_eq!(refusal, UnverifiedRequest::KnownClientsOnly.into(), "{id}");
    }
    house.change_clients(sql("UPDATE clients SET origin = 'pre_registered'"));
    assert!(matches!(ask(&client.id), Authorize::Consent(_)));
}

#[test]
fn who_is_not_signed_in_has_to_sign_in() {
    let house = House::default();
    let client = house.register("none");
    let challenge = digest::sha256(VERIFIER);
    assert!(matches!(house.authorize(&authorization_request(&client.id, &challenge), None), Authorize::SignIn));
}

#[test]
fn a_client_may_not_go_without_asking_the_person() {
    let house = House::default();
    let error =
        |signed_in| query_of(&location(ask_on_loopback(&house, &[("prompt", "none")], signed_in)))["error"].clone();
    assert_eq!((error(true).as_str(), error(false).as_str()), ("consent_required", "login_required"));
}

#[test]
fn a_person_is_asked_every_time() {
    let house = House::default();
    let client = house.register("none");
    house.code(&client);
    house.ask(&client, &browser("alice"));
}

#[test]
fn the_person_sees_where_the_answer_goes() {
    match ask_with(&House::default(), "redirect_uri", "http://127.0.0.1:54321/callback") {
        Authorize::Consent(request) => {
            assert_eq!(request.redirect.authority(), "127.0.0.1:54321");
            assert_eq!(request.redirect.destination(), Destination::Loopback);
        }
        _ => panic!("no consent page"),
    }
}
