//! Everything that the two metadata documents advertise is asked for, and answers as advertised. Something new in
//! them that nobody asks for here fails.

use base64::{Engine, engine::general_purpose::STANDARD};
use postern_tests::{
    client::{Answer, Client, parameter, send},
    instance::instance,
    person::Person,
    service::{JWT_BEARER, Proof, Service},
};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{client, documents, id_jag, mcp_status, origin};

fn document(name: &str) -> Value {
    send("GET", &format!("{}/.well-known/{name}", origin()), &[], b"").json()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().map(|text| text.as_str().expect("text")).collect()
}

/// An empty request is answered as a bad one, and not as one to nowhere.
fn endpoint(method: &str, url: &Value) {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = send(method, url.as_str().expect("a URL"), &form, b"");
    assert_eq!(answer.status, 400, "{url}: {answer:?}");
}

/// The redirect's parameter of a consent to a request with that parameter.
fn consented(name: &str, value: &str, answer: &str) -> Option<String> {
    parameter(&Client::registered(origin()).authorize(&Person::developer(), &[(name, value)], "approve"), answer)
}

fn scope(name: &str) {
    let client = Client::registered(origin());
    let code = client.consented(&Person::developer(), &[("scope", name)]);
    let scope = client.redeem(&code, &[]).json()["scope"].clone();
    // It asks for a refresh token, and is a scope of nothing.
    let expected = if name == "offline_access" { "read write" } else { name };
    assert_eq!(scope, expected);
}

fn grant_type(name: &str) {
    let answer = match name {
        "authorization_code" => {
            let client = Client::registered(origin());
            client.redeem(&client.consented(&Person::developer(), &[]), &[])
        }
        "refresh_token" => {
            let client = client();
            client.refresh(&client.refresh_token, &[])
        }
        "client_credentials" => {
            Service::with_secret(instance(), name).post("/token", &[("grant_type", "client_credentials")])
        }
        JWT_BEARER => {
            let service = Service::with_secret(instance(), name);
            return assert_eq!(mcp_status(&id_jag::vouched(&Person::developer(), &service)), 200);
        }
        other => panic!("nobody asks for {other}"),
    };
    assert_eq!(answer.status, 200, "{name}: {answer:?}");
}

fn basic(service: &Service<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let Proof::Secret(secret) = &service.proof else { panic!("this service has no secret") };
    let credentials = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", service.id)));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", &*credentials)];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    send("POST", &format!("{}{path}", origin()), &headers, body.as_bytes())
}

/// A client of that kind is let in at that endpoint.
fn method(name: &str, path: &str, algorithm: &str) {
    let with_secret = || Service::with_secret(instance(), "client_credentials");
    let fields = [("grant_type", "client_credentials"), ("token", "x")];
    let answer = match name {
        "none" => {
            let client = client();
            let fields = [
                ("client_id", client.id.as_str()),
                ("grant_type", "refresh_token"),
                ("refresh_token", &client.refresh_token),
                ("token", "x"),
            ];
            postern_tests::client::post_form(&format!("{}{path}", origin()), &fields)
        }
        "client_secret_basic" => basic(&with_secret(), path, &fields),
        "client_secret_post" => with_secret().post(path, &fields),
        "private_key_jwt" => Service::with_key(instance(), "client_credentials", algorithm).post(path, &fields),
        other => panic!("nobody uses {other}"),
    };
    assert_eq!(answer.status, 200, "{name} at {path}: {answer:?}");
}

fn authorization_server(name: &str, value: &Value) {
    let methods = |path| texts(value).into_iter().for_each(|name| method(name, path, "ES256"));
    let algorithms = |path| texts(value).into_iter().for_each(|algorithm| method("private_key_jwt", path, algorithm));
    match name {
        "issuer" => assert_eq!(value, origin()),
        "authorization_endpoint" => endpoint("GET", value),
        "token_endpoint" | "registration_endpoint" | "revocation_endpoint" | "introspection_endpoint" => {
            endpoint("POST", value);
        }
        "scopes_supported" => texts(value).into_iter().for_each(scope),
        "response_types_supported" | "response_modes_supported" => {
            let parameter = name.trim_end_matches("s_supported");
            for supported in texts(value) {
                assert!(consented(parameter, supported, "code").is_some(), "{parameter}={supported}");
            }
            assert_eq!(consented(parameter, "token", "code"), None);
        }
        "code_challenge_methods_supported" => {
            for supported in texts(value) {
                assert!(consented("code_challenge_method", supported, "code").is_some(), "{supported}");
            }
            assert!(!texts(value).contains(&"plain") && consented("code_challenge_method", "plain", "code").is_none());
        }
        "grant_types_supported" => texts(value).into_iter().for_each(grant_type),
        "token_endpoint_auth_methods_supported" => methods("/token"),
        "revocation_endpoint_auth_methods_supported" => methods("/revoke"),
        "introspection_endpoint_auth_methods_supported" => methods("/introspect"),
        "token_endpoint_auth_signing_alg_values_supported" => algorithms("/token"),
        "revocation_endpoint_auth_signing_alg_values_supported" => algorithms("/revoke"),
        "introspection_endpoint_auth_signing_alg_values_supported" => algorithms("/introspect"),
        "authorization_grant_profiles_supported" => {
            assert_eq!(texts(value), ["urn:ietf:params:oauth:grant-profile:id-jag"]);
            grant_type(JWT_BEARER);
        }
        // Rows 133–138 have the rest of it.
        "client_id_metadata_document_supported" => {
            assert_eq!((value, mcp_status(&documents::let_in_by_document(&Person::developer()))), (&json!(true), 200));
        }
        "authorization_response_iss_parameter_supported" => {
            assert_eq!(value, true);
            assert_eq!(consented("state", "x", "iss").as_deref(), Some(origin()));
        }
        other => panic!("nobody asks whether {other} is true"),
    }
}

#[test]
fn row_109_everything_in_the_authorization_servers_metadata_is_true() {
    for (name, value) in document("oauth-authorization-server").as_object().expect("members") {
        authorization_server(name, value);
    }
}

#[test]
fn everything_in_the_protected_resources_metadata_is_true() {
    let client = client();
    for (name, value) in document("oauth-protected-resource/mcp").as_object().expect("members") {
        match name.as_str() {
            "resource" => assert_eq!(send("POST", value.as_str().expect("a URL"), &[], b"").status, 401),
            "authorization_servers" => {
                for server in texts(value) {
                    let url = format!("{server}/.well-known/oauth-authorization-server");
                    assert_eq!(send("GET", &url, &[], b"").json()["issuer"], server);
                }
            }
            "scopes_supported" => texts(value).into_iter().for_each(scope),
            "bearer_methods_supported" => {
                assert_eq!((texts(value), mcp_status(&client)), (vec!["header"], 200));
                let token = format!("access_token={}", client.access_token);
                let form = [("content-type", "application/x-www-form-urlencoded")];
                assert_eq!(send("POST", &client.resource(), &form, token.as_bytes()).status, 401);
            }
            "resource_name" => assert_eq!(value, "Postern"),
            other => panic!("nobody asks whether {other} is true"),
        }
    }
}

#[test]
fn the_scope_of_what_takes_away_is_given_to_whoever_asks_and_asked_for_by_nobody_else() {
    let supported = document("oauth-authorization-server")["scopes_supported"].clone();
    assert_eq!(supported, json!(["read", "write", "admin", "offline_access"]));
    assert_eq!(document("oauth-protected-resource")["scopes_supported"], json!(["read", "write"]));
    let client = Client::registered(origin());
    let code = client.consented(&Person::developer(), &[("scope", "read write admin offline_access")]);
    assert_eq!(client.redeem(&code, &[]).json()["scope"], "read write admin");
}
