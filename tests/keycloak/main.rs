//! Postern and a real Keycloak, with the realm of `sandbox/keycloak`. `cargo xtask test --only keycloak` starts both.
//!
//! Time does not pass here: where the provider's word has to be an old one, the record is told that it is.

mod admin;

use std::{
    io::Write,
    thread::sleep,
    time::{Duration, Instant},
};

use admin::{OTHER_REALM, REALM, User, issuer, prepare, request, trust};
use postern_tests::{
    client::{Answer, Client},
    instance::instance,
    person::Person,
};
use serde_json::{Value, json};
use testkit::browser::{Browser, Page};
use url::Url;

fn person(user: &User) -> Person<'static> {
    Person::new(&user.name, instance())
}

/// What Postern has on record of somebody.
fn recorded(user: &User) -> Value {
    let query = "SELECT roles, claimed, kind, state FROM users LEFT JOIN standings ON user_id = id WHERE username = ?1";
    instance().sql(query, &[&user.name])[0].clone()
}

/// From now on the provider's word on them is too old.
fn age_word(user: &User) {
    let update = "UPDATE standings SET vouched_at = 0 WHERE user_id = (SELECT id FROM users WHERE username = ?1)";
    instance().sql(update, &[&user.name]);
}

/// Refreshes the client's tokens, which it keeps.
fn refresh(client: &mut Client) -> Answer {
    let answer = client.refresh(&client.refresh_token, &[]);
    if answer.status == 200 {
        client.keep(&answer.json());
    }
    answer
}

fn assert_refused(answer: &Answer, words: &str) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_grant")), "{answer:?}");
    assert!(answer.body.contains(words), "{answer:?}");
}

/// Whether that browser is still signed in at Postern, or shown Keycloak's form.
fn is_signed_in(browser: &mut Browser) -> bool {
    // A sign-in that begins ends at Keycloak, in a browser that does not know it.
    let page = browser.open(Url::parse(&format!("{}/connections", instance().url)).expect("a URL")).expect("a page");
    page.url.as_str().starts_with(&instance().url)
}

/// Signs out at Keycloak, by its own page.
fn log_out_at_keycloak(browser: &mut Browser, realm: &str) -> Page {
    let address = format!("{}/protocol/openid-connect/logout", issuer(realm));
    let page = browser.open(Url::parse(&address).expect("a URL")).expect("Keycloak's page");
    let form = page.forms().into_iter().next().expect("a form that asks whether to");
    browser.submit(&page, &form, None).expect("signed out")
}

/// Keycloak tells of a logout before it answers, and Postern acts before it answers Keycloak. The question that follows
/// comes later; this is for what the log says of it.
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "never: {what}");
        sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_person_signs_in_with_the_roles_and_groups_that_the_id_token_claims() {
    prepare();
    let user = User::new("claims", &["postern-approver"]);
    user.join("engineering");
    person(&user).signed_in_at("/connections");
    let recorded = recorded(&user);
    assert_eq!(recorded["roles"], "[\"approver\"]", "{recorded}");
    let claimed = recorded["claimed"].as_str().expect("names");
    assert!(claimed.contains("postern-approver") && claimed.contains("/engineering"), "{claimed}");
    assert_eq!((&recorded["kind"], &recorded["state"]), (&json!("offline"), &json!("good")));
}

#[test]
fn roles_and_groups_that_change_at_keycloak_arrive_with_its_next_word() {
    prepare();
    let user = User::new("changes", &[]);
    let mut client = Client::of(&person(&user));
    user.give_role("postern-administrator");
    user.join("release");
    age_word(&user);
    assert_eq!(refresh(&mut client).status, 200);
    let recorded = recorded(&user);
    assert_eq!(recorded["roles"], "[\"administrator\"]", "{recorded}");
    assert!(recorded["claimed"].as_str().expect("names").contains("/release"), "{recorded}");
}

#[test]
fn an_administrator_who_was_removed_at_keycloak_is_none_here_at_their_next_page() {
    prepare();
    let user = User::new("removed", &["postern-administrator"]);
    let (mut browser, page) = person(&user).signed_in_at("/admin/tools");
    assert_eq!(page.status.as_u16(), 200);
    user.take_role("postern-administrator");
    age_word(&user);
    assert_eq!(browser.open(page.url).expect("a page").status.as_u16(), 403);
}

#[test]
fn a_client_refreshes_for_as_long_as_an_offline_token_rotates() {
    prepare();
    let user = User::new("offline", &[]);
    let mut client = Client::of(&person(&user));
    for _ in 0..3 {
        age_word(&user);
        assert_eq!(refresh(&mut client).status, 200, "Keycloak accepts each refresh token once");
    }
    assert_eq!(client.call("whoami", json!({})).status, 200);
}

#[test]
fn a_user_without_offline_access_signs_in_and_again_once_their_session_is_over() {
    prepare();
    let user = User::new("ordinary", &[]);
    user.take_role("default-roles-acme");
    let mut client = Client::of(&person(&user));
    assert_eq!(recorded(&user)["kind"], "ordinary");
    age_word(&user);
    assert_eq!(refresh(&mut client).status, 200, "while the session at Keycloak lasts");
    let sessions = request("GET", &user.path("/sessions"), None);
    for session in sessions.as_array().expect("sessions") {
        let id = session["id"].as_str().expect("an id");
        request("DELETE", &format!("/admin/realms/{REALM}/sessions/{id}"), None);
    }
    age_word(&user);
    assert_refused(&refresh(&mut client), "before they sign in again");
    person(&user).signed_in_at("/connections");
    assert_eq!(refresh(&mut client).status, 200, "the grant itself is not over");
}

#[test]
fn a_logout_at_keycloak_signs_the_browser_out_and_leaves_clients_connected() {
    prepare();
    let user = User::new("logout", &[]);
    let mut client = Client::of(&person(&user));
    let (mut browser, _) = person(&user).signed_in_at("/connections");
    let (mut other, _) = person(&user).signed_in_at("/connections");
    log_out_at_keycloak(&mut browser, REALM);
    assert!(!is_signed_in(&mut browser), "the session at Postern is over too");
    assert!(is_signed_in(&mut other), "that of another browser is not");
    assert_eq!(refresh(&mut client).status, 200);
    assert_eq!(client.call("whoami", json!({})).status, 200);
}

#[test]
fn a_logout_by_keycloaks_administrator_signs_every_browser_out() {
    prepare();
    let user = User::new("thrown-out", &[]);
    let (mut one, _) = person(&user).signed_in_at("/connections");
    let (mut other, _) = person(&user).signed_in_at("/connections");
    request("POST", &user.path("/logout"), None);
    let sessions = "SELECT COUNT(*) AS n FROM browser_sessions JOIN users ON id = user_id WHERE username = ?1";
    eventually("both sessions are over", || instance().sql(sessions, &[&user.name])[0]["n"] == 0);
    assert!(!is_signed_in(&mut one) && !is_signed_in(&mut other));
}

/// Keycloak says nothing of either: only whoever asks learns of it.
fn assert_gone(user: &User, go: impl Fn(&User)) {
    let mut client = Client::of(&person(user));
    let (mut browser, page) = person(user).signed_in_at("/connections");
    go(user);
    assert_eq!(client.call("whoami", json!({})).status, 200, "the provider's last word still holds");
    age_word(user);
    assert_refused(&refresh(&mut client), "revoked");
    assert_eq!(client.call("whoami", json!({})).status, 401, "access tokens are worth nothing either");
    let page = browser.open(page.url).expect("a page");
    assert!(!page.url.as_str().starts_with(&instance().url), "nor is the browser's session: {}", page.url);
}

#[test]
fn a_user_who_was_disabled_is_found_out_and_may_come_back() {
    prepare();
    let user = User::new("disabled", &[]);
    assert_gone(&user, User::disable);
    request("PUT", &user.path(""), Some(&json!({ "enabled": true })));
    let client = Client::of(&person(&user));
    assert_eq!(client.call("whoami", json!({})).status, 200);
}

#[test]
fn a_user_who_was_deleted_is_found_out() {
    prepare();
    let user = User::new("deleted", &[]);
    assert_gone(&user, |user| drop(request("DELETE", &user.path(""), None)));
}

#[test]
fn a_new_key_of_the_realm_is_found() {
    prepare();
    let user = User::new("keys", &[]);
    let mut client = Client::of(&person(&user));
    let realm = request("GET", &format!("/admin/realms/{REALM}"), None);
    let key = json!({
        "name": "newer", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
        "parentId": realm["id"], "config": { "priority": ["200"], "enabled": ["true"], "active": ["true"] },
    });
    request("POST", &format!("/admin/realms/{REALM}/components"), Some(&key));
    instance().forget("identity/keys/"); // which are looked up again no sooner than 30 s after the last look
    age_word(&user);
    assert_eq!(refresh(&mut client).status, 200);
    let newcomer = User::new("newcomer", &[]);
    person(&newcomer).signed_in_at("/connections");
    assert_eq!(recorded(&newcomer)["state"], "good");
}

#[test]
fn another_realm_of_the_same_keycloak_signs_nobody_in_and_nobody_out() {
    prepare();
    let user = User::new("twin", &[]);
    let twin = User::of(OTHER_REALM, "twin", &["postern-administrator"]);
    let (mut browser, _) = person(&user).signed_in_at("/connections");

    // The other realm answers a sign-in that was begun for ours.
    let mut stranger = Browser::new();
    let ours = format!("{}/sign-in", instance().url);
    let page = stranger.open(Url::parse(&ours).expect("a URL")).expect("Keycloak's page");
    let theirs = page.url.as_str().replace(&issuer(REALM), &issuer(OTHER_REALM));
    let page = stranger.open(Url::parse(&theirs).expect("a URL")).expect("the other realm's page");
    let mut form = page.forms().into_iter().find(|form| form.has_field("password")).expect("a form to sign in");
    form.set("username", &twin.name);
    form.set("password", "postern");
    let page = stranger.submit(&page, &form, None).expect("an answer");
    assert!(page.url.as_str().starts_with(&instance().url), "{}", page.url);
    assert_eq!(page.status.as_u16(), 502, "{}", page.body);

    // Its logout tokens, of which this is one, are signed by it and end nothing here.
    log_out_at_keycloak(&mut stranger, OTHER_REALM);
    eventually("the other realm's logout token is refused", || instance().logs().contains("logout token refused"));
    assert!(is_signed_in(&mut browser));
}

/// Prints how long a disabled person's client goes on in the worst of cases, for these settings: it asks all the time.
#[test]
fn how_long_a_disabled_user_goes_on_is_measured() {
    prepare();
    trust(&json!({ "STANDING_MINUTES": "1", "ACCESS_TOKEN_SECONDS": "15" }));
    let user = User::new("measured", &[]);
    let mut client = Client::of(&person(&user));
    let mut admitted = Instant::now();
    user.disable();
    let disabled = Instant::now();
    loop {
        if client.call("whoami", json!({})).status == 200 {
            admitted = Instant::now();
        } else if refresh(&mut client).status != 200 {
            break;
        }
        assert!(disabled.elapsed() < Duration::from_secs(180), "the person is never found out");
        sleep(Duration::from_millis(500));
    }
    let seconds = admitted.saturating_duration_since(disabled).as_secs_f32();
    let _ = writeln!(
        std::io::stderr(),
        "from disabling at Keycloak to the last admitted call: {seconds:.1} s (STANDING_MINUTES=1, ACCESS_TOKEN_SECONDS=15)"
    );
    trust(&json!({}));
}
