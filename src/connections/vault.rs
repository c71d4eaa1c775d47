//! The tokens of a user's account, sealed in the record, renewed when they end or are refused.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    granted_sites::{Coverage, Granted, GrantedSites, ResourceId},
    oauth::{Account, OAuth, TokenError, Tokens},
    revocation,
    sealed_columns::{self, ACCESS_TOKEN, Found, REFRESH_TOKEN, SITES},
};
use crate::{
    audit::{Event, Kind, delivery::Delivery, gather},
    crypto::{
        random,
        seal::{Purpose, Sealer},
        secret::Secret,
    },
    identifiers::{RequestId, Subject, UserId},
    platform::{
        Fault, Platform,
        clock::Timestamp,
        database::{Rows, Statement, sql},
        log::{self, Level},
    },
    providers::Site,
    settings::Settings,
};

/// An access token that ends within this time is renewed before it is used.
const MARGIN: Duration = Duration::from_secs(60);

/// An access token fit for use.
#[derive(Debug, Clone)]
pub struct AccessToken {
    pub token: Secret,
    /// Of the stored pair: raised with every renewal.
    pub version: i64,
    pub expires_at: Timestamp,
    /// The token as it is stored: sealed, and bound to whose it is.
    pub sealed: String,
    /// What it was granted for.
    pub granted: Granted,
}

impl AccessToken {
    /// Whether it can be used now without asking for another.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.expires_at > now + MARGIN
    }

    /// The provider's own id of a site at which it is used; `None` where a token is for one site alone.
    ///
    /// # Errors
    /// Where it is not for that site.
    pub fn resource_at(&self, site: Site) -> Result<Option<ResourceId>, CredentialError> {
        let Some(sites) = &self.granted.sites else {
            // Where sites share a consent, no token goes anywhere but where it is known to belong.
            return if site.shares_consent() { Err(CredentialError::NotConnected) } else { Ok(None) };
        };
        match sites.coverage(site) {
            Coverage::Covered(id) => Ok(Some(id)),
            Coverage::Lost => Err(CredentialError::Broken),
            Coverage::NotCovered => Err(CredentialError::NotConnected),
        }
    }
}

/// Why there is no access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialError {
    /// The user never connected an account, or disconnected it.
    NotConnected,
    /// The account's tokens are worth nothing any more: the user has to connect it again.
    Broken,
    /// It could not be found out for now; why is in the log.
    Unavailable,
}

/// What is to be done before a stored pair can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Use,
    Renew,
    Reconnect,
}

/// Decides on a stored pair. `refused` is the version that the provider answered with 401.
pub fn decide(pair: &Facts, refused: Option<i64>, now: Timestamp) -> Step {
    if pair.broken {
        return Step::Reconnect;
    }
    let usable = refused != Some(pair.version) && pair.expires_at > now + MARGIN;
    match (usable, pair.renewable) {
        (true, _) => Step::Use,
        (false, true) => Step::Renew,
        (false, false) if refused != Some(pair.version) && pair.expires_at > now => Step::Use,
        (false, false) => Step::Reconnect,
    }
}

/// What [`decide`] looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    pub version: i64,
    pub expires_at: Timestamp,
    /// There is a refresh token.
    pub renewable: bool,
    pub broken: bool,
}

#[derive(Deserialize)]
struct Row {
    number: i64,
    access_token: String,
    refresh_token: Option<String>,
    expires_at: Timestamp,
    version: i64,
    state: String,
    scopes: String,
    sites: Option<String>,
}

impl Row {
    fn facts(&self) -> Facts {
        Facts {
            version: self.version,
            expires_at: self.expires_at,
            renewable: self.refresh_token.is_some(),
            broken: self.state != "connected",
        }
    }
}

/// One user's account at one site.
pub struct Vault<'a> {
    pub platform: &'a Platform,
    pub settings: &'a Settings,
    pub user: &'a UserId,
    pub site: Site,
}

impl Vault<'_> {
    /// An access token fit for use, renewed first where need be. At most one caller at a time may ask for a
    /// user (the Session object sees to that): providers retire a refresh token when it is used. `read` is what
    /// [`Self::query`] returned, where that was run already.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn access_token(
        &self,
        refused: Option<i64>,
        mut read: Option<Rows>,
    ) -> Result<AccessToken, CredentialError> {
        // Twice: the pair may be replaced by a new connection while the provider is asked.
        for _ in 0..2 {
            let row = match read.take() {
                Some(rows) => rows.first::<Row>(),
                None => self.load().await,
            };
            let row = row.map_err(|fault| self.unavailable(&fault))?.ok_or(CredentialError::NotConnected)?;
            match decide(&row.facts(), refused, self.platform.clock.now()) {
                Step::Use => {
                    let token = self.open(&row)?;
                    self.seal_anew(&row).await;
                    return self.with_sites(&row, token).await;
                }
                Step::Reconnect => return Err(self.declare_broken(row.version).await),
                Step::Renew => {
                    if let Some(outcome) = self.renew(&row, refused).await {
                        return self.with_sites(&row, outcome?).await;
                    }
                }
            }
        }
        Err(CredentialError::Unavailable)
    }

    /// The same token where the record says as we do for which sites it is. Else the provider is asked: whoever can write the
    /// record decides nothing, and a row from before these were sealed becomes a sealed one.
    async fn with_sites(&self, row: &Row, mut token: AccessToken) -> Result<AccessToken, CredentialError> {
        if row.sites.is_none() || token.granted.sites.is_some() {
            return Ok(token);
        }
        let ask = async {
            let listed = OAuth::of(self.platform, self.settings, self.site)?.listed_sites(&token.token).await?;
            let sites = GrantedSites::among(&self.settings.sites, self.site.provider, &listed.unwrap_or_default());
            self.keep_sites(token.version, &sites).await?;
            Ok::<_, Fault>(sites)
        };
        token.granted.sites = Some(ask.await.map_err(|fault| self.unavailable(&fault))?);
        Ok(token)
    }

    /// Keeps for which sites the pair of that version is; whether it still is there.
    async fn keep_sites(&self, version: i64, sites: &GrantedSites) -> Result<bool, Fault> {
        let update = sql("UPDATE connections SET sites = ?4 WHERE user_id = ?1 AND provider = ?2 AND version = ?3")
            .bind(self.user)
            .bind(self.site.token_site())
            .bind(version)
            .bind(sites.seal(self.sealer(), self.user, self.site)?);
        Ok(self.platform.database.run(update).await?.changes > 0)
    }

    fn granted(&self, row: &Row) -> Granted {
        let sites =
            row.sites.as_deref().and_then(|sealed| GrantedSites::open(self.sealer(), self.user, self.site, sealed));
        Granted { scopes: row.scopes.clone(), sites }
    }

    /// Marks what the provider refuses at this site though it was renewed: the site alone, where the provider says that the
    /// consent covers others and no more this one; else the pair of that version.
    pub async fn declare_refused(&self, version: i64) -> CredentialError {
        match self.lose_site(version).await {
            Ok(true) => {
                self.record_broken().await;
                CredentialError::Broken
            }
            Ok(false) => self.declare_broken(version).await,
            Err(fault) => self.unavailable(&fault),
        }
    }

    /// Whether the provider no longer lists this site for the pair of that version, and the record says so now.
    async fn lose_site(&self, version: i64) -> Result<bool, Fault> {
        let Some(row) = self.load().await?.filter(|row| row.version == version) else { return Ok(false) };
        let (Some(sites), Some(token)) = (self.granted(&row).sites, self.unseal(&row.access_token)) else {
            return Ok(false);
        };
        let Ok(Some(listed)) = OAuth::of(self.platform, self.settings, self.site)?.listed_sites(&token).await else {
            return Ok(false);
        };
        let left = sites.after(&listed);
        if left.coverage(self.site) != Coverage::Lost {
            return Ok(false);
        }
        self.keep_sites(version, &left).await
    }

    /// Marks the pair of that version as worth nothing.
    pub async fn declare_broken(&self, version: i64) -> CredentialError {
        let statement = sql("UPDATE connections SET state = 'broken', updated_at = ?4
                             WHERE user_id = ?1 AND provider = ?2 AND version = ?3")
        .bind(self.user)
        .bind(self.site.token_site())
        .bind(version)
        .bind(self.platform.clock.now());
        match self.platform.database.run(statement).await {
            Ok(marked) => {
                if marked.changes > 0 {
                    self.record_broken().await;
                }
                CredentialError::Broken
            }
            Err(fault) => self.unavailable(&fault),
        }
    }

    /// Records that the provider no longer accepts the account's tokens.
    async fn record_broken(&self) {
        let Ok(id) = random::identifier() else { return };
        let (subject, now) = (Subject::from(self.user), self.platform.clock.now());
        let event =
            Event::new(Kind::ConnectionBroken, &RequestId::new(id), now).of(self.user).target(&self.site.to_string());
        let delivery = Delivery { events: vec![event], ..Delivery::default() };
        let recorded = gather::hand_on(self.platform, self.settings.audit_shards, &subject, delivery).await;
        if let Err(fault) = recorded {
            log::write(Level::Error, "audit not appended", &[("detail", json!(fault.to_string()))]);
        }
    }

    /// `None` where another pair took this one's place meanwhile.
    async fn renew(&self, row: &Row, refused: Option<i64>) -> Option<Result<AccessToken, CredentialError>> {
        let sealed = row.refresh_token.as_deref().unwrap_or_default();
        let Some(token) =
            self.sealer().open(sealed, &sealed_columns::connection_place(self.user, self.site, "refresh_token"))
        else {
            return Some(
                Err(self.unavailable(&Fault::new("vault", "the refresh token does not open with a live key"))),
            );
        };
        let oauth = match OAuth::of(self.platform, self.settings, self.site) {
            Ok(oauth) => oauth,
            Err(fault) => return Some(Err(self.unavailable(&fault))),
        };
        match oauth.refresh(&token).await {
            Ok(tokens) => match self.replace(row.version, &tokens).await {
                Ok(None) => {
                    // Disconnected meanwhile: the new pair is nobody's.
                    if matches!(self.load().await, Ok(None)) {
                        revocation::revoke(&oauth, &tokens).await;
                    }
                    None
                }
                Ok(Some(sealed)) => Some(Ok(AccessToken {
                    token: tokens.access_token,
                    version: row.version + 1,
                    expires_at: self.platform.clock.now() + tokens.lifetime,
                    sealed,
                    granted: self.granted(row),
                })),
                Err(fault) => Some(Err(self.unavailable(&fault))),
            },
            Err(TokenError::InvalidGrant) => Some(Err(self.declare_broken(row.version).await)),
            Err(TokenError::Unavailable(detail)) => {
                let error = self.unavailable(&Fault::new("token endpoint", detail));
                let still_good = refused != Some(row.version) && row.expires_at > self.platform.clock.now();
                Some(if still_good { self.open(row) } else { Err(error) })
            }
        }
    }

    /// Persists a renewed pair in the place of `version`, before anybody uses it, for the access token as it is stored;
    /// `None` where another pair took that place.
    async fn replace(&self, version: i64, tokens: &Tokens) -> Result<Option<String>, Fault> {
        let now = self.platform.clock.now();
        let sealed = SealedTokens::new(self.sealer(), self.user, self.site, tokens)?;
        let update = sql("UPDATE connections SET access_token = ?4, refresh_token = COALESCE(?5, refresh_token),
                 expires_at = ?6, version = version + 1, updated_at = ?7
             WHERE user_id = ?1 AND provider = ?2 AND version = ?3")
        .bind(self.user)
        .bind(self.site.token_site())
        .bind(version)
        .bind(&sealed.access_token)
        .bind(sealed.refresh_token)
        .bind(now + tokens.lifetime)
        .bind(now);
        let rows = self.platform.database.run(update).await?;
        Ok((rows.changes > 0).then_some(sealed.access_token))
    }

    async fn load(&self) -> Result<Option<Row>, Fault> {
        self.platform.database.run(self.query()).await?.first()
    }

    /// The statement that reads the stored pair.
    pub fn query(&self) -> Statement {
        let query =
            sql("SELECT rowid AS number, access_token, refresh_token, expires_at, version, state, scopes, sites
            FROM connections WHERE user_id = ?1 AND provider = ?2");
        query.bind(self.user).bind(self.site.token_site())
    }

    /// The token that is sealed so; `None` where no live key opens it as this user's.
    fn unseal(&self, sealed: &str) -> Option<Secret> {
        self.sealer().open(sealed, &sealed_columns::connection_place(self.user, self.site, "access_token"))
    }

    /// The token that was remembered sealed so; `None` where that is not by the key in use. Then the record is read, and what
    /// is in it is sealed anew.
    pub fn unseal_remembered(&self, sealed: &str) -> Option<Secret> {
        if self.sealer().is_previous(sealed) { None } else { self.unseal(sealed) }
    }

    fn open(&self, row: &Row) -> Result<AccessToken, CredentialError> {
        match self.unseal(&row.access_token) {
            Some(token) => {
                let sealed = row.access_token.clone();
                Ok(AccessToken {
                    token,
                    version: row.version,
                    expires_at: row.expires_at,
                    sealed,
                    granted: self.granted(row),
                })
            }
            None => Err(self.unavailable(&Fault::new("vault", "the access token does not open with a live key"))),
        }
    }

    /// Brings what the previous key sealed under the current one. Where that fails, the sweep will.
    async fn seal_anew(&self, row: &Row) {
        let name = format!("{}/{}", self.user, self.site.token_site());
        let tokens = [
            (ACCESS_TOKEN, Some(&row.access_token)),
            (REFRESH_TOKEN, row.refresh_token.as_ref()),
            (SITES, row.sites.as_ref()),
        ];
        let mut statements = Vec::new();
        for (column, sealed) in tokens.into_iter().filter_map(|(column, sealed)| Some((column, sealed?))) {
            let found = Found { number: row.number, row: name.clone(), sealed: sealed.clone() };
            statements.extend(column.renew(self.sealer(), &found).ok().flatten());
        }
        if statements.is_empty() {
            return;
        }
        if let Err(fault) = self.platform.database.batch(statements).await {
            log::write(Level::Warning, "not sealed anew", &[("detail", json!(fault.to_string()))]);
        }
    }

    fn sealer(&self) -> &Sealer {
        self.settings.sealer(Purpose::Tokens)
    }

    /// Logs why there is none for now.
    pub fn unavailable(&self, fault: &Fault) -> CredentialError {
        log::write(
            Level::Error,
            "upstream credential unavailable",
            &[
                ("user", json!(self.user.as_str())),
                ("provider", json!(self.site)),
                ("detail", json!(fault.to_string())),
            ],
        );
        CredentialError::Unavailable
    }
}

struct SealedTokens {
    access_token: String,
    refresh_token: Option<String>,
}

impl SealedTokens {
    fn new(sealer: &Sealer, user: &UserId, site: Site, tokens: &Tokens) -> Result<Self, Fault> {
        let seal =
            |token: &Secret, column| sealer.seal(token.expose(), &sealed_columns::connection_place(user, site, column));
        Ok(Self {
            access_token: seal(&tokens.access_token, "access_token")?,
            refresh_token: tokens.refresh_token.as_ref().map(|token| seal(token, "refresh_token")).transpose()?,
        })
    }
}

/// The statement that keeps the tokens of a newly connected account, in the place of an earlier one: unless the person's
/// access has ended since it was `ended_before`. It returns a row where they were kept.
///
/// # Errors
/// Where they cannot be sealed.
pub fn connect(
    sealer: &Sealer,
    user: &UserId,
    site: Site,
    account: &Account,
    tokens: &Tokens,
    ended_before: Timestamp,
    now: Timestamp,
) -> Result<Statement, Fault> {
    let sealed = SealedTokens::new(sealer, user, site, tokens)?;
    let sites = account.sites.as_ref().map(|sites| sites.seal(sealer, user, site)).transpose()?;
    Ok(sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token, refresh_token,
                expires_at, version, state, created_at, updated_at, sites)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 'connected', ?9, ?9, ?11 FROM users
            WHERE id = ?1 AND disabled_at IS NULL AND ended_before = ?10
            ON CONFLICT (user_id, provider) DO UPDATE SET account_id = excluded.account_id,
                account_name = excluded.account_name, scopes = excluded.scopes, access_token = excluded.access_token,
                refresh_token = excluded.refresh_token, expires_at = excluded.expires_at,
                version = connections.version + 1, state = 'connected', created_at = excluded.created_at,
                updated_at = excluded.updated_at, sites = excluded.sites, quota_left = NULL, quota_ends_at = NULL
            RETURNING provider")
    .bind(user)
    .bind(site.token_site())
    .bind(&account.id)
    .bind(&account.name)
    .bind(tokens.scopes.as_deref().unwrap_or_default())
    .bind(sealed.access_token)
    .bind(sealed.refresh_token)
    .bind(now + tokens.lifetime)
    .bind(now)
    .bind(ended_before)
    .bind(sites))
}

#[cfg(test)]
mod tests;
