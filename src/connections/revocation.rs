//! Tokens of accounts that leave the record are given back to their provider, as far as it takes them.

use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    oauth::{OAuth, Tokens},
    sealed_columns,
};
use crate::{
    crypto::{seal::Purpose, secret::Secret},
    identifiers::UserId,
    platform::{
        Platform,
        clock::Timestamp,
        database::{Statement, sql},
        log::{self, Level},
    },
    providers::Site,
    settings::Settings,
};

/// What was on record of an account that is connected no more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Removed {
    #[serde(rename = "provider")]
    site: String,
    /// Sealed, as the record had it; so is the other.
    access_token: String,
    refresh_token: Option<String>,
}

impl Removed {
    /// The site, as it is written down.
    pub fn site(&self) -> &str {
        &self.site
    }
}

/// The statement that takes one account off the record, at all sites of its consent; it returns a [`Removed`] where there was one.
pub fn remove(user: &UserId, site: Site) -> Statement {
    sql("DELETE FROM connections WHERE user_id = ?1 AND provider = ?2 RETURNING provider, access_token, refresh_token")
        .bind(user)
        .bind(site.token_site())
}

/// The query for all accounts of a person as what is on record of them: a [`Removed`] for each, should it be removed.
pub fn of_person(user: &UserId) -> Statement {
    sql("SELECT provider, access_token, refresh_token FROM connections WHERE user_id = ?1").bind(user)
}

/// The statement that takes all accounts of a person off the record with an end at that moment, unless the record has one
/// as late already; it returns a [`Removed`] for each.
pub fn remove_all(user: &UserId, end: Timestamp) -> Statement {
    sql("DELETE FROM connections
        WHERE user_id = ?1 AND (SELECT ended_before FROM users WHERE id = ?1) < ?2
        RETURNING provider, access_token, refresh_token")
    .bind(user)
    .bind(end)
}

/// Asks the providers to end what they gave for these accounts; whether all of them said that they did. Nothing here
/// rests on it: what is off the record cannot be used any more, so a refusal goes to the log.
pub async fn revoke_removed(platform: &Platform, settings: &Settings, user: &UserId, removed: &[Removed]) -> bool {
    let sealer = settings.sealer(Purpose::Tokens);
    let tokens = removed.iter().flat_map(|account| {
        let Some(site) = Site::parse(&account.site) else { return Vec::new() };
        // The refresh token first: with the access token alone the provider might end that one only.
        let sealed = [("refresh_token", account.refresh_token.as_ref()), ("access_token", Some(&account.access_token))];
        let present = sealed.into_iter().filter_map(|(column, sealed)| Some((column, sealed?)));
        present
            .map(|(column, sealed)| (site, sealer.open(sealed, &sealed_columns::connection_place(user, site, column))))
            .collect()
    });
    let ended = tokens.map(async |(site, token): (Site, Option<Secret>)| {
        // What does not open with a live key cannot be given back.
        match (OAuth::of(platform, settings, site), token) {
            (Ok(oauth), Some(token)) => end(&oauth, &token).await,
            _ => false,
        }
    });
    join_all(ended).await.into_iter().all(|ended| ended)
}

/// Asks the provider to end tokens that were never put on record.
pub async fn revoke(oauth: &OAuth<'_>, tokens: &Tokens) {
    let all = tokens.refresh_token.iter().chain([&tokens.access_token]);
    join_all(all.map(|token| end(oauth, token))).await;
}

async fn end(oauth: &OAuth<'_>, token: &Secret) -> bool {
    let ended = oauth.revoke(token).await;
    if let Err(detail) = &ended {
        log::write(Level::Warning, "token not ended at the provider", &[("detail", json!(detail))]);
    }
    ended.is_ok()
}
