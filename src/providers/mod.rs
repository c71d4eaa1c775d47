//! The services that Postern stands before, each one a value: adding one is a file here and its line in [`ALL`].

mod account;
mod bitbucket;
mod confluence;
pub mod hints;
mod oauth_dialect;
mod provider;
mod scopes;
mod site;
mod site_settings;
#[cfg(test)]
mod tracker;

use serde::{Deserialize, Deserializer, de::Error as _};

pub use account::{AccountKind, Accounts, Choice, OwnAccount};
pub use bitbucket::BITBUCKET;
pub use confluence::CONFLUENCE;
pub use oauth_dialect::{OAuthDialect, TokenRequest};
pub use provider::{Identity, Provider};
pub use scopes::{Demanded, ScopeKind};
pub use site::{Site, SiteName};
pub use site_settings::{Consumer, SiteSettings};
#[cfg(test)]
pub use tracker::TRACKER;

/// Every provider, in the order in which people see them.
pub static ALL: &[&Provider] = &[
    &BITBUCKET,
    &CONFLUENCE,
    #[cfg(test)]
    &TRACKER,
];

/// The provider of that id.
pub fn find(id: &str) -> Option<&'static Provider> {
    ALL.iter().copied().find(|provider| provider.id == id)
}

/// The site that is meant where something was written down before providers were named in it.
pub fn unnamed() -> Site {
    Site::main(&BITBUCKET)
}

impl<'de> Deserialize<'de> for &'static Provider {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        find(&id).ok_or_else(|| D::Error::custom("no provider has this id"))
    }
}

#[cfg(test)]
mod tests {
    use super::{site_settings::SettingNames, *};

    #[test]
    fn a_provider_is_known_by_its_id_wherever_it_is_written_down() {
        for provider in ALL {
            let written = serde_json::to_string(provider).unwrap();
            assert_eq!(written, format!("\"{}\"", provider.id));
            assert_eq!(serde_json::from_str::<&'static Provider>(&written).unwrap(), *provider);
        }
        assert!(serde_json::from_str::<&'static Provider>("\"unheard_of\"").is_err());
    }

    #[test]
    fn no_two_providers_share_an_id_or_a_name() {
        for (index, provider) in ALL.iter().enumerate() {
            let others = ALL.iter().skip(index + 1);
            assert!(others.clone().all(|other| other.id != provider.id && other.name != provider.name));
            assert!(provider.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", provider.id);
        }
    }

    #[test]
    fn a_provider_has_the_settings_that_its_kind_of_account_takes() {
        for provider in ALL {
            let own = provider.account != AccountKind::Organisation;
            let shared = provider.account != AccountKind::Personal;
            let SettingNames { consumer, organisation, .. } = &provider.settings;
            assert_eq!((consumer.is_some(), provider.oauth.is_some()), (own, own), "{}", provider.id);
            assert!(shared || organisation.is_none(), "{}", provider.id);
        }
    }
}
