//! The way to the provider and back: one attempt of one signed-in browser to connect an account.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::join;
use serde::Deserialize;
use serde_json::json;

use super::{
    elicitation,
    granted_sites::{Coverage, GrantedSites, Listed},
    oauth::{OAuth, TokenError},
    revocation, vault,
};
use crate::{
    audit::{self, Kind, Outcome},
    context::Context,
    crypto::{digest::sha256, random, seal::Purpose},
    identifiers::UserId,
    platform::{
        Fault,
        cap::Cap,
        clock::Timestamp,
        database::sql,
        http::{Form, Request},
        log::Level,
    },
    providers::Site,
    untrusted,
};

/// In characters, of what a provider calls a site.
const LONGEST_NAME: usize = 60;

/// How long a person may take at the provider.
pub const LIFETIME: Duration = Duration::from_secs(600);

/// Binds the provider's answer to the browser that asked. One cookie for each attempt, so that two tabs work.
const COOKIE: &str = "__Host-postern_connect_";

/// What is kept of an attempt as a keyed hash.
/// A person tries in a few tabs at a time, not in more.
const CAP: Cap = Cap::new(
    20,
    "DELETE FROM connection_attempts WHERE rowid IN (
        SELECT rowid FROM connection_attempts WHERE user_id = ?1 ORDER BY rowid DESC LIMIT -1 OFFSET ?2)",
);

const STATE: &str = "connection_attempts.state";
const BROWSER: &str = "connection_attempts.browser";

/// Who makes the attempt.
pub struct Connector<'a> {
    pub user: &'a UserId,
    /// Names the signed-in browser session; another session cannot finish the attempt.
    pub session_hash: &'a str,
    /// The person's end as that session knows it: what ended since connects nothing.
    pub ended_before: Timestamp,
}

/// What an attempt is made from, and comes back to.
pub enum Occasion<'a> {
    /// The person's own page of connections.
    Page,
    /// A link that an AI client handed out: its id. The caller has checked whose it is.
    Link(&'a str),
    /// Something that the person is in the middle of: [`finish`] gives this text back.
    Detour(&'a str),
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
        /// The other sites that the same consent covers.
        also: Vec<Site>,
    },
    /// The person granted access at other sites than the one that the attempt was for. Those of them that the operator
    /// set up are connected now.
    OtherSites {
        account: String,
        connected: Vec<Site>,
        /// What the provider calls the sites that are not set up here.
        unknown: Vec<String>,
    },
    /// The person said no at the provider.
    Refused,
    /// Unknown, used, ended, or begun in another browser or by another person.
    Foreign,
    /// The provider did not give tokens.
    ProviderFailed,
}

impl Finished {
    /// The sites at which an attempt for that one has connected the account.
    pub fn connected_sites(&self, site: Site) -> Vec<Site> {
        match self {
            Self::Connected { also, .. } => [site].into_iter().chain(also.iter().copied()).collect(),
            Self::OtherSites { connected, .. } => connected.clone(),
            Self::Refused | Self::Foreign | Self::ProviderFailed => Vec::new(),
        }
    }
}

/// Begins an attempt.
///
/// # Errors
/// Where the record cannot be written.
pub async fn begin(
    context: &Context,
    connector: &Connector<'_>,
    site: Site,
    occasion: Occasion<'_>,
) -> Result<Begun, Fault> {
    let oauth = OAuth::of(&context.platform, &context.settings, site)?;
    let (state, mut binding) = (random::token()?, random::token()?);
    if let Occasion::Detour(onward) = occasion {
        binding = format!("{binding}.{}", URL_SAFE_NO_PAD.encode(onward));
    }
    let authenticator = context.settings.authenticator();
    let link = if let Occasion::Link(id) = occasion { Some(elicitation::hash(authenticator, id)) } else { None };
    let insert = sql(
        "INSERT INTO connection_attempts (state_hash, browser_hash, user_id, provider, elicitation_hash, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(authenticator.hash(STATE, &state))
    .bind(authenticator.hash(BROWSER, &browser(connector, &binding)))
    .bind(connector.user)
    .bind(site)
    .bind(link)
    .bind(context.platform.clock.now() + LIFETIME);
    context.platform.database.batch(vec![insert, CAP.keep(connector.user)]).await?;
    Ok(Begun {
        location: oauth.authorization_url(&state)?,
        cookie: format!(
            "{}={binding}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}",
            cookie_name(&state),
            LIFETIME.as_secs()
        ),
    })
}

#[derive(Deserialize)]
struct Attempt {
    elicitation_hash: Option<String>,
}

/// Finishes the attempt that the provider's redirect names, once; with it comes what a detour goes back to. That is kept
/// in the browser's cookie, all of which the attempt is bound to.
///
/// # Errors
/// Where the record or the user's Session object cannot be reached.
pub async fn finish(
    context: &Context,
    connector: &Connector<'_>,
    site: Site,
    request: &Request,
) -> Result<(Finished, Option<String>), Fault> {
    const FOREIGN: (Finished, Option<String>) = (Finished::Foreign, None);
    let query = request.query();
    let Some(state) = query.get("state") else { return Ok(FOREIGN) };
    let Some(binding) = request.cookie(&cookie_name(state)) else { return Ok(FOREIGN) };
    let authenticator = context.settings.authenticator();
    let [state_hash, previous_state] = authenticator.hashes(STATE, state);
    let [browser_hash, previous_browser] = authenticator.hashes(BROWSER, &browser(connector, binding));
    let attempt = context
        .platform
        .database
        .run(
            sql("DELETE FROM connection_attempts
                 WHERE state_hash IN (?1, ?6) AND browser_hash IN (?2, ?7) AND user_id = ?3 AND provider = ?4
                     AND expires_at > ?5
                 RETURNING elicitation_hash")
            .bind(state_hash)
            .bind(browser_hash)
            .bind(connector.user)
            .bind(site)
            .bind(context.platform.clock.now())
            .bind(previous_state)
            .bind(previous_browser),
        )
        .await?
        .first::<Attempt>()?;
    let Some(attempt) = attempt else { return Ok(FOREIGN) };
    let finished = exchange(context, connector, site, &query).await?;
    let sites = finished.connected_sites(site);
    let mut settled: Vec<_> = sites.iter().map(|site| elicitation::connected(connector.user, *site)).collect();
    if !sites.contains(&site) {
        settled.extend(attempt.elicitation_hash.as_deref().map(elicitation::failed));
    }
    if !settled.is_empty() {
        context.platform.database.batch(settled).await?;
    }
    let onward = binding.split_once('.').and_then(|(_, onward)| URL_SAFE_NO_PAD.decode(onward).ok());
    Ok((finished, onward.and_then(|onward| String::from_utf8(onward).ok())))
}

async fn exchange(context: &Context, connector: &Connector<'_>, site: Site, query: &Form) -> Result<Finished, Fault> {
    let event = |kind| audit::event(context, kind).of(connector.user).target(&site.to_string());
    let Some(code) = query.get("code") else {
        let refused = event(Kind::ConnectionMade).ending(Outcome::Denied);
        audit::gather(context, refused.because("the person said no at the provider"));
        context.log(Level::Info, "connection refused at the provider", &[("provider", json!(site))]);
        return Ok(Finished::Refused);
    };
    let platform = &context.platform;
    let oauth = OAuth::of(platform, &context.settings, site)?;
    let tokens = match oauth.exchange_code(code).await {
        Ok(tokens) => tokens,
        Err(error) => {
            let detail = match error {
                TokenError::InvalidGrant => "the provider did not accept its own code".to_owned(),
                TokenError::Unavailable(detail) => detail,
            };
            context.log(Level::Error, "no tokens for the code", &[("detail", json!(detail))]);
            return Ok(Finished::ProviderFailed);
        }
    };
    let said = join(oauth.account(&tokens.access_token), oauth.listed_sites(&tokens.access_token)).await;
    let (mut account, listed) = match said {
        (Ok(account), Ok(listed)) => (account, listed),
        (Err(fault), _) | (_, Err(fault)) => {
            context.log(Level::Error, "no account for the token", &[("detail", json!(fault.to_string()))]);
            return Ok(Finished::ProviderFailed);
        }
    };
    account.sites = listed.as_deref().map(|all| GrantedSites::among(&context.settings.sites, site.provider, all));
    let finished = finished(site, account.name.clone(), account.sites.as_ref(), listed.as_deref().unwrap_or_default());
    let at = finished.connected_sites(site);
    if at.is_empty() {
        let nowhere = event(Kind::ConnectionMade).ending(Outcome::Denied);
        audit::gather(context, nowhere.because("the consent covers no site that is set up here"));
        revocation::revoke(&oauth, &tokens).await;
        return Ok(finished);
    }
    let now = platform.clock.now();
    let sealer = context.settings.sealer(Purpose::Tokens);
    let keep = vault::connect(sealer, connector.user, site, &account, &tokens, connector.ended_before, now)?;
    if platform.database.run(keep).await?.rows.is_empty() {
        revocation::revoke(&oauth, &tokens).await;
        return Ok(Finished::Foreign);
    }
    for site in at {
        let made = audit::event(context, Kind::ConnectionMade).of(connector.user).target(&site.to_string());
        audit::record(context, made.changing("", &account.name)).await;
    }
    Ok(finished)
}

/// How an attempt for a site ends by the sites that the consent covers, where the provider lists them. Pure.
fn finished(site: Site, account: String, covered: Option<&GrantedSites>, listed: &[Listed]) -> Finished {
    let Some(covered) = covered else { return Finished::Connected { account, also: Vec::new() } };
    let others = covered.iter().map(|granted| granted.site).filter(|other| *other != site).collect();
    if matches!(covered.coverage(site), Coverage::Covered(_)) {
        return Finished::Connected { account, also: others };
    }
    let is_known = |listed: &&Listed| covered.iter().any(|granted| granted.id == listed.id);
    let unknown = listed.iter().filter(|listed| !is_known(listed));
    let unknown = unknown.map(|listed| untrusted::label(&listed.name, LONGEST_NAME)).collect();
    Finished::OtherSites { account, connected: others, unknown }
}

fn cookie_name(state: &str) -> String {
    let id: String = sha256(state).chars().take(12).collect();
    format!("{COOKIE}{id}")
}

/// The attempt's cookie and the browser's session together: both must be there at the end.
fn browser(connector: &Connector<'_>, binding: &str) -> String {
    format!("{} {binding}", connector.session_hash)
}

#[cfg(test)]
mod tests;
