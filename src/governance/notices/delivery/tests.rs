use std::{cell::RefCell, rc::Rc};

use futures_executor::block_on;

use super::*;
use crate::{
    authorization::testing::House,
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
        Self::of(Form::Json)
    }

    fn of(form: Form) -> Self {
        let status = Rc::new(RefCell::new(200));
        let http = ScriptedHttp::new({
            let status = Rc::clone(&status);
            move |_| json_answer(*status.borrow(), &serde_json::json!({}))
        });
        let mut house = House::default();
        house.context.platform.http = Rc::new(http.clone());
        let topics = vec!["lock".to_owned()];
        let url = "https://hooks.example.com/services/1";
        block_on(endpoints::enter(&house.context, &UserId::new("alice"), url, form, topics)).unwrap().unwrap();
        Self { house, http, status }
    }

    /// The lines of each request.
    fn lines(&self) -> Vec<Vec<serde_json::Value>> {
        let lines = |request: &OutboundRequest| {
            let body = String::from_utf8(request.body.clone().unwrap()).unwrap();
            body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        self.http.sent.borrow().iter().map(lines).collect()
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

fn places(lines: &[serde_json::Value]) -> Vec<&str> {
    lines.iter().map(|line| line["metadata"]["uid"].as_str().unwrap()).collect()
}

#[test]
fn a_collector_gets_every_event_in_order_many_at_a_time_and_signed() {
    let world = World::of(Form::Ocsf);
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
        INSERT INTO events (request_id, phase, part, at, kind, outcome, count)
        SELECT 'r', 'outcome', i, i, 'call', 'succeeded', 1 FROM n";
    world.house.run(sql(many));
    world.sweep();
    let lines = world.lines();
    assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [500, 500, 200]);
    let all: Vec<String> = lines.concat().iter().map(|line| line["metadata"]["uid"].to_string()).collect();
    assert_eq!(all, (1..=1200).map(|number| format!("\"{number}.{number}\"")).collect::<Vec<_>>());
    assert_eq!(world.sent()[0], "events.1.1-500");
    world.sweep();
    assert_eq!(world.http.sent.borrow().len(), 3, "nothing comes twice that was accepted");
}

#[test]
fn a_collector_that_is_down_for_a_day_loses_nothing_and_nobody_waits_for_it() {
    let world = World::of(Form::Ocsf);
    let other = "https://other.example.com/";
    let topics = vec!["lock".to_owned()];
    block_on(endpoints::enter(&world.house.context, &UserId::new("alice"), other, Form::Json, topics)).unwrap();
    world.status.replace(500);
    world.happen("call", "1");
    world.happen("locked", "2");
    for _ in 0..30 {
        world.sweep();
        world.house.clock.advance(Duration::from_hours(2));
    }
    let is_to = |request: &OutboundRequest, url: &str| request.url == url;
    assert!(world.http.sent.borrow().iter().any(|request| is_to(request, other)));
    world.status.replace(200);
    world.http.sent.borrow_mut().clear();
    world.sweep();
    world.http.sent.borrow_mut().retain(|request| !is_to(request, other));
    assert_eq!(world.lines().concat().len(), 2);
    assert_eq!(world.lines().iter().map(|lines| lines.len()).collect::<Vec<_>>(), [1, 1], "carefully at first");
    let lines = world.lines().concat();
    assert!(places(&lines).is_sorted());
}

#[test]
fn a_test_says_what_the_receiver_answered_and_moves_nothing_on() {
    for form in [Form::Json, Form::Slack, Form::Teams, Form::Ocsf] {
        let world = World::of(form);
        let id = block_on(endpoints::list(&world.house.context)).unwrap().remove(0).id;
        let test = |id: &str| block_on(super::test(&world.house.context, &UserId::new("alice"), id)).unwrap();
        assert_eq!(test(&id).as_deref(), Some("It answered 200: {}"));
        world.status.replace(403);
        assert_eq!(test(&id).as_deref(), Some("It answered 403: {}"));
        assert_eq!((test("another"), world.sent().len()), (None, 2));
        assert_ne!(world.sent()[0], world.sent()[1]);
    }
}
