//! What administrators decide of the organisation's account at each site: its credential, and whether calls may change
//! things in its name.

use serde_json::json;

use super::{
    organisation_account::{Entry, ORGANISATION_ACCOUNTS, query, read},
    snapshot_cache,
};
use crate::{
    audit::{self, Event, Kind, Outcome},
    connections::{credential_test::Accepted, shared_credential::SharedCredential},
    context::Context,
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
    },
    providers::Site,
    upstream::LowQuota,
};

/// The account at that site.
///
/// # Errors
/// Where the record cannot be read.
pub async fn at(context: &Context, site: Site) -> Result<Entry, Fault> {
    let found = list(context).await?.into_iter().find(|entry| entry.account.site == site);
    Ok(found.unwrap_or_else(|| Entry::unset(site)))
}

/// The accounts that administrators set something of.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(context: &Context) -> Result<Vec<Entry>, Fault> {
    let rows = context.platform.database.run(query(None)).await?;
    Ok(read(context.settings.authenticator(), rows)?.collect())
}

/// A credential that was tested.
pub struct Kept<'a> {
    pub credential: &'a SharedCredential,
    pub accepted: &'a Accepted,
    /// The workspace or space that it was tested in, where it is nobody's.
    pub tested_in: &'a str,
    pub ends_at: Option<Timestamp>,
}

/// Keeps a credential, in the place of an earlier one. Calls are sent with it within five seconds.
///
/// # Errors
/// Where the record cannot be written.
pub async fn keep(context: &Context, by: &UserId, site: Site, kept: &Kept<'_>) -> Result<(), Fault> {
    let Kept { credential, accepted, tested_in, ends_at } = kept;
    let before = at(context, site).await?;
    let statement =
        sql("INSERT INTO organisation_accounts (site, may_write, credential, account_name, scopes, tested_in,
                 ends_at, kept_at, kept_by, mac)
             VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (site) DO UPDATE SET credential = excluded.credential, account_name = excluded.account_name,
                 scopes = excluded.scopes, tested_in = excluded.tested_in, ends_at = excluded.ends_at,
                 kept_at = excluded.kept_at, kept_by = excluded.kept_by, refused_at = NULL, quota_left = NULL,
                 quota_ends_at = NULL")
        .bind(site)
        .bind(credential.seal(&context.settings, site)?)
        .bind(accepted.account.clone())
        .bind(&accepted.scopes)
        .bind(*tested_in)
        .bind(*ends_at)
        .bind(context.platform.clock.now())
        .bind(by)
        .bind(mac(context, site, false));
    let event = audit::event(context, Kind::SharedCredentialKept).by(by);
    let after = accepted.account.as_deref().unwrap_or(UNNAMED);
    write(context, site, statement, event.changing(&name(&before), after)).await
}

/// Takes a credential away: calls work by that of the settings again, if they have one.
///
/// # Errors
/// Where the record cannot be written.
pub async fn remove(context: &Context, by: &UserId, site: Site) -> Result<(), Fault> {
    let before = at(context, site).await?;
    let statement = sql("UPDATE organisation_accounts SET credential = NULL, account_name = NULL, scopes = '',
             tested_in = NULL, ends_at = NULL, kept_at = NULL, kept_by = NULL, refused_at = NULL,
             quota_left = NULL, quota_ends_at = NULL
         WHERE site = ?1")
    .bind(site);
    let event = audit::event(context, Kind::SharedCredentialRemoved).by(by);
    write(context, site, statement, event.changing(&name(&before), NONE)).await
}

/// Decides whether calls may change things in the organisation's name at that site. In force within five seconds.
///
/// # Errors
/// Where the record cannot be written.
pub async fn decide_writes(context: &Context, by: &UserId, site: Site, may_write: bool) -> Result<(), Fault> {
    let words = |may_write| if may_write { "reads and writes" } else { "reads" };
    let before = words(at(context, site).await?.account.may_write);
    let statement = sql("INSERT INTO organisation_accounts (site, may_write, mac) VALUES (?1, ?2, ?3)
             ON CONFLICT (site) DO UPDATE SET may_write = excluded.may_write, mac = excluded.mac")
    .bind(site)
    .bind(i64::from(may_write))
    .bind(mac(context, site, may_write));
    let event = audit::event(context, Kind::OrganisationWritesDecided).by(by);
    write(context, site, statement, event.changing(before, words(may_write))).await
}

/// What a test found out of a credential of that site: whom it is of, or that the provider refuses it. `sealed` is the
/// credential that was tested, where it is one of the record.
///
/// # Errors
/// Where the record cannot be written.
pub async fn note_test(
    context: &Context,
    by: &UserId,
    site: Site,
    sealed: Option<&str>,
    found: Result<&Accepted, &str>,
) -> Result<(), Fault> {
    let (accepted, outcome, reason) = match found {
        Ok(accepted) => (Some(accepted), Outcome::Succeeded, ""),
        Err(words) => (None, Outcome::Failed, words),
    };
    let statement = sql("UPDATE organisation_accounts SET account_name = COALESCE(?3, account_name),
             scopes = COALESCE(?4, scopes), refused_at = CASE WHEN ?4 IS NULL THEN COALESCE(refused_at, ?5) END
         WHERE site = ?1 AND credential = ?2")
    .bind(site)
    .bind(sealed)
    .bind(accepted.and_then(|accepted| accepted.account.clone()))
    .bind(accepted.map(|accepted| accepted.scopes.clone()))
    .bind(context.platform.clock.now());
    let event = audit::event(context, Kind::SharedCredentialTested).by(by).ending(outcome).because(reason);
    write(context, site, statement, event).await
}

/// Notes that the provider refused a call's credential, unless that is known or another is in its place; whether it did.
///
/// # Errors
/// Where the record cannot be written.
pub async fn note_refused(context: &Context, site: Site, sealed: &str) -> Result<bool, Fault> {
    let statement = sql("UPDATE organisation_accounts SET refused_at = ?3
         WHERE site = ?1 AND credential = ?2 AND refused_at IS NULL");
    let statement = statement.bind(site).bind(sealed).bind(context.platform.clock.now());
    let is_news = context.platform.database.run(statement).await?.changes > 0;
    if is_news {
        snapshot_cache::change_policy(context, Vec::new()).await?;
        audit::record(context, audit::event(context, Kind::ConnectionBroken).target(&site.to_string())).await;
    }
    Ok(is_news)
}

/// Notes that little is left of the quota of the organisation's account, which needs no entry for that.
///
/// # Errors
/// Where the record cannot be written.
pub async fn note_quota(context: &Context, site: Site, low: LowQuota) -> Result<(), Fault> {
    let statement = sql("INSERT INTO organisation_accounts (site, may_write, mac, quota_left, quota_ends_at)
         VALUES (?1, 0, ?2, ?3, ?4)
         ON CONFLICT (site) DO UPDATE SET quota_left = excluded.quota_left, quota_ends_at = excluded.quota_ends_at");
    let statement = statement.bind(site).bind(mac(context, site, false)).bind(low.left).bind(low.until);
    context.platform.database.run(statement).await.map(drop)
}

/// What the log calls an account that its provider does not name, and where there is none.
const UNNAMED: &str = "an unnamed account";
const NONE: &str = "none";

fn name(entry: &Entry) -> String {
    let has_credential = entry.account.credential.is_some();
    let name = if has_credential { entry.account_name.as_deref().unwrap_or(UNNAMED) } else { NONE };
    name.to_owned()
}

fn mac(context: &Context, site: Site, may_write: bool) -> String {
    let values = [json!(site.to_string()), json!(i64::from(may_write))];
    context.settings.authenticator().row(&ORGANISATION_ACCOUNTS, &values)
}

async fn write(context: &Context, site: Site, statement: Statement, event: Event) -> Result<(), Fault> {
    snapshot_cache::change_policy(context, vec![statement]).await?;
    audit::record(context, event.target(&site.to_string())).await;
    Ok(())
}

#[cfg(test)]
mod tests;
