//! What border.js settles. A `JsFuture` makes two closures for each promise and drops them again; here one closure, made
//! once, hears of all of them.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use wasm_bindgen::{JsValue, prelude::Closure};

use super::border;

type Outcome = Result<JsValue, JsValue>;

enum State {
    Pending(Option<Waker>),
    Settled(Outcome),
}

thread_local! {
    static STATES: RefCell<HashMap<u32, State>> = RefCell::default();
    static LAST: Cell<u32> = const { Cell::new(0) };
    static LISTENER: Closure<dyn Fn(u32, bool, JsValue)> = listen();
}

fn listen() -> Closure<dyn Fn(u32, bool, JsValue)> {
    let listener: Closure<dyn Fn(u32, bool, JsValue)> = Closure::own_assert_unwind_safe(settle);
    border::listen(&listener);
    listener
}

/// What nobody waits for any more is not told to anybody.
fn settle(id: u32, kept: bool, value: JsValue) {
    let outcome = if kept { Ok(value) } else { Err(value) };
    let waker = STATES.with_borrow_mut(|states| match states.get_mut(&id) {
        Some(state @ State::Pending(_)) => match mem::replace(state, State::Settled(outcome)) {
            State::Pending(waker) => waker,
            State::Settled(_) => None,
        },
        _ => None,
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// A promise of border.js. It may be awaited in another task than it began in.
pub(super) struct Settling {
    id: u32,
}

impl Settling {
    /// Begins what will be settled under the id that `begin` is given.
    pub(super) fn of(begin: impl FnOnce(u32) -> Result<(), JsValue>) -> Self {
        LISTENER.with(|_| ());
        let id = LAST.get().wrapping_add(1);
        LAST.set(id);
        STATES.with_borrow_mut(|states| states.insert(id, State::Pending(None)));
        if let Err(thrown) = begin(id) {
            settle(id, false, thrown);
        }
        Self { id }
    }
}

impl Future for Settling {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        STATES.with_borrow_mut(|states| match states.remove(&self.id) {
            Some(State::Settled(outcome)) => Poll::Ready(outcome),
            _ => {
                states.insert(self.id, State::Pending(Some(context.waker().clone())));
                Poll::Pending
            }
        })
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        STATES.with_borrow_mut(|states| states.remove(&self.id));
    }
}
