//! Requests that wait for a link.

use std::task::Poll;

use futures_util::future::{FutureExt, LocalBoxFuture, join, pending, poll_fn};

use super::*;
use crate::platform::clock::Clock;

/// A clock on which no hold ends by itself.
struct Still(TestClock);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        if duration == super::super::super::holds::HOLD { pending().boxed_local() } else { self.0.sleep(duration) }
    }
}

fn hold() -> Command {
    Command::Hold { grant: GrantId::new("grant"), elicitation: "link".into() }
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

#[test]
fn a_held_request_goes_on_as_soon_as_something_becomes_of_its_link() {
    for ends in [
        Command::WakeHolds,
        Command::ForgetCredential { provider: Provider::Bitbucket },
        Command::EndGrant { grant: GrantId::new("grant") },
        Command::EndBefore { at: Timestamp(0) },
    ] {
        let scene = scene();
        let turn = |command| scene.session.turn(Turn { subject: scene.subject.clone(), command });
        let then = async {
            afterwards().await;
            turn(ends).await
        };
        let (held, _) = block_on(join(turn(hold()), then));
        assert!(matches!(held, Reply::Done));
    }
}

#[test]
fn a_link_that_something_has_become_of_holds_nobody() {
    let scene = scene();
    scene.execute("UPDATE elicitations SET state = 'connected'");
    assert!(matches!(scene.turn(hold()), Reply::Done));
}

#[test]
fn a_grant_that_has_ended_holds_nobody() {
    let scene = scene();
    scene.turn(Command::EndGrant { grant: GrantId::new("grant") });
    assert!(matches!(scene.turn(hold()), Reply::GrantEnded));
}

#[test]
fn without_news_a_request_is_held_for_twenty_seconds() {
    let scene = Scene { platform: scene().platform, ..scene() };
    let timed = Platform { clock: Rc::new(scene.clock.clone()), ..scene.platform.clone() };
    let scene = Scene { platform: timed, ..scene }.woken();
    let before = scene.clock.now();
    scene.turn(hold());
    assert_eq!(scene.clock.now().since(before), Duration::from_secs(20));
}
