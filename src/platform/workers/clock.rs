//! The runtime's clock. It stands still during computation and moves with I/O.

use std::time::Duration;

use futures_util::{FutureExt, future::LocalBoxFuture};
use worker::Delay;

use crate::platform::clock::{Clock, Timestamp};

pub(super) struct WorkersClock;

impl Clock for WorkersClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds since 1970 are far below 2^53")]
        Timestamp(js_sys::Date::now() as i64)
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        async move { Delay::from(duration).await }.boxed_local()
    }
}
