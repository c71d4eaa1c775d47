use std::collections::{HashMap, HashSet};

use futures_executor::block_on;
use proptest::prelude::*;

use super::*;
use crate::{
    authorization::{
        endpoints::{decision::Decision, token::token},
        testing::{House, Registration, browser, error_of, json_of, post, query_of, text, with_client},
        tokens::{access_token, rotation::GRANT_LIFE},
    },
    identifiers::ClientId,
    platform::http::Response,
};

fn refused(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

/// The refresh token that a successful refresh gave.
fn successor(response: &Response) -> String {
    assert_eq!(response.status, 200, "{}", json_of(response));
    text(&json_of(response), "refresh_token")
}

#[test]
fn every_refresh_gives_a_new_refresh_token() {
    let house = House::default();
    let (client, first) = house.refreshable();
    let second = successor(&house.refresh(&client, &first));
    let third = successor(&house.refresh(&client, &second));
    assert_eq!(HashSet::from([first, second, third]).len(), 3);
}

#[test]
fn a_superseded_token_yields_the_present_one_and_an_access_token() {
    let house = House::default();
    let (client, first) = house.refreshable();
    let second = successor(&house.refresh(&client, &first));
    house.wait(REUSE);
    let again = house.refresh(&client, &first);
    assert_eq!(successor(&again), second);
    assert!(json_of(&again)["access_token"].is_string());
}

#[test]
fn two_windows_that_each_keep_their_token_are_never_signed_out() {
    let house = House::default();
    let (client, first) = house.refreshable();
    let mut windows = [first.clone(), first];
    for round in 0..6 {
        let window = &mut windows[round % 2];
        *window = successor(&house.refresh(&client, window));
        house.wait(REUSE / 2);
    }
}

/// In seconds, how long a superseded token yields the present one.
const REUSE: u64 = 30 * 60;

/// A client's second refresh token, and its first, which is a replay from now on.
fn replayable(house: &House) -> (Registration, String, String) {
    let (client, first) = house.refreshable();
    let second = successor(&house.refresh(&client, &first));
    house.wait(REUSE + 1);
    (client, first, second)
}

#[test]
fn a_replay_ends_the_access_tokens_too() {
    let house = House::default();
    let (client, first, _) = replayable(&house);
    house.refresh(&client, &first);
    assert!(house.sessions.told.borrow()[0].contains("end_grant"));
}

#[test]
fn a_superseded_token_that_comes_later_ends_the_grant() {
    let house = House::default();
    let (client, first, second) = replayable(&house);
    assert_eq!(error_of(&house.refresh(&client, &first)), refused("invalid_grant"));
    assert_eq!(error_of(&house.refresh(&client, &second)), refused("invalid_grant"));
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants WHERE revoked_reason = 'refresh token replayed'"), 1);
}

#[test]
fn a_replay_ends_no_other_grant_of_the_same_client_and_person() {
    let house = House::default();
    let (client, first, _) = replayable(&house);
    let elsewhere = text(&house.tokens(&client), "refresh_token");
    house.refresh(&client, &first);
    successor(&house.refresh(&client, &elsewhere));
}

#[test]
fn a_replay_is_not_forgotten_while_the_session_cannot_be_told() {
    let house = House::default();
    let (client, first, _) = replayable(&house);
    house.sessions.out_of_reach.set(true);
    let form = [("grant_type", "refresh_token"), ("refresh_token", first.as_str())];
    assert!(block_on(token(&house.context, &post(&with_client(&client, &form)))).is_err());
    house.sessions.out_of_reach.set(false);
    assert_eq!(error_of(&house.refresh(&client, &first)), refused("invalid_grant"));
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants WHERE revoked_at IS NULL"), 0);
}

#[test]
fn a_forged_token_leaves_the_grant_alone() {
    let house = House::default();
    let (client, first) = house.refreshable();
    for forged in [format!("{first}x"), first.replace(".1.", ".2."), first.replace(".1.", ".0."), "x".to_owned()] {
        assert_eq!(error_of(&house.refresh(&client, &forged)), refused("invalid_grant"), "{forged}");
    }
    successor(&house.refresh(&client, &first));
}

#[test]
fn another_client_gets_nothing_and_leaves_the_grant_alone() {
    let house = House::default();
    let (client, first, second) = replayable(&house);
    assert_eq!(error_of(&house.refresh(&house.register("none"), &first)), refused("invalid_grant"));
    successor(&house.refresh(&client, &second));
}

#[test]
fn a_grant_lives_60_days_from_its_latest_refresh() {
    const DAY: u64 = 24 * 60 * 60;
    let house = House::default();
    let (client, first) = house.refreshable();
    house.vouch_for_ever("alice");
    house.wait(59 * DAY);
    let second = successor(&house.refresh(&client, &first));
    house.wait(59 * DAY);
    let third = successor(&house.refresh(&client, &second));
    house.wait(60 * DAY);
    assert_eq!(error_of(&house.refresh(&client, &third)), refused("invalid_grant"));
}

#[test]
fn a_disabled_person_gets_nothing() {
    let house = House::default();
    let (client, first) = house.refreshable();
    house.run(sql("UPDATE users SET disabled_at = 0 WHERE id = 'alice'"));
    assert_eq!(error_of(&house.refresh(&client, &first)), refused("invalid_grant"));
}

fn refresh_for(house: &House, client: &Registration, refresh_token: &str, scope: &str) -> Response {
    let parameters = [("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("scope", scope)];
    house.token(client, &parameters)
}

#[test]
fn a_narrower_scope_is_of_the_access_token_alone() {
    let house = House::default();
    let (client, first) = house.refreshable();
    let narrow = refresh_for(&house, &client, &first, "read");
    assert_eq!(json_of(&narrow)["scope"], "read");
    assert_eq!(json_of(&house.refresh(&client, &successor(&narrow)))["scope"], "read write");
}

#[test]
fn a_wider_scope_is_refused_and_uses_nothing_up() {
    let house = House::default();
    let client = house.register("none");
    let reply = json_of(&house.redeem(&client, &house.code_for(&client, "read")));
    let first = text(&reply, "refresh_token");
    assert_eq!(error_of(&refresh_for(&house, &client, &first, "read write")), refused("invalid_scope"));
    assert_eq!(error_of(&refresh_for(&house, &client, &first, "admin")), refused("invalid_scope"));
    assert_eq!(house.number("SELECT generation AS n FROM grants"), 1);
}

#[test]
fn another_resource_is_refused_and_uses_nothing_up() {
    let house = House::default();
    let (client, first) = house.refreshable();
    let parameters =
        [("grant_type", "refresh_token"), ("refresh_token", first.as_str()), ("resource", "https://other.example")];
    assert_eq!(error_of(&house.token(&client, &parameters)), refused("invalid_target"));
    assert_eq!(house.number("SELECT generation AS n FROM grants"), 1);
}

#[test]
fn no_refresh_token_is_stored() {
    let house = House::default();
    let (_, first) = house.refreshable();
    let authentication = first.rsplit('.').next().unwrap();
    for table in [sql("SELECT * FROM grants"), sql("SELECT * FROM authorization_codes")] {
        assert!(!format!("{:?}", house.run(table)).contains(authentication));
    }
}

#[test]
fn parallel_refreshes_all_get_the_same_successor() {
    let mut house = House::default();
    let (client, first) = house.refreshable();
    house.interrupt(Vec::new());
    let form = [("grant_type", "refresh_token"), ("refresh_token", first.as_str())];
    let successors: HashSet<String> = house.token_at_once(&client, &form, 8).iter().map(successor).collect();
    assert_eq!(successors.len(), 1);
}

fn only_client(house: &House) -> ClientId {
    ClientId::new(text(&house.run(sql("SELECT id FROM clients"))[0], "id"))
}

/// Puts on record that a token is given, as decided when the grant was `read`.
fn given(house: &House, first: &str, read: State, reason: Reason) -> bool {
    let (presented, key) =
        RefreshToken::read_with_key(first, &only_client(house), &house.context.settings.signing_keys).unwrap();
    let now = house.context.platform.clock.now();
    let grant = block_on(find(&house.context, &presented.grant)).unwrap().unwrap();
    block_on(give(&house.context, (&presented, key), &grant, (read, reason), now)).unwrap().is_some()
}

fn on_record(house: &House, first: &str) -> State {
    let presented = RefreshToken::read(first, &only_client(house), &house.context.settings.signing_keys).unwrap();
    block_on(find(&house.context, &presented.grant)).unwrap().unwrap().state(Duration::from_secs(REUSE)).unwrap()
}

#[test]
fn who_loses_the_race_decides_again() {
    let house = House::default();
    let (_, first) = house.refreshable();
    let read = on_record(&house, &first);
    assert!(given(&house, &first, read.clone(), Reason::Used));
    assert!(!given(&house, &first, read.clone(), Reason::Used));
    assert!(!given(&house, &first, read, Reason::Superseded), "that one is not in use any more");
}

#[test]
fn those_who_get_the_present_one_never_get_into_each_others_way() {
    let house = House::default();
    let (client, first) = house.refreshable();
    house.refresh(&client, &first);
    let read = on_record(&house, &first);
    assert!(given(&house, &first, read.clone(), Reason::Superseded));
    assert!(given(&house, &first, read, Reason::Superseded));
}

#[test]
fn a_grant_that_is_over_cannot_be_made_longer_on_record() {
    let house = House::default();
    let (client, first) = house.refreshable();
    let second = successor(&house.refresh(&client, &first));
    house.clock.advance(GRANT_LIFE);
    for change in ["UPDATE grants SET expires_at = expires_at", "UPDATE grants SET expires_at = 9000000000000"] {
        house.run(sql(change));
        assert_eq!(error_of(&house.refresh(&client, &second)), refused("invalid_grant"), "{change}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn however_parallel_refreshes_interleave_they_rotate_once(pauses in prop::collection::vec(0_u8..6, 0..20)) {
        let mut house = House::default();
        let (client, first) = house.refreshable();
        house.interrupt(pauses);
        let form = [("grant_type", "refresh_token"), ("refresh_token", first.as_str())];
        let successors: HashSet<String> = house.token_at_once(&client, &form, 4).iter().map(successor).collect();
        prop_assert_eq!(successors.len(), 1);
        prop_assert_eq!(house.number("SELECT generation AS n FROM grants WHERE revoked_at IS NULL"), 2);
    }

    /// Two holders of a token refresh, lose answers and retry at any time: the record does as the rule says.
    #[test]
    fn the_record_follows_the_rule(
        steps in prop::collection::vec((0_usize..2, any::<bool>(), 0_u64..1_200), 1..25),
    ) {
        let house = House::default();
        let (client, first) = house.refreshable();
        let mut held = [(1_i64, first.clone()), (1, first.clone())];
        let mut issued: HashMap<i64, String> = HashMap::new();
        let mut state = on_record(&house, &first);
        for (holder, arrives, pause) in steps {
            house.wait(pause);
            let now = house.context.platform.clock.now();
            let (presented, text) = held[holder].clone();
            let response = house.refresh(&client, &text);
            let Outcome::Give { generation, reason } = rotation::decide(presented, &state, now) else {
                prop_assert_eq!(response.status, 400);
                prop_assert!(on_record(&house, &first).revoked);
                return Ok(());
            };
            state = state.refreshed(reason, now);
            prop_assert_eq!(&on_record(&house, &first), &state);
            let given = successor(&response);
            let first_given = issued.entry(generation).or_insert_with(|| given.clone());
            prop_assert_eq!(&*first_given, &given);
            if arrives {
                held[holder] = (generation, given);
            }
        }
    }
}

#[test]
fn a_refresh_is_of_the_person_who_consented() {
    let house = House::default();
    let client = house.register("none");
    let bob = browser("bob");
    let decision = house.decide(&bob, &house.ask(&client, &bob).id, true);
    let Decision::Redirect(url) = decision else { panic!("refused") };
    let code = query_of(&url)["code"].clone();
    let first = text(&json_of(&house.redeem(&client, &code)), "refresh_token");
    let access = text(&json_of(&house.refresh(&client, &first)), "access_token");
    let now = house.context.platform.clock.now();
    let principal = access_token::read(&house.context.settings, &access, now).unwrap();
    assert_eq!(principal.subject.to_string(), "bob");
}
