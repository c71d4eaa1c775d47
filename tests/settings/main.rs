//! What the operator set, or forgot to. These tests start the one Worker anew with other settings, so they take
//! turns.

mod audit;
mod own_confluence;
mod reach;
mod record;
mod rotation;
mod scopes;
mod shared_credentials;
mod sites;

use std::sync::{Mutex, MutexGuard, PoisonError};

use postern_tests::{
    authenticator,
    client::{Answer, Client, REDIRECT, field, register, send, written_call},
    instance::instance,
    person::Person,
};
use serde_json::{Value, json};

const OTHER_KEY: &str = "b3RoZXIta2V5LW9mLXRoZS1ibGFjay1ib3gtdGVzdC0";

/// Waits for the settings to be this test's alone, whatever the one before left of them.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same, with complete settings.
fn complete_turn() -> MutexGuard<'static, ()> {
    let turn = turn();
    instance().set_variables(&json!({}));
    // What was decided on while another key was in use is not authentic with this one.
    let administrator = Person::new("test-admin-settings", instance());
    administrator.approve_all_tools();
    administrator.let_organisation_write("confluence", true);
    turn
}

/// The answers of every kind of path, while those settings are changed.
fn answers(changed: Value) -> Vec<Answer> {
    instance().set_variables(&changed);
    let paths = [
        ("GET", "/"),
        ("GET", "/health"),
        ("GET", "/connections"),
        ("GET", "/authorize"),
        ("GET", "/nowhere"),
        ("GET", "/.well-known/oauth-protected-resource/mcp"),
        ("GET", "/.well-known/oauth-authorization-server"),
        ("POST", "/register"),
        ("POST", "/token"),
        ("POST", "/mcp"),
        ("GET", "/mcp"),
        ("OPTIONS", "/mcp"),
    ];
    paths
        .map(|(method, path)| send(method, &format!("{}{path}", instance().url), &[("accept", "text/html")], b"{}"))
        .into()
}

/// Every request is refused by a page that says which setting to mend and how; the pages, for more of them.
fn assert_refused(changed: Value, name: &str, problem: &str) -> String {
    let answers = answers(changed);
    for answer in &answers {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{answer:?}");
        assert!(answer.body.contains(&format!("<code>{name}</code> {problem}")), "{}", answer.body);
        assert!(answer.body.contains(&format!("npx wrangler secret put {name}")), "{}", answer.body);
    }
    answers.into_iter().map(|answer| answer.body).collect()
}

#[test]
fn without_the_key_that_seals_nothing_is_answered() {
    let _turn = turn();
    assert_refused(json!({ "SEALING_KEY": null }), "SEALING_KEY", "is not set");
}

#[test]
fn nor_with_one_of_the_wrong_length_and_nothing_of_it_is_shown() {
    let _turn = turn();
    for key in ["c2hvcnQ", &format!("{OTHER_KEY}{OTHER_KEY}")] {
        let pages = assert_refused(json!({ "SEALING_KEY": key }), "SEALING_KEY", "is not 32 bytes of base64");
        assert!(!pages.contains(key), "{pages}");
    }
}

#[test]
fn nor_without_the_key_that_signs() {
    let _turn = turn();
    assert_refused(json!({ "SIGNING_KEY": null }), "SIGNING_KEY", "is not set");
}

#[test]
fn nor_with_an_address_that_is_none() {
    let _turn = turn();
    assert_refused(json!({ "OIDC_ISSUER": "identity.example" }), "OIDC_ISSUER", "is not a URL");
}

#[test]
fn housekeeping_waits_too() {
    let _turn = turn();
    instance().set_variables(&json!({ "SEALING_KEY": null }));
    instance().cron();
    assert!(instance().logs().contains("housekeeping failed"));
    assert_eq!(send("GET", &format!("{}/health", instance().url), &[], b"").status, 503, "it still answers");
}

#[test]
fn once_the_setting_is_mended_everything_goes_on() {
    let _turn = complete_turn();
    let client = Client::of(&Person::connected());
    instance().set_variables(&json!({ "SEALING_KEY": null }));
    assert_eq!(client.call("whoami", json!({})).status, 503);
    instance().set_variables(&json!({}));
    let answer = client.call("bitbucket_list_workspaces", json!({}));
    assert!(!answer.is_error(), "{answer:?}");
}

#[test]
fn what_another_key_sealed_is_as_good_as_lost_and_the_person_is_told_the_way_on() {
    let _turn = complete_turn();
    let client = Client::of(&Person::connected());
    instance().set_variables(&json!({ "SEALING_KEY": OTHER_KEY }));
    let answer = client.call("bitbucket_list_workspaces", json!({}));
    assert!(answer.is_error() && answer.text().contains("/connect"), "{answer:?}");
}

#[test]
fn what_another_key_signed_is_worth_nothing() {
    let _turn = complete_turn();
    let client = Client::of(&Person::developer());
    instance().set_variables(&json!({ "SIGNING_KEY": OTHER_KEY }));
    assert_eq!(client.call("whoami", json!({})).status, 401);
    assert_eq!(client.refresh(&client.refresh_token, &[]).json()["error"], "invalid_grant");
}

const CURSOR: &str = "cursor://anysphere.cursor-mcp/oauth/callback";
const OTHER: &str = "com.example.editor:/callback";

/// Registers a program that takes links of its own scheme.
fn register_program(redirect: &str) -> Answer {
    register(&instance().url, json!({ "client_name": "Editor", "redirect_uris": [redirect] }))
}

/// The consent page for that program.
fn consent_of(redirect: &str) -> (Client, String) {
    let id = register_program(redirect).json()["client_id"].as_str().expect("a client_id").to_owned();
    let client = Client { id, ..Client::registered(&instance().url) };
    let (mut browser, _) = Person::developer().signed_in_at("/connections");
    let page = browser.open(client.authorization_url(&[("redirect_uri", redirect)])).expect("a page");
    (client, page.body)
}

#[test]
fn cursors_own_scheme_is_allowed_from_the_start_with_a_warning() {
    let _turn = complete_turn();
    let (_, page) = consent_of(CURSOR);
    assert!(page.contains("This opens a program on your own computer."), "{page}");
    assert!(page.contains("<strong class=\"host\">cursor://anysphere.cursor-mcp</strong>"), "{page}");
}

#[test]
fn a_program_with_a_scheme_of_its_own_is_told_whom_to_ask() {
    let _turn = complete_turn();
    let refused = register_program(OTHER);
    assert_eq!((refused.status, refused.json()["error"].as_str()), (400, Some("invalid_redirect_uri")), "{refused:?}");
    assert!(refused.body.contains("PRIVATE_USE_REDIRECTS"), "{refused:?}");
    let client = Client::registered(&instance().url);
    let page = send("GET", client.authorization_url(&[("redirect_uri", OTHER)]).as_str(), &[], b"");
    assert_eq!((page.status, page.header("location")), (400, ""), "{page:?}");
    assert!(page.body.contains("com.example.editor:") && page.body.contains("PRIVATE_USE_REDIRECTS"));
}

#[test]
fn where_the_operator_allows_it_people_are_asked_with_a_warning() {
    let _turn = complete_turn();
    instance().set_variables(&json!({ "PRIVATE_USE_REDIRECTS": "com.example.editor:" }));
    let (client, page) = consent_of(OTHER);
    assert!(page.contains("This opens a program on your own computer."), "{page}");
    assert!(page.contains("<strong class=\"host\">com.example.editor:</strong>"), "{page}");
    assert_eq!(register_program(CURSOR).status, 400, "what the operator says replaces what is allowed from the start");
    instance().set_variables(&json!({}));
    let page = send("GET", client.authorization_url(&[("redirect_uri", OTHER)]).as_str(), &[], b"");
    assert_eq!(page.status, 400, "taken back, it is over: {page:?}");
}

fn metadata() -> Value {
    send("GET", &format!("{}/.well-known/oauth-authorization-server", instance().url), &[], b"").json()
}

#[test]
fn where_the_operator_takes_no_metadata_documents_clients_are_told_to_register() {
    let _turn = complete_turn();
    instance().set_variables(&json!({ "CLIENT_METADATA_DOCUMENTS": "no" }));
    let metadata = metadata();
    assert_eq!(metadata["client_id_metadata_document_supported"], false);
    assert!(metadata.get("registration_endpoint").is_some());
    let id = "https://claude.ai/oauth/claude-code-client-metadata".to_owned();
    let client = Client { id, ..Client::registered(&instance().url) };
    let page = send("GET", client.authorization_url(&[]).as_str(), &[], b"");
    assert_eq!((page.status, page.header("location")), (400, ""), "{page:?}");
    assert!(page.body.contains("claude mcp add --transport http --client-id"), "{}", page.body);
}

#[test]
fn where_only_known_clients_come_in_the_others_hear_whom_to_ask() {
    let _turn = complete_turn();
    let known = Client::of(&Person::developer());
    instance().set_variables(&json!({ "KNOWN_CLIENTS_ONLY": "yes" }));
    let metadata = metadata();
    assert_eq!(metadata["client_id_metadata_document_supported"], false);
    assert_eq!(metadata.get("registration_endpoint"), None);
    let refused = register(&instance().url, json!({}));
    assert_eq!((refused.status, refused.json()["error"].as_str()), (403, Some("access_denied")), "{refused:?}");
    let page = send("GET", known.authorization_url(&[]).as_str(), &[], b"");
    assert_eq!((page.status, page.header("location")), (400, ""), "{page:?}");
    assert!(page.body.contains("Ask an administrator"), "{}", page.body);
    assert_eq!(known.refresh(&known.refresh_token, &[]).json()["error"], "invalid_client");
    let columns =
        "name, redirect_uris, grant_types, token_endpoint_auth_method AS method, secret_hash, jwks, jwks_uri, scope";
    let rows = instance().sql(&format!("SELECT {columns} FROM clients WHERE id = ?1"), &[&known.id]);
    let mut values = vec![json!(known.id), rows[0]["name"].clone(), json!("pre_registered")];
    let others = ["redirect_uris", "grant_types", "method", "secret_hash", "jwks", "jwks_uri", "scope"];
    values.extend(others.map(|column| rows[0][column].clone()));
    let entered = "UPDATE clients SET origin = 'pre_registered', mac = ?2 WHERE id = ?1";
    instance().sql(entered, &[&known.id, &authenticator::row("clients", &values)]);
    assert_eq!(send("GET", known.authorization_url(&[]).as_str(), &[], b"").status, 302, "an administrator entered it");
}

#[test]
fn nobody_allows_schemes_that_browsers_act_on() {
    let _turn = turn();
    for scheme in ["javascript:", "https:", "cursor"] {
        assert_refused(
            json!({ "PRIVATE_USE_REDIRECTS": scheme }),
            "PRIVATE_USE_REDIRECTS",
            "must name schemes of programs",
        );
    }
}

#[test]
fn the_operator_says_which_hosts_may_vouch_for_clients() {
    let _turn = complete_turn();
    let status = |host: &str| {
        let id = format!("https://{host}/client.json");
        let document = json!({ "client_id": id, "client_name": "Editor", "redirect_uris": [REDIRECT] });
        instance().serve(&id, 200, &json!({ "content-type": "application/json" }), &document.to_string());
        let client = Client { id, ..Client::registered(&instance().url) };
        send("GET", client.authorization_url(&[]).as_str(), &[], b"").status
    };
    instance().set_variables(&json!({ "CLIENT_HOSTS": "trusted.example !www.trusted.example" }));
    let hosts = ["trusted.example", "www.trusted.example", "other.example"];
    assert_eq!(hosts.map(status), [302, 400, 400]);
}
