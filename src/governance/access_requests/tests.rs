//! What becomes of access requests on record, and of what somebody else writes to their table.

use std::time::Duration;

use futures_executor::block_on;

use super::*;
use crate::{
    authorization::testing::House,
    governance::{access_policy::TemporaryAccess, policy::PolicySnapshot},
    platform::database::sql,
};

/// The end of somebody whose access never ended.
const NEVER: Timestamp = Timestamp(-1);

fn request(house: &House, profile: &str, needs_approver: bool) -> AccessRequest {
    let access = RequestableAccess::Profile(profile.to_owned());
    AccessRequest::new(UserId::new("bob"), access, 60, needs_approver, house.context.platform.clock.now())
}

fn make(house: &House, profile: &str, needs_approver: bool) -> Result<Entry, NotMade> {
    block_on(super::make(&house.context, request(house, profile, needs_approver), NEVER, "a release")).unwrap()
}

fn in_force(house: &House) -> Vec<TemporaryAccess> {
    let (database, settings) = (house.context.platform.database.as_ref(), &house.context.settings);
    let rows = block_on(database.run(record::query(None, house.context.platform.clock.now()))).unwrap();
    record::in_force(settings.authenticator(), rows).unwrap()
}

fn version(house: &House) -> i64 {
    let (database, settings) = (house.context.platform.database.as_ref(), &house.context.settings);
    let now = house.context.platform.clock.now();
    block_on(PolicySnapshot::load(database, settings.authenticator(), None, now)).unwrap().unwrap().version
}

#[test]
fn what_needs_no_approver_is_in_force_with_a_new_version_of_the_policy() {
    let house = House::default();
    let before = version(&house);
    make(&house, "deploy", false).unwrap();
    assert_eq!(in_force(&house).len(), 1);
    assert!(version(&house) > before);
}

#[test]
fn what_waits_is_in_force_once_it_was_approved_and_no_more_once_it_was_ended() {
    let house = House::default();
    let entry = make(&house, "deploy", true).unwrap();
    assert_eq!(in_force(&house), []);
    let decide = |entry: Entry, choice| {
        block_on(super::decide(&house.context, entry, &UserId::new("alice"), true, choice, "")).unwrap()
    };
    decide(entry.clone(), Choice::Approve).unwrap();
    assert!(decide(entry.clone(), Choice::Deny).is_err(), "two approvers who press at once decide once");
    assert_eq!(in_force(&house).len(), 1);
    let granted = block_on(record::find(&house.context, &entry.id)).unwrap().unwrap();
    let before = version(&house);
    block_on(super::end(&house.context, granted, &UserId::new("bob"), false)).unwrap().unwrap();
    assert_eq!(in_force(&house), []);
    assert!(version(&house) > before);
}

#[test]
fn nobody_has_the_same_twice_or_asks_without_end() {
    let house = House::default();
    make(&house, "deploy", false).unwrap();
    assert_eq!(make(&house, "deploy", true), Err(NotMade::Already));
    for number in 1..MOST_A_DAY {
        make(&house, &format!("profile {number}"), true).unwrap();
    }
    assert_eq!(make(&house, "one more", true), Err(NotMade::TooMany));
    house.clock.advance(Duration::from_hours(25));
    make(&house, "one more", true).unwrap();
}

#[test]
fn no_row_that_somebody_else_wrote_or_changed_is_in_force() {
    for change in [
        "UPDATE access_requests SET state = 'granted'",
        "UPDATE access_requests SET state = 'granted', mac = (SELECT mac FROM access_requests WHERE profile = 'given')",
    ] {
        let house = House::default();
        make(&house, "given", false).unwrap();
        make(&house, "wished for", true).unwrap();
        house.run(sql(change));
        assert!(in_force(&house).iter().all(|one| one.access.profile() == Some("given")), "{change}");
    }
    for change in [
        "UPDATE access_requests SET person = 'mallory'",
        "UPDATE access_requests SET profile = 'everything'",
        "UPDATE access_requests SET profile = NULL",
        "UPDATE access_requests SET ends_at = ends_at + 60000",
    ] {
        let house = House::default();
        make(&house, "given", false).unwrap();
        house.run(sql(change));
        assert_eq!(in_force(&house), [], "{change}");
    }
}

#[test]
fn nobody_outlives_their_end_by_a_request_that_was_under_way() {
    for change in ["UPDATE users SET ended_before = 1", "UPDATE users SET disabled_at = 1"] {
        let house = House::default();
        house.run(sql(change));
        assert!(make(&house, "deploy", false).is_err(), "{change}");
        assert_eq!(in_force(&house), []);
    }
}
