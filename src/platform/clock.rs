//! Time, passed in so that decisions can be tested at any moment.

use std::{
    ops::{Add, Sub},
    time::Duration,
};

use chrono::{DateTime, SecondsFormat};
use futures::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// As machines write it (RFC 3339), to the second.
    pub fn rfc3339(self) -> String {
        let moment = DateTime::from_timestamp_millis(self.0).unwrap_or_default();
        moment.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Whole seconds since the Unix epoch, as JWT and OAuth count.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long ago `earlier` was; zero where it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// The clock on the wall.
pub trait Clock {
    fn now(&self) -> Timestamp;
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()>;
}
