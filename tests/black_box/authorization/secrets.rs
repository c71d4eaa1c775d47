//! Row 139: who reads the database or the log can use nothing of it.

use std::{thread::sleep, time::Duration};

use postern_tests::{
    authenticator::hash,
    client::{Client, register},
    instance::instance,
    person::Person,
};
use serde_json::{Value, json};

use super::origin;

/// Everything that the record holds, as text.
fn record() -> String {
    let tables =
        instance().sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'", &[]);
    let tables: Vec<&str> = tables.as_array().expect("rows").iter().filter_map(|row| row["name"].as_str()).collect();
    assert!(tables.contains(&"grants") && tables.contains(&"authorization_codes"), "{tables:?}");
    tables.iter().map(|table| instance().sql(&format!("SELECT * FROM {table}"), &[]).to_string()).collect()
}

/// Everything that the person's Session object holds, as text.
fn session_record(person: &Person<'_>) -> String {
    let rows = |sql: &str| instance().session_sql(&person.user_id(), sql);
    let tables = rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'");
    let tables: Vec<&str> = tables.as_array().expect("rows").iter().filter_map(|row| row["name"].as_str()).collect();
    assert!(tables.contains(&"credentials") && tables.contains(&"live_grants"), "{tables:?}");
    tables.iter().map(|table| rows(&format!("SELECT * FROM {table}")).to_string()).collect()
}

/// The credential that upstream got for that person's call.
fn upstream_token(person: &Person<'_>) -> String {
    let requests = instance().upstream_requests(&person.username);
    let bearer = |request: &Value| Some(request["authorization"].as_str()?.strip_prefix("Bearer ")?.to_owned());
    requests.iter().find_map(bearer).expect("a call with the person's token")
}

#[test]
fn row_139_no_credential_lies_anywhere_as_it_is() {
    let person = Person::connected();
    let (browser, _) = person.signed_in_at("/connections");
    let cookies = browser.cookies_for(&person.url("/")).expect("a session");
    let session = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("__Host-postern_session=")).expect("one");
    let registered = register(origin(), json!({ "token_endpoint_auth_method": "client_secret_post" })).json();
    let mut client = Client::registered(origin());
    registered["client_id"].as_str().expect("an id").clone_into(&mut client.id);
    let secret = registered["client_secret"].as_str().expect("a secret");
    let open_code = client.consented(&person, &[]);
    let used_code = client.consented(&person, &[]);
    client.keep(&client.redeem(&used_code, &[("client_secret", secret)]).json());
    let first_refresh = client.refresh_token.clone();
    client.keep(&client.refresh(&first_refresh, &[("client_secret", secret)]).json());
    let called = client.call("bitbucket_list_workspaces", json!({}));
    assert!(!called.is_error(), "{called:?}");
    sleep(Duration::from_secs(1));
    let places = [("D1", record()), ("the Session object", session_record(&person)), ("the log", instance().logs())];
    assert!(places[0].1.contains(&hash("authorization_codes", &used_code)), "this looks where codes are kept");
    for (what, credential) in [
        ("session cookie", session),
        ("client secret", secret),
        ("code", &open_code),
        ("used code", &used_code),
        ("refresh token", &client.refresh_token),
        ("used refresh token", &first_refresh),
        ("access token", &client.access_token),
        ("upstream token", &upstream_token(&person)),
    ] {
        for (place, text) in &places {
            assert!(!text.contains(credential), "the {what} lies in {place}");
        }
    }
}

#[test]
fn row_139_upstream_tokens_are_sealed() {
    let person = Person::connected();
    let rows =
        instance().sql("SELECT access_token, refresh_token FROM connections WHERE user_id = ?1", &[&person.user_id()]);
    for column in ["access_token", "refresh_token"] {
        assert!(rows[0][column].as_str().is_some_and(|sealed| sealed.starts_with("v2.")), "{rows}");
    }
}
