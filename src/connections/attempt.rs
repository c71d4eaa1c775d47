//! The way to the provider and back: one attempt of one signed-in browser to connect an account.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::{
    bitbucket::{self, TokenError},
    elicitation, revocation, vault,
};
use crate::{
    catalog::operation::Provider,
    crypto::{digest::sha256, random, seal::Purpose},
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::sql,
        http::{Form, Request},
        log::Level,
    },
    postern::Postern,
};

/// How long a person may take at the provider.
const LIFETIME: Duration = Duration::from_secs(600);

/// Binds the provider's answer to the browser that asked. One cookie for each attempt, so that two tabs work.
const COOKIE: &str = "__Host-postern_connect_";

/// Who makes the attempt.
pub struct Connector<'a> {
    pub user: &'a UserId,
    /// Names the signed-in browser session; another session cannot finish the attempt.
    pub session_hash: &'a str,
    /// The person's end as that session knows it: what ended since connects nothing.
    pub ended_before: Timestamp,
}

/// Where to send the browser, and the cookie to give it.
pub struct Begun {
    pub location: String,
    pub cookie: String,
}

/// How an attempt ended, for the page that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finished {
    Connected {
        account: String,
    },
    /// The person said no at the provider.
    Refused,
    /// Unknown, used, ended, or begun in another browser or by another person.
    Foreign,
    /// The provider did not give tokens.
    ProviderFailed,
}

/// Begins an attempt. `elicitation` is the id of the link it started from; the caller has checked whose it is.
///
/// # Errors
/// Where the record cannot be written.
pub async fn begin(
    postern: &Postern,
    connector: &Connector<'_>,
    provider: Provider,
    elicitation: Option<&str>,
) -> Result<Begun, Fault> {
    let (state, binding) = (random::token()?, random::token()?);
    let state_hash = sha256(&state);
    postern
        .platform
        .database
        .run(
            sql("INSERT INTO connection_attempts (state_hash, browser_hash, user_id, provider, elicitation_hash, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .bind(&state_hash)
            .bind(browser_hash(connector, &binding))
            .bind(connector.user)
            .bind(provider.id())
            .bind(elicitation.map(sha256))
            .bind(postern.platform.clock.now() + LIFETIME),
        )
        .await?;
    Ok(Begun {
        location: bitbucket::authorization_url(&postern.settings, &state)?,
        cookie: format!(
            "{}={binding}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}",
            cookie_name(&state_hash),
            LIFETIME.as_secs()
        ),
    })
}

#[derive(Deserialize)]
struct Attempt {
    elicitation_hash: Option<String>,
}

/// Finishes the attempt that the provider's redirect names, once.
///
/// # Errors
/// Where the record or the user's Session object cannot be reached.
pub async fn finish(
    postern: &Postern,
    connector: &Connector<'_>,
    provider: Provider,
    request: &Request,
) -> Result<Finished, Fault> {
    let query = request.query();
    let Some(state) = query.get("state") else { return Ok(Finished::Foreign) };
    let state_hash = sha256(state);
    let Some(binding) = request.cookie(&cookie_name(&state_hash)) else { return Ok(Finished::Foreign) };
    let attempt = postern
        .platform
        .database
        .run(
            sql("DELETE FROM connection_attempts
                 WHERE state_hash = ?1 AND browser_hash = ?2 AND user_id = ?3 AND provider = ?4 AND expires_at > ?5
                 RETURNING elicitation_hash")
            .bind(&state_hash)
            .bind(browser_hash(connector, binding))
            .bind(connector.user)
            .bind(provider.id())
            .bind(postern.platform.clock.now()),
        )
        .await?
        .first::<Attempt>()?;
    let Some(attempt) = attempt else { return Ok(Finished::Foreign) };
    let finished = exchange(postern, connector, provider, &query).await?;
    let settled = match &finished {
        Finished::Connected { .. } => Some(elicitation::connected(connector.user, provider)),
        _ => attempt.elicitation_hash.as_deref().map(elicitation::failed),
    };
    if let Some(statement) = settled {
        postern.platform.database.run(statement).await?;
    }
    Ok(finished)
}

async fn exchange(
    postern: &Postern,
    connector: &Connector<'_>,
    provider: Provider,
    query: &Form,
) -> Result<Finished, Fault> {
    let Some(code) = query.get("code") else {
        postern.log(Level::Info, "connection refused at the provider", &[("provider", json!(provider.id()))]);
        return Ok(Finished::Refused);
    };
    let platform = &postern.platform;
    let tokens = match bitbucket::exchange_code(platform, &postern.settings, code).await {
        Ok(tokens) => tokens,
        Err(error) => {
            let detail = match error {
                TokenError::InvalidGrant => "the provider did not accept its own code".to_owned(),
                TokenError::Unavailable(detail) => detail,
            };
            postern.log(Level::Error, "no tokens for the code", &[("detail", json!(detail))]);
            return Ok(Finished::ProviderFailed);
        }
    };
    let account = match bitbucket::account(platform, &postern.settings, &tokens.access_token).await {
        Ok(account) => account,
        Err(fault) => {
            postern.log(Level::Error, "no account for the token", &[("detail", json!(fault.to_string()))]);
            return Ok(Finished::ProviderFailed);
        }
    };
    let now = platform.clock.now();
    let sealer = postern.settings.sealer(Purpose::Tokens);
    let keep = vault::connect(sealer, connector.user, provider, &account, &tokens, connector.ended_before, now)?;
    if platform.database.run(keep).await?.rows.is_empty() {
        revocation::revoke(platform, &postern.settings, &tokens).await;
        return Ok(Finished::Foreign);
    }
    Ok(Finished::Connected { account: account.name })
}

fn cookie_name(state_hash: &str) -> String {
    let id: String = state_hash.chars().take(12).collect();
    format!("{COOKIE}{id}")
}

/// Of the attempt's cookie and the browser's session together: both must be there at the end.
fn browser_hash(connector: &Connector<'_>, binding: &str) -> String {
    sha256(&format!("{} {binding}", connector.session_hash))
}

#[cfg(test)]
mod tests;
