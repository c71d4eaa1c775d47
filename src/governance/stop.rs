//! The stop of everybody's access at once, and its end. It is part of the policy: while it is in force no call runs, and
//! only administrators sign in. Nobody's grants end by it, so people go on where they were when they are let in again.

use serde::Deserialize;

use super::snapshot_cache::{self, IN_FORCE_AFTER};
use crate::{
    audit::{self, Kind},
    context::Context,
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, sql},
    },
};

/// A stop that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Stop {
    pub at: Timestamp,
    /// The user name of the administrator.
    pub by: Option<String>,
    pub reason: String,
}

/// The stop that is in force, if one is.
///
/// # Errors
/// Where the record cannot be read.
pub async fn current(database: &dyn Database) -> Result<Option<Stop>, Fault> {
    let query = sql("SELECT stopped_at AS at, username AS by, COALESCE(stopped_reason, '') AS reason
        FROM policy LEFT JOIN users ON users.id = stopped_by WHERE stopped_at IS NOT NULL");
    database.run(query).await?.first()
}

/// Stops everybody's access. Returns when no call begins any more.
///
/// # Errors
/// Where the record cannot be written: then nothing is stopped.
pub async fn impose(context: &Context, administrator: &UserId, reason: &str) -> Result<(), Fault> {
    let update = sql("UPDATE policy SET version = version + 1, stopped_at = COALESCE(stopped_at, ?1), stopped_by = ?2,
        stopped_reason = ?3");
    let now = context.platform.clock.now();
    context.platform.database.run(update.bind(now).bind(administrator).bind(reason)).await?;
    snapshot_cache::forget();
    let event = audit::event(context, Kind::AllAccessStopped).by(administrator).because(reason);
    audit::record(context, event.changing("open", "stopped")).await;
    context.platform.clock.sleep(IN_FORCE_AFTER).await;
    Ok(())
}

/// Lets everybody in again, within five seconds.
///
/// # Errors
/// Where the record cannot be written: then everything is still stopped.
pub async fn lift(context: &Context, administrator: &UserId) -> Result<(), Fault> {
    let update =
        sql("UPDATE policy SET version = version + 1, stopped_at = NULL, stopped_by = NULL, stopped_reason = NULL");
    context.platform.database.run(update).await?;
    snapshot_cache::forget();
    let event = audit::event(context, Kind::AllAccessResumed).by(administrator).changing("stopped", "open");
    audit::record(context, event).await;
    Ok(())
}
