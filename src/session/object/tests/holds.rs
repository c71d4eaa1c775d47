//! Requests that wait for a link.

use std::task::Poll;

use futures::future::{FutureExt, LocalBoxFuture, join, pending, poll_fn};

use super::*;
use crate::platform::clock::Clock;
use crate::providers::{BITBUCKET, Site};

/// A clock on which no hold ends by itself.
pub(super) struct Still(pub(super) TestClock);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        if duration == super::super::super::holds::HOLD { pending().boxed_local() } else { self.0.sleep(duration) }
    }
}

fn hold() -> Hold {
    Hold { grant: GrantId::new("grant"), elicitation: "link".into() }
}

/// A person with a link, whose holds end by what happens alone.
fn scene() -> Scene {
    let mut scene = Scene::new();
    let link = sql("INSERT INTO elicitations (id_hash, user_id, client_id, provider, state, expires_at)
        VALUES (?1, 'user', 'client', 'bitbucket', 'pending', 9000000000000)");
    block_on(
        scene
            .platform
            .database
            .run(link.bind(crate::connections::elicitation::hash(settings::for_tests().authenticator(), "link"))),
    )
    .unwrap();
    scene.platform.clock = Rc::new(Still(scene.clock.clone()));
    scene.woken()
}

/// Lets the other future begin first.
async fn afterwards() {
    let mut waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn goes_on_by<C: Command>(ends: C) {
    let scene = scene();
    let then = async {
        afterwards().await;
        take(&scene.session, &scene.subject, ends).await
    };
    let (held, _) = block_on(join(take(&scene.session, &scene.subject, hold()), then));
    assert_eq!(held, Reply::Done(Ok(())));
}

#[test]
fn a_held_request_goes_on_as_soon_as_something_becomes_of_its_link() {
    goes_on_by(WakeHolds {});
    goes_on_by(ForgetCredential { site: Site::main(&BITBUCKET) });
    goes_on_by(end_grant());
    goes_on_by(EndBefore { at: Timestamp(0) });
}

#[test]
fn a_link_that_something_has_become_of_holds_nobody() {
    let scene = scene();
    scene.execute("UPDATE elicitations SET state = 'connected'");
    assert_eq!(scene.turn(hold()), Ok(()));
}

#[test]
fn a_grant_that_has_ended_holds_nobody() {
    let scene = scene();
    scene.turn(end_grant());
    assert_eq!(scene.turn(hold()), Err(Refusal::GrantEnded));
}

#[test]
fn without_news_a_request_is_held_for_twenty_seconds() {
    let scene = Scene { platform: scene().platform, ..scene() };
    let timed = Platform { clock: Rc::new(scene.clock.clone()), ..scene.platform.clone() };
    let scene = Scene { platform: timed, ..scene }.woken();
    let before = scene.clock.now();
    assert_eq!(scene.turn(hold()), Ok(()));
    assert_eq!(scene.clock.now().since(before), Duration::from_secs(20));
}
