use futures_executor::block_on;

use super::*;
use crate::authorization::testing::{House, Registration, error_of, json_of, post, text, with_client};

fn revoke_token(house: &House, client: &Registration, token: &str) -> Response {
    block_on(revoke(&house.context, &post(&with_client(client, &[("token", token)])))).unwrap()
}

fn live(house: &House) -> i64 {
    house.number("SELECT COUNT(*) AS n FROM grants WHERE revoked_at IS NULL")
}

#[test]
fn a_refresh_token_ends_its_grant() {
    let house = House::default();
    let (client, refresh_token) = house.refreshable();
    assert_eq!(revoke_token(&house, &client, &refresh_token).status, 200);
    assert_eq!(error_of(&house.refresh(&client, &refresh_token)), (400, "invalid_grant".into()));
}

#[test]
fn an_access_token_ends_its_grant() {
    let house = House::default();
    let client = house.register("none");
    let access_token = text(&house.tokens(&client), "access_token");
    assert_eq!(revoke_token(&house, &client, &access_token).status, 200);
    assert_eq!(live(&house), 0);
    assert!(house.sessions.told.borrow()[0].contains("end_grant"));
}

#[test]
fn an_unknown_token_is_as_good_as_revoked() {
    let house = House::default();
    let (client, _) = house.refreshable();
    assert_eq!(revoke_token(&house, &client, "unknown").status, 200);
    assert_eq!(live(&house), 1);
}

#[test]
fn another_clients_token_is_left_alone() {
    let house = House::default();
    let (client, _) = house.refreshable();
    let tokens = house.tokens(&client);
    let other = house.register("client_secret_post");
    for kind in ["access_token", "refresh_token"] {
        assert_eq!(revoke_token(&house, &other, &text(&tokens, kind)).status, 200);
    }
    assert_eq!(live(&house), 2);
}

#[test]
fn revoking_twice_is_the_same_as_once() {
    let house = House::default();
    let (client, refresh_token) = house.refreshable();
    revoke_token(&house, &client, &refresh_token);
    assert_eq!(revoke_token(&house, &client, &refresh_token).status, 200);
}

#[test]
fn a_client_has_to_be_itself() {
    let house = House::default();
    let client = house.register("client_secret_post");
    let tokens = house.tokens(&client);
    let unproven = Registration { secret: None, ..client };
    let response = revoke_token(&house, &unproven, &text(&tokens, "refresh_token"));
    assert_eq!(error_of(&response), (400, "invalid_client".into()));
    assert_eq!(live(&house), 1);
}

#[test]
fn a_token_has_to_be_named() {
    let house = House::default();
    let client = house.register("none");
    let response = block_on(revoke(&house.context, &post(&with_client(&client, &[])))).unwrap();
    assert_eq!(error_of(&response), (400, "invalid_request".into()));
}

#[test]
fn a_service_gives_back_its_own_token_and_no_other_clients() {
    let house = House::default();
    let (service, other) = (house.enter("client_credentials", Some("s")), house.enter("client_credentials", Some("s")));
    let token = text(&json_of(&house.token(&service, &[("grant_type", "client_credentials")])), "access_token");
    assert_eq!(revoke_token(&house, &other, &token).status, 200);
    assert!(house.sessions.told.borrow().is_empty());
    assert_eq!(revoke_token(&house, &service, &token).status, 200);
    let told = house.sessions.told.borrow();
    assert!(told[0].contains("end_grant") && told[0].contains(&format!("service:{}", service.id)), "{told:?}");
}
