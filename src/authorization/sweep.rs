//! Housekeeping: what the record forgets, and when; and the keys.

use std::time::Duration;

use super::{authentications, live_keys};
use crate::{
    connections::sealed,
    context::Context,
    crypto::seal::Purpose,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
    },
};

const DAY: u64 = 24 * 60 * 60;

/// What is deleted, and how many seconds after the moment that `?1` is compared with. What refers to others
/// comes before them.
const RULES: [(&str, u64); 11] = [
    ("DELETE FROM browser_sessions WHERE expires_at <= ?1", 0),
    ("DELETE FROM connection_attempts WHERE expires_at <= ?1", 0),
    ("DELETE FROM elicitations WHERE expires_at <= ?1", DAY),
    ("DELETE FROM authorization_requests WHERE expires_at <= ?1", 0),
    // A second use is noticed for a day.
    ("DELETE FROM authorization_codes WHERE expires_at <= ?1", DAY),
    ("DELETE FROM used_assertions WHERE expires_at <= ?1", 0),
    ("DELETE FROM used_logout_tokens WHERE expires_at <= ?1", 0),
    ("DELETE FROM grants WHERE expires_at <= ?1", 30 * DAY),
    ("DELETE FROM grants WHERE revoked_at <= ?1", 30 * DAY),
    ("DELETE FROM clients WHERE expires_at <= ?1", 0),
    // Long since consented to, and not a grant is left of it.
    (
        "DELETE FROM clients WHERE used_at <= ?1 AND origin <> 'pre_registered' AND id NOT IN (SELECT client_id FROM grants)",
        90 * DAY,
    ),
];

fn statements(now: Timestamp) -> Vec<Statement> {
    let past = |seconds| {
        Timestamp(now.0.saturating_sub(i64::try_from(Duration::from_secs(seconds).as_millis()).unwrap_or(i64::MAX)))
    };
    RULES.into_iter().map(|(text, seconds)| sql(text).bind(past(seconds))).collect()
}

/// Deletes what is over, and brings what a previous key sealed under the current one: for the cron trigger.
///
/// # Errors
/// Where the record could not be changed; the next sweep goes on.
pub async fn sweep(context: &Context) -> Result<(), Fault> {
    let database = context.platform.database.as_ref();
    database.batch(statements(context.platform.clock.now())).await?;
    sealed::sweep(database, context.settings.sealer(Purpose::Tokens)).await?;
    authentications::sweep(database, context.settings.authenticator()).await?;
    live_keys::record(context).await
}

#[cfg(test)]
mod tests;
