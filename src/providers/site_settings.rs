//! Where a site is, and what Postern shows there: as the operator set it.

use super::{account::AccountKind, site::Site};
use crate::crypto::secret::Secret;

/// What the operator set of a site.
pub struct SiteSettings {
    /// Whose accounts calls work in here: without the organisation's, [`AccountKind::Either`] is
    /// [`AccountKind::Personal`].
    pub accounts: AccountKind,
    /// Where its API is, without a slash at its end.
    pub base_url: String,
    /// Where people open it, where that is not where its API is.
    pub web_url: Option<String>,
    /// What people connect their accounts through.
    pub consumer: Option<Consumer>,
    /// What the calls of everybody are made with.
    pub organisation: Option<OrganisationAccount>,
}

impl SiteSettings {
    /// The addresses at whose hosts people open the site.
    pub fn web_addresses(&self) -> Vec<&str> {
        match &self.web_url {
            Some(url) => vec![url],
            None => [Some(&self.base_url), self.consumer.as_ref().map(|consumer| &consumer.url)]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect(),
        }
    }
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

/// The names of the settings that [`SiteSettings`] are read from, as the provider's main site has them: another site has
/// its own ([`Site::with_settings`]).
#[derive(Debug)]
pub struct SettingNames {
    pub base_url: &'static str,
    pub web_url: Option<&'static str>,
    pub consumer: Option<ConsumerNames>,
    pub organisation: Option<OrganisationNames>,
}

/// The names of a [`Consumer`]'s settings.
#[derive(Debug)]
pub struct ConsumerNames {
    pub url: &'static str,
    pub client_id: &'static str,
    pub client_secret: &'static str,
}

/// The names of an [`OrganisationAccount`]'s settings.
#[derive(Debug)]
pub struct OrganisationNames {
    pub user: &'static str,
    pub api_token: &'static str,
}

impl SettingNames {
    /// Reads a site's settings through `url` and `text`, which give a setting of that form by its name; `url_or_none` gives
    /// one that may be left out. Where calls work in either account, the organisation's may be left out.
    ///
    /// # Errors
    /// The first setting that one of them refuses.
    pub fn read<E>(
        &self,
        site: Site,
        url: &impl Fn(&str) -> Result<String, E>,
        url_or_none: &impl Fn(&str) -> Result<Option<String>, E>,
        text: &impl Fn(&str) -> Result<String, E>,
    ) -> Result<SiteSettings, E> {
        let kind = site.provider.account;
        let url = |name: &str| url(&site.with_settings(name));
        let text = |name: &str| text(&site.with_settings(name));
        let base_url = url(self.base_url)?;
        let consumer = |names: &ConsumerNames| {
            Ok(Consumer {
                url: url(names.url)?,
                client_id: text(names.client_id)?,
                client_secret: text(names.client_secret).map(Secret::new)?,
            })
        };
        let organisation = |names: &OrganisationNames| {
            Ok(OrganisationAccount { user: text(names.user)?, api_token: text(names.api_token).map(Secret::new)? })
        };
        let is_left_out = |names: &&OrganisationNames| {
            kind == AccountKind::Either && text(names.user).is_err() && text(names.api_token).is_err()
        };
        let organisation =
            self.organisation.as_ref().filter(|names| !is_left_out(names)).map(organisation).transpose()?;
        let is_own_alone = kind == AccountKind::Either && organisation.is_none();
        let web_url = self.web_url.map(|name| url_or_none(&site.with_settings(name))).transpose()?.flatten();
        Ok(SiteSettings {
            accounts: if is_own_alone { AccountKind::Personal } else { kind },
            base_url,
            web_url,
            consumer: self.consumer.as_ref().map(consumer).transpose()?,
            organisation,
        })
    }

    /// All of them.
    #[cfg(test)]
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let of_consumer = self.consumer.iter().flat_map(|names| [names.url, names.client_id, names.client_secret]);
        let of_organisation = self.organisation.iter().flat_map(|names| [names.user, names.api_token]);
        [self.base_url].into_iter().chain(self.web_url).chain(of_consumer).chain(of_organisation)
    }
}
