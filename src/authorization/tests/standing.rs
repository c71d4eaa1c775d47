//! What a client's refresh makes of the identity provider's word on the person.

use crate::{
    authorization::testing::{House, Registration, error_of, json_of, text},
    platform::{database::sql, http::Response},
};

const DAY: u64 = 24 * 60 * 60;

fn description(response: &Response) -> String {
    assert_eq!(error_of(response), (400, "invalid_grant".to_owned()));
    text(&json_of(response), "error_description")
}

/// A client of a person on whom the identity provider's last word is that.
fn client_of(house: &House, state: &'static str) -> (Registration, String) {
    let refreshable = house.refreshable();
    house.vouch_for_ever("alice");
    house.run(sql("UPDATE standings SET state = ?1").bind(state));
    refreshable
}

#[test]
fn a_person_in_good_standing_goes_on() {
    let house = House::default();
    let (client, token) = client_of(&house, "good");
    house.wait(40 * DAY);
    assert_eq!(house.refresh(&client, &token).status, 200);
}

#[test]
fn a_person_whom_the_provider_no_longer_vouches_for_loses_every_grant() {
    let house = House::default();
    let (client, token) = client_of(&house, "ended");
    assert!(description(&house.refresh(&client, &token)).contains("was revoked"));
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM grants WHERE revoked_at IS NULL"), 0);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM standings"), 0);
}

#[test]
fn a_session_that_ended_at_the_provider_asks_for_a_sign_in_and_spares_the_grant() {
    let house = House::default();
    let (client, token) = client_of(&house, "sign_in_again");
    assert!(description(&house.refresh(&client, &token)).contains("before they sign in again"));
    house.run(sql("UPDATE standings SET state = 'good'"));
    assert_eq!(house.refresh(&client, &token).status, 200, "once they have");
}

#[test]
fn a_grant_ends_after_30_days_however_often_it_is_refreshed_where_there_is_nobody_to_ask() {
    let house = House::default();
    let (client, mut token) = house.refreshable();
    for _ in 0..2 {
        house.wait(14 * DAY);
        token = text(&json_of(&house.refresh(&client, &token)), "refresh_token");
    }
    house.wait(2 * DAY);
    assert!(description(&house.refresh(&client, &token)).contains("lasted as long as"));
}
