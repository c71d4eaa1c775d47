//! Long polling: requests that wait in their subject's object until something becomes of a link, woken by whatever
//! changes that, and not by asking the record again and again.

use std::{
    cell::{Cell, RefCell},
    task::{Poll, Waker},
    time::Duration,
};

use futures::future::{FutureExt, poll_fn, select};

use crate::platform::clock::Clock;

/// How long one request is held. Clients give a request 60 s.
pub const HOLD: Duration = Duration::from_secs(20);

/// The most requests of one subject that are held at once: each keeps the object awake.
const MOST: usize = 8;

/// The requests that are held.
#[derive(Default)]
pub struct Holds {
    held: Cell<usize>,
    /// Raised whenever everybody is to look again.
    woken: Cell<u64>,
    waiting: RefCell<Vec<Waker>>,
}

/// A place among those that are held, until it is dropped.
pub struct Place<'a> {
    holds: &'a Holds,
    since: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.holds.held.set(self.holds.held.get().saturating_sub(1));
    }
}

impl Holds {
    /// A place, unless all are taken. Whoever has one misses nothing that happens from now on.
    pub fn enter(&self) -> Option<Place<'_>> {
        (self.held.get() < MOST).then(|| {
            self.held.set(self.held.get() + 1);
            Place { holds: self, since: self.woken.get() }
        })
    }

    /// Lets everybody who is held look again.
    pub fn wake(&self) {
        self.woken.set(self.woken.get().wrapping_add(1));
        self.waiting.take().into_iter().for_each(Waker::wake);
    }
}

impl Place<'_> {
    /// Waits until there is reason to look again, or for as long as a request is held.
    pub async fn wait(&self, clock: &dyn Clock) {
        let woken = poll_fn(|context| {
            if self.holds.woken.get() != self.since {
                return Poll::Ready(());
            }
            self.holds.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        });
        select(woken, clock.sleep(HOLD)).map(drop).await;
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures::future::{LocalBoxFuture, join, pending};

    use super::*;
    use crate::platform::clock::Timestamp;

    /// A clock on which nobody wakes up by themselves.
    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }

        fn sleep(&self, _duration: Duration) -> LocalBoxFuture<'static, ()> {
            pending().boxed_local()
        }
    }

    #[test]
    fn a_held_request_goes_on_when_it_is_woken() {
        let holds = Rc::new(Holds::default());
        let held = async { holds.enter().expect("a place").wait(&Still).await };
        futures_executor::block_on(join(held, async { holds.wake() }));
    }

    #[test]
    fn news_between_taking_a_place_and_waiting_is_not_missed() {
        let holds = Holds::default();
        let place = holds.enter().expect("a place");
        holds.wake();
        futures_executor::block_on(place.wait(&Still));
    }

    #[test]
    fn a_ninth_request_is_not_held_until_another_has_gone() {
        let holds = Holds::default();
        let mut places: Vec<_> = (0..8).map(|_| holds.enter().expect("a place")).collect();
        assert!(holds.enter().is_none());
        places.pop();
        assert!(holds.enter().is_some());
    }
}
