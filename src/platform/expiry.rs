//! Expiry: which rows of a table are deleted, and when. Each room lists its own; housekeeping runs them all.

use std::time::Duration;

use super::{
    clock::Timestamp,
    database::{Statement, sql},
};

pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A rule of one table: rows go once the moment that `delete` compares with `?1` is `kept` ago.
pub struct Expiry {
    delete: &'static str,
    kept: Duration,
}

impl Expiry {
    /// Rows that nobody needs once they have expired.
    pub const fn at_once(delete: &'static str) -> Self {
        Self { delete, kept: Duration::ZERO }
    }

    /// Rows that are kept for a while after they have expired or were last used.
    pub const fn after(kept: Duration, delete: &'static str) -> Self {
        Self { delete, kept }
    }

    pub fn statement(&self, now: Timestamp) -> Statement {
        let kept = i64::try_from(self.kept.as_millis()).unwrap_or(i64::MAX);
        sql(self.delete).bind(Timestamp(now.0.saturating_sub(kept)))
    }
}
