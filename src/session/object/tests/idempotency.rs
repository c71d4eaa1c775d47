//! Calls that are sent again under their idempotency keys, while the first is under way and after it.

use futures::future::join;

use super::{holds::Still, *};
use crate::session::idempotency::{Ending, KeyedCall, Repeat};

fn keyed(call: &str) -> KeyedCall {
    KeyedCall::new(&ClientId::new("client"), "key", "tool", call)
}

fn write_under_key(call: &str) -> Admit {
    Admit { keyed: Some(keyed(call)), ..write() }
}

fn end(ending: Option<Ending>) -> EndKeyed {
    EndKeyed { keyed: keyed("call"), ending }
}

fn done_with(text: &str) -> Option<Ending> {
    Some(Ending::Done(text.into()))
}

fn repeats(reply: Result<Admitted, NotAdmitted>) -> Option<Repeat> {
    match reply {
        Err(NotAdmitted::Repeats(repeat)) => Some(repeat),
        _ => None,
    }
}

#[test]
fn a_write_that_ended_is_repeated_by_its_answer_even_after_the_object_slept() {
    let scene = Scene::new();
    assert!(scene.turn(write_under_key("call")).is_ok());
    scene.turn(end(done_with("done")));
    let scene = scene.woken();
    assert_eq!(repeats(scene.turn(write_under_key("call"))), Some(Repeat::Ended(Ending::Done("done".into()))));
    assert_eq!(repeats(scene.turn(write_under_key("other"))), Some(Repeat::OtherCall));
    assert_eq!(scene.handed_on().events.len(), 1);
}

#[test]
fn of_two_that_are_sent_at_once_the_second_waits_for_the_end_of_the_first() {
    let mut scene = Scene::new();
    scene.platform.clock = Rc::new(Still(scene.clock.clone()));
    let scene = scene.woken();
    assert!(scene.turn(write_under_key("call")).is_ok());
    assert_eq!(repeats(scene.turn(write_under_key("call"))), Some(Repeat::Running));
    let waiting = take(&scene.session, &scene.subject, AwaitKeyed { keyed: keyed("call") });
    let ending = take(&scene.session, &scene.subject, end(done_with("done")));
    let (known, _) = block_on(join(waiting, ending));
    assert_eq!(done(known), Some(Repeat::Ended(Ending::Done("done".into()))));
}

#[test]
fn a_call_whose_end_never_comes_is_running_for_two_minutes_and_unheard_of_after_that() {
    let scene = Scene::new();
    assert!(scene.turn(write_under_key("call")).is_ok());
    assert_eq!(scene.turn(AwaitKeyed { keyed: keyed("call") }), Some(Repeat::Running));
    scene.clock.advance(Duration::from_mins(2));
    assert_eq!(repeats(scene.woken().turn(write_under_key("call"))), Some(Repeat::Unheard));
}

#[test]
fn a_call_that_changed_nothing_may_be_sent_again_under_its_key() {
    let scene = Scene::new();
    assert!(scene.turn(write_under_key("call")).is_ok());
    scene.turn(end(None));
    assert!(scene.turn(write_under_key("other")).is_ok());
}

#[test]
fn an_outcome_is_forgotten_after_a_day_and_no_alarm_comes_for_it_after_that() {
    let scene = Scene::new();
    assert!(scene.turn(write_under_key("call")).is_ok());
    scene.turn(end(done_with("done")));
    block_on(scene.session.alarm());
    scene.clock.advance(Duration::from_hours(24));
    let scene = scene.woken();
    block_on(scene.session.alarm());
    let rows =
        crate::platform::object::ObjectStorage::run(&*scene.storage, sql("SELECT 1 FROM idempotency_keys")).unwrap();
    assert!(rows.first::<serde_json::Value>().unwrap().is_none());
}
