use proptest::prelude::*;

use super::*;
use crate::authorization::testing::{House, REDIRECT, browser, json_of, query_of, text};

fn redirect(decision: Decision) -> String {
    match decision {
        Decision::Redirect(url) => url,
        Decision::Refused(refusal) => panic!("{refusal:?}"),
    }
}

#[test]
fn approval_sends_a_code_with_state_and_issuer() {
    let house = House::default();
    let alice = browser("alice");
    let url = redirect(house.decide(&alice, &house.ask(&house.register("none"), &alice).id, true));
    assert!(url.starts_with(REDIRECT), "{url}");
    let query = query_of(&url);
    assert_eq!(query["code"].len(), 43);
    assert_eq!((query["state"].as_str(), query["iss"].as_str()), ("s 1/ä", "https://postern.example"));
}

#[test]
fn denial_is_told_with_state_and_issuer_and_leaves_no_grant() {
    let house = House::default();
    let alice = browser("alice");
    let query = query_of(&redirect(house.decide(&alice, &house.ask(&house.register("none"), &alice).id, false)));
    assert_eq!(query["error"], "access_denied");
    assert_eq!((query["state"].as_str(), query["iss"].as_str()), ("s 1/ä", "https://postern.example"));
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants"), 0);
}

#[test]
fn a_person_who_has_allowed_too_much_is_told_so_and_may_still_deny() {
    let house = House::default();
    let (alice, client) = (browser("alice"), house.register("none"));
    for _ in 0..100 {
        house.tokens(&client);
    }
    let id = house.ask(&client, &alice).id;
    assert_eq!(house.decide(&alice, &id, true), Decision::Refused(TOO_MANY_GRANTS));
    let (bob, other) = (browser("bob"), house.ask(&client, &browser("bob")).id);
    assert!(matches!(house.decide(&bob, &other, true), Decision::Redirect(_)));
    house.run(sql("UPDATE grants SET revoked_at = 1 WHERE rowid = 1"));
    assert!(matches!(house.decide(&alice, &id, true), Decision::Redirect(_)), "the request was still open");
    let denied = house.ask(&client, &alice).id;
    assert!(matches!(house.decide(&alice, &denied, false), Decision::Redirect(_)));
}

#[test]
fn of_grants_that_are_over_the_latest_are_kept() {
    let house = House::default();
    let (alice, client) = (browser("alice"), house.register("none"));
    for _ in 0..110 {
        // Nobody redeems its code, so it is over with that.
        house.decide(&alice, &house.ask(&client, &alice).id, true);
        house.wait(61);
    }
    house.tokens(&client);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants"), 101);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM authorization_codes"), 101);
}

const CHOICES: [Choice; 3] = [Choice::Deny, Choice::Allow { writing: true }, Choice::Allow { writing: false }];

#[test]
fn a_request_is_decided_once_and_not_in_another_way_afterwards() {
    for (first, second) in CHOICES.iter().flat_map(|first| CHOICES.map(|second| (*first, second))) {
        let house = House::default();
        let alice = browser("alice");
        let id = house.ask(&house.register("none"), &alice).id;
        let decided = house.choose(&alice, &id, first);
        let again = house.choose(&alice, &id, second);
        assert_eq!(
            again,
            if first == second { decided } else { Decision::Refused(UNDECIDABLE) },
            "{first:?} {second:?}"
        );
    }
}

#[test]
fn the_same_decision_again_ends_at_the_client_with_a_code_that_works() {
    let house = House::default();
    let (alice, client) = (browser("alice"), house.register("none"));
    let id = house.ask(&client, &alice).id;
    house.decide(&alice, &id, true);
    house.wait(29);
    let code = query_of(&redirect(house.decide(&alice, &id, true)))["code"].clone();
    assert_eq!(house.redeem(&client, &code).status, 200);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants"), 1);
}

#[test]
fn the_same_decision_again_later_is_too_late() {
    let house = House::default();
    let alice = browser("alice");
    let id = house.ask(&house.register("none"), &alice).id;
    house.decide(&alice, &id, true);
    house.wait(30);
    assert_eq!(house.decide(&alice, &id, true), Decision::Refused(UNDECIDABLE));
}

#[test]
fn nobody_else_can_repeat_a_decision() {
    let house = House::default();
    let alice = browser("alice");
    let id = house.ask(&house.register("none"), &alice).id;
    house.decide(&alice, &id, true);
    let other = Browser { session_hash: "another".into(), ..alice.clone() };
    let thief = Browser { session_hash: alice.session_hash, ..browser("bob") };
    for who in [other, thief] {
        assert_eq!(house.decide(&who, &id, true), Decision::Refused(UNDECIDABLE));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Two clicks on Allow, of which the browser shows the second answer only.
    #[test]
    fn however_two_decisions_interleave_both_end_at_the_client_with_one_code(
        pauses in prop::collection::vec(0_u8..6, 0..20),
    ) {
        let mut house = House::default();
        let (alice, client) = (browser("alice"), house.register("none"));
        let id = house.ask(&client, &alice).id;
        house.interrupt(pauses);
        let allow = Choice::Allow { writing: true };
        let decide = || decide(&house.context, &alice, &id, allow);
        let (first, second) = futures_executor::block_on(futures::future::join(decide(), decide()));
        let code = query_of(&redirect(first.unwrap()))["code"].clone();
        prop_assert_eq!(&code, &query_of(&redirect(second.unwrap()))["code"]);
        prop_assert_eq!(house.redeem(&client, &code).status, 200);
        prop_assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants"), 1);
    }
}

#[test]
fn who_allows_reading_alone_gives_that_alone_and_the_client_is_told() {
    for (asked, given) in [("read write", "read"), ("write", "read"), ("read", "read")] {
        let house = House::default();
        let (alice, client) = (browser("alice"), house.register("none"));
        let id = house.ask_for(&client, &alice, asked).id;
        let url = redirect(house.choose(&alice, &id, Choice::Allow { writing: false }));
        let reply = json_of(&house.redeem(&client, &query_of(&url)["code"]));
        assert_eq!(text(&reply, "scope"), given, "{asked}");
        let again = house.token(
            &client,
            &[
                ("grant_type", "refresh_token"),
                ("refresh_token", &text(&reply, "refresh_token")),
                ("scope", "read write"),
            ],
        );
        assert_eq!(json_of(&again)["error"], "invalid_scope", "a refresh does not widen it");
    }
}

#[test]
fn whoever_allows_writing_gives_no_more_than_was_asked_for() {
    let house = House::default();
    let (alice, client) = (browser("alice"), house.register("none"));
    let id = house.ask_for(&client, &alice, "read").id;
    let url = redirect(house.choose(&alice, &id, Choice::Allow { writing: true }));
    assert_eq!(text(&json_of(&house.redeem(&client, &query_of(&url)["code"])), "scope"), "read");
}

#[test]
fn a_request_that_is_held_outlives_its_ten_minutes() {
    let house = House::default();
    let (alice, client) = (browser("alice"), house.register("none"));
    let id = house.ask(&client, &alice).id;
    house.wait(599);
    let hold = |browser: &Browser| {
        futures_executor::block_on(hold(&house.context, browser, &id, Duration::from_secs(600))).unwrap()
    };
    assert!(!hold(&browser("bob")));
    assert!(hold(&alice));
    house.wait(599);
    redirect(house.decide(&alice, &id, true));
    assert!(!hold(&alice), "it is decided");
}

#[test]
fn another_person_cannot_decide_it_and_does_not_use_it_up() {
    let house = House::default();
    let alice = browser("alice");
    let id = house.ask(&house.register("none"), &alice).id;
    let thief = Browser { session_hash: alice.session_hash.clone(), ..browser("bob") };
    assert_eq!(house.decide(&thief, &id, true), Decision::Refused(UNDECIDABLE));
    redirect(house.decide(&alice, &id, true));
}

#[test]
fn another_browser_of_the_same_person_cannot_decide_it() {
    let house = House::default();
    let alice = browser("alice");
    let id = house.ask(&house.register("none"), &alice).id;
    let other = Browser { session_hash: "another".into(), ..alice };
    assert_eq!(house.decide(&other, &id, true), Decision::Refused(UNDECIDABLE));
}

#[test]
fn a_person_has_ten_minutes() {
    let house = House::default();
    let alice = browser("alice");
    let client = house.register("none");
    let (soon, late) = (house.ask(&client, &alice).id, house.ask(&client, &alice).id);
    house.wait(599);
    redirect(house.decide(&alice, &soon, true));
    house.wait(1);
    assert_eq!(house.decide(&alice, &late, true), Decision::Refused(UNDECIDABLE));
}

#[test]
fn requests_in_several_tabs_are_decided_independently() {
    let house = House::default();
    let alice = browser("alice");
    let client = house.register("none");
    let (first, second) = (house.ask(&client, &alice).id, house.ask(&client, &alice).id);
    redirect(house.decide(&alice, &second, true));
    redirect(house.decide(&alice, &first, true));
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants"), 2);
}

#[test]
fn a_redirect_is_proven_again_on_the_way_out() {
    let house = House::default();
    let alice = browser("alice");
    let id = house.ask(&house.register("none"), &alice).id;
    house.run(sql("UPDATE clients SET redirect_uris = '[\"https://client.example/moved\"]'"));
    assert_eq!(house.decide(&alice, &id, true), Decision::Refused(UnverifiedRequest::UnregisteredRedirect.into()));
}

#[test]
fn no_code_is_kept_in_plain_text() {
    let house = House::default();
    let code = house.code(&house.register("none"));
    let kept = house.run(sql("SELECT * FROM authorization_codes"))[0].to_string();
    assert!(!kept.contains(&code) && !kept.contains(&digest::sha256(&code)));
}
