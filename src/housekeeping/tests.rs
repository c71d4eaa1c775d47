use futures_executor::block_on;

use super::*;
use crate::{
    authorization::testing::{House, browser},
    platform::database::sql,
};

const DAY: u64 = 24 * 60 * 60;
const DAYS: u64 = DAY;

fn run_after(house: &House, seconds: u64) {
    house.wait(seconds);
    block_on(run(&house.context)).unwrap();
}

fn clients(house: &House) -> i64 {
    house.number("SELECT COUNT(*) AS n FROM clients")
}

fn grants(house: &House) -> i64 {
    house.number("SELECT COUNT(*) AS n FROM grants")
}

#[test]
fn an_unused_registration_is_forgotten_after_a_day() {
    let house = House::default();
    house.register("none");
    run_after(&house, DAY - 1);
    assert_eq!(clients(&house), 1);
    run_after(&house, 1);
    assert_eq!(clients(&house), 0);
}

#[test]
fn an_undecided_request_is_forgotten() {
    let house = House::default();
    house.ask(&house.register("none"), &browser("alice"));
    run_after(&house, 600);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM authorization_requests"), 0);
}

#[test]
fn a_live_grant_stays() {
    let house = House::default();
    house.refreshable();
    run_after(&house, 59 * DAYS);
    assert_eq!((grants(&house), clients(&house)), (1, 1));
}

#[test]
fn a_grant_that_is_over_stays_for_30_days_and_its_client_for_90() {
    let house = House::default();
    let (client, refresh_token) = house.refreshable();
    house.refresh(&client, &refresh_token);
    house.run(sql("UPDATE grants SET revoked_at = 1767225600000"));
    run_after(&house, 30 * DAYS - 1);
    assert_eq!(grants(&house), 1);
    run_after(&house, 1);
    assert_eq!((grants(&house), clients(&house)), (0, 1));
    run_after(&house, 60 * DAYS);
    assert_eq!(clients(&house), 0);
}

#[test]
fn a_code_that_nobody_redeemed_goes_with_its_grant() {
    let house = House::default();
    house.code(&house.register("none"));
    run_after(&house, 31 * DAYS);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM authorization_codes"), 0);
    assert_eq!(grants(&house), 0);
}

#[test]
fn an_expired_browser_session_is_forgotten() {
    let house = House::default();
    house.run(sql("INSERT INTO browser_sessions (token_hash, user_id, created_at, expires_at) VALUES ('t', 'alice', 0, 1767225600001)"));
    run_after(&house, 0);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM browser_sessions"), 1);
    run_after(&house, 1);
    assert_eq!(house.number("SELECT COUNT(*) AS n FROM browser_sessions"), 0);
}

#[test]
fn the_bound_of_every_table_is_in_the_documentation() {
    let words = |text: &'static str, before: &'static str| {
        let rest = text.lines().filter_map(move |line| line.strip_prefix(before));
        rest.filter_map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next())
            .collect::<std::collections::BTreeSet<_>>()
    };
    let (of_d1, _) = include_str!("../../docs/growth.md").split_once("A person's Session object").unwrap();
    assert_eq!(words(of_d1, "| `"), words(include_str!("../../docs/schema.sql"), "CREATE TABLE "));
}
