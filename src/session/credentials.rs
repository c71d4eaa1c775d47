//! Upstream access tokens in memory, renewed by one asker at a time.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, Shared},
};

use crate::{
    catalog::operation::Provider,
    connections::vault::{AccessToken, CredentialError, Vault},
    identifiers::UserId,
    platform::{Platform, panic},
    settings::Settings,
};

type Fetching = Shared<LocalBoxFuture<'static, Result<AccessToken, CredentialError>>>;

/// The access tokens of one user.
#[derive(Default)]
pub struct Credentials {
    fresh: RefCell<HashMap<Provider, AccessToken>>,
    /// What is under way, for later askers to join: input gates do not hold across a fetch.
    under_way: RefCell<HashMap<Provider, Fetching>>,
}

impl Credentials {
    /// An access token fit for use. `refused` is the version that the provider answered with 401.
    ///
    /// # Errors
    /// As [`CredentialError`] says.
    pub async fn get(
        &self,
        platform: &Platform,
        settings: &Rc<Settings>,
        user: &UserId,
        provider: Provider,
        refused: Option<i64>,
    ) -> Result<AccessToken, CredentialError> {
        let mut outcome = Err(CredentialError::Unavailable);
        // Twice: what was under way may have begun before the refusal, and give the refused token again.
        for _ in 0..2 {
            if let Some(token) = self.remembered(provider, refused, platform) {
                return Ok(token);
            }
            outcome = self.fetch(platform, settings, user, provider, refused).await;
            if !matches!(&outcome, Ok(token) if refused == Some(token.version)) {
                break;
            }
        }
        outcome
    }

    /// Joins what is under way, or begins it.
    async fn fetch(
        &self,
        platform: &Platform,
        settings: &Rc<Settings>,
        user: &UserId,
        provider: Provider,
        refused: Option<i64>,
    ) -> Result<AccessToken, CredentialError> {
        let joined = self.under_way.borrow().get(&provider).cloned();
        let fetching = joined.unwrap_or_else(|| {
            let (platform, settings, user) = (platform.clone(), Rc::clone(settings), user.clone());
            let fetching = async move {
                let vault = Vault { platform: &platform, settings: &settings, user: &user, provider };
                // A panic that came out of here would leave those who joined waiting for ever.
                let outcome = panic::contain(vault.access_token(refused)).await;
                outcome.unwrap_or_else(|fault| Err(vault.unavailable(&fault)))
            }
            .boxed_local()
            .shared();
            self.under_way.borrow_mut().insert(provider, fetching.clone());
            fetching
        });
        let outcome = fetching.clone().await;
        let mut under_way = self.under_way.borrow_mut();
        // The first of those who waited puts the outcome away; what has begun since then is not its business.
        if under_way.get(&provider).is_some_and(|current| current.ptr_eq(&fetching)) {
            under_way.remove(&provider);
            let mut fresh = self.fresh.borrow_mut();
            match &outcome {
                Ok(token) => drop(fresh.insert(provider, token.clone())),
                // A token that was remembered is dead too: nobody is to try it once more.
                Err(CredentialError::Broken | CredentialError::NotConnected) => drop(fresh.remove(&provider)),
                Err(CredentialError::Unavailable) => {}
            }
        }
        outcome
    }

    fn remembered(&self, provider: Provider, refused: Option<i64>, platform: &Platform) -> Option<AccessToken> {
        let fresh = self.fresh.borrow();
        let token = fresh.get(&provider)?;
        (refused != Some(token.version) && token.is_fresh(platform.clock.now())).then(|| token.clone())
    }

    /// Whether that version is the one that askers are given.
    pub fn remembers(&self, provider: Provider, version: i64) -> bool {
        self.fresh.borrow().get(&provider).is_some_and(|token| token.version == version)
    }

    /// Forgets what is known of an account that was connected, removed or declared broken. What is under way
    /// is not remembered when it arrives.
    pub fn forget(&self, provider: Provider) {
        self.fresh.borrow_mut().remove(&provider);
        self.under_way.borrow_mut().remove(&provider);
    }

    /// Forgets every account, as [`Self::forget`] does.
    pub fn forget_all(&self) {
        self.fresh.borrow_mut().clear();
        self.under_way.borrow_mut().clear();
    }
}
