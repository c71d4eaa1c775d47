//! What an object lets the Worker admit by itself, and how that ends.

use std::{mem, task::Poll};

use futures_util::future::{FutureExt, LocalBoxFuture, join, poll_fn};

use super::*;
use crate::{
    platform::fetch::{Http, HttpError, InboundResponse, OutboundRequest},
    session::lease,
};

#[test]
fn a_call_that_reads_brings_a_lease_and_one_that_writes_does_not() {
    let scene = Scene::new();
    // An eighth of what is left to this client.
    assert_eq!(leased(&scene.admit(admission("approved"))), Some(29));
    assert_eq!(leased(&scene.admit(Admission { writes: true, ..admission("approved") })), None);
}

#[test]
fn a_call_that_asks_for_no_lease_brings_none() {
    assert_eq!(leased(&Scene::new().admit(Admission { unused: None, ..admission("approved") })), None);
}

#[test]
fn calls_that_were_leased_are_not_in_the_bucket() {
    let scene = Scene::new();
    let replies = (0..301).map(|_| scene.admit(admission("approved")));
    let calls = |reply: Reply| u32::from(matches!(reply, Reply::Admitted { .. })) + leased(&reply).unwrap_or_default();
    assert_eq!(replies.map(calls).sum::<u32>(), 240);
}

#[test]
fn what_ends_access_waits_until_its_leases_have_ended() {
    for ends in [
        Command::EndGrant { grant: GrantId::new("grant") },
        Command::EndBefore { at: Timestamp(0) },
        Command::EndEverything,
        Command::ForgetCredential { provider: Provider::Bitbucket },
    ] {
        let scene = Scene::new();
        scene.clock.advance(Duration::from_secs(60));
        scene.admit(admission("approved"));
        let leased_until = scene.platform.clock.now() + lease::TERM;
        scene.turn(ends);
        assert!(scene.platform.clock.now() > leased_until);
    }
}

#[test]
fn what_ends_access_waits_for_nothing_where_no_lease_is_out() {
    let scene = Scene::new();
    scene.clock.advance(Duration::from_secs(60));
    let before = scene.platform.clock.now();
    scene.turn(Command::EndGrant { grant: GrantId::new("grant") });
    assert_eq!(scene.platform.clock.now(), before);
}

/// A provider that answers only after others have had their turns.
struct Late(ScriptedHttp);

impl Http for Late {
    fn send(&self, request: OutboundRequest) -> LocalBoxFuture<'_, Result<InboundResponse, HttpError>> {
        let mut is_first = true;
        let others = poll_fn(move |context| {
            context.waker().wake_by_ref();
            if mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(()) }
        });
        others.then(|()| self.0.send(request)).boxed_local()
    }
}

/// How a call is admitted whose credential is renewed while something else is done.
fn admitted_beside(command: Command) -> Reply {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(10));
    let platform = Platform { http: Rc::new(Late(scene.http.clone())), ..scene.platform.clone() };
    let session = Session::new(Rc::new(settings::for_tests()), platform, scene.storage.clone()).unwrap();
    let turn = |command| session.turn(Turn { subject: scene.subject.clone(), command });
    block_on(join(turn(Command::Admit(needing())), turn(command))).0
}

#[test]
fn a_grant_that_ends_while_its_call_is_decided_on_admits_nothing() {
    assert!(matches!(admitted_beside(Command::EndGrant { grant: GrantId::new("grant") }), Reply::GrantEnded));
    assert!(matches!(admitted_beside(Command::EndBefore { at: Timestamp(0) }), Reply::GrantEnded));
    assert!(matches!(admitted_beside(Command::EndEverything), Reply::GrantEnded));
}

#[test]
fn a_credential_that_is_forgotten_while_its_call_is_decided_on_brings_no_lease() {
    let other = Command::EndGrant { grant: GrantId::new("other") };
    assert!(leased(&admitted_beside(other)).is_some());
    let forgotten = Command::ForgetCredential { provider: Provider::Bitbucket };
    assert_eq!(leased(&admitted_beside(forgotten)), None);
}
