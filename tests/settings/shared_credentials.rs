//! The organisation's credentials, as administrators enter, test, replace and remove them.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::Duration,
};

use testkit::browser::Page;

use super::*;

const PAGE: &str = "/admin/accounts";
const EMAIL: &str = "postern@example.com";

/// The tokens that both providers accept from now on, beside that of the settings.
fn accept(tokens: &[&str]) {
    let url = format!("{}/control/settings", instance().sandbox_url);
    let answer = ureq::put(url).send_json(json!({ "shared_tokens": tokens })).expect("settings");
    assert!(answer.status().is_success());
}

/// An administrator's form for that site, with these fields, submitted.
fn submit(site: &str, action: &str, fields: &[(&str, &str)]) -> Page {
    let (mut browser, page) = Person::administrator().signed_in_at(PAGE);
    let of_site = |form: &testkit::browser::Form| {
        form.action == action && form.fields.contains(&("site".to_owned(), site.to_owned()))
    };
    let mut form = page.forms().into_iter().find(of_site).unwrap_or_else(|| panic!("no {action}: {}", page.body));
    for (name, value) in fields {
        form.set(name, value);
    }
    browser.submit(&page, &form, None).expect("a page")
}

fn enter(site: &str, scheme: &str, name: &str, token: &str) -> Page {
    submit(site, PAGE, &[("scheme", scheme), ("name", name), ("secret", token), ("within", "acme")])
}

fn remove(site: &str) {
    assert_eq!(submit(site, "/admin/accounts/remove", &[]).status, 200);
}

fn read_page(client: &Client) -> Answer {
    client.call("confluence_get_page", json!({ "page": "98306" }))
}

/// Longer than a decision may take to be in force.
fn in_force() {
    thread::sleep(Duration::from_millis(5_200));
}

fn events(kind: &str) -> Value {
    instance().sql("SELECT target, state_before, state_after, outcome FROM events WHERE kind = ?1 ORDER BY at", &[kind])
}

#[test]
fn a_wrong_token_is_not_kept_and_the_page_says_what_is_wrong_with_it() {
    let _turn = complete_turn();
    let page = enter("confluence", "basic", EMAIL, "mistyped-token");
    assert_eq!(page.status, 400);
    assert!(page.body.contains("Confluence refuses this credential (401): the token is wrong"), "{}", page.body);
    assert!(!page.body.contains("mistyped-token") && page.body.contains(EMAIL), "the secret is not shown again");
    let page = enter("confluence", "header", "Host", "whatever");
    assert!(page.status == 400 && page.body.contains("Enter the name of a header"), "{}", page.body);
    assert!(!read_page(&Client::of(&Person::developer())).is_error(), "the one of the settings is still in use");
}

#[test]
fn a_token_with_scopes_is_named_as_one_that_is_answered_elsewhere() {
    let _turn = complete_turn();
    let url = format!("{}/control/settings", instance().sandbox_url);
    let accept = |tokens: &[&str]| ureq::put(&url).send_json(json!({ "scoped_tokens": tokens })).expect("settings");
    accept(&["scoped-token"]);
    instance().set_variables(&json!({ "CONFLUENCE_OAUTH_API_URL": instance().sandbox_url }));
    let page = enter("confluence", "basic", EMAIL, "scoped-token");
    let words = ["This is a token with scopes", "/ex/confluence/11111111-1111-4111-8111-111111111111/wiki alone"];
    assert!(page.status == 400 && words.iter().all(|words| page.body.contains(words)), "{}", page.body);
    accept(&[]);
}

#[test]
fn a_credential_that_answers_takes_the_place_of_the_settings_and_is_never_shown() {
    let _turn = complete_turn();
    accept(&["entered-token-1"]);
    let page = enter("confluence", "basic", EMAIL, "entered-token-1");
    assert!(page.status == 200 && page.body.contains("Kept: ") && page.body.contains("Works"), "{}", page.body);
    assert!(!page.body.contains("entered-token-1"), "{}", page.body);
    instance().set_variables(&json!({ "CONFLUENCE_API_TOKEN": "of no use" }));
    let person = Person::developer();
    assert!(!read_page(&Client::of(&person)).is_error());
    let tested = submit("confluence", "/admin/accounts/test", &[]);
    assert!(tested.body.contains("It works: "), "{}", tested.body);
    let stored = instance().sql("SELECT * FROM organisation_accounts", &[]).to_string();
    assert!(!stored.contains("entered-token-1") && stored.contains("v2."), "{stored}");
    accept(&[]);
    let refused = submit("confluence", "/admin/accounts/test", &[]);
    assert!(refused.body.contains("refuses this credential (401)") && refused.body.contains("Refused since"));
    instance().set_variables(&json!({}));
    remove("confluence");
    in_force();
    assert!(!read_page(&Client::of(&person)).is_error(), "the one of the settings is in use again");
    for (kind, outcome) in [("kept", "succeeded"), ("tested", "failed"), ("removed", "succeeded")] {
        let events = events(&format!("shared_credential_{kind}"));
        let last = events.as_array().and_then(|events| events.last()).expect("an event").clone();
        assert_eq!((&last["target"], &last["outcome"]), (&json!("confluence"), &json!(outcome)), "{events}");
    }
}

#[test]
fn while_a_credential_is_replaced_under_load_no_call_fails() {
    let _turn = complete_turn();
    accept(&["before", "after"]);
    assert_eq!(enter("confluence", "basic", EMAIL, "before").status, 200);
    in_force();
    let (over, calls) = (AtomicBool::new(false), AtomicU32::new(0));
    let clients: Vec<Client> = (0..4).map(|_| Client::of(&Person::developer())).collect();
    thread::scope(|scope| {
        for client in &clients {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let answer = read_page(client);
                    assert!(!answer.is_error(), "{answer:?}");
                    calls.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(200));
                }
            });
        }
        let replaced = enter("confluence", "basic", EMAIL, "after");
        // Ended at once, not after the five seconds that the page asks for.
        accept(&["after"]);
        let refused = enter("confluence", "basic", EMAIL, "never-good");
        in_force();
        over.store(true, Ordering::Relaxed);
        assert_eq!((replaced.status.as_u16(), refused.status.as_u16()), (200, 400));
    });
    assert!(calls.load(Ordering::Relaxed) > 20);
    accept(&[]);
    remove("confluence");
}

#[test]
fn people_read_bitbucket_by_an_access_token_of_the_workspace_until_they_connect_their_own() {
    let _turn = complete_turn();
    accept(&["workspace-token"]);
    let page = enter("bitbucket", "bearer", "", "workspace-token");
    assert!(page.body.contains("an account that its provider does not name"), "{}", page.body);
    assert!(page.body.contains("<code>pullrequest:write</code>"), "its scopes: {}", page.body);
    in_force();
    let person = Person::developer();
    let client = Client::of(&person);
    let list = || client.call("bitbucket_list_repositories", json!({ "workspace": "acme" }));
    assert!(!list().is_error(), "{:?}", list());
    assert_eq!(instance().upstream_requests(&person.username), Vec::<Value>::new());
    let events = "SELECT COUNT(*) AS count FROM events WHERE person = ?1 AND tool = 'bitbucket_list_repositories'";
    let user = person.user_id();
    let is_recorded = || instance().sql(events, &[&user])[0]["count"].as_u64() >= Some(1);
    assert!(
        (0..50).any(|_| {
            thread::sleep(Duration::from_millis(100));
            is_recorded()
        }),
        "the call is the person's"
    );
    let branch = json!({ "workspace": "acme", "repository": "backend", "branch": "by-nobody", "from": "main" });
    let refused = client.call("bitbucket_create_branch", branch);
    let text = refused.text();
    assert!(refused.is_error() && text.contains("is for reading alone. Next: connect your own account."), "{text}");
    assert!(text.contains("/connect/bitbucket?e="), "{text}");
    person.connect_bitbucket();
    assert!(!list().is_error());
    assert!(!instance().upstream_requests(&person.username).is_empty(), "their own from now on");
    remove("bitbucket");
    accept(&[]);
}

#[test]
fn a_site_with_nothing_set_starts_and_works_once_a_credential_is_entered() {
    let _turn = complete_turn();
    instance().set_variables(&json!({ "BITBUCKET_CLIENT_ID": null, "BITBUCKET_CLIENT_SECRET": null }));
    let person = Person::developer();
    let client = Client::of(&person);
    let lists = || client.modern("tools/list", json!({})).body.contains("\"bitbucket_list_repositories\"");
    let list = || client.call("bitbucket_list_repositories", json!({ "workspace": "acme" }));
    assert!(!lists());
    let refused = list().text();
    assert!(
        refused.contains("works at a site that Postern has no account for yet. Next: ask an administrator"),
        "{refused}"
    );
    assert!(client.call("whoami", json!({})).text().contains("bitbucket: not set up: "));
    let (_, connections) = person.signed_in_at("/connections");
    assert!(connections.body.contains("No AI client reaches it yet"), "{}", connections.body);
    let (_, accounts) = Person::administrator().signed_in_at(PAGE);
    let words = ["No AI client reaches Bitbucket yet", "<code>BITBUCKET_CLIENT_ID</code>"];
    assert!(words.iter().all(|words| accounts.body.contains(words)), "{}", accounts.body);
    accept(&["workspace-token"]);
    assert_eq!(enter("bitbucket", "bearer", "", "workspace-token").status, 200);
    in_force();
    assert!(lists() && !list().is_error(), "{:?}", list());
    remove("bitbucket");
    accept(&[]);
}

#[test]
fn nothing_is_changed_in_the_organisations_name_until_an_administrator_allows_it() {
    let _turn = complete_turn();
    Person::administrator().let_organisation_write("confluence", false);
    in_force();
    let person = Person::developer();
    let client = Client::of(&person);
    let lists = || client.modern("tools/list", json!({})).body.contains("\"confluence_edit_page\"");
    let create = || {
        let page = json!({ "space": "OPS", "title": person.username, "text": "Text." });
        client.call("confluence_create_page", page)
    };
    assert!(!lists());
    let refused = create();
    assert!(refused.is_error(), "{refused:?}");
    let text = refused.text();
    assert!(
        text.starts_with("Refused: `confluence_create_page` changes something, and your organisation's account"),
        "{text}"
    );
    assert!(text.contains("Next: ask an administrator to let it write, under Accounts in the console"), "{text}");
    let whoami = client.call("whoami", json!({})).text();
    assert!(whoami.contains("confluence: through the organisation's account, to read alone"), "{whoami}");
    let (_, connections) = person.signed_in_at("/connections");
    assert!(connections.body.contains("and change nothing"), "{}", connections.body);
    Person::administrator().let_organisation_write("confluence", true);
    in_force();
    assert!(lists() && !create().is_error(), "{:?}", create());
    let events = events("organisation_writes_decided");
    let last = events.as_array().and_then(|events| events.last()).expect("an event").clone();
    assert_eq!((&last["state_before"], &last["state_after"]), (&json!("reads"), &json!("reads and writes")));
}
