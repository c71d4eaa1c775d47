//! Upstream access tokens, renewed by one asker at a time (single-flight). Open in memory; sealed over the object's
//! sleep.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use futures::{
    FutureExt,
    future::{LocalBoxFuture, Shared},
};
use serde_json::json;

use super::storage::{Credential, Remembered};
use crate::{
    connections::vault::{AccessToken, CredentialError, Vault},
    identifiers::UserId,
    platform::{
        Fault, Platform,
        database::{Rows, Statement, sql},
        log::{self, Level},
        object::ObjectStorage,
        panic,
    },
    providers::Site,
    settings::Settings,
};

type Fetching = Shared<LocalBoxFuture<'static, Result<AccessToken, CredentialError>>>;

/// The access tokens of one user.
pub struct Credentials {
    storage: Rc<dyn ObjectStorage>,
    /// By the site that stands for all sites of a consent, as everything here is.
    fresh: RefCell<HashMap<Site, AccessToken>>,
    /// The credentials from before the object slept, until they are asked for.
    sealed: RefCell<Vec<Credential>>,
    /// The renewals under way, for later askers to join: input gates do not hold across a fetch.
    under_way: RefCell<HashMap<Site, Fetching>>,
    /// Raised with everything that is forgotten.
    epoch: Cell<u64>,
}

/// The stored pair of an account, as it was read beside something else.
pub struct ReadBeside {
    rows: Rows,
    /// That of the moment before it was read.
    epoch: u64,
}

impl ReadBeside {
    pub const fn new(rows: Rows, epoch: u64) -> Self {
        Self { rows, epoch }
    }
}

impl Credentials {
    /// The credentials that the object remembers.
    pub fn woken(storage: Rc<dyn ObjectStorage>, remembered: Remembered) -> Self {
        Self {
            storage,
            fresh: RefCell::default(),
            sealed: RefCell::new(remembered.credentials),
            under_way: RefCell::default(),
            epoch: Cell::default(),
        }
    }

    /// An access token fit for use. `refused` is the version that the provider answered with 401.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn get(
        &self,
        vault: &Vault<'_>,
        settings: &Rc<Settings>,
        refused: Option<i64>,
        read: Option<ReadBeside>,
    ) -> Result<AccessToken, CredentialError> {
        let mut read = read;
        let mut outcome = Err(CredentialError::Unavailable);
        // Twice: what was under way may have begun before the refusal, and give the refused token again.
        for _ in 0..2 {
            if let Some(token) = self.remembered(vault, refused) {
                return Ok(token);
            }
            outcome = self.fetch(vault, settings, refused, read.take()).await;
            if !matches!(&outcome, Ok(token) if refused == Some(token.version)) {
                break;
            }
        }
        outcome
    }

    /// The statement to run beside the next query of the record, and the moment of that: where the token is not here.
    pub fn query(&self, vault: &Vault<'_>) -> Option<(Statement, u64)> {
        self.remembered(vault, None).is_none().then(|| (vault.query(), self.epoch.get()))
    }

    /// Joins what is under way, or begins it.
    async fn fetch(
        &self,
        vault: &Vault<'_>,
        settings: &Rc<Settings>,
        refused: Option<i64>,
        read: Option<ReadBeside>,
    ) -> Result<AccessToken, CredentialError> {
        let site = vault.site.token_site();
        let joined = self.under_way.borrow().get(&site).cloned();
        let fetching = joined.unwrap_or_else(|| {
            // What was forgotten since it was read may be what was read.
            let read = read.filter(|read| read.epoch == self.epoch.get()).map(|read| read.rows);
            let (platform, settings, user) = (vault.platform.clone(), Rc::clone(settings), vault.user.clone());
            let fetching = fetch_alone(platform, settings, user, vault.site, refused, read).boxed_local().shared();
            self.under_way.borrow_mut().insert(site, fetching.clone());
            fetching
        });
        let outcome = fetching.clone().await;
        // The first of those who waited puts the outcome away; what has begun since then is not its business.
        let is_first = self.under_way.borrow().get(&site).is_some_and(|current| current.ptr_eq(&fetching));
        if is_first {
            self.under_way.borrow_mut().remove(&site);
            let kept = match &outcome {
                Ok(token) => self.remember(site, token),
                // A token that was remembered is dead too: nobody is to try it once more.
                Err(CredentialError::Broken | CredentialError::NotConnected) => self.drop_token(site),
                Err(CredentialError::Unavailable) => Ok(()),
            };
            if let Err(fault) = kept {
                log::write(Level::Error, "credential not kept", &[("detail", json!(fault.to_string()))]);
            }
        }
        outcome
    }

    fn remembered(&self, vault: &Vault<'_>, refused: Option<i64>) -> Option<AccessToken> {
        self.unseal(vault);
        let fresh = self.fresh.borrow();
        let token = fresh.get(&vault.site.token_site())?;
        (refused != Some(token.version) && token.is_fresh(vault.platform.clock.now())).then(|| token.clone())
    }

    /// Opens what was sealed over the object's sleep, the first time that it is asked for.
    fn unseal(&self, vault: &Vault<'_>) {
        let mut sealed = self.sealed.borrow_mut();
        let site = vault.site.token_site();
        let Some(index) = sealed.iter().position(|credential| credential.is_of(site)) else { return };
        let Credential { version, expires_at, sealed, granted, .. } = sealed.swap_remove(index);
        let Some(granted) = granted else { return };
        if let Some(token) = vault.unseal_remembered(&sealed) {
            self.fresh.borrow_mut().insert(site, AccessToken { token, version, expires_at, sealed, granted });
        }
    }

    fn remember(&self, site: Site, token: &AccessToken) -> Result<(), Fault> {
        self.fresh.borrow_mut().insert(site, token.clone());
        let put = sql("INSERT OR REPLACE INTO credentials (provider, version, expires_at, sealed)
            VALUES (?1, ?2, ?3, ?4)");
        let put = put.bind(site).bind(token.version).bind(token.expires_at).bind(&token.sealed);
        // First, so that no token is remembered without what it was granted for.
        let granted = serde_json::to_string(&token.granted).unwrap_or_default();
        let put_granted = sql("INSERT OR REPLACE INTO credential_grants (provider, granted) VALUES (?1, ?2)");
        self.storage.run(put_granted.bind(site).bind(granted))?;
        self.storage.run(put).map(drop)
    }

    /// Whether that version is the one that askers get.
    pub fn remembers(&self, site: Site, version: i64) -> bool {
        self.fresh.borrow().get(&site.token_site()).is_some_and(|token| token.version == version)
    }

    fn drop_token(&self, site: Site) -> Result<(), Fault> {
        self.fresh.borrow_mut().remove(&site);
        self.sealed.borrow_mut().retain(|credential| !credential.is_of(site));
        self.storage.run(sql("DELETE FROM credentials WHERE provider = ?1").bind(site)).map(drop)
    }

    /// Forgets what is known of an account that was connected, removed or declared broken. What is under way
    /// is not remembered when it arrives.
    ///
    /// # Errors
    /// Where the storage refuses: then it may come back after the object's next sleep.
    pub fn forget(&self, site: Site) -> Result<(), Fault> {
        self.epoch.set(self.epoch.get().wrapping_add(1));
        let site = site.token_site();
        self.under_way.borrow_mut().remove(&site);
        self.drop_token(site)
    }

    /// Forgets every account, as [`Self::forget`] does.
    ///
    /// # Errors
    /// As there.
    pub fn forget_all(&self) -> Result<(), Fault> {
        self.epoch.set(self.epoch.get().wrapping_add(1));
        self.under_way.borrow_mut().clear();
        self.fresh.borrow_mut().clear();
        self.sealed.borrow_mut().clear();
        self.storage.run(sql("DELETE FROM credentials")).map(drop)
    }
}

async fn fetch_alone(
    platform: Platform,
    settings: Rc<Settings>,
    user: UserId,
    site: Site,
    refused: Option<i64>,
    read: Option<Rows>,
) -> Result<AccessToken, CredentialError> {
    let vault = Vault { platform: &platform, settings: &settings, user: &user, site };
    // A panic that came out of here would leave those who joined waiting for ever.
    let outcome = panic::contain(vault.access_token(refused, read)).await;
    outcome.unwrap_or_else(|fault| Err(vault.unavailable(&fault)))
}
