//! A person's connected accounts, as their owner sees them.

use serde::Deserialize;

use crate::{
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, sql},
    },
    providers::Provider,
};

/// An account at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    pub provider: String,
    pub account_name: String,
    /// As the provider named them, separated by spaces.
    pub scopes: String,
    /// `connected`, or `broken` where the provider no longer accepts its tokens.
    pub state: String,
    pub created_at: Timestamp,
}

impl Account {
    /// Whether the provider no longer accepts its tokens, so that the person has to connect it again.
    pub fn is_broken(&self) -> bool {
        self.state != "connected"
    }
}

/// The account at that provider, if it is among these.
pub fn at<'a>(accounts: &'a [Account], provider: &Provider) -> Option<&'a Account> {
    accounts.iter().find(|account| account.provider == provider.id)
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
