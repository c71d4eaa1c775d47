//! The runtime's clock. It stands still during computation and moves with I/O.

use std::time::Duration;

use futures::channel::oneshot;
use futures::{FutureExt, future::LocalBoxFuture};
use wasm_bindgen::{JsCast, prelude::Closure};
use worker::web_sys::WorkerGlobalScope;

use crate::platform::clock::{Clock, Timestamp};

pub(super) struct WorkersClock;

impl Clock for WorkersClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds since 1970 are far below 2^53")]
        Timestamp(js_sys::Date::now() as i64)
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        sleep(duration).boxed_local()
    }
}

/// A timer that is cancelled when it is dropped.
struct Timer {
    scope: WorkerGlobalScope,
    handle: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.scope.clear_timeout_with_handle(self.handle);
    }
}

/// Unlike the worker crate's `Delay`, this wakes whichever task waits at the time: a reply that becomes a stream goes
/// on in another task than it began in.
async fn sleep(duration: Duration) {
    let (ring, rung) = oneshot::channel::<()>();
    let callback = Closure::once_assert_unwind_safe(move || drop(ring));
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let milliseconds = i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
    let set =
        scope.set_timeout_with_callback_and_timeout_and_arguments_0(callback.as_ref().unchecked_ref(), milliseconds);
    // Setting a timer does not fail; without one the wait is over at once.
    let Ok(handle) = set else { return };
    let _timer = Timer { scope, handle, _callback: callback };
    // What is sent is that the sender is dropped.
    let _ = rung.await;
}
