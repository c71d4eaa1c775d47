//! What is kept of an organisation's account, and what whoever writes to the record can make of it.

use futures_executor::block_on;

use super::*;
use crate::{
    authorization::testing::House,
    governance::policy::PolicySnapshot,
    providers::{AccountKind, BITBUCKET, CONFLUENCE},
};

fn keep(house: &House, site: Site, token: &str) {
    let credential = SharedCredential::read("bearer", "", token).unwrap();
    let accepted = Accepted { account: Some("Postern".into()), scopes: "repository".into() };
    let kept = Kept { credential: &credential, accepted: &accepted, tested_in: "", ends_at: None };
    block_on(super::keep(&house.context, &UserId::new("alice"), site, &kept)).unwrap();
}

fn let_write(house: &House, site: Site, may_write: bool) {
    block_on(decide_writes(&house.context, &UserId::new("alice"), site, may_write)).unwrap();
}

fn policy(house: &House) -> PolicySnapshot {
    let (database, authenticator) = (house.context.platform.database.as_ref(), house.context.settings.authenticator());
    block_on(PolicySnapshot::load(database, authenticator, None, Timestamp(0))).unwrap().expect("a policy")
}

/// The token that calls at that site are sent with.
fn token(house: &House, site: Site) -> Option<SharedCredential> {
    let sealed = policy(house).organisation_account(site)?.credential.clone()?;
    SharedCredential::open(&house.context.settings, site, &sealed)
}

#[test]
fn a_credential_is_kept_sealed_and_is_part_of_the_next_policy() {
    let (house, site) = (House::default(), Site::main(&CONFLUENCE));
    let version = policy(&house).version;
    keep(&house, site, "secret-one");
    assert!(policy(&house).version > version);
    assert_eq!(token(&house, site), SharedCredential::read("bearer", "", "secret-one").ok());
    let rows = house.run(sql("SELECT * FROM organisation_accounts"));
    assert!(!format!("{rows:?}").contains("secret-one"));
}

#[test]
fn a_credential_comes_and_goes_without_a_change_of_what_may_be_done_by_it() {
    let (house, site) = (House::default(), Site::main(&BITBUCKET));
    let accounts = || policy(&house).accounts(site, AccountKind::Personal);
    let_write(&house, site, true);
    assert_eq!((accounts().kind, accounts().organisation_writes), (AccountKind::Personal, true));
    keep(&house, site, "one");
    keep(&house, site, "two");
    assert_eq!((accounts().kind, accounts().organisation_writes), (AccountKind::Either, true));
    let_write(&house, site, false);
    assert_eq!((accounts().kind, accounts().organisation_writes), (AccountKind::Either, false));
    block_on(remove(&house.context, &UserId::new("alice"), site)).unwrap();
    assert_eq!(accounts().kind, AccountKind::Personal);
}

#[test]
fn nobody_lets_calls_write_or_lends_a_credential_to_another_site_by_changing_the_table() {
    let (house, [site, other]) = (House::default(), [Site::main(&CONFLUENCE), Site::main(&BITBUCKET)]);
    keep(&house, site, "secret-one");
    let_write(&house, other, true);
    for change in [
        "UPDATE organisation_accounts SET may_write = 1 WHERE site = 'confluence'",
        "UPDATE organisation_accounts SET may_write = 1, mac = (SELECT mac FROM organisation_accounts
            WHERE site = 'bitbucket') WHERE site = 'confluence'",
    ] {
        house.run(sql(change));
        assert!(!policy(&house).accounts(site, AccountKind::Organisation).organisation_writes, "{change}");
    }
    house.run(sql("UPDATE organisation_accounts SET credential = (SELECT credential FROM organisation_accounts
        WHERE site = 'confluence') WHERE site = 'bitbucket'"));
    assert_eq!(token(&house, other), None);
}

#[test]
fn a_test_notes_whose_the_credential_is_or_since_when_it_is_refused() {
    let (house, site) = (House::default(), Site::main(&BITBUCKET));
    keep(&house, site, "one");
    let entry = || block_on(at(&house.context, site)).unwrap();
    let note = |found| {
        let sealed = entry().account.credential;
        block_on(note_test(&house.context, &UserId::new("alice"), site, sealed.as_deref(), found)).unwrap();
    };
    note(Err("refused"));
    assert!(entry().account.refused_at.is_some());
    note(Ok(&Accepted { account: Some("Other".into()), scopes: "account".into() }));
    assert_eq!((entry().account.refused_at, entry().account_name.as_deref()), (None, Some("Other")));
    assert_eq!(entry().account.scopes, "account");
}

#[test]
fn a_credential_that_a_provider_refuses_is_noted_once_and_until_it_is_replaced() {
    let (house, site) = (House::default(), Site::main(&BITBUCKET));
    keep(&house, site, "one");
    let sealed = policy(&house).organisation_account(site).and_then(|account| account.credential.clone()).unwrap();
    let note = || block_on(note_refused(&house.context, site, &sealed)).unwrap();
    let refused_at = || policy(&house).organisation_account(site).unwrap().refused_at;
    assert_eq!((note(), note()), (true, false));
    assert!(refused_at().is_some());
    keep(&house, site, "two");
    assert_eq!((note(), refused_at()), (false, None), "another is in its place");
}
