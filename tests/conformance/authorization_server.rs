//! The suite as an OAuth client, and somebody who lets it in.

use std::{
    io::{BufReader, Read},
    net::{Ipv4Addr, TcpListener},
};

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::json;
use testkit::{browser::Browser, journey};
use url::Url;

use crate::suite::{Score, line, suite};

#[test]
fn row_143_the_authorization_server_meets_both_scenarios() {
    let issuer = &instance().url;
    let port = free_port().to_string();
    let redirect = format!("http://127.0.0.1:{port}/callback");
    let client = Client::registered_as(issuer, json!({ "redirect_uris": [redirect] }));
    let arguments = ["authorization", "--url", issuer, "--client-id", &client.id, "--port", &port];
    let mut child = suite(&arguments).args(["--resource", &client.resource()]).spawn().expect("the suite");
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    let mut output = String::new();
    while let Some(words) = line(&mut stdout) {
        output += &format!("{words}\n");
        if words.starts_with(&format!("{issuer}/authorize?")) {
            let_in(&words);
            break;
        }
    }
    stdout.read_to_string(&mut output).expect("text");
    println!("{output}"); // shown where the test fails
    assert!(child.wait().expect("its end").success());
    let passed = output.lines().filter(|line| line.starts_with("✓ ")).count();
    assert_eq!(passed, 2, "scenarios that were run");
    Score { passed, scored: 2, expected_failures: 0 }.keep("the authorization server");
}

/// Signs in and consents; the browser ends at the suite's callback.
fn let_in(address: &str) {
    let person = Person::developer();
    let mut browser = Browser::new();
    let address = Url::parse(address).expect("a URL");
    let page = journey::open_signed_in(&mut browser, address, &person.account()).expect("signed in");
    let form = journey::form_with_button(&page, "decision", "approve").expect("a consent page");
    browser.submit(&page, &form, Some(("decision", "approve"))).expect("the callback");
}

/// A port that nobody listens at.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}
