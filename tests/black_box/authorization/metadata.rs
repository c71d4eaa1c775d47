//! Rows 109, 110 and 142: what the server says of itself.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use postern_tests::{
    client::{Answer, Client, parameter, send},
    person::Person,
};
use serde_json::{Value, json};

use super::origin;

const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";

fn get(path: &str) -> Answer {
    send("GET", &format!("{}{path}", origin()), &[], b"")
}

fn metadata() -> Value {
    get(WELL_KNOWN).json()
}

#[test]
fn row_109_the_metadata_says_what_a_client_must_know() {
    let answer = get(WELL_KNOWN);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], origin());
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(metadata["client_id_metadata_document_supported"], true);
    let methods = metadata["token_endpoint_auth_methods_supported"].as_array().expect("a list");
    assert!(methods.contains(&json!("none")), "{methods:?}");
}

#[test]
fn row_109_clients_that_probe_with_the_resources_path_get_the_same_document() {
    assert_eq!(get(&format!("{WELL_KNOWN}/mcp")).json(), metadata());
}

#[test]
fn row_109_it_does_not_pretend_to_be_an_openid_provider() {
    assert_eq!(get("/.well-known/openid-configuration").status, 404);
}

#[test]
fn row_110_the_issuer_is_the_same_text_everywhere() {
    let person = Person::developer();
    let mut client = Client::registered(origin());
    let page = client.authorize(&person, &[], "approve");
    let code = parameter(&page, "code").expect("a code");
    client.keep(&client.redeem(&code, &[]).json());
    let claims = client.access_token.split('.').nth(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims: Value = serde_json::from_slice(&claims.expect("a JWT")).expect("claims");
    let resource = get("/.well-known/oauth-protected-resource/mcp").json();
    let issuer = origin();
    assert_eq!(metadata()["issuer"], issuer);
    assert_eq!(resource["authorization_servers"], json!([issuer]));
    assert_eq!(parameter(&page, "iss").as_deref(), Some(issuer));
    assert_eq!(claims["iss"], issuer);
    assert_eq!((&claims["aud"], &resource["resource"]), (&json!(client.resource()), &json!(client.resource())));
    assert!(!issuer.ends_with('/'));
}

#[test]
fn row_142_nothing_that_programs_ask_redirects() {
    let well_known = ["oauth-authorization-server", "oauth-protected-resource", "openid-configuration"];
    let paths =
        well_known.iter().flat_map(|name| ["", "/", "/mcp", "/mcp/"].map(|end| format!("/.well-known/{name}{end}")));
    let endpoints =
        ["/token", "/token/", "/register", "/register/", "/revoke", "/revoke/", "/introspect", "/mcp", "/mcp/"];
    for path in paths.chain(endpoints.map(str::to_owned)) {
        for method in ["GET", "POST", "OPTIONS"] {
            let answer = send(method, &format!("{}{path}", origin()), &[("origin", "https://client.example")], b"");
            assert!(!(300..400).contains(&answer.status), "{method} {path}: {answer:?}");
        }
    }
}

#[test]
fn pages_of_other_origins_may_use_what_programs_ask() {
    for path in [WELL_KNOWN, "/token", "/register", "/revoke", "/introspect"] {
        let headers = [("origin", "https://client.example"), ("access-control-request-method", "POST")];
        let answer = send("OPTIONS", &format!("{}{path}", origin()), &headers, b"");
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, "*"), "{path}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}
