//! A person's connected accounts, as their owner sees them.

use serde::Deserialize;

use crate::{
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, sql},
    },
    providers::Site,
};

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
}

impl Account {
    /// Its site, where that is one of a provider that there is.
    pub fn site(&self) -> Option<Site> {
        Site::parse(&self.site)
    }

    /// Whether the provider no longer accepts its tokens, so that the person has to connect it again.
    pub fn is_broken(&self) -> bool {
        self.state != "connected"
    }
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
    let statement = sql("SELECT provider, account_name, scopes, state, created_at FROM connections
                         WHERE user_id = ?1 ORDER BY provider");
    database.run(statement.bind(user)).await?.all()
}
