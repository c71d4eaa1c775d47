use super::*;
use crate::{
    authorization::testing::{House, error_of, from, header, json_of, json_request, text},
    platform::{database::sql, limiter::Limit},
};

fn metadata(changes: &[(&str, Value)]) -> Value {
    let mut metadata = json!({
        "redirect_uris": ["https://client.example/callback"],
        "client_name": "Client",
        "token_endpoint_auth_method": "none",
    });
    for (name, value) in changes {
        metadata[*name] = value.clone();
    }
    metadata
}

fn refusal(changes: &[(&str, Value)]) -> (u16, String) {
    error_of(&House::default().register_with(&metadata(changes)))
}

fn invalid(error: &str) -> (u16, String) {
    (400, error.to_owned())
}

#[test]
fn the_reply_is_the_whole_effective_registration() {
    let response = House::default().register_with(&metadata(&[
        ("grant_types", json!(["authorization_code", "refresh_token", "implicit"])),
        ("client_uri", json!("https://client.example")),
        ("application_type", json!("native")),
        ("unheard_of", json!(1)),
    ]));
    assert_eq!(response.status, 201);
    let mut reply = json_of(&response);
    assert_eq!(reply["client_id"].as_str().unwrap().len(), 22);
    reply["client_id"] = json!("id");
    assert_eq!(
        reply,
        json!({
            "client_id": "id",
            "client_id_issued_at": 1_767_225_600,
            "client_name": "Client",
            "redirect_uris": ["https://client.example/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "scope": "read write admin",
            "application_type": "native",
            "client_uri": "https://client.example",
        })
    );
}

#[test]
fn the_reply_is_for_no_cache_and_any_origin() {
    let response = House::default().register_with(&metadata(&[]));
    assert_eq!(header(&response, "cache-control"), Some("no-store"));
    assert_eq!(header(&response, "access-control-allow-origin"), Some("*"));
}

#[test]
fn a_confidential_client_gets_a_secret_of_which_only_the_hash_is_kept() {
    for method in ["client_secret_basic", "client_secret_post"] {
        let house = House::default();
        let reply = json_of(&house.register_with(&metadata(&[("token_endpoint_auth_method", json!(method))])));
        assert_eq!(reply["client_secret_expires_at"], 0);
        let kept = house.run(sql("SELECT * FROM clients"))[0].clone();
        assert_eq!(kept["secret_hash"], digest::sha256(reply["client_secret"].as_str().unwrap()));
        assert!(!kept.to_string().contains(reply["client_secret"].as_str().unwrap()));
    }
}

#[test]
fn a_client_with_keys_of_its_own_gets_no_secret() {
    let keys = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "x", "y": "y" }] });
    let changes = [("token_endpoint_auth_method", json!("private_key_jwt")), ("jwks", keys.clone())];
    let house = House::default();
    let reply = json_of(&house.register_with(&metadata(&changes)));
    assert_eq!(reply["jwks"], keys);
    assert_eq!(reply.get("client_secret"), None);
    let id = ClientId::new(reply["client_id"].as_str().unwrap());
    let client = futures_executor::block_on(clients::find(&house.context, &id)).unwrap().unwrap();
    assert_eq!(client.authentication.method(), AuthenticationMethod::PrivateKeyJwt);
}

#[test]
fn private_key_jwt_without_keys_is_refused() {
    assert_eq!(
        refusal(&[("token_endpoint_auth_method", json!("private_key_jwt"))]),
        invalid("invalid_client_metadata")
    );
}

#[test]
fn nobody_gives_themselves_access_without_a_person() {
    let changes = [("grant_types", json!(["authorization_code", "client_credentials"]))];
    let reply = json_of(&House::default().register_with(&metadata(&changes)));
    assert_eq!(reply["grant_types"], json!(["authorization_code"]));
}

#[test]
fn what_is_not_said_is_a_client_with_a_secret_that_may_refresh() {
    let reply =
        json_of(&House::default().register_with(&json!({ "redirect_uris": ["https://client.example/callback"] })));
    assert_eq!(reply["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(reply["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(reply["client_name"], "Unnamed client");
}

#[test]
fn a_name_is_cleaned_and_cut() {
    let reply = json_of(
        &House::default()
            .register_with(&metadata(&[("client_name", json!(format!("\u{202e}A\u{200b}\n{}", "b".repeat(200))))])),
    );
    assert_eq!(reply["client_name"], format!("A {}…", "b".repeat(98)));
}

#[test]
fn what_means_nothing_here_spoils_nothing() {
    for (name, value) in [
        ("client_uri", json!("javascript:alert(1)")),
        ("client_uri", json!(7)),
        ("logo_uri", json!({})),
        ("software_id", json!([1])),
        ("application_type", json!(null)),
    ] {
        let response = House::default().register_with(&metadata(&[(name, value.clone())]));
        assert_eq!((response.status, json_of(&response).get(name)), (201, None), "{name} {value}");
    }
}

#[test]
fn the_redirect_uris_that_are_acceptable_are_registered_and_named() {
    let wanted = json!(["vscode://x/callback", "https://client.example/callback", "http://127.0.0.1:8787/callback"]);
    let response = House::default().register_with(&metadata(&[("redirect_uris", wanted)]));
    let named = json_of(&response)["redirect_uris"].clone();
    let expected = json!(["https://client.example/callback", "http://127.0.0.1:8787/callback"]);
    assert_eq!((response.status, named), (201, expected));
}

#[test]
fn a_set_without_an_acceptable_redirect_uri_or_of_too_many_is_refused_with_the_reason() {
    let many: Vec<String> = (0..11).map(|number| format!("https://client.example/{number}")).collect();
    for (uris, why) in [
        (json!(null), "at least one"),
        (json!([]), "at least one"),
        (json!("https://client.example"), "list of URLs"),
        (json!([1]), "not an absolute URL"),
        (json!(["http://evil.example/cb"]), "https, or http on"),
        (json!(many), "at most 10"),
    ] {
        let response = House::default().register_with(&metadata(&[("redirect_uris", uris.clone())]));
        assert_eq!(error_of(&response), invalid("invalid_redirect_uri"), "{uris}");
        let description = text(&json_of(&response), "error_description");
        assert!(description.contains(why), "{uris}: {description}");
    }
}

#[test]
fn other_metadata_that_cannot_work_is_refused() {
    for (name, value) in [
        ("grant_types", json!(["client_credentials"])),
        ("grant_types", json!("authorization_code")),
        ("response_types", json!(["token"])),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("client_name", json!({})),
    ] {
        assert_eq!(refusal(&[(name, value.clone())]), invalid("invalid_client_metadata"), "{name} {value}");
    }
}

#[test]
fn a_body_that_is_no_json_object_is_refused() {
    for body in [json!([]), json!("text"), json!(null)] {
        assert_eq!(error_of(&House::default().register_with(&body)), invalid("invalid_client_metadata"));
    }
}

#[test]
fn a_body_of_more_than_16_kib_is_not_read() {
    let house = House::default();
    let long = metadata(&[("client_uri", json!("x".repeat(16 * 1024)))]);
    assert_eq!(error_of(&house.register_with(&long)).0, 413);
    let request = Request { body: Body::TooLarge, ..json_request(&json!({})) };
    assert_eq!(futures_executor::block_on(register(&house.context, &request)).unwrap().status, 413);
}

#[test]
fn who_registers_too_fast_has_to_wait() {
    let house = House::default();
    house.limiter.exhausted.set(Some(Limit::Registrations));
    let response = register_from(&house, "2001:db8:0:1::1");
    assert_eq!((response.status, header(&response, "retry-after")), (429, Some("60")));
    assert_eq!(house.limiter.keys(Limit::Registrations), ["register:2001:db8:0:1::/64"]);
}

fn register_from(house: &House, address: &str) -> Response {
    futures_executor::block_on(register(&house.context, &from(address, json_request(&metadata(&[]))))).unwrap()
}

/// Puts so many registrations on record that nobody consented to, the first of them the oldest.
fn crowd(house: &House, network: Option<&str>, count: i64) {
    house.run(
        sql("WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?2)
        INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method, metadata, created_at,
            expires_at, registered_from)
        SELECT 'c' || n, 'c', '[]', '[]', 'none', '{}', 0, 1767225600000 + n, ?1 FROM number")
        .bind(network.map(str::to_owned))
        .bind(count),
    );
}

fn is_there(house: &House, id: &str) -> bool {
    !house.run(sql("SELECT id FROM clients WHERE id = ?1").bind(id)).is_empty()
}

#[test]
fn where_there_is_no_room_the_oldest_registration_that_waits_goes_first() {
    let house = House::default();
    house.code(&house.register("none"));
    crowd(&house, None, 5000);
    assert_eq!(house.register_with(&metadata(&[])).status, 201);
    assert!(!is_there(&house, "c1") && is_there(&house, "c2"));
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM clients WHERE expires_at IS NOT NULL"), 5000);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM clients WHERE used_at IS NOT NULL"), 1, "one in use stays");
}

#[test]
fn one_network_has_room_for_200_and_takes_nobody_elses() {
    let house = House::default();
    let other = text(&json_of(&register_from(&house, "192.0.2.1")), "client_id");
    let first = text(&json_of(&register_from(&house, "2001:db8::1")), "client_id");
    let own = house.run(sql("SELECT registered_from FROM clients WHERE id = ?1").bind(&first));
    crowd(&house, own[0]["registered_from"].as_str(), 199);
    assert_eq!(register_from(&house, "2001:db8::2").status, 201);
    assert!(!is_there(&house, "c1") && is_there(&house, "c2") && is_there(&house, &other));
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM clients"), 201);
}

#[test]
fn where_a_client_registered_from_is_not_on_record_once_somebody_uses_it() {
    let house = House::default();
    let row = || house.run(sql("SELECT registered_from FROM clients"))[0]["registered_from"].clone();
    register_from(&house, "192.0.2.1");
    assert!(row().as_str().is_some_and(|network| !network.contains("192.0.2.1")));
    house.run(sql("DELETE FROM clients"));
    house.code(&house.register("none"));
    assert_eq!(row(), json!(null));
}

#[test]
fn nobody_registers_where_only_known_clients_are_let_in() {
    let house = House::with_settings(|settings| settings.known_clients_only = true);
    let response = house.register_with(&metadata(&[]));
    assert_eq!(error_of(&response), (403, "access_denied".to_owned()));
    assert!(text(&json_of(&response), "error_description").contains("Known clients"));
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM clients"), 0);
}

proptest::proptest! {
    #[test]
    fn whatever_is_sent_is_answered(body in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = Wanted::read(&body, &PrivateUse::default());
    }
}
