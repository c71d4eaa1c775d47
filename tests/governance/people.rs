//! The end of people's access through the pages for administrators, and of everybody's.

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

#[test]
fn while_everybody_is_stopped_no_call_runs_and_afterwards_each_goes_on() {
    let _turn = turn();
    let client = Client::of(&Person::developer());
    assert!(!whoami(&client).is_error());
    press("/admin/people", "/admin/people/stop", Some("a drill"));
    let stopped = whoami(&client);
    press("/admin/people", "/admin/people/lift", None);
    assert!(stopped.is_error() && stopped.text().contains("stopped all access"), "{stopped:?}");
    super::until("calls to run again", || !whoami(&client).is_error());
}
