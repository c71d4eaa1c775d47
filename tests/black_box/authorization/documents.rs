//! Rows 133–138: clients whose client_id is the https address of a document about themselves.

use std::sync::atomic::{AtomicU32, Ordering};

use postern_tests::{
    client::{Answer, Client, REDIRECT, send},
    instance::instance,
    person::Person,
};
use serde_json::{Value, json};
use testkit::journey::form_with_button;

use super::{assert_local, mcp_status, origin};

fn unique() -> u32 {
    static COUNTER: AtomicU32 = AtomicU32::new(1);
    COUNTER.fetch_add(1, Ordering::Relaxed)
}

/// A client that is to be described at an address of its own.
fn client() -> Client {
    let id = format!("https://editor-{}.example/client.json", unique());
    let (access_token, refresh_token, view) = (String::new(), String::new(), String::new());
    Client { origin: origin().to_owned(), id, access_token, refresh_token, view }
}

/// The document of that client, with members replaced.
fn document(client: &Client, changed: Value) -> Value {
    let mut document = json!({
        "client_id": client.id,
        "client_name": "Described Editor",
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    });
    for (name, value) in changed.as_object().expect("members") {
        document[name] = value.clone();
    }
    document
}

fn json_type() -> Value {
    json!({ "content-type": "application/json" })
}

fn publish(client: &Client, changed: Value) {
    instance().serve(&client.id, 200, &json_type(), &document(client, changed).to_string());
}

/// A client with a document, members of it replaced.
fn described(changed: Value) -> Client {
    let client = client();
    publish(&client, changed);
    client
}

/// Opens the authorization endpoint as a browser in which nobody has signed in: fetches are limited by address, and
/// each of these is somewhere else.
fn open(client: &Client, changed: &[(&str, &str)]) -> Answer {
    let address = format!("2001:db8:3:{:x}::1", unique());
    send("GET", client.authorization_url(changed).as_str(), &[("cf-connecting-ip", &address)], b"")
}

fn assert_recognised(client: &Client) {
    let answer = open(client, &[]);
    assert_eq!(answer.status, 302, "{answer:?}");
    assert!(answer.header("location").starts_with("/sign-in?"), "{answer:?}");
}

/// The person is told what is wrong. A document that is mended is seen when the host may be asked again.
fn assert_refused(client: &Client, why: &str) {
    let answer = open(client, &[]);
    assert_local(&answer);
    assert!(answer.body.contains(why), "{}", answer.body);
    publish(client, json!({}));
    instance().forget("client-document/");
    assert_recognised(client);
}

/// The client with its first tokens.
fn let_in(mut client: Client, person: &Person<'_>) -> Client {
    let code = client.consented(person, &[]);
    let tokens = client.redeem(&code, &[]);
    assert_eq!(tokens.status, 200, "{tokens:?}");
    client.keep(&tokens.json());
    client
}

/// A client that is described by a document and nothing else, with tokens of that person's.
pub(super) fn let_in_by_document(person: &Person<'_>) -> Client {
    let_in(described(json!({})), person)
}

/// Makes the Worker look at the document again.
fn grow_old(client: &Client) {
    instance().forget("client-document/");
    instance().sql("UPDATE clients SET fresh_until = 1 WHERE id = ?1", &[&client.id]);
}

#[test]
fn row_133_a_described_client_goes_all_the_way() {
    let mut client = let_in(described(json!({})), &Person::developer());
    assert_eq!(mcp_status(&client), 200);
    let refreshed = client.refresh(&client.refresh_token, &[]);
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    client.keep(&refreshed.json());
    assert_eq!(mcp_status(&client), 200);
}

#[test]
fn row_133_consent_shows_the_host_that_vouches_for_it() {
    let client = described(json!({}));
    let (mut browser, _) = Person::developer().signed_in_at("/connections");
    let page = browser.open(client.authorization_url(&[])).expect("a page");
    let host = client.id.trim_start_matches("https://").trim_end_matches("/client.json").to_owned();
    assert!(page.body.contains(&format!("<strong class=\"host\">{host}</strong>")), "{}", page.body);
    assert!(page.body.contains("Described Editor") && page.body.contains("Not verified"));
    assert!(page.body.contains("<strong class=\"host\">127.0.0.1:33418</strong>"));
}

#[test]
fn row_133_what_a_document_has_shown_is_never_loaded_by_the_page() {
    let client = described(json!({ "logo_uri": "https://logo.example/logo.png" }));
    let (mut browser, _) = Person::developer().signed_in_at("/connections");
    let page = browser.open(client.authorization_url(&[])).expect("a page");
    assert!(form_with_button(&page, "decision", "approve").is_some() && !page.body.contains("logo.example"));
}

#[test]
fn row_133_two_people_let_in_the_same_client_each_for_themselves() {
    let client = described(json!({}));
    let again = || Client {
        access_token: String::new(),
        refresh_token: String::new(),
        view: String::new(),
        origin: client.origin.clone(),
        id: client.id.clone(),
    };
    let (first, second) = (let_in(again(), &Person::developer()), let_in(again(), &Person::developer()));
    assert_eq!(first.refresh(&first.refresh_token, &[]).status, 200);
    let revoked = postern_tests::client::post_form(
        &format!("{}/revoke", origin()),
        &[("token", &first.access_token), ("client_id", &first.id)],
    );
    assert_eq!(revoked.status, 200);
    assert_eq!((mcp_status(&first), mcp_status(&second)), (401, 200));
}

#[test]
fn row_133_one_described_client_cannot_use_the_refresh_token_of_another() {
    let person = Person::developer();
    let (first, second) = (let_in(described(json!({})), &person), let_in(described(json!({})), &person));
    super::assert_refused(&second.refresh(&first.refresh_token, &[]), "invalid_grant");
    assert_eq!(first.refresh(&first.refresh_token, &[]).status, 200);
}

#[test]
fn row_133_a_document_is_kept_as_long_as_its_host_says() {
    let client = client();
    let headers = json!({ "content-type": "application/json", "cache-control": "max-age=3600" });
    instance().serve(&client.id, 200, &headers, &document(&client, json!({})).to_string());
    assert_recognised(&client);
    assert_recognised(&client);
    let fetched = instance().fetched(&client.id);
    assert_eq!(fetched.len(), 1);
    assert_eq!(fetched[0]["accept"], "application/json");
    assert_eq!((fetched[0].get("cookie"), fetched[0].get("authorization")), (None, None));
}

#[test]
fn row_134_a_document_must_name_its_own_address() {
    for id in ["https://editor.example/other.json", "https://other.example/client.json"] {
        assert_refused(&described(json!({ "client_id": id })), "its client_id is not the address that it is at");
    }
    assert_refused(&described(json!({ "client_id": "" })), "it does not say which client_id it is of");
}

#[test]
fn row_135_a_redirect_is_not_followed() {
    let client = client();
    instance().serve(&client.id, 302, &json!({ "location": "https://elsewhere.example/client.json" }), "");
    assert_refused(&client, "status 302");
    assert_eq!(instance().fetched("https://elsewhere.example/"), Vec::<Value>::new());
}

#[test]
fn row_135_nothing_but_a_small_json_object_is_read() {
    let whole = document(&client(), json!({})).to_string();
    let large = document(&client(), json!({ "policy_uri": "x".repeat(6000) })).to_string();
    for (status, media_type, body, why) in [
        (404, "application/json", whole.as_str(), "status 404"),
        (200, "text/html", &whole, "application/json"),
        (200, "application/json", "[]", "not a JSON object"),
        (200, "application/json", "client", "not a JSON object"),
        (200, "application/json", &large, "longer than 5 kB"),
    ] {
        let client = client();
        instance().serve(&client.id, status, &json!({ "content-type": media_type }), body);
        assert_refused(&client, why);
    }
}

#[test]
fn row_135_a_host_that_does_not_answer_is_waited_for_a_while() {
    let client = client();
    let body = document(&client, json!({})).to_string();
    instance().serve_late(&client.id, 200, &json_type(), &body, 30_000);
    assert_refused(&client, "its host does not answer within 5 seconds");
}

#[test]
fn row_135_a_host_that_gave_no_document_is_asked_again_after_a_minute_and_not_before() {
    let client = client();
    instance().serve(&client.id, 503, &json!({}), "");
    for _ in 0..3 {
        assert_local(&open(&client, &[]));
    }
    let fetched = instance().fetched(&client.id);
    assert_eq!(fetched.len(), 1);
    let asker = fetched[0]["user-agent"].as_str().expect("a user agent");
    assert!(asker.starts_with("Postern/") && asker.contains(origin()), "{asker}");
}

/// Well-known clients, and a redirect URI that each sends on a port of the moment.
const WELL_KNOWN: [(&str, &str); 3] = [
    ("https://claude.ai/oauth/claude-code-client-metadata", "http://localhost:51234/callback"),
    ("https://chatgpt.com/oauth/codex/client.json", "http://127.0.0.1:51234/callback"),
    ("https://github.com/copilot/cli/client-metadata.json", "http://127.0.0.1:51234/"),
];

#[test]
fn a_well_known_client_comes_in_whatever_is_the_matter_with_its_host() {
    let html = json!({ "content-type": "text/html" });
    for (id, redirect) in WELL_KNOWN {
        let document = json!({ "client_id": id, "client_name": "Well-known", "redirect_uris": [redirect] }).to_string();
        let client = Client { id: id.to_owned(), ..client() };
        let recognised = |what: &str| {
            instance().forget("client-document/");
            let answer = open(&client, &[("redirect_uri", redirect)]);
            assert_eq!(answer.status, 302, "{id}, {what}: {answer:?}");
        };
        recognised("nobody is there");
        instance().serve(id, 200, &json_type(), &document);
        recognised("200");
        for status in [403, 429, 500, 503] {
            instance().serve(id, status, &html, "<p>No.");
            recognised(&status.to_string());
        }
        instance().serve(id, 200, &html, "<p>Checking your browser");
        recognised("garbage");
    }
    let (id, redirect) = WELL_KNOWN[0];
    instance().serve_late(id, 200, &json_type(), "{}", 30_000);
    instance().forget("client-document/");
    let client = Client { id: id.to_owned(), ..client() };
    assert_eq!(open(&client, &[("redirect_uri", redirect)]).status, 302, "no answer in time");
}

#[test]
fn a_page_shows_no_word_of_the_runtime_about_a_host_that_cannot_be_reached() {
    let answer = open(&client(), &[]);
    assert_local(&answer);
    assert!(answer.body.contains("that description is of no use: its host "), "{}", answer.body);
    for word in ["nobody is at", "TypeError", "internal error", "reference ="] {
        assert!(!answer.body.contains(word), "{word}: {}", answer.body);
    }
}

#[test]
fn row_136_an_address_that_is_not_public_is_not_even_tried() {
    let own_host = origin().replace("http://", "https://");
    for id in [
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://0x7f000001/x",
        "https://169.254.169.254/x",
        "https://localhost/x",
        "https://a.localhost/x",
        "https://10.0.0.1/x",
        "https://100.64.0.1/x",
        "https://192.168.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[fe80::1]/x",
        "https://metadata.google.internal/x",
        "https://printer.local/x",
        "https://intranet/x",
        "http://editor.example/x",
        "ftp://editor.example/x",
        "https://user@editor.example/x",
        "https://user:password@editor.example/x",
        "https://editor.example/x#y",
        "https://editor.example/a/../x",
        "https://editor.example/a/%2e%2e/x",
        "https://editor.example/./x",
        "https://editor.example:8443/x",
        "https://editor.example",
        "https://editor.example/",
        "https://EDITOR.example/x",
        &format!("{own_host}/x"),
    ] {
        let answer = open(&Client { id: id.to_owned(), ..client() }, &[]);
        assert_local(&answer);
        assert!(answer.body.contains("the address"), "{id}: {}", answer.body);
        assert_eq!(instance().fetched(id), Vec::<Value>::new(), "{id}");
    }
}

#[test]
fn row_137_a_document_has_neither_a_secret_nor_a_way_to_use_one() {
    assert_refused(&described(json!({ "client_secret": "s" })), "holds a secret");
    assert_refused(&described(json!({ "client_secret_expires_at": 0 })), "holds a secret");
    for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt"] {
        assert_refused(&described(json!({ "token_endpoint_auth_method": method })), "token_endpoint_auth_method");
    }
    let private = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "d" }] });
    let changed = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": private });
    assert_refused(&described(changed), "a private or symmetric key");
}

#[test]
fn row_138_a_redirect_that_is_not_listed_goes_nowhere() {
    let client = described(json!({}));
    for redirect in ["https://evil.example/callback", "http://127.0.0.1:33418/other", "https://editor.example/"] {
        assert_local(&open(&client, &[("redirect_uri", redirect)]));
    }
}

#[test]
fn row_138_a_document_without_an_acceptable_redirect_is_refused() {
    for redirects in [json!([]), json!(["javascript:alert(1)"]), json!(["http://evil.example/callback"])] {
        assert_refused(&described(json!({ "redirect_uris": redirects })), "redirect");
    }
}

#[test]
fn who_has_documents_fetched_without_end_has_to_wait() {
    let headers = [("cf-connecting-ip", "2001:db8:4::1")];
    let refused = (0..25).map(|_| send("GET", client().authorization_url(&[]).as_str(), &headers, b""));
    assert!(refused.into_iter().any(|answer| answer.status == 400 && answer.body.contains("wait a minute")));
}

#[test]
fn a_client_that_calls_itself_something_else_is_consented_to_anew() {
    let client = let_in(described(json!({})), &Person::developer());
    publish(&client, json!({ "client_name": "Another Editor" }));
    grow_old(&client);
    super::assert_refused(&client.refresh(&client.refresh_token, &[]), "invalid_grant");
    assert_eq!(mcp_status(&client), 401);
    let client = let_in(Client { ..client }, &Person::developer());
    assert_eq!(mcp_status(&client), 200);
}

#[test]
fn a_client_whose_document_is_taken_away_is_one_no_more() {
    let client = let_in(described(json!({})), &Person::developer());
    instance().serve(&client.id, 410, &json!({}), "");
    grow_old(&client);
    let refused = client.refresh(&client.refresh_token, &[]);
    assert_eq!((refused.status, refused.json()["error"].as_str()), (401, Some("invalid_client")), "{refused:?}");
}

#[test]
fn a_host_that_is_not_heard_logs_nobody_out() {
    for status in [403, 503] {
        let client = let_in(described(json!({})), &Person::developer());
        instance().serve(&client.id, status, &json!({}), "");
        grow_old(&client);
        assert_eq!(client.refresh(&client.refresh_token, &[]).status, 200, "{status}");
    }
}
