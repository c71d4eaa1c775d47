use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp(1_767_225_600_000);
const OURS: Expectations<'static> =
    Expectations { issuer: "https://identity.example/realms/acme", client_id: "postern" };

/// What Keycloak 26.7 sends at a logout, as recorded.
fn keycloaks() -> Value {
    json!({
        "exp": 1_767_225_720, "iat": 1_767_225_600, "jti": "fa0415ac-cf98-84fc-058e-33cae3452860",
        "iss": OURS.issuer, "aud": "postern", "sub": "888511a7-827a-4e85-8baa-7e4aed2dd1b0", "typ": "Logout",
        "sid": "Q42VMEDwNy2CI4Yo-RCJfxaE", "events": {EVENT: {}, "revoke_offline_access": true},
    })
}

/// The same with members replaced; `null` takes one away.
fn with(changes: Value) -> Value {
    let mut claims = keycloaks();
    for (name, value) in changes.as_object().unwrap().clone() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(&name)),
            value => claims[name] = value,
        }
    }
    claims
}

fn receive(kind: Option<&str>, claims: &Value) -> Option<Received> {
    Some(Received {
        kind: kind.map(str::to_owned),
        expires_at: claims["exp"].as_i64()?,
        issued_at: claims["iat"].as_i64(),
        claims: serde_json::from_value(claims.clone()).ok()?,
    })
}

fn checked(changes: Value) -> Result<Logout, LogoutError> {
    check(&receive(Some("logout+jwt"), &with(changes)).unwrap(), OURS, NOW)
}

#[test]
fn keycloaks_logout_token_names_a_session_and_its_person() {
    let whose = Whose::Session {
        sid: "Q42VMEDwNy2CI4Yo-RCJfxaE".into(),
        subject: Some("888511a7-827a-4e85-8baa-7e4aed2dd1b0".into()),
    };
    assert_eq!(checked(json!({})).unwrap().whose, whose);
}

#[test]
fn without_a_session_it_is_about_the_person() {
    assert_eq!(checked(json!({"sid": null, "sub": "7"})).unwrap().whose, Whose::Person { subject: "7".into() });
}

#[test]
fn a_session_alone_is_enough() {
    let whose = checked(json!({"sub": null, "sid": "9"})).unwrap().whose;
    assert_eq!(whose, Whose::Session { sid: "9".into(), subject: None });
}

#[test]
fn its_type_is_a_logout_tokens_or_says_nothing() {
    let of = |kind| check(&receive(kind, &keycloaks()).unwrap(), OURS, NOW).map(|_| ());
    for kind in [None, Some("logout+jwt"), Some("application/logout+jwt"), Some("Logout+JWT"), Some("JWT")] {
        assert_eq!(of(kind), Ok(()), "{kind:?}");
    }
    for kind in ["at+jwt", "secevent+jwt", "oauth-id-jag+jwt", "logout", ""] {
        assert_eq!(of(Some(kind)), Err(LogoutError::Kind), "{kind}");
    }
}

#[test]
fn every_rule_of_the_specification_is_kept() {
    let table = [
        (json!({"iss": "https://identity.example/realms/other"}), LogoutError::Issuer),
        (json!({"iss": "https://identity.example/realms/acme/"}), LogoutError::Issuer),
        (json!({"aud": "account"}), LogoutError::Audience),
        (json!({"aud": []}), LogoutError::Audience),
        (json!({"iat": null}), LogoutError::NoIssueTime),
        (json!({"iat": 1_767_225_661, "exp": 1_767_225_900}), LogoutError::IssuedAhead),
        (json!({"iat": 1_767_225_400, "exp": 1_767_225_540}), LogoutError::Expired),
        (json!({"iat": 1_767_224_940, "exp": 1_767_999_999}), LogoutError::Expired),
        (json!({"jti": null}), LogoutError::Id),
        (json!({"jti": ""}), LogoutError::Id),
        (json!({"jti": "x".repeat(257)}), LogoutError::Id),
        (json!({"events": null}), LogoutError::Event),
        (json!({"events": {}}), LogoutError::Event),
        (json!({"events": {"revoke_offline_access": true}}), LogoutError::Event),
        (json!({"events": {EVENT: null}}), LogoutError::Event),
        (json!({"events": {EVENT: true}}), LogoutError::Event),
        (json!({"events": [EVENT]}), LogoutError::Event),
        (json!({"events": EVENT}), LogoutError::Event),
        (json!({"nonce": "n"}), LogoutError::Nonce),
        (json!({"nonce": ""}), LogoutError::Nonce),
        (json!({"sub": null, "sid": null}), LogoutError::NobodyNamed),
        (json!({"sub": "", "sid": null}), LogoutError::NobodyNamed),
        (json!({"sid": ""}), LogoutError::NobodyNamed),
        (json!({"sid": "x".repeat(257)}), LogoutError::NobodyNamed),
    ];
    for (changes, error) in table {
        assert_eq!(checked(changes.clone()).map(|_| ()), Err(error), "{changes}");
    }
}

#[test]
fn a_nonce_of_any_kind_is_one() {
    let mut received = receive(None, &keycloaks()).unwrap();
    received.claims.others.insert("nonce".into(), Value::Null);
    assert_eq!(check(&received, OURS, NOW), Err(LogoutError::Nonce));
}

#[test]
fn an_id_token_is_no_logout_token() {
    let id_token = json!({"events": null, "nonce": "n", "typ": "ID"});
    assert_eq!(checked(id_token), Err(LogoutError::Event));
}

#[test]
fn other_events_and_audiences_may_stand_beside_ours() {
    let events = json!({EVENT: {"x": 1}, "https://schemas.openid.net/secevent/caep": {}, "other": [1]});
    assert!(checked(json!({"events": events, "aud": ["account", "postern"]})).is_ok());
}

#[test]
fn clocks_may_be_a_minute_apart() {
    assert!(checked(json!({"iat": 1_767_225_660, "exp": 1_767_225_700})).is_ok());
    assert!(checked(json!({"iat": 1_767_225_500, "exp": 1_767_225_541})).is_ok());
}

fn claim() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json!(1_767_225_600)),
        "[a-z]{0,4}".prop_map(Value::from),
        Just(json!("postern")),
        Just(json!(["postern"])),
        Just(json!(OURS.issuer)),
        Just(json!({EVENT: {}})),
        Just(json!({EVENT: []})),
        Just(json!([[], {}])),
    ]
}

proptest! {
    /// Whatever claims are replaced by whatever values: what is accepted names our issuer, our client, somebody, and
    /// nothing that would make an ID token of it, and can be remembered for as long as a copy could be accepted.
    #[test]
    fn what_is_accepted_keeps_every_rule(
        names in prop::collection::vec(prop::sample::select(
            vec!["iss", "aud", "iat", "exp", "jti", "sub", "sid", "events", "nonce", "typ"]), 0..4),
        values in prop::collection::vec(claim(), 4),
        after in -700_i64..700,
    ) {
        let mut claims = keycloaks();
        for (name, value) in names.iter().zip(values) {
            claims[*name] = value;
        }
        let now = Timestamp(NOW.0 + after * 1000);
        let Some(received) = receive(None, &claims) else { return Ok(()) };
        if let Ok(logout) = check(&received, OURS, now) {
            prop_assert_eq!(&claims["iss"], &json!(OURS.issuer));
            prop_assert!(claims["aud"] == "postern" || claims["aud"] == json!(["postern"]));
            prop_assert!(claims["events"][EVENT].is_object() && claims.get("nonce").is_none());
            prop_assert!(logout.accepted_until > now.seconds());
            prop_assert!(logout.accepted_until - logout.issued_at <= LONGEST_WAY + SKEW);
            let later = Timestamp(logout.accepted_until * 1000);
            prop_assert_eq!(check(&received, OURS, later), Err(LogoutError::Expired));
        }
    }
}
