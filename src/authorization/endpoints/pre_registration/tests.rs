use futures_executor::block_on;
use proptest::prelude::*;

use super::*;
use crate::authorization::{
    clients::public_url::NotPublic,
    testing::{House, Registration, browser, error_of, form, json_of, text},
};

const COMPLETE: [(&str, &str); 6] = [
    ("name", "Build pipeline"),
    ("method", "client_secret_basic"),
    ("redirect_uris", "https://client.example/callback\n\n http://127.0.0.1/callback "),
    ("grant_type", "authorization_code"),
    ("scope", "read"),
    ("scope", "write"),
];

/// The complete form with fields replaced.
fn changed<'a>(changes: &[(&'a str, &'a str)]) -> Form {
    let mut fields: Vec<(&str, &str)> = COMPLETE.to_vec();
    fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    fields.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    form(&fields)
}

fn refused(changes: &[(&str, &str)]) -> Refused {
    let secret = Secret::new("s");
    let wanted = Wanted::read(&changed(changes), &PrivateUse::default());
    let client = wanted.and_then(|wanted| Ok(wanted.client("id".into(), &secret, Timestamp(0))?));
    client.unwrap_err()
}

fn entered(house: &House, changes: &[(&str, &str)]) -> Entered {
    block_on(enter(&house.context, &UserId::new("alice"), &changed(changes))).unwrap().unwrap()
}

fn credentials(entered: &Entered) -> Registration {
    let secret = entered.secret.as_ref().map(|secret| secret.expose().to_owned());
    Registration { id: entered.client.id.to_string(), secret }
}

#[test]
fn a_client_is_on_record_as_it_was_entered() {
    let house = House::default();
    let entered = entered(&house, &[]);
    let listed = block_on(list(&house.context)).unwrap().pop().unwrap();
    assert_eq!(listed.client, entered.client);
    assert_eq!((listed.entered_by.as_deref(), listed.grants), (Some("alice"), 0));
    assert_eq!(listed.client.redirect_uris.len(), 2);
    assert!(listed.client.may(GrantType::RefreshToken) && !listed.client.may(GrantType::ClientCredentials));
}

#[test]
fn its_secret_opens_the_door_and_is_nowhere_on_record() {
    let house = House::default();
    let client = credentials(&entered(&house, &[]));
    house.tokens(&client);
    let rows = serde_json::Value::from(house.run(crate::platform::database::sql("SELECT * FROM clients"))).to_string();
    assert!(!rows.contains(&client.secret.unwrap()));
}

#[test]
fn a_client_with_keys_has_no_secret() {
    let set = r#"{ "keys": [{ "kty": "RSA", "n": "n", "e": "AQAB" }] }"#;
    for keys in [set, "https://client.example/keys.json"] {
        let entered = entered(&House::default(), &[("method", "private_key_jwt"), ("keys", keys)]);
        assert!(entered.secret.is_none() && matches!(entered.client.authentication, Authentication::PrivateKeyJwt(_)));
    }
}

#[test]
fn a_service_needs_no_redirect() {
    let changes = [("grant_type", "client_credentials"), ("redirect_uris", "")];
    let entered = entered(&House::default(), &changes);
    assert!(entered.client.may(GrantType::ClientCredentials) && entered.client.redirect_uris.is_empty());
}

#[test]
fn what_is_missing_or_does_not_go_together_is_said() {
    let private = ("keys", r#"{ "keys": [{ "kty": "RSA", "d": "d" }] }"#);
    for (changes, why) in [
        (vec![("name", " \u{200b}")], Refused::NoName),
        (vec![("method", "magic")], Refused::NoMethod),
        (vec![("method", "private_key_jwt"), ("keys", "key")], Refused::NotKeys),
        (vec![("method", "private_key_jwt"), private], Refused::Keys(UnusableKeys::Private)),
        (
            vec![("method", "private_key_jwt"), ("keys", "https://10.0.0.1/keys")],
            Refused::Keys(UnusableKeys::Address(NotPublic::Address)),
        ),
        (vec![("grant_type", "")], Refused::NoGrantType),
        (vec![("redirect_uris", "\n")], Refused::NoRedirect),
        (
            vec![("redirect_uris", "https://client.example\nhttp://client.example")],
            Refused::Redirect { line: 2, why: Unacceptable::Scheme },
        ),
        (vec![("scope", "everything")], Refused::NoScope),
        (
            vec![("grant_type", "client_credentials"), ("method", "none")],
            Refused::InvalidClient(InvalidClient::WithoutAuthentication),
        ),
    ] {
        assert_eq!(refused(&changes), why, "{changes:?}");
    }
}

#[test]
fn whatever_people_let_a_removed_client_do_is_over() {
    let house = House::default();
    let client = credentials(&entered(&house, &[]));
    let tokens = house.tokens(&client);
    block_on(remove(&house.context, &UserId::new("alice"), &ClientId::new(&client.id))).unwrap();
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants WHERE revoked_at IS NULL"), 0);
    let told = house.sessions.told.borrow().clone();
    assert!(told.iter().any(|told| told.contains("end_grant")), "{told:?}");
    let ends_service = |told: &String| told.contains("end_everything") && told.contains("service:");
    assert!(told.iter().any(ends_service), "{told:?}");
    let refresh_token = text(&tokens, "refresh_token");
    assert_eq!(error_of(&house.refresh(&client, &refresh_token)), (401, "invalid_client".to_owned()));
}

#[test]
fn a_client_that_registered_itself_is_not_removed_here() {
    let house = House::default();
    let (client, refresh_token) = house.refreshable();
    block_on(remove(&house.context, &UserId::new("alice"), &ClientId::new(&client.id))).unwrap();
    assert_eq!(house.refresh(&client, &refresh_token).status, 200);
}

#[test]
fn a_person_is_asked_for_no_more_than_the_client_is_limited_to() {
    let house = House::default();
    let client = credentials(&entered(&house, &[("scope", "read")]));
    let request = house.ask_for(&client, &browser("alice"), "");
    assert_eq!(request.scopes.to_string(), "read");
    assert_eq!(json_of(&house.redeem(&client, &house.code_for(&client, "read")))["scope"], "read");
}

proptest! {
    #[test]
    fn every_form_is_read_or_refused(fields in proptest::collection::vec(("(name|method|keys|redirect_uris|grant_type|scope)", "\\PC{0,30}"), 0..8)) {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let _ = Wanted::read(&form(&fields), &PrivateUse::default());
    }
}
