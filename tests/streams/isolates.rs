//! Two isolates of one Worker: what an administrator decides in one of them is in force in the other five seconds later.

use super::*;

/// A tool that no other test of this program uses.
const TOOL: &str = "confluence_list_spaces";

/// How many of so many calls at that isolate ran.
fn ran(client: &Client) -> usize {
    let runs = |_: &i32| {
        let answer = client.call(TOOL, json!({}));
        !(answer.is_error() && ["Not run: ", "Refused: `"].iter().any(|start| answer.text().starts_with(start)))
    };
    (0..20).filter(runs).count()
}

#[test]
fn a_decision_taken_in_one_isolate_is_in_force_in_the_other_five_seconds_later() {
    let person = person();
    let here = Client::of(&person);
    let there = Client { origin: direct().twin_url.clone().expect("a second isolate"), ..Client::of(&person) };
    let administrator = Person::new("test-admin-isolates", direct());
    assert_eq!((ran(&here), ran(&there)), (20, 20));
    for (state, runs) in [("disabled", 0), ("approved", 20)] {
        administrator.decide(TOOL, state);
        assert_eq!(ran(&here), runs, "{state} where it was decided");
        sleep(Duration::from_secs(5));
        assert_eq!(ran(&there), runs, "{state} in the other isolate");
    }
}
