//! Rows 114 and 132: clients that register themselves (RFC 7591).

use base64::{Engine, engine::general_purpose::STANDARD};
use postern_tests::{
    client::{Answer, Client, REDIRECT, register, send},
    instance::instance,
};
use serde_json::{Value, json};

use super::{assert_local, assert_refused, open, origin};

fn post(address: &str, body: &[u8]) -> Answer {
    let headers = [("content-type", "application/json"), ("cf-connecting-ip", address)];
    send("POST", &format!("{}/register", origin()), &headers, body)
}

/// Asks for nothing that exists, authenticating by HTTP Basic; what the client is told.
fn authenticated(id: &str, secret: &str) -> Answer {
    let authorization = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    send("POST", &format!("{}/token", origin()), &headers, b"grant_type=refresh_token&refresh_token=none")
}

#[test]
fn row_114_a_redirect_is_https_or_on_loopback() {
    for redirect in [
        "http://evil.example/callback",
        "http://localhost.evil.example/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "cursor://callback",
        "https://client.example/callback#x",
        "https://user@client.example/callback",
        "//client.example",
        "",
    ] {
        assert_refused(&register(origin(), json!({ "redirect_uris": [redirect] })), "invalid_redirect_uri");
        let registered = register(origin(), json!({ "redirect_uris": [redirect, REDIRECT] }));
        assert_eq!((registered.status, &registered.json()["redirect_uris"]), (201, &json!([REDIRECT])), "{redirect}");
    }
}

#[test]
fn row_132_what_a_client_does_not_need_here_is_left_out_and_the_rest_is_registered() {
    let cursor = [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
    ];
    assert_eq!(register(origin(), json!({ "redirect_uris": cursor })).json()["redirect_uris"], json!(cursor));
    let with_another = json!({ "redirect_uris": ["vscode://x/callback", cursor[2]], "client_uri": 7 });
    let registered = register(origin(), with_another);
    assert_eq!((registered.status, &registered.json()["redirect_uris"]), (201, &json!([cursor[2]])), "{registered:?}");
}

#[test]
fn row_132_absent_null_and_empty_mean_the_same() {
    let effective = |value: Value| {
        let changed = json!({ "response_types": value, "token_endpoint_auth_method": value, "client_name": value });
        let mut reply = register(origin(), changed).json();
        for own in ["client_id", "client_id_issued_at", "client_secret"] {
            reply[own] = json!(null);
        }
        reply
    };
    assert_eq!(effective(json!([])), effective(json!("")));
    assert_eq!(effective(json!([])), effective(json!(null)));
}

#[test]
fn row_114_there_are_1_to_10_redirects() {
    let many: Vec<String> = (0..11).map(|number| format!("https://client.example/{number}")).collect();
    for redirects in [json!(many), json!([]), json!(null), json!("https://client.example")] {
        assert_refused(&register(origin(), json!({ "redirect_uris": redirects })), "invalid_redirect_uri");
    }
}

#[test]
fn row_132_the_reply_is_the_whole_registration() {
    let answer = register(origin(), json!({ "client_name": "Editor", "client_uri": "https://editor.example" }));
    assert_eq!((answer.status, answer.header("cache-control")), (201, "no-store"));
    let reply = answer.json();
    assert!(reply["client_id"].as_str().is_some_and(|id| id.len() >= 16), "{reply}");
    assert!(reply["client_id_issued_at"].as_i64().is_some_and(|at| (1_700_000_000..10_000_000_000).contains(&at)));
    let scopes = send("GET", &format!("{}/.well-known/oauth-authorization-server", origin()), &[], b"").json();
    let scopes = scopes["scopes_supported"].as_array().expect("a list").iter().filter_map(Value::as_str);
    let scopes: Vec<&str> = scopes.filter(|scope| *scope != "offline_access").collect();
    assert_eq!(reply["scope"], scopes.join(" "));
    for (name, value) in [
        ("client_name", json!("Editor")),
        ("client_uri", json!("https://editor.example")),
        ("redirect_uris", json!([REDIRECT])),
        ("grant_types", json!(["authorization_code", "refresh_token"])),
        ("response_types", json!(["code"])),
        ("token_endpoint_auth_method", json!("none")),
    ] {
        assert_eq!(reply[name], value, "{name}");
    }
    assert_eq!((reply.get("client_secret"), reply.get("client_secret_expires_at")), (None, None));
}

#[test]
fn row_132_a_confidential_client_gets_a_secret_and_when_it_expires() {
    let reply = register(origin(), json!({ "token_endpoint_auth_method": null })).json();
    assert_eq!(reply["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(reply["client_secret_expires_at"], 0);
    let (id, secret) = (reply["client_id"].as_str().expect("an id"), reply["client_secret"].as_str().expect("one"));
    assert_refused(&authenticated(id, secret), "invalid_grant");
    let refused = authenticated(id, "guessed");
    assert_eq!((refused.status, refused.json()["error"].as_str()), (401, Some("invalid_client")), "{refused:?}");
    assert!(refused.header("www-authenticate").starts_with("Basic "));
}

#[test]
fn row_132_what_is_not_known_is_ignored() {
    let reply =
        register(origin(), json!({ "favourite_colour": "green", "grant_types": ["authorization_code", "magic"] }));
    assert_eq!(reply.status, 201, "{reply:?}");
    assert_eq!(reply.json()["grant_types"], json!(["authorization_code"]));
    assert_eq!(reply.json().get("favourite_colour"), None);
}

#[test]
fn row_132_what_cannot_work_is_refused() {
    for (name, value) in [
        ("grant_types", json!(["implicit"])),
        ("response_types", json!(["token"])),
        ("token_endpoint_auth_method", json!("magic")),
        ("client_name", json!(7)),
    ] {
        let mut changed = json!({});
        changed[name] = value;
        assert_refused(&register(origin(), changed), "invalid_client_metadata");
    }
    for body in ["", "null", "[]", "{", "redirect_uris=x"] {
        assert_eq!(post("2001:db8:1::1", body.as_bytes()).status, 400, "{body}");
    }
}

#[test]
fn row_132_a_registration_has_a_size() {
    let name = "x".repeat(17 * 1024);
    let answer = register(origin(), json!({ "client_name": name }));
    assert_eq!((answer.status, answer.json()["error"].as_str()), (413, Some("invalid_client_metadata")));
    assert_eq!(post("2001:db8:1::2", &vec![b' '; 2 << 20]).status, 413);
}

#[test]
fn row_132_who_registers_without_end_has_to_wait() {
    let body = json!({ "redirect_uris": [REDIRECT] }).to_string();
    // Of one network: whoever has one address of a /64 has all of them.
    let answers: Vec<Answer> = (1..26).map(|host| post(&format!("2001:db8:2::{host}"), body.as_bytes())).collect();
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status != 201).collect();
    assert!(!refused.is_empty() && answers[0].status == 201);
    for answer in refused {
        assert_eq!((answer.status, answer.header("retry-after")), (429, "60"), "{answer:?}");
        assert!(answer.json()["error_description"].as_str().is_some_and(|text| text.contains("try again")));
    }
    assert_eq!(post("2001:db8:2:1::1", body.as_bytes()).status, 201, "others do not have to");
}

#[test]
fn a_registration_that_nobody_used_expires_and_is_swept_away() {
    let client = Client::registered(origin());
    instance().sql("UPDATE clients SET expires_at = 1 WHERE id = ?1", &[&client.id]);
    assert_local(&open(&client, &[]));
    instance().cron();
    let rows: Value = instance().sql("SELECT id FROM clients WHERE id = ?1", &[&client.id]);
    assert_eq!(rows, json!([]));
}

#[test]
fn a_registration_that_somebody_used_does_not_expire() {
    let client = super::client();
    let rows = instance().sql("SELECT expires_at FROM clients WHERE id = ?1", &[&client.id]);
    assert_eq!(rows, json!([{ "expires_at": null }]));
}
