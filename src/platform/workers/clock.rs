//! The runtime's clock. It stands still during computation and moves with I/O.

use std::time::Duration;

use futures_util::{FutureExt, future::LocalBoxFuture};
use worker::{Date, Delay};

use crate::platform::clock::{Clock, Timestamp};

pub(super) struct WorkersClock;

impl Clock for WorkersClock {
    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        async move { Delay::from(duration).await }.boxed_local()
    }
}
