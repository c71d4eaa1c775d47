use std::{cell::Cell, rc::Rc};

use futures::{
    FutureExt,
    future::{LocalBoxFuture, pending},
};
use futures_executor::block_on;

use super::*;
use crate::{authorization::testing::House, platform::sessions::Sessions};

fn grants_of(house: &House, user: &str) -> Vec<GrantSummary> {
    block_on(list(&house.context, &UserId::new(user))).unwrap()
}

fn end_as(house: &House, user: &str, grant: &GrantId) -> Result<bool, Fault> {
    block_on(end(&house.context, &UserId::new(user), grant, "by the person"))
}

#[test]
fn a_person_sees_what_they_allowed() {
    let house = House::default();
    let (client, _) = house.refreshable();
    let grants = grants_of(&house, "alice");
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].client_id.as_str(), client.id);
    assert_eq!(
        (grants[0].client_name.as_str(), grants[0].redirect_host.as_deref()),
        ("Client", Some("client.example"))
    );
    assert_eq!(grants[0].scopes, Scopes::ordinary());
}

#[test]
fn nobody_sees_what_another_person_allowed() {
    let house = House::default();
    house.refreshable();
    assert_eq!(grants_of(&house, "bob"), []);
}

#[test]
fn the_one_used_last_comes_first() {
    let house = House::default();
    let (client, refresh_token) = house.refreshable();
    house.wait(1);
    house.tokens(&client);
    house.wait(1);
    house.refresh(&client, &refresh_token);
    let grants = grants_of(&house, "alice");
    assert!(grants[0].created_at < grants[1].created_at);
}

#[test]
fn an_ended_grant_is_no_longer_seen() {
    let house = House::default();
    house.refreshable();
    let grant = grants_of(&house, "alice")[0].id.clone();
    assert!(end_as(&house, "alice", &grant).unwrap());
    assert_eq!(grants_of(&house, "alice"), []);
    assert!(!end_as(&house, "alice", &grant).unwrap());
}

#[test]
fn nobody_ends_the_grant_of_another_person() {
    let house = House::default();
    house.refreshable();
    let grant = grants_of(&house, "alice")[0].id.clone();
    assert!(!end_as(&house, "bob", &grant).unwrap());
    assert_eq!(grants_of(&house, "alice").len(), 1);
    assert!(house.sessions.told.borrow().is_empty());
}

#[test]
fn a_grant_whose_session_could_not_be_told_is_not_marked_as_ended() {
    let house = House::default();
    house.refreshable();
    let grant = grants_of(&house, "alice")[0].id.clone();
    house.sessions.out_of_reach.set(true);
    assert!(end_as(&house, "alice", &grant).is_err());
    assert_eq!(grants_of(&house, "alice").len(), 1);
}

/// Session objects that take their time, and how many of them are asked.
struct Pondering(Rc<Cell<usize>>);

impl Sessions for Pondering {
    fn call(&self, _user: &str, _command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        self.0.set(self.0.get() + 1);
        pending().boxed_local()
    }
}

#[test]
fn the_grants_of_a_client_need_not_wait_for_each_other_to_end() {
    let mut house = House::default();
    let client = house.register("none");
    for _ in 0..3 {
        house.tokens(&client);
    }
    let asked = Rc::new(Cell::new(0));
    house.context.platform.sessions = Rc::new(Pondering(Rc::clone(&asked)));
    let ended = end_all_of_client(&house.context, &ClientId::new(&client.id), "removed").now_or_never();
    assert!(ended.is_none());
    assert_eq!(asked.get(), 3);
}
