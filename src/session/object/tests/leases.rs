//! What an object lets the Worker admit by itself, and how that ends.

use std::{mem, task::Poll};

use futures::future::{FutureExt, LocalBoxFuture, join, poll_fn};

use super::*;
use crate::{
    platform::fetch::{Http, HttpError, InboundResponse, OutboundRequest},
    providers::{BITBUCKET, Site},
    session::lease,
};

#[test]
fn a_call_that_reads_brings_a_lease_and_one_that_writes_does_not() {
    let scene = Scene::new();
    // An eighth of what is left to this client.
    assert_eq!(leased(&scene.turn(read())), Some(29));
    assert_eq!(leased(&scene.turn(write())), None);
}

#[test]
fn an_admission_brings_no_lease_where_none_is_requested() {
    assert_eq!(leased(&Scene::new().turn(Admit { lease: None, ..read() })), None);
}

#[test]
fn calls_that_were_leased_are_not_in_the_bucket() {
    let scene = Scene::new();
    let admissions = (0..301).map(|_| scene.turn(read()));
    let calls = |admission: Admission| u32::from(admission.is_ok()) + leased(&admission).unwrap_or_default();
    assert_eq!(admissions.map(calls).sum::<u32>(), 240);
}

fn waits_for_leases<C: Command>(ends: C) {
    let scene = Scene::new();
    scene.clock.advance(Duration::from_secs(60));
    assert!(leased(&scene.turn(read())).is_some());
    let leased_until = scene.platform.clock.now() + lease::TERM;
    scene.take(ends);
    assert!(scene.platform.clock.now() > leased_until);
}

#[test]
fn what_ends_access_waits_until_its_leases_have_ended() {
    waits_for_leases(end_grant());
    waits_for_leases(EndBefore { at: Timestamp(0) });
    waits_for_leases(EndEverything {});
    waits_for_leases(ForgetCredential { site: Site::main(&BITBUCKET) });
}

#[test]
fn what_ends_access_waits_for_nothing_where_no_lease_is_out() {
    let scene = Scene::new();
    scene.clock.advance(Duration::from_secs(60));
    let before = scene.platform.clock.now();
    scene.take(end_grant());
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
fn admitted_beside<C: Command>(command: C) -> Admission {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(10));
    let platform = Platform { http: Rc::new(Late(scene.http.clone())), ..scene.platform.clone() };
    let session = Session::new(Rc::new(settings::for_tests()), platform, scene.storage.clone()).unwrap();
    done(block_on(join(take(&session, &scene.subject, needing()), take(&session, &scene.subject, command))).0)
}

#[test]
fn a_grant_that_ends_while_its_call_is_admitted_admits_nothing() {
    assert!(grant_ended(&admitted_beside(end_grant())));
    assert!(grant_ended(&admitted_beside(EndBefore { at: Timestamp(0) })));
    assert!(grant_ended(&admitted_beside(EndEverything {})));
}

#[test]
fn a_credential_that_is_forgotten_while_its_call_is_admitted_brings_no_lease() {
    assert!(leased(&admitted_beside(EndGrant { grant: GrantId::new("other"), ending: None })).is_some());
    assert_eq!(leased(&admitted_beside(ForgetCredential { site: Site::main(&BITBUCKET) })), None);
}
