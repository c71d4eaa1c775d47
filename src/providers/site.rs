//! Where an organisation has a provider, and what Postern shows there: as the operator set it.

use super::account::AccountKind;
use crate::crypto::secret::Secret;

/// What the operator set of a provider.
pub struct Site {
    /// Whose accounts calls work in here: without the organisation's, [`AccountKind::Either`] is
    /// [`AccountKind::Personal`].
    pub accounts: AccountKind,
    /// Without a slash at its end.
    pub base_url: String,
    /// What people connect their accounts through.
    pub consumer: Option<Consumer>,
    /// What the calls of everybody are made with.
    pub organisation: Option<OrganisationAccount>,
}

/// An OAuth consumer that is registered at the provider (RFC 6749 §2).
pub struct Consumer {
    /// The dialect's endpoints lie under it.
    pub url: String,
    pub client_id: String,
    pub client_secret: Secret,
}

/// The organisation's account, and its API token.
pub struct OrganisationAccount {
    pub user: String,
    pub api_token: Secret,
}

/// The names of the settings that a [`Site`] is read from.
#[derive(Debug)]
pub struct SiteSettings {
    pub base_url: &'static str,
    pub consumer: Option<ConsumerSettings>,
    pub organisation: Option<OrganisationSettings>,
}

/// The names of a [`Consumer`]'s settings.
#[derive(Debug)]
pub struct ConsumerSettings {
    pub url: &'static str,
    pub client_id: &'static str,
    pub client_secret: &'static str,
}

/// The names of an [`OrganisationAccount`]'s settings.
#[derive(Debug)]
pub struct OrganisationSettings {
    pub user: &'static str,
    pub api_token: &'static str,
}

impl SiteSettings {
    /// Reads the site through `url` and `text`, which give a setting of that form by its name. Where calls work in either
    /// account, the organisation's may be left out.
    ///
    /// # Errors
    /// The first setting that one of them refuses.
    pub fn read<E>(
        &self,
        kind: AccountKind,
        url: &impl Fn(&'static str) -> Result<String, E>,
        text: &impl Fn(&'static str) -> Result<String, E>,
    ) -> Result<Site, E> {
        let consumer = |names: &ConsumerSettings| {
            Ok(Consumer {
                url: url(names.url)?,
                client_id: text(names.client_id)?,
                client_secret: text(names.client_secret).map(Secret::new)?,
            })
        };
        let organisation = |names: &OrganisationSettings| {
            Ok(OrganisationAccount { user: text(names.user)?, api_token: text(names.api_token).map(Secret::new)? })
        };
        let is_left_out = |names: &&OrganisationSettings| {
            kind == AccountKind::Either && text(names.user).is_err() && text(names.api_token).is_err()
        };
        let organisation =
            self.organisation.as_ref().filter(|names| !is_left_out(names)).map(organisation).transpose()?;
        let is_own_alone = kind == AccountKind::Either && organisation.is_none();
        Ok(Site {
            accounts: if is_own_alone { AccountKind::Personal } else { kind },
            base_url: url(self.base_url)?,
            consumer: self.consumer.as_ref().map(consumer).transpose()?,
            organisation,
        })
    }
}
