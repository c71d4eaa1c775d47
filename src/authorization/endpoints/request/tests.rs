use super::*;
use crate::{
    authorization::{
        clients::{Authentication, Description, GrantType, Origin},
        testing::{authorization_request, form, query_of},
    },
    identifiers::ClientId,
    platform::clock::Timestamp,
    settings::{self, private_use::PrivateUse},
};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn client() -> Client {
    client_limited_to(None)
}

fn client_limited_to(scopes: Option<&str>) -> Client {
    Client::new(Description {
        id: ClientId::new("c"),
        name: "Client".into(),
        origin: Origin::SelfRegistered,
        authentication: Authentication::None,
        redirect_uris: vec![Registered::parse("https://client.example/callback", &PrivateUse::default()).unwrap()],
        grant_types: vec![GrantType::AuthorizationCode],
        scopes: scopes.map(Scopes::parse),
        created_at: Timestamp(0),
    })
    .unwrap()
}

/// The request with parameters replaced, or left out where the value is `None`.
fn changed(changes: &[(&'static str, Option<&'static str>)]) -> Form {
    let mut parameters = authorization_request("c", CHALLENGE);
    for (name, value) in changes {
        parameters.retain(|(have, _)| have != name);
        parameters.extend(value.map(|value| (*name, value)));
    }
    form(&parameters)
}

fn problem(changes: &[(&'static str, Option<&'static str>)]) -> Option<Problem> {
    wanted(&changed(changes), &client(), &settings::for_tests()).err()
}

fn repeated(name: &'static str) -> Form {
    let mut parameters = authorization_request("c", CHALLENGE);
    parameters.push((name, "again"));
    form(&parameters)
}

#[test]
fn a_request_without_or_with_two_clients_names_none() {
    assert_eq!(client_id(&changed(&[("client_id", None)])), Err(UnverifiedRequest::NoClient));
    assert_eq!(client_id(&repeated("client_id")), Err(UnverifiedRequest::NoClient));
}

#[test]
fn a_redirect_has_to_be_named_once_and_registered() {
    assert_eq!(
        return_address(&changed(&[("redirect_uri", None)]), &client(), &settings::for_tests()),
        Err(UnverifiedRequest::NoRedirect)
    );
    assert_eq!(
        return_address(&repeated("redirect_uri"), &client(), &settings::for_tests()),
        Err(UnverifiedRequest::NoRedirect)
    );
    assert_eq!(
        return_address(&changed(&[("redirect_uri", Some("https://evil.example/"))]), &client(), &settings::for_tests()),
        Err(UnverifiedRequest::UnregisteredRedirect)
    );
}

#[test]
fn an_answer_carries_the_state_and_our_issuer() {
    let address = return_address(&changed(&[]), &client(), &settings::for_tests()).unwrap();
    let url = address.with_code(&settings::for_tests(), "x");
    let query = query_of(&url);
    assert_eq!((query["state"].as_str(), query["iss"].as_str()), ("s 1/ä", "https://postern.example"));
}

#[test]
fn no_state_comes_back_where_none_was_sent() {
    let address = return_address(&changed(&[("state", None)]), &client(), &settings::for_tests()).unwrap();
    assert!(!query_of(&address.with_code(&settings::for_tests(), "x")).contains_key("state"));
}

#[test]
fn a_complete_request_is_accepted() {
    assert_eq!(problem(&[]), None);
}

#[test]
fn any_parameter_but_resource_may_be_given_once() {
    for name in ["state", "scope", "response_type", "code_challenge", "prompt", "unknown"] {
        let mut parameters = authorization_request("c", CHALLENGE);
        parameters.extend([(name, "a"), (name, "b")]);
        assert_eq!(wanted(&form(&parameters), &client(), &settings::for_tests()), Err(Problem::Repeated), "{name}");
    }
}

#[test]
fn code_is_the_only_response_type() {
    assert_eq!(problem(&[("response_type", Some("token"))]), Some(Problem::ResponseType));
    assert_eq!(problem(&[("response_type", None)]), Some(Problem::NoResponseType));
}

#[test]
fn query_is_the_only_response_mode() {
    assert_eq!(problem(&[("response_mode", Some("query"))]), None);
    assert_eq!(problem(&[("response_mode", Some("fragment"))]), Some(Problem::ResponseMode));
}

#[test]
fn pkce_with_s256_is_required() {
    assert_eq!(problem(&[("code_challenge", None)]), Some(Problem::NoChallenge));
    assert_eq!(problem(&[("code_challenge", Some("short"))]), Some(Problem::MalformedChallenge));
    assert_eq!(problem(&[("code_challenge_method", Some("plain"))]), Some(Problem::ChallengeMethod));
    assert_eq!(problem(&[("code_challenge_method", None)]), Some(Problem::ChallengeMethod));
}

#[test]
fn our_resource_is_recognised_however_it_is_written() {
    for resource in [
        None,
        Some(""),
        Some("https://postern.example/mcp"),
        Some("https://postern.example/mcp/"),
        Some("HTTPS://Postern.Example:443/mcp"),
    ] {
        assert_eq!(problem(&[("resource", resource)]), None, "{resource:?}");
    }
}

#[test]
fn another_resource_is_an_invalid_target() {
    for resource in [
        "https://other.example/mcp",
        "https://postern.example",
        "https://postern.example/mcp//",
        "https://postern.example/MCP",
        "https://postern.example/mcp?x",
        "https://postern.example/mcp#x",
        "https://user@postern.example/mcp",
        "http://postern.example/mcp",
        "mcp",
    ] {
        assert_eq!(problem(&[("resource", Some(resource))]), Some(Problem::OtherResource), "{resource}");
    }
}

#[test]
fn scopes_default_to_the_ordinary_ones_and_drop_the_unknown() {
    let scopes =
        |scope| wanted(&changed(&[("scope", scope)]), &client(), &settings::for_tests()).unwrap().scopes.to_string();
    assert_eq!(scopes(None), "read write");
    assert_eq!(scopes(Some("offline_access")), "read write");
    assert_eq!(scopes(Some("read openid")), "read");
    assert_eq!(scopes(Some("openid profile")), "read write");
    assert_eq!(scopes(Some("read write admin")), "read write admin");
}

#[test]
fn only_prompt_none_is_silent() {
    let silent = |prompt| wanted(&changed(&[("prompt", prompt)]), &client(), &settings::for_tests()).unwrap().silent;
    assert!(silent(Some("none")));
    assert!(!silent(Some("consent")) && !silent(Some("login consent")) && !silent(None));
}

#[test]
fn a_client_asks_for_no_more_than_it_was_registered_for() {
    let scopes = |asked: Option<&'static str>| {
        let form = changed(&[("scope", asked)]);
        wanted(&form, &client_limited_to(Some("read")), &settings::for_tests()).map(|wanted| wanted.scopes.to_string())
    };
    assert_eq!(scopes(None), Ok("read".to_owned()));
    assert_eq!(scopes(Some("read")), Ok("read".to_owned()));
    assert_eq!(scopes(Some("read write")), Err(Problem::BeyondRegistration));
}
