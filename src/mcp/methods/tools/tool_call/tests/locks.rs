//! A lock that an administrator put on in another isolate: at once for a person or a client, else within five seconds.

use super::*;
use crate::governance::{
    lock_decisions,
    locks::{LockKind, Target},
};

const TOOL: &str = "whoami";

/// Where a tool has just been called, so that this isolate believes the policy of that moment and has a lease.
fn busy() -> World {
    let world = World::new();
    world.decide(TOOL, "approved");
    assert!(world.runs(TOOL) && world.runs(TOOL));
    world
}

impl World {
    /// Another isolate puts the lock on record, and this one goes on with what it knows.
    fn record_lock(&self, kind: LockKind, name: &str) {
        let target = Target { kind, name: name.to_owned() };
        let known = snapshot_cache::last_known().expect("a policy");
        let by = UserId::new("user");
        block_on(lock_decisions::keep(&self.context, &by, &target, name, "a leak")).unwrap();
        snapshot_cache::believe(known.as_ref().clone(), self.clock.now());
    }

    /// What a call of the tool is told that does not run.
    fn told(&self) -> String {
        let arguments = Map::new();
        let call = tools::call(Origin::direct(&self.context, &self.principal), TOOL, &arguments, &Notifier::SILENT);
        match block_on(call).expect("an answer") {
            Answer::Failed(words) => words,
            _ => panic!("it ran"),
        }
    }
}

#[test]
fn a_persons_and_a_clients_lock_hold_at_once_though_this_isolate_does_not_know_the_policy() {
    for (kind, name, client) in
        [(LockKind::Person, "user", None), (LockKind::Client, "client", Some(ClientId::new("client")))]
    {
        let world = busy();
        world.record_lock(kind, name);
        block_on(session::lock(&world.context, &world.principal.subject, client.as_ref())).unwrap();
        let told = world.told();
        assert!(told.contains("has locked") && told.contains("(alice)") && told.contains("a leak"), "{kind:?}: {told}");
    }
}

#[test]
fn another_lock_holds_within_five_seconds() {
    for (kind, name) in [(LockKind::Organisation, ""), (LockKind::Tool, TOOL)] {
        let world = busy();
        world.record_lock(kind, name);
        world.clock.advance(IN_FORCE_AFTER);
        assert!(world.told().contains("a leak"), "{kind:?}");
    }
}
