//! Two sites of one provider: a second sandbox, with pages and accounts of its own, beside the first.

use std::sync::LazyLock;

use sandbox::{Sandbox, Settings};
use testkit::{browser::Browser, connect, journey};
use tokio::runtime::Runtime;

use super::*;

/// The second sandbox: another host, other credentials, and `(eu)` in the title of every page.
struct Europe {
    sandbox: Sandbox,
    _runtime: Runtime,
}

const TOKEN: &str = "sandbox-confluence-token-eu";
const SECRET: &str = "sandbox-consumer-secret-eu";

static EUROPE: LazyLock<Europe> = LazyLock::new(|| {
    let mut settings = Settings {
        confluence_site: "eu".to_owned(),
        confluence_email: "postern-eu@example.com".to_owned(),
        confluence_token: TOKEN.to_owned(),
        ..Settings::default()
    };
    settings.consumers[0].secret = SECRET.to_owned();
    let runtime = Runtime::new().expect("a runtime for the sandbox");
    let sandbox = runtime.block_on(Sandbox::start(settings)).expect("the second sandbox");
    sandbox.register_callback(&format!("{}/callback/bitbucket/eu", instance().url));
    Europe { sandbox, _runtime: runtime }
});

impl Europe {
    /// What it was asked in that account's name.
    fn requests(&self, account: &str) -> Vec<Value> {
        requests(&self.sandbox.url(), account)
    }
}

fn requests(sandbox: &str, account: &str) -> Vec<Value> {
    let url = format!("{sandbox}/control/requests?account={account}");
    let answer: Value = ureq::get(url).call().expect("the sandbox").body_mut().read_json().expect("JSON");
    answer.as_array().or_else(|| answer["requests"].as_array()).cloned().expect("a list")
}

/// Every credential that a sandbox was sent for an account.
fn credentials(requests: &[Value]) -> Vec<&str> {
    let mut all: Vec<_> = requests.iter().filter_map(|request| request["authorization"].as_str()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Waits for a Postern with a second site of both providers.
fn turn_with_sites() -> MutexGuard<'static, ()> {
    let turn = complete_turn();
    let europe = EUROPE.sandbox.url();
    instance().set_variables(&json!({
        "CONFLUENCE_SITES": "eu",
        "CONFLUENCE_EU_API_URL": format!("{europe}/wiki"),
        "CONFLUENCE_EU_EMAIL": "postern-eu@example.com",
        "CONFLUENCE_EU_API_TOKEN": TOKEN,
        "BITBUCKET_SITES": "eu",
        "BITBUCKET_EU_API_URL": format!("{europe}/2.0"),
        "BITBUCKET_EU_OAUTH_URL": format!("{europe}/site/oauth2"),
        "BITBUCKET_EU_CLIENT_ID": "postern-sandbox",
        "BITBUCKET_EU_CLIENT_SECRET": SECRET,
    }));
    turn
}

/// The entry of a tool in `tools/list`.
fn listed(client: &Client, tool: &str) -> Value {
    let tools = client.modern("tools/list", json!({})).result()["tools"].clone();
    let found = tools.as_array().and_then(|tools| tools.iter().find(|entry| entry["name"] == tool));
    found.unwrap_or_else(|| panic!("{tool} is not listed: {tools}")).clone()
}

const LIST: &str = "bitbucket_list_workspaces";
const PAGE: &str = "confluence_get_page";

fn connect_at(person: &Person<'_>, site: &str) {
    connect::connect(&person.url("/"), site, &person.account()).expect("connected");
}

#[test]
fn a_page_is_read_at_the_site_that_the_call_names() {
    let _turn = turn_with_sites();
    let client = Client::of(&Person::developer());
    let title = |site: &str| client.call(PAGE, json!({ "page": "98306", "site": site })).text();
    let (main, europe) = (title("main"), title("eu"));
    assert!(main.starts_with("From Confluence.") && main.contains("Retry policy") && !main.contains("(eu)"), "{main}");
    assert!(europe.starts_with("From Confluence (eu).") && europe.contains("Retry policy (eu)"), "{europe}");
}

#[test]
fn a_call_that_names_no_site_is_told_which_there_are_and_what_to_send() {
    let _turn = turn_with_sites();
    let person = Person::developer();
    let answer = Client::of(&person).call(PAGE, json!({ "page": "98306" }));
    assert!(answer.is_error(), "{answer:?}");
    let next = format!("Next: call `{PAGE}` with the same arguments and `site` \"main\", or another of these.");
    assert!(answer.text().contains("`main`, `eu`") && answer.text().ends_with(&next), "{answer:?}");
}

#[test]
fn a_pasted_address_is_read_at_the_site_at_its_host() {
    let _turn = turn_with_sites();
    let client = Client::of(&Person::developer());
    for (sandbox, ending) in
        [(instance().sandbox_url.clone(), "Retry policy\n"), (EUROPE.sandbox.url(), "Retry policy (eu)\n")]
    {
        let address = format!("{sandbox}/wiki/spaces/ENG/pages/98306/Retry+policy");
        let answer = client.call(PAGE, json!({ "page": address }));
        assert!(!answer.is_error() && answer.text().contains(ending), "{answer:?}");
    }
}

#[test]
fn an_address_of_no_site_or_of_another_than_the_call_names_is_sent_nowhere() {
    let _turn = turn_with_sites();
    let client = Client::of(&Person::developer());
    let asked = || requests(&instance().sandbox_url, "confluence").len() + EUROPE.requests("confluence").len();
    let before = asked();
    let europe = EUROPE.sandbox.url();
    let host = europe.trim_start_matches("http://");
    for (page, site) in [
        (format!("{europe}/wiki/spaces/ENG/pages/98306"), "main"),
        ("http://127.0.0.1:9/wiki/spaces/ENG/pages/98306".to_owned(), "eu"),
        (format!("http://{host}@evil.example/wiki/spaces/ENG/pages/98306"), "eu"),
        (format!("http://localhost:{}/wiki/spaces/ENG/pages/98306", host.rsplit_once(':').expect("a port").1), "eu"),
    ] {
        let answer = client.call(PAGE, json!({ "page": page, "site": site }));
        assert!(answer.is_error() && answer.text().starts_with("Not run:"), "{page}: {answer:?}");
    }
    for odd in [
        json!("EU"),
        json!("../main"),
        json!("eu/../main"),
        json!("http://evil.example"),
        json!(1),
        json!(["eu"]),
        json!({}),
    ] {
        let answer = client.call(PAGE, json!({ "page": "98306", "site": odd }));
        assert!(answer.is_error() && answer.text().contains("it has `main`, `eu`"), "{odd}: {answer:?}");
    }
    assert_eq!(asked(), before);
}

#[test]
fn each_site_is_asked_with_its_own_credential_alone() {
    let _turn = turn_with_sites();
    // Other tests enter credentials of their own.
    let journal = format!("{}/control/requests?account=confluence", instance().sandbox_url);
    ureq::delete(journal).call().expect("an empty journal");
    let client = Client::of(&Person::developer());
    for site in ["main", "eu", "eu", "main"] {
        assert!(!client.call("confluence_list_spaces", json!({ "site": site })).is_error());
    }
    let (main, europe) = (requests(&instance().sandbox_url, "confluence"), EUROPE.requests("confluence"));
    assert_eq!((credentials(&main).len(), credentials(&europe).len()), (1, 1));
    assert_ne!(credentials(&main), credentials(&europe));
}

#[test]
fn an_account_is_connected_at_each_site_and_one_is_enough_until_there_are_two() {
    let _turn = turn_with_sites();
    let person = Person::developer();
    let client = Client::of(&person);
    connect_at(&person, "bitbucket/eu");
    let answer = client.call(LIST, json!({}));
    assert!(!answer.is_error() && answer.text().starts_with("From Bitbucket (eu)"), "{answer:?}");
    assert!(requests(&instance().sandbox_url, &person.username).is_empty(), "nothing went to the other site");
    connect_at(&person, "bitbucket");
    let answer = client.call(LIST, json!({}));
    assert!(
        answer.is_error() && answer.text().contains("Bitbucket has several sites here, `main`, `eu`"),
        "{answer:?}"
    );
    for (site, from) in [("main", "From Bitbucket:"), ("eu", "From Bitbucket (eu)")] {
        let answer = client.call(LIST, json!({ "site": site }));
        assert!(answer.text().starts_with(from), "{answer:?}");
    }
    let (main, europe) = (requests(&instance().sandbox_url, &person.username), EUROPE.requests(&person.username));
    let (main, europe) = (credentials(&main), credentials(&europe));
    assert!(!main.is_empty() && !europe.is_empty() && main.iter().all(|credential| !europe.contains(credential)));
}

#[test]
fn disconnecting_at_one_site_leaves_the_other() {
    let _turn = turn_with_sites();
    let person = Person::developer();
    connect_at(&person, "bitbucket");
    connect_at(&person, "bitbucket/eu");
    let (mut browser, page) = person.signed_in_at("/connections");
    let form = page.forms().into_iter().find(|form| form.action == "/connections/bitbucket/eu/disconnect");
    let page = browser.submit(&page, &form.expect("a form that disconnects"), None).expect("disconnected");
    assert!(page.body.contains("Bitbucket (eu) has ended the access"), "{}", page.body);
    let client = Client::of(&person);
    let answer = client.call(LIST, json!({}));
    assert!(!answer.is_error() && answer.text().starts_with("From Bitbucket:"), "{answer:?}");
    assert!(client.call(LIST, json!({ "site": "eu" })).text().contains("/connect/bitbucket/eu?e="));
}

#[test]
fn the_answer_of_one_site_does_not_finish_at_the_callback_of_another() {
    let _turn = turn_with_sites();
    let person = Person::developer();
    let (mut browser, page) = person.signed_in_at("/connect/bitbucket/eu");
    let form = page.forms().into_iter().find(|form| form.action == "/connect/bitbucket/eu").expect("a form");
    let page = browser.submit(&page, &form, None).expect("the provider's page");
    let state = page.url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
    let elsewhere = person.url(&format!("/callback/bitbucket?code=stolen&state={state}"));
    let page = browser.open(elsewhere).expect("a page");
    assert_eq!(page.status.as_u16(), 400, "{}", page.body);
    assert!(page.body.contains("Bitbucket was not connected"), "{}", page.body);
    let rows = instance().sql("SELECT provider FROM connections WHERE user_id = ?1", &[&person.user_id()]);
    assert_eq!(rows, json!([]));
}

#[test]
fn whoami_and_the_consent_page_name_every_site() {
    let _turn = turn_with_sites();
    let person = Person::developer();
    connect_at(&person, "bitbucket/eu");
    let text = Client::of(&person).call("whoami", json!({})).text();
    assert!(text.contains(&format!("bitbucket (site eu): connected as {}", person.username)), "{text}");
    assert!(text.contains("bitbucket (site main): not connected") && text.contains("confluence (site eu): "), "{text}");
    let client = Client::registered(&instance().url);
    let authorize = client.authorization_url(&[]);
    let page = journey::open_signed_in(&mut Browser::new(), authorize, &person.account()).expect("the consent page");
    assert!(page.body.contains("Confluence (main, eu)"), "{}", page.body);
}

#[test]
fn tools_take_a_site_where_there_are_several_and_their_approval_stays_good() {
    let turn = complete_turn();
    let client = Client::of(&Person::developer());
    let alone = listed(&client, PAGE);
    assert!(alone["inputSchema"]["properties"].get("site").is_none(), "{alone}");
    drop(turn);
    let _turn = turn_with_sites();
    assert_eq!(listed(&client, PAGE)["inputSchema"]["properties"]["site"]["enum"], json!(["main", "eu"]));
    assert!(!client.call(PAGE, json!({ "page": "98306", "site": "eu" })).is_error(), "nobody approved it anew");
}

#[test]
fn a_resource_is_read_at_the_site_that_its_uri_names() {
    let _turn = turn_with_sites();
    let client = Client::of(&Person::developer());
    let read = |uri: &str| client.modern("resources/read", json!({ "uri": uri })).body;
    assert!(read("confluence://pages/98306?site=eu").contains("Retry policy (eu)"));
    assert!(!read("confluence://pages/98306?site=main").contains("(eu)"));
    assert!(read("confluence://pages/98306?site=us").contains("\"error\""));
    let templates = client.modern("resources/templates/list", json!({})).body;
    assert!(templates.contains("confluence://pages/{page}{?site}"), "{templates}");
}

#[test]
fn completions_offer_the_sites_and_what_the_chosen_one_has() {
    let _turn = turn_with_sites();
    let person = Person::developer();
    connect_at(&person, "bitbucket");
    connect_at(&person, "bitbucket/eu");
    let client = Client::of(&person);
    let complete = |uri: &str, name: &str, value: &str, chosen: Value| {
        let parameters = json!({
            "ref": { "type": "ref/resource", "uri": uri },
            "argument": { "name": name, "value": value },
            "context": { "arguments": chosen },
        });
        client.modern("completion/complete", parameters).result()["completion"]["values"].clone()
    };
    assert_eq!(complete("confluence://pages/{page}{?site}", "site", "e", json!({})), json!(["eu"]));
    let pull_request = "bitbucket://{workspace}/{repository}/pull-requests/{pull_request}{?site}";
    assert_eq!(complete(pull_request, "workspace", "ac", json!({ "site": "eu" })), json!(["acme"]));
    assert_eq!(complete(pull_request, "workspace", "ac", json!({})), json!([]), "of which site is not said");
    assert!(!EUROPE.requests(&person.username).is_empty());
}

#[test]
fn an_event_of_the_audit_names_the_site() {
    let _turn = turn_with_sites();
    let person = Person::developer();
    let client = Client::of(&person);
    assert!(!client.call(PAGE, json!({ "page": "98306", "site": "eu" })).is_error());
    let targets = "SELECT target FROM events WHERE person = ?1 AND tool = 'confluence_get_page'";
    let user = person.user_id();
    let recorded = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        instance().sql(targets, &[&user]) == json!([{ "target": "page 98306, confluence/eu" }])
    });
    assert!(recorded, "{}", instance().sql(targets, &[&user]));
}

#[test]
fn a_site_whose_settings_are_not_whole_keeps_postern_from_answering() {
    let _turn = turn();
    assert_refused(json!({ "CONFLUENCE_SITES": "eu" }), "CONFLUENCE_EU_API_URL", "is not set");
    assert_refused(json!({ "CONFLUENCE_SITES": "EU" }), "CONFLUENCE_SITES", "must hold names of sites");
}
