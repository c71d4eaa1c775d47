use std::rc::Rc;

use super::*;
use crate::{
    authorization::testing::{get, header, json_of},
    identifiers::{ClientId, GrantId, Subject},
    settings,
};

const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn principal() -> Principal {
    Principal {
        subject: Subject::from("u".to_owned()),
        client: ClientId::new("c"),
        grant: GrantId::new("g"),
        scopes: Scopes::offered(),
        attributes: Rc::default(),
    }
}

fn token() -> String {
    access_token::issue(&settings::for_tests(), &principal(), NOW).unwrap().expose().to_owned()
}

fn check_header(authorization: &str) -> Result<Principal, BearerFailure> {
    let mut request = get(&[]);
    request.headers.push(("authorization".into(), authorization.into()));
    check(&settings::for_tests(), NOW, &request)
}

fn challenge_of(response: &Response) -> &str {
    header(response, "www-authenticate").unwrap()
}

#[test]
fn a_valid_token_names_its_principal() {
    assert_eq!(check_header(&format!("Bearer {}", token())), Ok(principal()));
    assert_eq!(check_header(&format!("bearer  {}", token())), Ok(principal()));
}

#[test]
fn without_the_header_nothing_else_counts() {
    let request = get(&[("access_token", &token())]);
    assert_eq!(check(&settings::for_tests(), NOW, &request), Err(BearerFailure::Missing));
}

#[test]
fn a_header_of_another_form_is_malformed() {
    for text in ["Basic YTpi", "Bearer a b", "Bearer a, Bearer b", "token"] {
        assert_eq!(check_header(text), Err(BearerFailure::Malformed), "{text}");
    }
}

#[test]
fn a_header_without_a_token_is_as_none() {
    for text in ["", "Bearer", "Bearer ", "bearer   "] {
        assert_eq!(check_header(text), Err(BearerFailure::Missing), "{text}");
    }
}

#[test]
fn a_variable_that_nobody_read_is_an_invalid_token() {
    for text in ["Bearer ${TOKEN}", "Bearer undefined", "Bearer <token>", "Bearer ä"] {
        assert_eq!(check_header(text), Err(BearerFailure::Invalid), "{text}");
    }
}

#[test]
fn any_other_token_is_invalid() {
    assert_eq!(check_header("Bearer bad"), Err(BearerFailure::Invalid));
    let mut altered = token();
    altered.pop();
    assert_eq!(check_header(&format!("Bearer {altered}")), Err(BearerFailure::Invalid));
}

#[test]
fn no_token_is_challenged_without_an_error() {
    let response = challenge(&settings::for_tests(), "", BearerFailure::Missing);
    assert_eq!(response.status, 401);
    assert_eq!(
        challenge_of(&response),
        "Bearer resource_metadata=\"https://postern.example/.well-known/oauth-protected-resource/mcp\", \
         scope=\"read write\""
    );
}

#[test]
fn an_invalid_token_is_challenged_with_the_metadata_before_the_description() {
    let response = challenge(&settings::for_tests(), "", BearerFailure::Invalid);
    let header = challenge_of(&response);
    assert_eq!(response.status, 401);
    assert!(header.starts_with("Bearer error=\"invalid_token\", resource_metadata="), "{header}");
    assert!(header.find("scope=") < header.find("error_description="), "{header}");
}

#[test]
fn a_malformed_header_is_a_bad_request() {
    let response = challenge(&settings::for_tests(), "", BearerFailure::Malformed);
    assert_eq!((response.status, &json_of(&response)["error"]), (400, &json!("invalid_request")));
}

#[test]
fn a_step_up_names_what_is_held_and_what_is_needed() {
    let response = insufficient_scope(&settings::for_tests(), "", &Scopes::parse("read"), Scope::Write);
    assert_eq!(response.status, 403);
    let header = challenge_of(&response);
    assert!(header.contains("error=\"insufficient_scope\""), "{header}");
    assert!(header.contains("scope=\"read write\""), "{header}");
}

#[test]
fn no_description_has_quotes_or_looks_like_a_parameter() {
    let settings = settings::for_tests();
    for response in [
        challenge(&settings, "", BearerFailure::Missing),
        challenge(&settings, "", BearerFailure::Malformed),
        challenge(&settings, "", BearerFailure::Invalid),
        insufficient_scope(&settings, "", &Scopes::parse("read"), Scope::Write),
    ] {
        let description = json_of(&response)["error_description"].as_str().unwrap().to_owned();
        assert!(!description.contains(['"', '\\', '=', ',']), "{description}");
    }
}

#[test]
fn at_the_address_of_a_view_its_own_metadata_is_named() {
    let response = challenge(&settings::for_tests(), "?tools=gates", BearerFailure::Missing);
    let metadata = "resource_metadata=\"https://postern.example/.well-known/oauth-protected-resource/mcp?tools=gates\"";
    assert!(response.headers.iter().any(|(_, value)| value.contains(metadata)));
}
