//! A person's connected accounts, as their owner sees them.

use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;

use super::granted_sites::GrantedSites;
use crate::{
    catalog::{self, operation::Scopes},
    context::Context,
    crypto::seal::Purpose,
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, sql},
    },
    providers::{Demanded, Site},
    settings::Settings,
    upstream::LowQuota,
};

/// How long before its end an account or a credential is said to end soon.
pub const ENDS_SOON: Duration = Duration::from_hours(14 * 24);

/// The state of an account that has to be connected again.
const BROKEN: &str = "broken";

/// An account at a site.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// The site that it is at.
    #[serde(rename = "provider")]
    pub site: String,
    pub account_name: String,
    /// As the provider named them, separated by spaces.
    pub scopes: String,
    /// `connected`, or `broken` where the provider no longer accepts its tokens.
    pub state: String,
    pub created_at: Timestamp,
    /// The sites that it is at, where one consent covers several.
    sites: Option<String>,
    /// When its tokens were renewed last.
    updated_at: Timestamp,
    /// When its access token ends, where nothing renews that.
    ends_at: Option<Timestamp>,
    quota_left: Option<i64>,
    quota_ends_at: Option<Timestamp>,
}

impl Account {
    /// Its site, where that is one of a provider that there is.
    pub fn site(&self) -> Option<Site> {
        Site::parse(&self.site)
    }

    /// The account at each of the sites that its consent covers. Where the record does not say that as we do, nobody knows
    /// before the provider is asked with the next call, and it may be any of them.
    fn at_each_site(self, settings: &Settings, user: &UserId) -> Vec<Self> {
        let (Some(sealed), Some(site)) = (&self.sites, self.site()) else { return vec![self] };
        let at = |site: Site, lost: bool| {
            let state = if lost { BROKEN.to_owned() } else { self.state.clone() };
            Self { site: site.to_string(), state, ..self.clone() }
        };
        match GrantedSites::open(settings.sealer(Purpose::Tokens), user, site, sealed) {
            Some(sites) => sites.iter().map(|granted| at(granted.site, granted.lost)).collect(),
            None => settings.sites.of(site.provider).map(|site| at(site, false)).collect(),
        }
    }

    /// What the catalogue's operations at that site demand and the person did not grant.
    pub fn missing_scopes(&self, site: Site) -> Vec<&'static str> {
        missing_scopes(site, &self.scopes)
    }

    /// Whether the provider no longer accepts its tokens, so that the person has to connect it again.
    pub fn is_broken(&self) -> bool {
        self.state != "connected"
    }

    /// When its provider lets it end unless somebody uses it or connects it again, where that is soon.
    pub fn ends_soon(&self, now: Timestamp) -> Option<Timestamp> {
        let dialect = self.site()?.provider.oauth.as_ref().filter(|_| !self.is_broken())?;
        let at = self.ends_at.unwrap_or_else(|| {
            let unused = self.updated_at + dialect.unused_life;
            dialect.longest_life.map_or(unused, |life| unused.min(self.created_at + life))
        });
        (at <= now + ENDS_SOON).then_some(at)
    }

    /// What its provider said last of its quota, while that counts and is little.
    pub fn low_quota(&self, now: Timestamp) -> Option<LowQuota> {
        low_quota(self.quota_left, self.quota_ends_at).filter(|low| now < low.until)
    }
}

/// A quota as the record keeps it.
pub fn low_quota(left: Option<i64>, ends_at: Option<Timestamp>) -> Option<LowQuota> {
    ends_at.map(|until| LowQuota { left, until })
}

/// What the catalogue's operations at that site demand and is not among the scopes that were granted.
pub fn missing_scopes(site: Site, granted: &str) -> Vec<&'static str> {
    let calls = catalog::all().filter_map(|operation| operation.call.as_ref());
    let demanded = calls.filter(|call| call.provider == site.provider).map(|call| call.scopes);
    let missing = demanded
        .flat_map(|Scopes { classic, granular }| site.provider.missing_scopes(granted, Demanded { classic, granular }));
    missing.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The account at that site, if it is among these.
pub fn at(accounts: &[Account], site: Site) -> Option<&Account> {
    accounts.iter().find(|account| account.site() == Some(site))
}

/// The accounts that a person connected.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(context: &Context, user: &UserId) -> Result<Vec<Account>, Fault> {
    let statement = sql("SELECT provider, account_name, scopes, state, created_at, sites, updated_at,
                             CASE WHEN refresh_token IS NULL THEN expires_at END AS ends_at, quota_left, quota_ends_at
                         FROM connections WHERE user_id = ?1 ORDER BY provider");
    let accounts = context.platform.database.run(statement.bind(user)).await?.all::<Account>()?;
    Ok(accounts.into_iter().flat_map(|account| account.at_each_site(&context.settings, user)).collect())
}

/// How the accounts do that people connected at a site.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Counts {
    pub connected: i64,
    pub broken: i64,
    pub ends_soon: i64,
    pub low_quota: i64,
}

/// Counts the accounts that people connected at a site.
///
/// # Errors
/// Where the record cannot be read.
pub async fn count(database: &dyn Database, site: Site, now: Timestamp) -> Result<Counts, Fault> {
    let Some(dialect) = &site.provider.oauth else { return Ok(Counts::default()) };
    let soon = now + ENDS_SOON;
    let statement = sql("SELECT COUNT(*) AS connected, COALESCE(SUM(state <> 'connected'), 0) AS broken,
            COALESCE(SUM(state = 'connected' AND CASE WHEN refresh_token IS NULL THEN expires_at <= ?2
                ELSE updated_at <= ?3 OR created_at <= ?4 END), 0) AS ends_soon,
            COALESCE(SUM(quota_ends_at > ?5), 0) AS low_quota
        FROM connections WHERE provider = ?1")
    .bind(site.token_site())
    .bind(soon)
    .bind(soon - dialect.unused_life)
    .bind(dialect.longest_life.map_or(Timestamp(-1), |life| soon - life))
    .bind(now);
    Ok(database.run(statement).await?.first()?.unwrap_or_default())
}

/// Notes that little is left of the quota of a person's account.
///
/// # Errors
/// Where the record cannot be written.
pub async fn note_quota(database: &dyn Database, user: &UserId, site: Site, low: LowQuota) -> Result<(), Fault> {
    let statement =
        sql("UPDATE connections SET quota_left = ?3, quota_ends_at = ?4 WHERE user_id = ?1 AND provider = ?2");
    let statement = statement.bind(user).bind(site.token_site()).bind(low.left).bind(low.until);
    database.run(statement).await.map(drop)
}
