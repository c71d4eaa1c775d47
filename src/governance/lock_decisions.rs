//! Administrators' locks on record: what is locked, by whom and why. In force everywhere within five seconds.

use serde_json::json;

use super::{
    locks::{Entry, LOCKS, LockKind, Target, query, read},
    notices, snapshot_cache,
};
use crate::{
    audit::{self, Event, Kind},
    context::Context,
    identifiers::{ClientId, UserId},
    platform::{Fault, database::sql},
};

/// The locks that are in force, the widest first.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(context: &Context) -> Result<Vec<Entry>, Fault> {
    let rows = context.platform.database.run(query(None)).await?;
    read(context.settings.authenticator(), rows)
}

/// Locks it, or gives its lock another reason. `label` is what people call it.
///
/// # Errors
/// Where the record cannot be written: then it is not locked.
pub async fn keep(context: &Context, by: &UserId, target: &Target, label: &str, reason: &str) -> Result<(), Fault> {
    let was_locked = list(context).await?.iter().any(|entry| entry.lock.target == *target);
    let (kind, now) = (target.kind.name(), context.platform.clock.now());
    let mac = context.settings.authenticator().row(&LOCKS, &[json!(kind), json!(target.name), json!(reason)]);
    let lock = sql("INSERT INTO locks (kind, name, label, reason, locked_at, locked_by, mac)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (kind, name) DO UPDATE SET label = excluded.label, reason = excluded.reason,
             locked_at = excluded.locked_at, locked_by = excluded.locked_by, mac = excluded.mac");
    let lock = lock.bind(kind).bind(target.name.as_str()).bind(label).bind(reason).bind(now).bind(by).bind(mac);
    let mut statements = vec![lock];
    if target.kind == LockKind::Organisation {
        let stop = sql("UPDATE policy SET stopped_at = COALESCE(stopped_at, ?1), stopped_by = ?2, stopped_reason = ?3");
        statements.push(stop.bind(now).bind(by).bind(reason));
    }
    snapshot_cache::change_policy(context, statements).await?;
    let event = event(context, Kind::Locked, target, label).by(by).because(reason);
    audit::record(context, event.changing(if was_locked { LOCKED } else { OPEN }, LOCKED)).await;
    notices::delivery::soon(context);
    Ok(())
}

/// Lifts the lock on it. One that is not there any more is as good as lifted.
///
/// # Errors
/// Where the record cannot be written: then it is still locked.
pub async fn lift(context: &Context, by: &UserId, target: &Target) -> Result<(), Fault> {
    let entries = list(context).await?;
    let Some(entry) = entries.iter().find(|entry| entry.lock.target == *target) else { return Ok(()) };
    let lift = sql("DELETE FROM locks WHERE kind = ?1 AND name = ?2");
    let mut statements = vec![lift.bind(target.kind.name()).bind(target.name.as_str())];
    if target.kind == LockKind::Organisation {
        statements.push(sql("UPDATE policy SET stopped_at = NULL, stopped_by = NULL, stopped_reason = NULL"));
    }
    snapshot_cache::change_policy(context, statements).await?;
    let event = event(context, Kind::Unlocked, target, &entry.label).by(by).changing(LOCKED, OPEN);
    audit::record(context, event).await;
    notices::delivery::soon(context);
    Ok(())
}

/// The states of a lock's target, as the audit has them.
const LOCKED: &str = "locked";
const OPEN: &str = "open";

fn event(context: &Context, kind: Kind, target: &Target, label: &str) -> Event {
    let event = audit::event(context, kind);
    match target.kind {
        LockKind::Person => event.of(&UserId::new(&target.name)),
        LockKind::Client => event.client(&ClientId::new(&target.name)).client_name(label),
        LockKind::Tool => event.tool(&target.name),
        LockKind::Provider | LockKind::Site => event.target(&target.name),
        LockKind::Organisation => event.target(label),
    }
}

#[cfg(test)]
mod tests;
