use super::*;
use crate::{
    authorization::testing::{House, error_of, header, json_of, json_request},
    platform::database::sql,
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
    let client = futures_executor::block_on(clients::find(&house.postern, &id)).unwrap().unwrap();
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
fn the_defaults_are_those_of_rfc_7591() {
    let reply =
        json_of(&House::default().register_with(&json!({ "redirect_uris": ["https://client.example/callback"] })));
    assert_eq!(reply["grant_types"], json!(["authorization_code"]));
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
fn a_link_that_is_no_web_address_is_left_out() {
    let reply = json_of(&House::default().register_with(&metadata(&[("client_uri", json!("javascript:alert(1)"))])));
    assert_eq!(reply.get("client_uri"), None);
}

#[test]
fn redirect_uris_are_1_to_10_acceptable_ones() {
    for uris in [
        json!(null),
        json!([]),
        json!("https://client.example"),
        json!([1]),
        json!(["http://evil.example/cb"]),
        json!(["https://client.example/callback", "https://client.example/#"]),
        json!(vec!["https://client.example/callback"; 11]),
    ] {
        assert_eq!(refusal(&[("redirect_uris", uris.clone())]), invalid("invalid_redirect_uri"), "{uris}");
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
    assert_eq!(futures_executor::block_on(register(&house.postern, &request)).unwrap().status, 413);
}

#[test]
fn who_registers_too_fast_has_to_wait() {
    let house = House::default();
    house.limiter.exhausted.set(true);
    let mut request = json_request(&metadata(&[]));
    request.headers.push(("cf-connecting-ip".into(), "192.0.2.1".into()));
    let response = futures_executor::block_on(register(&house.postern, &request)).unwrap();
    assert_eq!((response.status, header(&response, "retry-after")), (429, Some("60")));
    assert_eq!(house.limiter.asked.borrow().as_slice(), ["register:192.0.2.1"]);
}

#[test]
fn registrations_that_wait_for_a_person_are_capped() {
    let house = House::default();
    house.run(sql("WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 5000)
        INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method, metadata, created_at,
            expires_at)
        SELECT 'c' || n, 'c', '[]', '[]', 'none', '{}', 0, 1767225600001 FROM number"));
    let response = house.register_with(&metadata(&[]));
    assert_eq!((response.status, header(&response, "retry-after")), (503, Some("3600")));
    house.wait(1);
    assert_eq!(house.register_with(&metadata(&[])).status, 201);
}

proptest::proptest! {
    #[test]
    fn whatever_is_sent_is_answered(body in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = Wanted::read(&body, &PrivateUse::default());
    }
}
