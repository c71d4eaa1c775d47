//! Links that a tool call hands out so that one person connects an account.

use std::time::Duration;

use serde::Deserialize;

use crate::{
    catalog::operation::Provider,
    crypto::{digest::sha256, random},
    identifiers::{ClientId, UserId},
    platform::{
        Fault,
        database::{Statement, sql},
    },
    postern::Postern,
};

/// How long a link can be used.
const LIFETIME: Duration = Duration::from_secs(600);

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Connected,
    /// The person refused at the provider, or the provider did.
    Failed,
}

/// A link that has not ended.
#[derive(Debug, Clone, Deserialize)]
pub struct Elicitation {
    /// The one person it is for.
    pub user_id: UserId,
    pub client_id: ClientId,
    #[serde(rename = "state")]
    pub status: Status,
}

/// Makes a link for one person and one client; gives its id, a lookup key that proves nothing.
///
/// # Errors
/// Where the record cannot be written.
pub async fn create(postern: &Postern, user: &UserId, client: &ClientId, provider: Provider) -> Result<String, Fault> {
    let id = random::identifier()?;
    postern
        .platform
        .database
        .run(
            sql("INSERT INTO elicitations (id_hash, user_id, client_id, provider, state, expires_at)
                 VALUES (?1, ?2, ?3, ?4, 'pending', ?5)")
            .bind(sha256(&id))
            .bind(user)
            .bind(client)
            .bind(provider.id())
            .bind(postern.platform.clock.now() + LIFETIME),
        )
        .await?;
    Ok(id)
}

/// The page that the link leads to.
pub fn url(postern: &Postern, provider: Provider, id: &str) -> String {
    format!("{}/connect/{}?e={id}", postern.settings.public_url, provider.id())
}

/// The link of that id, unless it has ended.
///
/// # Errors
/// Where the record cannot be read.
pub async fn find(postern: &Postern, id: &str) -> Result<Option<Elicitation>, Fault> {
    postern
        .platform
        .database
        .run(
            sql("SELECT user_id, client_id, state FROM elicitations WHERE id_hash = ?1 AND expires_at > ?2")
                .bind(sha256(id))
                .bind(postern.platform.clock.now()),
        )
        .await?
        .first()
}

/// Ends a link that an account was connected at or beside: it lets one waiting call go on. Whether it was still there
/// to end.
///
/// # Errors
/// Where the record cannot be written.
pub async fn spend(postern: &Postern, id: &str) -> Result<bool, Fault> {
    let spent = sql("DELETE FROM elicitations WHERE id_hash = ?1 AND state = 'connected' RETURNING id_hash");
    Ok(!postern.platform.database.run(spent.bind(sha256(id))).await?.rows.is_empty())
}

/// The statement that says that the account is connected, to every link that waits for it: by whichever way the
/// person connected it.
pub fn connected(user: &UserId, provider: Provider) -> Statement {
    sql("UPDATE elicitations SET state = 'connected' WHERE user_id = ?1 AND provider = ?2 AND state = 'pending'")
        .bind(user)
        .bind(provider.id())
}

/// The statement that says that a link came to nothing.
pub fn failed(id_hash: &str) -> Statement {
    sql("UPDATE elicitations SET state = 'failed' WHERE id_hash = ?1 AND state = 'pending'").bind(id_hash)
}
