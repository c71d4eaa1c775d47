//! The end of people's access through the pages for administrators, and locks.

use postern_tests::{
    client::{Answer, Client},
    person::Person,
};
use serde_json::json;
use testkit::browser::Page;

use super::turn;

fn whoami(client: &Client) -> Answer {
    client.call("whoami", json!({}))
}

fn press(path: &str, action: &str, reason: Option<&str>) -> Page {
    Person::administrator().press(path, action, reason)
}

fn page_of(person: &Person<'_>) -> String {
    format!("/admin/people/{}", person.user_id())
}

#[test]
fn a_person_who_is_disabled_calls_nothing_from_when_the_page_says_so_and_others_notice_nothing() {
    let _turn = turn();
    let (leaver, other) = (Person::connected(), Person::developer());
    let (of_leaver, of_other) = (Client::of(&leaver), Client::of(&other));
    assert!(!whoami(&of_leaver).is_error());
    let page = press(&page_of(&leaver), "/admin/people/disable", Some("left the company"));
    assert!(page.body.contains("Everything is over") && page.body.contains("left the company"), "{}", page.body);
    assert_eq!(whoami(&of_leaver).status, 401);
    assert!(!whoami(&of_other).is_error());
    assert_eq!(leaver.instance.sql("SELECT 1 FROM connections WHERE user_id = ?1", &[&leaver.user_id()]), json!([]));
}

#[test]
fn a_person_who_is_enabled_again_begins_anew_and_what_ended_stays_ended() {
    let _turn = turn();
    let person = Person::developer();
    let before = Client::of(&person);
    press(&page_of(&person), "/admin/people/disable", Some("by mistake"));
    press(&page_of(&person), "/admin/people/enable", None);
    assert!(!whoami(&Client::of(&person)).is_error());
    assert_eq!(whoami(&before).status, 401);
}

/// Locks what that query names.
fn lock(query: &str, reason: &str) {
    let page = press(&format!("/admin/locks?{query}"), "/admin/locks", Some(reason));
    assert!(page.body.contains(reason), "{}", page.body);
}

fn lift() {
    press("/admin/locks", "/admin/locks/lift", None);
}

#[test]
fn while_all_access_is_locked_no_call_runs_and_afterwards_each_goes_on() {
    let _turn = turn();
    let client = Client::of(&Person::developer());
    assert!(!whoami(&client).is_error());
    lock("kind=organisation&name=", "a drill");
    let stopped = whoami(&client);
    lift();
    assert!(stopped.is_error() && stopped.text().contains("locked all access for now: a drill"), "{stopped:?}");
    super::until("calls to run again", || !whoami(&client).is_error());
}

#[test]
fn a_locked_person_calls_nothing_from_when_the_page_says_so_and_goes_on_with_the_same_client_afterwards() {
    let _turn = turn();
    let (locked, other) = (Person::developer(), Person::developer());
    let (of_locked, of_other) = (Client::of(&locked), Client::of(&other));
    assert!(!whoami(&of_locked).is_error());
    lock(&format!("kind=person&name={}", locked.user_id()), "a lost laptop");
    let stopped = whoami(&of_locked);
    assert_eq!(stopped.status, 200);
    assert!(stopped.is_error() && stopped.text().contains("locked your access for now: a lost laptop"), "{stopped:?}");
    assert!(!whoami(&of_other).is_error());
    lift();
    super::until("calls to run again", || !whoami(&of_locked).is_error());
}

#[test]
fn a_locked_client_calls_nothing_from_when_the_page_says_so_and_others_notice_nothing() {
    let _turn = turn();
    let person = Person::developer();
    let (locked, other) = (Client::of(&person), Client::of(&person));
    assert!(!whoami(&locked).is_error());
    lock(&format!("kind=client&name={}", locked.id), "an odd client");
    let stopped = whoami(&locked);
    assert!(stopped.is_error() && stopped.text().contains("locked this AI client"), "{stopped:?}");
    assert!(!whoami(&other).is_error());
    lift();
    super::until("calls to run again", || !whoami(&locked).is_error());
}

#[test]
fn a_locked_provider_and_a_locked_tool_are_listed_no_more() {
    let _turn = turn();
    let client = Client::of(&Person::connected());
    for (query, gone) in
        [("kind=provider&name=bitbucket", "bitbucket_get_repository"), ("kind=tool&name=whoami", "whoami")]
    {
        assert!(super::names(&client).iter().any(|name| name == gone));
        lock(query, "a drill");
        let names = super::names(&client);
        lift();
        assert!(!names.iter().any(|name| name == gone), "{gone} {names:?}");
    }
    super::until("the list to be whole", || super::names(&client).iter().any(|name| name == "whoami"));
}
