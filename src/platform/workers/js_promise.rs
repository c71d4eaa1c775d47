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

use super::border::{self, Listener};

type Outcome = Result<JsValue, JsValue>;

enum State {
    Pending(Option<Waker>),
    Settled(Outcome),
}

thread_local! {
    static STATES: RefCell<HashMap<u32, State>> = RefCell::default();
    static LAST: Cell<u32> = const { Cell::new(0) };
    static LISTENER: Closure<Listener> = listen();
}

fn listen() -> Closure<Listener> {
    let listener: Closure<Listener> = Closure::own_assert_unwind_safe(settle);
    border::listen(&listener);
    listener
}

/// What nobody waits for any more is not told to anybody. To forget what was abandoned drops the task that waits for it.
fn settle(id: u32, kept: Option<bool>, value: JsValue) {
    let before = STATES.with_borrow_mut(|states| match (states.get_mut(&id)?, kept) {
        (_, None) => states.remove(&id),
        (state @ State::Pending(_), Some(true)) => Some(mem::replace(state, State::Settled(Ok(value)))),
        (state @ State::Pending(_), Some(false)) => Some(mem::replace(state, State::Settled(Err(value)))),
        (State::Settled(_), Some(_)) => None,
    });
    if let (Some(State::Pending(Some(waker))), Some(_)) = (before, kept) {
        waker.wake();
    }
}

/// A promise of border.js. It may be awaited in another task than it began in.
pub(super) struct JsPromise {
    id: u32,
}

impl JsPromise {
    /// Begins what will be settled under the id that `begin` is given.
    pub(super) fn of(begin: impl FnOnce(u32) -> Result<(), JsValue>) -> Self {
        LISTENER.with(|_| ());
        let id = LAST.get().wrapping_add(1);
        LAST.set(id);
        STATES.with_borrow_mut(|states| states.insert(id, State::Pending(None)));
        if let Err(thrown) = begin(id) {
            settle(id, Some(false), thrown);
        }
        Self { id }
    }
}

impl Future for JsPromise {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        // Whatever is dropped is dropped once the states are free again: it may be a task with promises of its own.
        let before = STATES.with_borrow_mut(|states| states.remove(&self.id));
        if let Some(State::Settled(outcome)) = before {
            return Poll::Ready(outcome);
        }
        let pending = State::Pending(Some(context.waker().clone()));
        STATES.with_borrow_mut(|states| states.insert(self.id, pending));
        Poll::Pending
    }
}

impl Drop for JsPromise {
    fn drop(&mut self) {
        let _dropped_later = STATES.with_borrow_mut(|states| states.remove(&self.id));
    }
}
