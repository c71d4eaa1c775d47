//! One person's calls are limited, and nobody else's by them.

use std::thread;

use postern_tests::{client::Answer, client::Client, person::Person};
use serde_json::json;

/// What wrangler.toml allows one client of a person in a minute: four fifths of what the person may.
const CALLS_PER_MINUTE: usize = 240;
/// The bucket fills while it is emptied: on a slow machine more calls fit.
const MOST: usize = 2_000;
const AT_ONCE: usize = 4;

fn whoami(client: &Client) -> Answer {
    client.call("whoami", json!({}))
}

#[test]
fn too_many_calls_are_refused_with_the_time_to_wait_and_others_go_on() {
    let person = Person::developer();
    let client = Client::of(&person);
    let other = Client::of(&Person::developer());
    let beside = Client::of(&person);
    let call_until_refused = || {
        let mut answered = 0;
        loop {
            let answer = whoami(&client);
            if answer.is_error() {
                return (answered, answer.text());
            }
            answered += 1;
            assert!(answered < MOST, "never refused");
        }
    };
    let ended: Vec<_> = thread::scope(|scope| {
        let callers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(call_until_refused)).collect();
        callers.into_iter().map(|caller| caller.join().expect("refused in words")).collect()
    });
    assert!(!whoami(&other).is_error(), "another person");
    assert!(!whoami(&beside).is_error(), "another client of the same person");
    assert!(ended.iter().map(|(answered, _)| answered).sum::<usize>() >= CALLS_PER_MINUTE);
    for (_, text) in ended {
        assert!(text.contains("too many calls in a short time. Next: wait 1 s"), "{text}");
    }
}
