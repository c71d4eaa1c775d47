use futures_executor::block_on;

use super::*;
use crate::{authorization::testing::House, governance::policy::PolicySnapshot};

fn target(kind: LockKind, name: &str) -> Target {
    Target { kind, name: name.to_owned() }
}

fn policy(house: &House) -> PolicySnapshot {
    block_on(snapshot_cache::current(&house.context)).unwrap().as_ref().clone()
}

fn stopped_at(house: &House) -> serde_json::Value {
    house.run(sql("SELECT stopped_at FROM policy"))[0]["stopped_at"].clone()
}

#[test]
fn a_lock_is_part_of_the_next_policy_until_it_is_lifted() {
    let (house, by) = (House::default(), UserId::new("alice"));
    for kind in LockKind::ALL {
        let (target, version) = (target(kind, "name"), policy(&house).version);
        block_on(keep(&house.context, &by, &target, "Name", "a leak")).unwrap();
        let lock = policy(&house).locks.on(kind, "name").cloned().expect("a lock");
        assert_eq!((lock.reason.as_deref(), policy(&house).version > version), (Some("a leak"), true));
        block_on(lift(&house.context, &by, &target)).unwrap();
        assert_eq!(policy(&house).locks.on(kind, "name"), None);
    }
}

#[test]
fn nobody_but_administrators_signs_in_while_all_access_is_locked() {
    let (house, by, all) = (House::default(), UserId::new("alice"), target(LockKind::Organisation, ""));
    block_on(keep(&house.context, &by, &all, "All access", "a leak")).unwrap();
    assert!(stopped_at(&house).is_i64());
    block_on(lift(&house.context, &by, &all)).unwrap();
    assert!(stopped_at(&house).is_null());
}

#[test]
fn a_lock_that_is_not_there_is_lifted_without_a_trace() {
    let house = House::default();
    let version = policy(&house).version;
    block_on(lift(&house.context, &UserId::new("alice"), &target(LockKind::Tool, "whoami"))).unwrap();
    assert_eq!(policy(&house).version, version);
}
