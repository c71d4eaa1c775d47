//! What is charged, and to whom.

use super::*;
use crate::{session::streams::Stream, tools};

fn of(grant: &str) -> Admit {
    Admit { lease: None, ..read_under(grant) }
}

fn listen(opens: bool) -> Listen {
    let stream = Stream { opened: Timestamp(1), request: RequestId::new("stream") };
    Listen { grant: GrantId::new("grant"), stream, opens, tools: tools::digest(&settings::for_tests().sites) }
}

fn is_limited<T>(reply: Result<T, Refusal>) -> bool {
    matches!(reply, Err(Refusal::RateLimited { .. }))
}

/// Spends all that one client may.
fn spend(scene: &Scene) {
    while !rate_limited(&scene.turn(of("grant"))) {}
}

#[test]
fn a_client_whose_access_has_ended_spends_nothing_of_its_persons() {
    let scene = Scene::new();
    scene.take(end_grant());
    for _ in 0..400 {
        assert!(grant_ended(&scene.turn(of("grant"))));
        assert_eq!(scene.turn(charge()), Err(Refusal::GrantEnded));
    }
    assert!(scene.turn(of("other")).is_ok());
}

#[test]
fn a_client_that_has_spent_all_leaves_something_to_the_persons_others() {
    let scene = Scene::new();
    spend(&scene);
    assert!(scene.turn(of("other")).is_ok());
}

#[test]
fn lists_holds_refused_calls_and_new_streams_are_charged() {
    let scene = Scene::new();
    spend(&scene);
    assert!(is_limited(scene.turn(charge())));
    assert!(is_limited(scene.turn(Hold { grant: GrantId::new("grant"), elicitation: "link".into() })));
    assert!(matches!(scene.turn(listen(true)), Err(NotHeard::Refused(Refusal::RateLimited { .. }))));
}

#[test]
fn a_stream_that_is_open_is_not_charged() {
    let scene = Scene::new();
    spend(&scene);
    assert_eq!(scene.turn(listen(false)), Ok(()));
}

#[test]
fn what_a_client_spent_is_not_forgotten_when_the_object_sleeps() {
    let scene = Scene::new();
    spend(&scene);
    let woken = scene.woken();
    assert!(rate_limited(&woken.turn(of("grant"))));
}
