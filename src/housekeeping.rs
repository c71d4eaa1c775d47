//! Housekeeping, the work of the cron trigger: deletes rows that have expired, brings what a previous key sealed or
//! authenticated under the current one, records which keys are live, and forgets old events.

mod authentications;
mod live_keys;

use crate::{
    audit, authorization,
    connections::{self, sealed_columns},
    context::Context,
    crypto::seal::Purpose,
    governance::{self, notices},
    identity,
    platform::{Fault, clock::Timestamp, database::Statement, expiry::Expiry},
};

/// The rules of every room. Rows that refer to others are deleted before them.
const EXPIRED: [&[Expiry]; 4] = [identity::EXPIRED, governance::EXPIRED, connections::EXPIRED, authorization::EXPIRED];

fn deletions(now: Timestamp) -> Vec<Statement> {
    EXPIRED.into_iter().flatten().map(|rule| rule.statement(now)).collect()
}

/// Does all of it, once.
///
/// # Errors
/// Where D1 could not be changed; the next run goes on.
pub async fn run(context: &Context) -> Result<(), Fault> {
    let database = context.platform.database.as_ref();
    database.batch(deletions(context.platform.clock.now())).await?;
    sealed_columns::sweep(database, context.settings.sealers()).await?;
    authentications::sweep(database, context.settings.authenticator()).await?;
    live_keys::record(context).await?;
    notices::delivery::sweep(context).await?;
    let settings = &context.settings;
    audit::chain_keys::keep(database, settings.sealer(Purpose::Tokens), &settings.signing_keys).await?;
    audit::carry_over::sweep(database).await?;
    audit::retention::sweep(&context.platform, settings).await
}

#[cfg(test)]
mod tests;
