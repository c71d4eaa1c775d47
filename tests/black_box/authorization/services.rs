//! Row 140: clients that act for themselves.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use postern_tests::{
    client::{Client, post_form},
    instance::instance,
    service::Service,
};
use serde_json::{Value, json};

use super::{assert_refused, mcp_status, origin};

const CREDENTIALS: [(&str, &str); 1] = [("grant_type", "client_credentials")];

fn service() -> Service<'static> {
    Service::with_secret(instance(), "client_credentials")
}

fn ask(service: &Service<'_>, fields: &[(&str, &str)]) -> postern_tests::client::Answer {
    service.post("/token", &[&CREDENTIALS, fields].concat())
}

#[test]
fn row_140_a_pre_registered_client_gets_a_token_and_nothing_to_refresh_it_with() {
    let reply = ask(&service(), &[]);
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{reply:?}");
    let reply = reply.json();
    assert_eq!((&reply["token_type"], &reply["scope"]), (&json!("Bearer"), &json!("read write")));
    assert_eq!(reply.get("refresh_token"), None);
}

#[test]
fn row_140_no_client_that_registered_itself_does() {
    let public = Client::registered(origin());
    let fields = [("grant_type", "client_credentials"), ("client_id", &public.id)];
    assert_refused(&post_form(&format!("{}/token", origin()), &fields), "unauthorized_client");
    let changed = json!({ "grant_types": ["client_credentials"] });
    assert_eq!(postern_tests::client::register(origin(), changed).json()["error"], "invalid_client_metadata");
}

#[test]
fn row_140_it_has_to_prove_itself() {
    let service = service();
    let fields = [CREDENTIALS[0], ("client_id", &service.id), ("client_secret", "guessed")];
    assert_refused(&post_form(&format!("{}/token", origin()), &fields), "invalid_client");
    assert_refused(&post_form(&format!("{}/token", origin()), &fields[..2]), "invalid_client");
}

#[test]
fn row_140_it_gets_what_it_asks_for_and_for_this_resource() {
    let service = service();
    assert_eq!(ask(&service, &[("scope", "read")]).json()["scope"], "read");
    assert_eq!(ask(&service, &[("scope", "openid read")]).json()["scope"], "read");
    assert_refused(&ask(&service, &[("resource", "https://other.example/mcp")]), "invalid_target");
}

#[test]
fn row_140_a_service_is_told_who_it_is_and_reaches_what_is_the_organisations() {
    let service = service();
    let client = service.client();
    let who = client.call("whoami", json!({})).text();
    assert!(who.contains(&format!("service: Nightly build ({})", service.id)), "{who}");
    let found = client.call("confluence_search", json!({ "query": "type = page" }));
    assert!(!found.is_error(), "{found:?}");
}

#[test]
fn row_140_what_needs_a_person_is_not_listed_and_says_so_when_called() {
    let client = service().client();
    let listed = client.modern("tools/list", json!({})).result()["tools"].to_string();
    assert!(listed.contains("confluence_search") && !listed.contains("bitbucket_"), "{listed}");
    let capabilities = json!({ "elicitation": { "url": {} } });
    let call = json!({ "name": "bitbucket_list_workspaces", "arguments": {} });
    let answer = client.modern_with("tools/call", call, capabilities);
    assert!(answer.is_error(), "nobody is asked to open a link: {answer:?}");
    assert!(answer.text().contains("in the account of a person") && answer.text().contains("signed in"), "{answer:?}");
}

/// The audit's rows of a subject, once there are as many.
fn audit(subject: &str, rows: usize) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let found = instance()
            .sql("SELECT * FROM events WHERE person = ?1 AND kind = 'call' ORDER BY at, phase, position", &[subject]);
        let found = found.as_array().expect("rows").clone();
        if found.len() >= rows {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(15), "{found:?}");
        sleep(Duration::from_millis(100));
    }
}

#[test]
fn row_140_what_a_service_does_and_may_not_do_is_on_record() {
    let service = service();
    let client = service.client();
    client.call("confluence_search", json!({ "query": "type = page" }));
    client.call("bitbucket_list_workspaces", json!({}));
    let rows = audit(&format!("service:{}", service.id), 2);
    let columns = |row: &Value| [row["tool"].clone(), row["outcome"].clone(), row["client_id"].clone()];
    let mut all: Vec<_> = rows.iter().map(columns).collect();
    all.sort_by_key(|row| row[0].to_string());
    let expected = [["bitbucket_list_workspaces", "denied"], ["confluence_search", "succeeded"]];
    assert_eq!(all, expected.map(|[tool, outcome]| [json!(tool), json!(outcome), json!(service.id)]));
}

#[test]
fn row_140_a_service_gives_back_its_own_token_and_no_other_services() {
    let (service, other) = (service(), service());
    let client = service.client();
    assert_eq!(mcp_status(&client), 200);
    assert_eq!(other.post("/revoke", &[("token", &client.access_token)]).status, 200);
    assert_eq!(mcp_status(&client), 200);
    assert_eq!(service.post("/revoke", &[("token", &client.access_token)]).status, 200);
    assert_eq!(mcp_status(&client), 401);
    assert_eq!(mcp_status(&service.client()), 200, "it may have another");
}
