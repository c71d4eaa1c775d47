use std::{cell::RefCell, rc::Rc};

use futures_executor::block_on;

use super::*;
use crate::{
    authorization::testing::House,
    governance::notices::message::Form,
    identifiers::UserId,
    platform::{
        database::sql,
        native::memory::{ScriptedHttp, json_answer},
    },
};

/// A Postern with a receiver that answers as it is told to.
struct World {
    house: House,
    http: ScriptedHttp,
    status: Rc<RefCell<u16>>,
}

impl World {
    fn new() -> Self {
        let status = Rc::new(RefCell::new(200));
        let http = ScriptedHttp::new({
            let status = Rc::clone(&status);
            move |_| json_answer(*status.borrow(), &serde_json::json!({}))
        });
        let mut house = House::default();
        house.context.platform.http = Rc::new(http.clone());
        let topics = vec!["lock".to_owned()];
        let url = "https://hooks.example.com/services/1";
        block_on(endpoints::enter(&house.context, &UserId::new("alice"), url, Form::Json, topics)).unwrap().unwrap();
        Self { house, http, status }
    }

    fn happen(&self, kind: &'static str, part: &str) {
        let event = sql("INSERT INTO events (request_id, phase, part, at, kind, outcome, count)
             VALUES ('r', 'outcome', ?1, 0, ?2, 'succeeded', 1)");
        self.house.run(event.bind(part).bind(kind));
    }

    fn sweep(&self) {
        block_on(super::sweep(&self.house.context)).unwrap();
    }

    /// The ids of what was sent.
    fn sent(&self) -> Vec<String> {
        let header = |request: &OutboundRequest| {
            request.headers.iter().find(|(name, _)| name == "webhook-id").unwrap().1.clone()
        };
        self.http.sent.borrow().iter().map(header).collect()
    }
}

#[test]
fn an_endpoint_is_told_of_its_topics_once_where_it_accepts_them() {
    let world = World::new();
    world.happen("locked", "1");
    world.happen("call", "2");
    world.happen("unlocked", "3");
    world.sweep();
    world.sweep();
    assert_eq!(world.sent(), ["r.outcome.1", "r.outcome.3"]);
}

#[test]
fn what_was_not_accepted_is_sent_again_under_its_id_later_and_before_what_follows() {
    let world = World::new();
    world.status.replace(500);
    world.happen("locked", "1");
    world.happen("unlocked", "2");
    world.sweep();
    world.sweep();
    assert_eq!(world.sent(), ["r.outcome.1"], "not at once");
    world.status.replace(204);
    world.house.clock.advance(Duration::from_mins(2));
    world.sweep();
    assert_eq!(world.sent(), ["r.outcome.1", "r.outcome.1", "r.outcome.2"]);
}

#[test]
fn what_is_never_accepted_is_given_up_so_that_the_next_gets_there() {
    let world = World::new();
    world.status.replace(410);
    world.happen("locked", "1");
    for _ in 0..MOST_ATTEMPTS {
        world.sweep();
        world.house.clock.advance(Duration::from_hours(3));
    }
    world.status.replace(200);
    world.happen("unlocked", "2");
    world.sweep();
    assert_eq!(world.sent().last().map(String::as_str), Some("r.outcome.2"));
    assert_eq!(world.sent().len(), usize::try_from(MOST_ATTEMPTS).unwrap() + 1);
}

#[test]
fn a_redirect_is_no_acceptance_and_is_not_followed() {
    let world = World::new();
    world.status.replace(302);
    world.happen("locked", "1");
    world.sweep();
    assert_eq!(world.http.sent.borrow().len(), 1);
    let failure = world.house.run(sql("SELECT failure FROM notice_endpoints"));
    assert_eq!(failure[0]["failure"], "it answered 302");
}

#[test]
fn both_secrets_sign_for_a_day_after_one_was_replaced() {
    let world = World::new();
    let endpoint = block_on(endpoints::list(&world.house.context)).unwrap().remove(0);
    block_on(endpoints::rotate(&world.house.context, &UserId::new("alice"), &endpoint.id)).unwrap().unwrap();
    let signatures = |world: &World| {
        let sent = world.http.sent.borrow();
        let request = sent.last().unwrap();
        request.headers.iter().find(|(name, _)| name == "webhook-signature").unwrap().1.split(' ').count()
    };
    world.happen("locked", "1");
    world.sweep();
    assert_eq!(signatures(&world), 2);
    world.house.clock.advance(Duration::from_hours(25));
    world.happen("locked", "2");
    world.sweep();
    assert_eq!(signatures(&world), 1);
}

#[test]
fn nobody_puts_an_address_of_their_own() {
    let world = World::new();
    let contents = "UPDATE notice_endpoints SET contents = replace(contents, 'v2', 'v1')";
    world
        .house
        .run(sql("INSERT INTO notice_endpoints SELECT 'other', contents, 0, 0, 0, NULL, 0 FROM notice_endpoints"));
    world.happen("locked", "1");
    world.sweep();
    assert_eq!(world.sent().len(), 1, "what is sealed for one counts for no other");
    world.house.run(sql(contents));
    world.happen("locked", "2");
    world.sweep();
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn attempts_come_later_and_later_and_never_more_than_two_hours_apart() {
    let waits: Vec<_> = (1..=MOST_ATTEMPTS).map(backoff).collect();
    assert!(waits.is_sorted() && waits[0] == Duration::from_mins(1));
    assert_eq!(waits.last(), Some(&Duration::from_hours(2)));
}
