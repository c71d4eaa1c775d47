//! A person's connected accounts, as their owner sees them.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::granted_sites::GrantedSites;
use crate::{
    catalog::{self, operation::Scopes},
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, sql},
    },
    providers::{Demanded, Site},
};

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
}

impl Account {
    /// Its site, where that is one of a provider that there is.
    pub fn site(&self) -> Option<Site> {
        Site::parse(&self.site)
    }

    /// The account at each of the sites that its consent covers.
    fn at_each_site(self) -> Vec<Self> {
        let Some(sites) = self.sites.as_deref().map(GrantedSites::read) else { return vec![self] };
        let at = |site: Site, lost: bool| {
            let state = if lost { BROKEN.to_owned() } else { self.state.clone() };
            Self { site: site.to_string(), state, ..self.clone() }
        };
        sites.iter().map(|granted| at(granted.site, granted.lost)).collect()
    }

    /// What the catalogue's operations at that site demand and the person did not grant.
    pub fn missing_scopes(&self, site: Site) -> Vec<&'static str> {
        missing_scopes(site, &self.scopes)
    }

    /// Whether the provider no longer accepts its tokens, so that the person has to connect it again.
    pub fn is_broken(&self) -> bool {
        self.state != "connected"
    }
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
pub async fn list(database: &dyn Database, user: &UserId) -> Result<Vec<Account>, Fault> {
    let statement = sql("SELECT provider, account_name, scopes, state, created_at, sites FROM connections
                         WHERE user_id = ?1 ORDER BY provider");
    let accounts = database.run(statement.bind(user)).await?.all::<Account>()?;
    Ok(accounts.into_iter().flat_map(Account::at_each_site).collect())
}
