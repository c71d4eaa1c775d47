//! A lock on a person or a client, in the seconds before the policy has it everywhere.

use super::*;

fn lock(client: Option<&str>) -> Lock {
    Lock { client: client.map(ClientId::new) }
}

fn is_locked(admission: &Admission) -> bool {
    matches!(admission, Err(NotAdmitted::Locked))
}

#[test]
fn a_locked_person_is_stopped_at_once_and_over_the_objects_sleep() {
    let scene = Scene::new();
    assert!(scene.turn(read()).is_ok());
    scene.turn(lock(None));
    assert!(is_locked(&scene.turn(read())));
    assert!(is_locked(&scene.woken().turn(read())));
}

#[test]
fn a_locked_client_is_stopped_and_the_persons_others_are_not() {
    let scene = Scene::new();
    scene.turn(lock(Some("client")));
    assert!(is_locked(&scene.turn(read())));
    let other = Admit { client: ClientId::new("another"), ..read_under("other") };
    assert!(!is_locked(&scene.turn(other)));
}

#[test]
fn the_policy_alone_stops_calls_once_every_isolate_knows_it() {
    let scene = Scene::new();
    scene.turn(lock(None));
    scene.clock.advance(Duration::from_secs(6));
    assert!(scene.turn(read()).is_ok());
}

#[test]
fn a_lock_is_done_when_no_lease_is_out() {
    let scene = Scene::new();
    assert!(leased(&scene.turn(read())).is_some());
    let now = || scene.platform.clock.now();
    let before = now();
    scene.turn(lock(None));
    assert!(now().since(before) > Duration::from_secs(1));
}
