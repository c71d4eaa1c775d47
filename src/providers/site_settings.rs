//! Where a site is, and what Postern shows there: as the operator set it.

use super::{account::AccountKind, oauth_dialect::Resources, site::Site};
use crate::crypto::secret::Secret;

/// What the operator set of a site.
pub struct SiteSettings {
    /// Whose accounts calls work in here by the settings: [`AccountKind::Either`] is so only where both are set.
    pub accounts: AccountKind,
    /// Where its API is, without a slash at its end.
    pub base_url: String,
    /// Where people open it, where that is not where its API is.
    pub web_url: Option<String>,
    /// Where the APIs of all its provider's sites lie, each by its id, where that is one place.
    pub gateway: Option<String>,
    /// What people connect their accounts through.
    pub consumer: Option<Consumer>,
    /// What calls in the organisation's account are made with, unless an administrator entered another credential.
    pub organisation: Option<OrganisationAccount>,
}

impl SiteSettings {
    /// The addresses at whose hosts people open the site.
    pub fn web_addresses(&self) -> Vec<&str> {
        match (&self.web_url, &self.consumer) {
            (Some(url), _) => vec![url],
            // An authorization server that stands before several sites is none of them.
            (None, Some(Consumer { api_url: None, url, .. })) => vec![&self.base_url, url],
            (None, _) => vec![&self.base_url],
        }
    }

    /// Below which address people open the site's pages; `None` where nothing says that but its answers.
    pub fn web_base(&self) -> Option<&str> {
        let api_url = self.consumer.as_ref().and_then(|consumer| consumer.api_url.as_deref());
        let is_gateway = |url: &str| api_url.is_some_and(|api_url| url.starts_with(api_url) && url.contains("/ex/"));
        self.web_url.as_deref().or_else(|| Some(self.base_url.as_str()).filter(|url| !is_gateway(url)))
    }
}

/// An OAuth consumer that is registered at the provider (RFC 6749 §2).
pub struct Consumer {
    /// The dialect's endpoints lie under it.
    pub url: String,
    /// Where the APIs of its sites lie, where that is one place for all of them.
    pub api_url: Option<String>,
    pub client_id: String,
    pub client_secret: Secret,
}

impl Consumer {
    /// Where the API of the site with that id lies, for tokens of this consumer.
    pub fn resource_url(&self, resources: &Resources, id: &str) -> Option<String> {
        self.api_url.as_ref().map(|api_url| resources.address(api_url, id))
    }
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

/// The names of a [`Consumer`]'s settings. Where it stands for all sites of its provider, they are the provider's alone.
#[derive(Debug)]
pub struct ConsumerNames {
    pub url: Address,
    pub api_url: Option<Address>,
    pub client_id: &'static str,
    pub client_secret: &'static str,
}

/// The name of a setting that is a URL, and the one that is meant where it is left out, if any.
#[derive(Debug)]
pub struct Address {
    name: &'static str,
    default: Option<&'static str>,
}

impl Address {
    /// One that has to be set.
    pub const fn set(name: &'static str) -> Self {
        Self { name, default: None }
    }

    /// One that is the same for everybody, but for tests.
    pub const fn known(name: &'static str, default: &'static str) -> Self {
        Self { name, default: Some(default) }
    }
}

/// The names of an [`OrganisationAccount`]'s settings.
#[derive(Debug)]
pub struct OrganisationNames {
    pub user: &'static str,
    pub api_token: &'static str,
}

impl SettingNames {
    /// Reads a site's settings through `url` and `text`, which give a setting of that form by its name; `url_or_none` gives
    /// one that may be left out. Where calls work in either account, both may be left out: an administrator can enter a
    /// credential afterwards.
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
        let base_url = url(&site.with_settings(self.base_url))?;
        let text_of = |name: &str| text(&site.with_settings(name));
        let owner = site.token_site();
        let address = |address: &Address| match (url_or_none(&owner.with_settings(address.name))?, address.default) {
            (Some(url), _) => Ok(url),
            (None, Some(default)) => Ok(default.to_owned()),
            (None, None) => url(&owner.with_settings(address.name)),
        };
        let consumer = |names: &ConsumerNames| {
            Ok(Consumer {
                url: address(&names.url)?,
                api_url: names.api_url.as_ref().map(address).transpose()?,
                client_id: text(&owner.with_settings(names.client_id))?,
                client_secret: text(&owner.with_settings(names.client_secret)).map(Secret::new)?,
            })
        };
        let organisation = |names: &OrganisationNames| {
            Ok(OrganisationAccount {
                user: text_of(names.user)?,
                api_token: text_of(names.api_token).map(Secret::new)?,
            })
        };
        let is_set = |name: &str| text(name).is_ok();
        let has_consumer = |names: &ConsumerNames| {
            [names.client_id, names.client_secret].iter().any(|name| is_set(&owner.with_settings(name)))
        };
        let has_organisation = |names: &OrganisationNames| {
            [names.user, names.api_token].iter().any(|name| is_set(&site.with_settings(name)))
        };
        // Half of either is a mistake.
        let is_choice = kind == AccountKind::Either;
        let consumer_names = self.consumer.as_ref().filter(|names| !is_choice || has_consumer(names));
        let consumer = consumer_names.map(consumer).transpose()?;
        let organisation_names = self.organisation.as_ref().filter(|names| !is_choice || has_organisation(names));
        let organisation = organisation_names.map(organisation).transpose()?;
        let accounts = match (&consumer, &organisation) {
            (Some(_), Some(_)) => AccountKind::Either,
            (Some(_), None) => AccountKind::Personal,
            (None, Some(_)) => AccountKind::Organisation,
            (None, None) => AccountKind::Missing,
        };
        let web_url = self.web_url.map(|name| url_or_none(&site.with_settings(name))).transpose()?.flatten();
        let gateway = self.consumer.as_ref().and_then(|names| names.api_url.as_ref()).map(address).transpose()?;
        Ok(SiteSettings { accounts, base_url, web_url, gateway, consumer, organisation })
    }

    /// The settings that each site has for itself.
    #[cfg(test)]
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let of_sites = self.consumer.iter().filter(|names| names.api_url.is_none());
        let of_consumer = of_sites.flat_map(|names| [names.url.name, names.client_id, names.client_secret]);
        let of_organisation = self.organisation.iter().flat_map(|names| [names.user, names.api_token]);
        [self.base_url].into_iter().chain(self.web_url).chain(of_consumer).chain(of_organisation)
    }
}
