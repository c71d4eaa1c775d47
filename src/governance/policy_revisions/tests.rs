//! What becomes of revisions of the access policy, and of what somebody else writes to their table.

use futures_executor::block_on;

use super::*;
use crate::{authorization::testing::House, governance::policy::PolicySnapshot, platform::clock::Timestamp};

fn change(saw: i64) -> Change<'static> {
    thread_local! {
        static ALICE: &'static UserId = Box::leak(Box::new(UserId::new("alice")));
    }
    Change { by: ALICE.with(|alice| *alice), saw, summary: "no merges" }
}

fn no_merges() -> AccessPolicy {
    let rules = json!([{"name": "no merges", "tools": {"names": ["bitbucket_merge_pull_request"]}, "then": "block"}]);
    serde_json::from_value(json!({ "rules": rules })).unwrap()
}

fn kept(house: &House, saw: i64, policy: AccessPolicy) -> Kept {
    block_on(keep(&house.context, &change(saw), policy)).unwrap()
}

fn loaded(house: &House) -> Result<Option<PolicySnapshot>, Fault> {
    let (database, authenticator) = (house.context.platform.database.as_ref(), house.context.settings.authenticator());
    block_on(PolicySnapshot::load(database, authenticator, None, Timestamp(0)))
}

#[test]
fn a_revision_is_part_of_the_next_policy() {
    let house = House::default();
    let version = loaded(&house).unwrap().unwrap().version;
    assert_eq!(kept(&house, 0, no_merges()), Kept::As(1));
    let policy = loaded(&house).unwrap().unwrap();
    assert!(policy.version > version);
    assert_eq!(policy.access, no_merges().into());
}

#[test]
fn of_two_who_saw_the_same_revision_one_makes_the_next() {
    let house = House::default();
    assert_eq!(kept(&house, 0, no_merges()), Kept::As(1));
    assert_eq!(kept(&house, 0, AccessPolicy::default()), Kept::Outdated);
    assert_eq!(loaded(&house).unwrap().unwrap().access, no_merges().into());
    assert_eq!(kept(&house, 1, AccessPolicy::default()), Kept::As(2));
}

#[test]
fn a_policy_with_a_problem_is_not_kept() {
    let house = House::default();
    let mut policy = no_merges();
    policy.rules[0].tools.names = vec!["bitbucket_fly".to_owned()];
    assert!(matches!(kept(&house, 0, policy), Kept::Refused(problems) if problems.len() == 1));
    assert_eq!(block_on(latest(&house.context)).unwrap().number, 0);
}

#[test]
fn a_name_goes_on_meaning_the_person_that_it_meant_first() {
    let house = House::default();
    let username = block_on(house.context.platform.database.run(sql("SELECT id, username FROM users"))).unwrap();
    let (id, name) = (username.rows[0]["id"].as_str().unwrap(), username.rows[0]["username"].as_str().unwrap());
    let mut policy = no_merges();
    policy.rules[0].subjects = vec![SubjectSelector::Person(name.to_owned())];
    assert_eq!(kept(&house, 0, policy.clone()), Kept::As(1));
    house.run(sql("UPDATE users SET username = 'renamed'"));
    assert_eq!(kept(&house, 1, policy), Kept::As(2));
    let people = block_on(latest(&house.context)).unwrap().policy.people;
    assert_eq!(people.get(name), Some(&UserId::new(id)));
}

#[test]
fn where_the_latest_revision_is_not_ours_nothing_runs_by_an_older_one() {
    let house = House::default();
    assert_eq!(kept(&house, 0, no_merges()), Kept::As(1));
    house.run(sql("INSERT INTO policy_revisions (revision, document, made_at, made_by, summary, mac)
        SELECT 2, '{}', 0, made_by, '', mac FROM policy_revisions"));
    assert!(loaded(&house).is_err());
}

#[test]
fn revisions_are_listed_with_who_made_them_the_newest_first() {
    let house = House::default();
    kept(&house, 0, no_merges());
    kept(&house, 1, AccessPolicy::default());
    let numbers: Vec<_> = block_on(list(&house.context)).unwrap().iter().map(|revision| revision.number).collect();
    assert_eq!(numbers, [2, 1]);
}
