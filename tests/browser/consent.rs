//! Allowing an AI client in, from its link to its callback on this computer.

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::json;
use url::Url;

use crate::{
    accounts::grant_at_bitbucket,
    site::Site,
    visitor::{PASSWORD, Visitor},
};

/// A client that waits on loopback for the person's answer.
struct Waiting {
    client: Client,
    site: Site,
}

impl Waiting {
    fn new() -> Self {
        let client = Client::registered(&instance().url);
        Self { client, site: Site::showing("<!doctype html><title>Done</title><p>You can close this page.</p>") }
    }

    fn redirect_uri(&self) -> String {
        format!("{}/callback", self.site.url)
    }

    /// The link that the client opens in the person's browser.
    fn link(&self) -> String {
        self.client.authorization_url(&[("redirect_uri", &self.redirect_uri())]).into()
    }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[test]
fn allowing_a_client_brings_it_a_code_that_it_can_redeem() {
    let waiting = Waiting::new();
    let visitor = Visitor::signed_in(&Person::developer(), &waiting.link());
    visitor.click("button", "Allow");
    let code = parameter(&waiting.site.visit(), "code").expect("a code");
    let tokens = waiting.client.redeem(&code, &[("redirect_uri", &waiting.redirect_uri())]);
    assert_eq!(tokens.status, 200, "{tokens:?}");
}

#[test]
fn the_browser_ends_at_the_clients_own_page() {
    let waiting = Waiting::new();
    let visitor = Visitor::signed_in(&Person::developer(), &waiting.link());
    visitor.click("button", "Allow");
    visitor.see("You can close this page.");
    assert!(visitor.url().starts_with(&waiting.redirect_uri()), "{}", visitor.url());
}

/// The browser shows the answer to the second click only, so that must be as good as the first.
#[test]
fn a_double_click_on_a_slow_network_ends_at_the_client_with_a_code_that_works() {
    for pause in [0, 30, 120, 250] {
        let waiting = Waiting::new();
        let visitor = Visitor::signed_in(&Person::developer(), &waiting.link());
        visitor.click_twice("Allow", pause, 400);
        visitor.see("You can close this page.");
        let code = parameter(&waiting.site.visit(), "code").expect("a code");
        let tokens = waiting.client.redeem(&code, &[("redirect_uri", &waiting.redirect_uri())]);
        assert_eq!(tokens.status, 200, "{pause} ms: {tokens:?}");
    }
}

#[test]
fn whoever_unticks_writing_lets_the_client_read_alone() {
    let waiting = Waiting::new();
    let visitor = Visitor::signed_in(&Person::developer(), &waiting.link());
    visitor.untick("Let it change things, too.");
    visitor.click("button", "Allow");
    let code = parameter(&waiting.site.visit(), "code").expect("a code");
    let tokens = waiting.client.redeem(&code, &[("redirect_uri", &waiting.redirect_uri())]);
    assert_eq!(tokens.json()["scope"], "read", "{tokens:?}");
}

#[test]
fn allowing_and_connecting_bitbucket_at_once_lets_the_first_call_through() {
    let (waiting, person) = (Waiting::new(), Person::developer());
    let visitor = Visitor::signed_in(&person, &waiting.link());
    visitor.click("button", "Allow and connect Bitbucket");
    grant_at_bitbucket(&visitor, &person);
    visitor.see("You can close this page.");
    let code = parameter(&waiting.site.visit(), "code").expect("a code");
    let mut client = waiting.client;
    client.keep(&client.redeem(&code, &[("redirect_uri", &format!("{}/callback", waiting.site.url))]).json());
    let listed = client.call("bitbucket_list_workspaces", json!({})).json();
    assert!(listed["result"]["content"][0]["text"].as_str().is_some_and(|text| text.contains("acme")), "{listed}");
}

#[test]
fn refusing_at_bitbucket_on_the_way_still_lets_the_client_in_and_says_so() {
    let waiting = Waiting::new();
    let visitor = Visitor::signed_in(&Person::developer(), &waiting.link());
    visitor.click("button", "Allow and connect Bitbucket");
    visitor.click("button", "Cancel");
    visitor.see("Bitbucket was not connected");
    visitor.click("link", "Go on to your AI client");
    let code = parameter(&waiting.site.visit(), "code").expect("a code");
    let tokens = waiting.client.redeem(&code, &[("redirect_uri", &waiting.redirect_uri())]);
    assert_eq!(tokens.status, 200, "{tokens:?}");
}

#[test]
fn denying_a_client_tells_it_so() {
    let waiting = Waiting::new();
    let visitor = Visitor::signed_in(&Person::developer(), &waiting.link());
    visitor.click("button", "Deny");
    assert_eq!(parameter(&waiting.site.visit(), "error").as_deref(), Some("access_denied"));
}

#[test]
fn the_page_says_who_asks_and_for_whom() {
    let waiting = Waiting::new();
    let person = Person::developer();
    let visitor = Visitor::signed_in(&person, &waiting.link());
    let text = visitor.text();
    let says = |words: &str| text.contains(words);
    assert!(says("black box") && says("Not verified") && says("127.0.0.1") && says(&person.username), "{text}");
}

#[test]
fn the_page_says_which_host_vouches_for_a_client_that_describes_itself() {
    let waiting = Waiting::new();
    let id = "https://described-editor.example/client.json";
    let document =
        json!({ "client_id": id, "client_name": "Described Editor", "redirect_uris": [waiting.redirect_uri()] });
    instance().serve(id, 200, &json!({ "content-type": "application/json" }), &document.to_string());
    let client = Client { id: id.into(), ..Client::registered(&instance().url) };
    let link = client.authorization_url(&[("redirect_uri", &waiting.redirect_uri())]);
    let visitor = Visitor::signed_in(&Person::developer(), link.as_str());
    visitor.see("Vouched for by");
    visitor.see("described-editor.example");
    visitor.click("button", "Allow");
    let code = parameter(&waiting.site.visit(), "code").expect("a code");
    let tokens = client.redeem(&code, &[("redirect_uri", &waiting.redirect_uri())]);
    assert_eq!(tokens.status, 200, "{tokens:?}");
    // The client has its code before the browser has its page, and one that is still on its way cannot be sent elsewhere.
    visitor.arrive(&waiting.redirect_uri());
    visitor.go("/clients");
    assert!(visitor.row("Described Editor").contains("vouched for by described-editor.example"));
}

#[test]
fn a_person_who_went_to_another_request_meanwhile_can_still_decide_the_first() {
    let (first, second) = (Waiting::new(), Waiting::new());
    let visitor = Visitor::signed_in(&Person::developer(), &first.link());
    visitor.go(&second.link());
    visitor.evaluate("history.back()");
    visitor.see(first.redirect_uri().trim_start_matches("http://").trim_end_matches("/callback"));
    visitor.click("button", "Allow");
    assert!(parameter(&first.site.visit(), "code").is_some());
}

#[test]
fn a_keyboard_is_enough_from_signing_in_to_allowing() {
    let waiting = Waiting::new();
    let visitor = Visitor::new();
    visitor.go(&waiting.link());
    // The identity provider's page puts the focus into its first field.
    visitor.type_in(&Person::developer().username);
    visitor.tab_to("Password");
    visitor.type_in(PASSWORD);
    visitor.press("Enter");
    visitor.see("Allow this AI client");
    visitor.tab_to("Allow");
    visitor.press("Enter");
    assert!(parameter(&waiting.site.visit(), "code").is_some());
}

#[test]
fn the_first_press_of_tab_offers_to_skip_to_the_content() {
    let visitor = Visitor::new();
    visitor.go("/");
    visitor.tab_to("Skip to the content");
    visitor.press("Enter");
    visitor.tab_to("Sign in");
}
