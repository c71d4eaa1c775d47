//! Confluence in accounts of people's own (OAuth 2.0, 3LO): at the sandbox's authorization server, with two sites behind
//! one API, of which people open one at 127.0.0.1 and the other at localhost.

use std::thread;

use testkit::{browser::Page, journey};

use super::*;

const PAGE: &str = "confluence_get_page";
const EUROPE: &str = "22222222-2222-4222-8222-222222222222";

/// Waits for a Postern at which people connect accounts of their own, beside the organisation's.
fn turn_with_app(changed: &Value) -> MutexGuard<'static, ()> {
    let turn = complete_turn();
    Person::new("test-admin-settings", instance()).let_organisation_write("confluence", false);
    let sandbox = &instance().sandbox_url;
    let mut variables = json!({
        "CONFLUENCE_OAUTH_URL": sandbox,
        "CONFLUENCE_OAUTH_API_URL": sandbox,
        "CONFLUENCE_CLIENT_ID": "postern-sandbox-app",
        "CONFLUENCE_CLIENT_SECRET": "sandbox-app-secret",
    });
    let more = changed.as_object().expect("settings").clone();
    variables.as_object_mut().expect("settings").extend(more);
    instance().set_variables(&variables);
    turn
}

/// The settings of a second site, which has no account of the organisation's.
fn europe() -> Value {
    let url = instance().sandbox_url.replace("127.0.0.1", "localhost");
    json!({ "CONFLUENCE_SITES": "eu", "CONFLUENCE_EU_API_URL": format!("{url}/wiki") })
}

/// Goes to Atlassian to connect at that site, and presses a button there after that choice of sites.
fn consent(person: &Person<'_>, site: &str, sites: &str, decision: &str) -> Page {
    let path = format!("/connect/{site}");
    let (mut browser, page) = person.signed_in_at(&path);
    let form = page.forms().into_iter().find(|form| form.action == path).expect("a form");
    let page = browser.submit(&page, &form, None).expect("Atlassian's page");
    let mut form = journey::form_with_button(&page, "decision", "grant").unwrap_or_else(|| panic!("{}", page.body));
    form.set("account_name", &person.username);
    form.set("sites", sites);
    browser.submit(&page, &form, Some(("decision", decision))).expect("back")
}

fn connected(sites: &str) -> Person<'static> {
    let person = Person::developer();
    let page = consent(&person, "confluence", sites, "grant");
    assert!(page.body.contains("Confluence is connected"), "{}", page.body);
    person
}

/// The paths of Confluence that were asked in that person's name.
fn asked(person: &Person<'_>) -> Vec<String> {
    let all = instance().upstream_requests(&person.username);
    let paths = all.iter().filter_map(|request| request["path"].as_str());
    paths.filter(|path| path.contains("/wiki/")).map(str::to_owned).collect()
}

fn fault(person: &Person<'_>, kind: &str) {
    instance().fault(&json!({ "kind": kind, "account": person.username }));
}

fn refreshes(person: &Person<'_>) -> u64 {
    let counters = send("GET", &format!("{}/control/counters", instance().sandbox_url), &[], b"").json();
    counters["refreshes"][&person.username].as_u64().unwrap_or_default()
}

fn page_of(client: &Client, site: &str) -> Answer {
    client.call(PAGE, json!({ "page": "98306", "site": site }))
}

#[test]
fn whoever_connects_an_account_reads_as_oneself_and_through_atlassians_api_alone() {
    let _turn = turn_with_app(&json!({}));
    let person = Person::developer();
    let client = Client::of(&person);
    assert!(!client.call(PAGE, json!({ "page": "98306" })).is_error(), "through the organisation's account");
    assert_eq!(asked(&person), Vec::<String>::new());
    let page = consent(&person, "confluence", "main", "grant");
    assert!(page.body.contains("Confluence is connected"), "{}", page.body);
    let answer = client.call(PAGE, json!({ "page": "98306" }));
    assert!(!answer.is_error() && answer.text().contains("Retry policy"), "{answer:?}");
    let asked = asked(&person);
    let gateway = "/ex/confluence/11111111-1111-4111-8111-111111111111/wiki/";
    assert!(!asked.is_empty() && asked.iter().all(|path| path.starts_with(gateway)), "{asked:?}");
}

#[test]
fn a_section_is_read_edited_and_taken_back_in_ones_own_name_and_the_page_can_be_watched() {
    let _turn = turn_with_app(&json!({}));
    let person = Person::developer();
    let client = Client::of(&person);
    let stored = || {
        let page = format!("{}/wiki/spaces/ENG/pages/98306", instance().sandbox_url);
        let page = send("GET", &page, &[], b"").body;
        page.split("<pre>").nth(1).and_then(|rest| rest.split("</pre>").next()).expect("its text").to_owned()
    };
    let before = stored();
    let read = || client.call(PAGE, json!({ "page": "98306", "section": "Exceptions" })).text();
    let edit = || {
        let version: u64 = field(&read(), "version").parse().expect("a number");
        client.call(
            "confluence_edit_page",
            json!({ "page": "98306", "version": version, "section": "Exceptions", "find": "wait as long as it says",
                "text": "wait as long as it says, and no longer" }),
        )
    };
    let refused = edit();
    assert!(refused.is_error() && refused.text().contains("/connect/confluence?e="), "{refused:?}");
    assert!(consent(&person, "confluence", "main", "grant").body.contains("Confluence is connected"));
    let edited = edit();
    assert!(!edited.is_error() && stored().contains("and no longer"), "{edited:?}");
    let (tool, arguments) = written_call(&edited.text(), "Undo: ");
    assert!(!client.call(&tool, arguments).is_error());
    assert_eq!(stored(), before);
}

#[test]
fn links_of_an_answer_lead_to_where_people_open_the_site() {
    let _turn = turn_with_app(&json!({}));
    let client = Client::of(&connected("main"));
    let text = client.call("confluence_get_page", json!({ "page": "98306" })).text();
    let page = format!("{}/wiki/spaces/", instance().sandbox_url);
    assert!(text.contains(&page) && !text.contains("/ex/confluence/"), "{text}");
}

#[test]
fn a_list_goes_on_by_its_cursor_through_the_same_api() {
    let _turn = turn_with_app(&json!({}));
    let person = connected("main");
    let client = Client::of(&person);
    let first = client.call("confluence_list_spaces", json!({ "limit": 1 })).text();
    let cursor = first.split('`').nth(1).expect("a cursor").to_owned();
    let second = client.call("confluence_list_spaces", json!({ "limit": 1, "cursor": cursor }));
    assert!(!second.is_error() && second.text() != first, "{second:?}");
    assert!(asked(&person).iter().all(|path| path.starts_with("/ex/confluence/")));
}

#[test]
fn whoami_the_connections_page_and_consent_say_whose_account_it_is() {
    let _turn = turn_with_app(&json!({}));
    let person = Person::developer();
    let client = Client::of(&person);
    let whoami = || client.call("whoami", json!({})).text();
    assert!(whoami().contains("confluence: not connected: through the organisation's account, to read alone"));
    let (_, page) = person.signed_in_at("/connections");
    assert!(page.body.contains("read through your organisation's own account"), "{}", page.body);
    consent(&person, "confluence", "main", "grant");
    assert!(whoami().contains(&format!("confluence: connected as {}", person.username)), "{}", whoami());
    let (_, page) = person.signed_in_at("/connections");
    assert!(page.body.contains("/connections/confluence/disconnect"), "{}", page.body);
    let authorize = Client::registered(&instance().url).authorization_url(&[]);
    let page = journey::open_signed_in(&mut testkit::browser::Browser::new(), authorize, &person.account());
    let page = page.expect("the consent page");
    assert!(page.body.contains("for as long as you have connected no account"), "{}", page.body);
}

#[test]
fn twenty_calls_at_once_with_a_refused_token_renew_it_once() {
    let _turn = turn_with_app(&europe());
    let person = connected("all");
    let client = Client::of(&person);
    assert!(!page_of(&client, "main").is_error());
    fault(&person, "expire_access_tokens");
    thread::scope(|scope| {
        let client = &client;
        let calls: Vec<_> =
            (0..20).map(|call| scope.spawn(move || page_of(client, ["main", "eu"][call % 2]))).collect();
        for call in calls {
            let answer = call.join().expect("an answer");
            assert!(!answer.is_error(), "{answer:?}");
        }
    });
    assert_eq!(refreshes(&person), 1);
    fault(&person, "expire_access_tokens");
    instance().evict(&person.user_id());
    assert!(!page_of(&client, "eu").is_error());
    assert_eq!(refreshes(&person), 2, "the rotated token was stored");
}

#[test]
fn one_consent_connects_each_site_that_is_set_up() {
    let _turn = turn_with_app(&europe());
    let person = Person::developer();
    let page = consent(&person, "confluence/eu", "all", "grant");
    assert!(page.body.contains("The same consent covers"), "{}", page.body);
    let client = Client::of(&person);
    let (main, europe) = (page_of(&client, "main").text(), page_of(&client, "eu").text());
    assert!(main.contains("Retry policy") && !main.contains("(eu)"), "{main}");
    assert!(europe.contains("Retry policy (eu)"), "{europe}");
    let which = client.call(PAGE, json!({ "page": "98306" }));
    assert!(which.is_error() && which.text().contains("`main`, `eu`"), "{which:?}");
    let asked = asked(&person);
    assert!(asked.iter().any(|path| path.contains(EUROPE)) && asked.iter().any(|path| !path.contains(EUROPE)));
}

#[test]
fn a_site_that_was_not_granted_is_not_reached_with_the_token_of_another() {
    let _turn = turn_with_app(&europe());
    let person = connected("main");
    let answer = page_of(&Client::of(&person), "eu");
    assert!(answer.text().contains("/connect/confluence/eu?e="), "{answer:?}");
    assert!(asked(&person).iter().all(|path| !path.contains(EUROPE)));
}

#[test]
fn a_site_that_is_taken_away_at_atlassian_has_to_be_connected_again_and_the_other_goes_on() {
    let _turn = turn_with_app(&europe());
    let person = connected("all");
    let client = Client::of(&person);
    assert!(!page_of(&client, "eu").is_error());
    instance().fault(&json!({ "kind": "take_site", "account": person.username, "site": EUROPE }));
    let answer = page_of(&client, "eu");
    assert!(answer.text().contains("/connect/confluence/eu?e="), "{answer:?}");
    assert!(!page_of(&client, "main").is_error());
    let whoami = client.call("whoami", json!({})).text();
    assert!(whoami.contains("confluence (site eu): broken as "), "{whoami}");
    assert!(whoami.contains("confluence (site main): connected as "), "{whoami}");
    consent(&person, "confluence/eu", "all", "grant");
    assert!(!page_of(&client, "eu").is_error());
}

#[test]
fn a_consent_for_no_site_that_is_set_up_connects_nothing_and_says_what_to_do() {
    let _turn = turn_with_app(&json!({}));
    for sites in ["none", "elsewhere", "eu"] {
        let person = Person::developer();
        let page = consent(&person, "confluence", sites, "grant");
        assert!(page.body.contains("You did not grant access to the site"), "{}", page.body);
        assert!(page.body.contains("Connect again, and choose that site"), "{}", page.body);
        let rows = instance().sql("SELECT provider FROM connections WHERE user_id = ?1", &[&person.user_id()]);
        assert_eq!(rows, json!([]), "{sites}");
    }
}

#[test]
fn a_denied_consent_connects_nothing() {
    let _turn = turn_with_app(&json!({}));
    let person = Person::developer();
    let page = consent(&person, "confluence", "main", "deny");
    assert!(page.body.contains("The access was not granted at Confluence"), "{}", page.body);
    assert!(Client::of(&person).call("whoami", json!({})).text().contains("confluence: not connected"));
}

#[test]
fn the_state_of_one_site_finishes_nothing_at_the_callback_of_another() {
    let _turn = turn_with_app(&europe());
    let person = Person::developer();
    let (mut browser, page) = person.signed_in_at("/connect/confluence/eu");
    let form = page.forms().into_iter().find(|form| form.action == "/connect/confluence/eu").expect("a form");
    let page = browser.submit(&page, &form, None).expect("Atlassian's page");
    let state = page.url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
    let elsewhere = person.url(&format!("/callback/confluence?code=stolen&state={state}"));
    let page = browser.open(elsewhere).expect("a page");
    assert_eq!(page.status.as_u16(), 400, "{}", page.body);
    let rows = instance().sql("SELECT provider FROM connections WHERE user_id = ?1", &[&person.user_id()]);
    assert_eq!(rows, json!([]));
}

#[test]
fn disconnecting_ends_the_consent_at_each_of_its_sites() {
    let _turn = turn_with_app(&europe());
    let person = connected("all");
    let (mut browser, page) = person.signed_in_at("/connections");
    assert!(page.body.contains("Disconnect ends it at each of them"), "{}", page.body);
    let form = page.forms().into_iter().find(|form| form.action == "/connections/confluence/eu/disconnect");
    browser.submit(&page, &form.expect("a form that disconnects"), None).expect("disconnected");
    let whoami = Client::of(&person).call("whoami", json!({})).text();
    assert!(whoami.contains("(site eu): not connected") && whoami.contains("(site main): not connected"), "{whoami}");
}

#[test]
fn without_an_account_of_the_organisations_people_have_to_connect_their_own() {
    let _turn = turn_with_app(&json!({ "CONFLUENCE_EMAIL": null, "CONFLUENCE_API_TOKEN": null }));
    let person = Person::developer();
    let answer = Client::of(&person).call(PAGE, json!({ "page": "98306" }));
    assert!(answer.text().contains("/connect/confluence?e="), "{answer:?}");
}
