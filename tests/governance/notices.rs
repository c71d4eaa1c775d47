//! Webhooks are told of what needs people, as it comes to the log, and again where they did not accept it.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use postern_tests::{instance::instance, person::Person};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{turn, until};

/// Enters a webhook; gives its secret.
fn enter(administrator: &Person<'_>, url: &str, form_of: &str) -> String {
    let (mut browser, page) = administrator.signed_in_at("/admin/notices");
    let mut form = page.forms().into_iter().find(|form| form.action == "/admin/notices").expect("the form");
    form.set("url", url);
    form.set("form", form_of);
    let page = browser.submit(&page, &form, None).expect("a page");
    let (_, after) = page.body.split_once("whsec_").unwrap_or_else(|| panic!("no secret: {}", page.body));
    format!("whsec_{}", after.split('<').next().expect("a secret"))
}

fn remove_all(administrator: &Person<'_>) {
    loop {
        let (mut browser, page) = administrator.signed_in_at("/admin/notices");
        let Some(form) = page.forms().into_iter().find(|form| form.action == "/admin/notices/remove") else { return };
        browser.submit(&page, &form, None).expect("a page");
    }
}

/// Locks a client that nobody has, and lifts the lock: two events.
fn lock_and_lift(administrator: &Person<'_>, name: &str) {
    administrator.press(&format!("/admin/locks?kind=client&name={name}"), "/admin/locks", Some("a drill <b>"));
    administrator.press("/admin/locks", "/admin/locks/lift", None);
}

/// What the webhook was sent that has to do with that: others may be told late of what happened before.
fn received(url: &str, name: &str) -> Vec<Value> {
    instance().cron();
    let mut notices = instance().fetched_whole(url);
    notices.retain(|notice| notice["body"].as_str().is_some_and(|body| body.contains(name)));
    notices
}

#[test]
fn a_webhook_is_told_of_a_lock_signed_and_in_order() {
    let _turn = turn();
    let administrator = Person::administrator();
    let url = "https://hooks.example.com/plain";
    instance().serve(url, 200, &json!({}), "");
    let secret = enter(&administrator, url, "json");
    lock_and_lift(&administrator, "drill-one");
    until("both notices", || received(url, "drill-one").len() >= 2);
    remove_all(&administrator);
    let notices = received(url, "drill-one");
    let bodies: Vec<Value> =
        notices.iter().map(|one| serde_json::from_str(one["body"].as_str().expect("a body")).expect("JSON")).collect();
    assert_eq!((&bodies[0]["type"], &bodies[1]["type"]), (&json!("locked"), &json!("unlocked")));
    assert_eq!(bodies[0]["data"]["reason"], "a drill <b>");
    assert!(bodies[0]["data"]["link"].as_str().expect("a link").ends_with("/admin/locks"));
    let first = &notices[0];
    let header = |name: &str| first["headers"][name].as_str().expect("a header").to_owned();
    let signed =
        format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), first["body"].as_str().expect("a body"));
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("Base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    mac.update(signed.as_bytes());
    assert_eq!(header("webhook-signature"), format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    let kinds = instance().sql("SELECT kind FROM events WHERE kind = 'notices_changed'", &[]);
    assert!(!kinds.as_array().expect("rows").is_empty());
}

#[test]
fn what_a_webhook_did_not_accept_comes_again_under_the_same_id() {
    let _turn = turn();
    let administrator = Person::administrator();
    let url = "https://hooks.example.com/down";
    instance().serve(url, 503, &json!({}), "");
    enter(&administrator, url, "slack");
    lock_and_lift(&administrator, "drill-two");
    until("the attempt", || !received(url, "").is_empty());
    assert!(administrator.signed_in_at("/admin/notices").1.body.contains("it answered 503"));
    instance().serve(url, 200, &json!({}), "");
    instance().sql("UPDATE notice_endpoints SET next_at = 0", &[]);
    until("both notices", || received(url, "drill-two").len() >= 2);
    remove_all(&administrator);
    let ids: Vec<Value> = instance().fetched(url).iter().map(|headers| headers["webhook-id"].clone()).collect();
    assert!(ids.iter().filter(|id| **id == ids[0]).count() >= 2, "{ids:?}");
    let text = received(url, "drill-two")[0]["body"].as_str().expect("a body").to_owned();
    assert!(text.contains("a drill &lt;b&gt;"), "{text}");
}

#[test]
fn an_address_within_a_network_is_refused() {
    let administrator = Person::administrator();
    for url in ["http://hooks.example.com/", "https://127.0.0.1/", "https://localhost/", "https://hooks.internal/x"] {
        let (mut browser, page) = administrator.signed_in_at("/admin/notices");
        let mut form = page.forms().into_iter().find(|form| form.action == "/admin/notices").expect("the form");
        form.set("url", url);
        let page = browser.submit(&page, &form, None).expect("a page");
        assert_eq!(page.status.as_u16(), 400, "{url}");
    }
}

#[test]
fn a_collector_is_sent_every_event_and_a_test_says_what_it_answers() {
    let _turn = turn();
    let administrator = Person::administrator();
    let url = "https://siem.example.com/collect";
    instance().serve(url, 202, &json!({}), "got <it>");
    enter(&administrator, url, "ocsf");
    let (mut browser, page) = administrator.signed_in_at("/admin/notices");
    let form = page.forms().into_iter().find(|form| form.action == "/admin/notices/test").expect("the button");
    let page = browser.submit(&page, &form, None).expect("a page");
    assert!(page.body.contains("It answered 202: got &lt;it&gt;"), "{}", page.body);
    lock_and_lift(&administrator, "drill-three");
    let lines = || -> Vec<Value> {
        instance().cron();
        let requests = instance().fetched_whole(url);
        let bodies = requests.iter().filter(|request| request["headers"]["content-type"] == "application/x-ndjson");
        let lines = bodies.flat_map(|request| request["body"].as_str().expect("a body").lines());
        lines.map(|line| serde_json::from_str(line).expect("an event")).collect()
    };
    until("the events", || lines().iter().filter(|line| line.to_string().contains("drill-three")).count() >= 2);
    let shown = administrator.signed_in_at("/admin/notices").1.body;
    assert!(shown.contains("It has all of them") || shown.contains("It is behind by"), "{shown}");
    remove_all(&administrator);
    let all = lines();
    assert!(all.iter().any(|line| line["unmapped"]["kind"] == "sign_in"), "not only what is noticed");
    let places: Vec<i64> = all.iter().map(|line| line["unmapped"]["position"].as_i64().expect("a position")).collect();
    assert!(places.is_sorted(), "{places:?}");
    let signed = &instance().fetched(url)[0];
    assert!(signed["webhook-signature"].as_str().is_some_and(|signature| signature.starts_with("v1,")));
}
