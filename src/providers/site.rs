//! Which of the places where an organisation has a provider: a Confluence site in Europe, another in the United States.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Provider, find};
use crate::platform::database::Value;

/// One site of a provider. Accounts, credentials, limits and addresses belong to a site, never to its provider.
///
/// It is written `confluence/eu`; the provider's main site, which most organisations have alone, is written `confluence`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Site {
    pub provider: &'static Provider,
    /// `None` of the main site.
    name: Option<SiteName>,
}

/// The name that an operator gave to a site: a letter, then letters, digits and single hyphens, all of them lower case.
/// It can stand in an address, in a schema and, as upper case, in the name of a setting.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SiteName([u8; SiteName::LONGEST]);

/// What the main site is called where it has to be told from others.
pub const MAIN: &str = "main";

impl SiteName {
    /// In bytes.
    pub const LONGEST: usize = 16;

    /// The name, if the text is one. The main site has no name, so its word is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let begins_with_letter = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if text == MAIN || !begins_with_letter || !text.split('-').all(is_word) {
            return None;
        }
        let mut bytes = [0; Self::LONGEST];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self(bytes))
    }

    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(Self::LONGEST);
        self.0.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl fmt::Debug for SiteName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Site {
    /// The main site of a provider.
    pub const fn main(provider: &'static Provider) -> Self {
        Self { provider, name: None }
    }

    pub const fn named(provider: &'static Provider, name: SiteName) -> Self {
        Self { provider, name: Some(name) }
    }

    /// The site that is written so. Each is written in one way.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('/') {
            None => find(text).map(Self::main),
            Some((provider, name)) => Some(Self::named(find(provider)?, SiteName::parse(name)?)),
        }
    }

    /// Whether it is the provider's main site.
    pub const fn is_main(&self) -> bool {
        self.name.is_none()
    }

    /// Whether one consent of a person's covers this site and others of its provider.
    pub const fn shares_consent(&self) -> bool {
        matches!(&self.provider.oauth, Some(dialect) if dialect.resources.is_some())
    }

    /// The site under which the record keeps the tokens of an account here: where sites share a consent, its one pair of
    /// tokens is kept under the main site.
    pub const fn token_site(&self) -> Self {
        if self.shares_consent() { Self::main(self.provider) } else { *self }
    }

    /// What tells it from the provider's other sites: its name, or `main`.
    pub fn word(&self) -> &str {
        self.name.as_ref().map_or(MAIN, SiteName::as_str)
    }

    /// As people read it: `Confluence`, or `Confluence (eu)`.
    pub fn title(&self) -> String {
        let provider = self.provider.name;
        self.name.map_or_else(|| provider.to_owned(), |name| format!("{provider} ({})", name.as_str()))
    }

    /// A text with the provider's settings in it, as this site has them: `CONFLUENCE_API_URL` is
    /// `CONFLUENCE_EU_API_URL` for `confluence/eu`.
    pub fn with_settings(&self, text: &str) -> String {
        let prefix = format!("{}_", self.provider.id.to_ascii_uppercase());
        self.name.map_or_else(
            || text.to_owned(),
            |name| {
                let word = name.as_str().to_ascii_uppercase().replace('-', "_");
                text.replace(&prefix, &format!("{prefix}{word}_"))
            },
        )
    }
}

impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.provider.id)?;
        self.name.map_or(Ok(()), |name| write!(formatter, "/{}", name.as_str()))
    }
}

impl From<Site> for Value {
    fn from(site: Site) -> Self {
        Self::Text(site.to_string())
    }
}

impl Serialize for Site {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Site {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("no provider has this site"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::providers::{ALL, BITBUCKET, CONFLUENCE};

    fn site(text: &str) -> Site {
        Site::parse(text).unwrap()
    }

    fn names() -> impl Strategy<Value = SiteName> {
        "[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4}){0,2}".prop_filter_map("a name", |text| SiteName::parse(&text))
    }

    fn sites() -> impl Strategy<Value = Site> {
        let named = (prop::sample::select(ALL), names()).prop_map(|(provider, name)| Site::named(provider, name));
        prop_oneof![prop::sample::select(ALL).prop_map(Site::main), named]
    }

    #[test]
    fn a_providers_main_site_is_written_as_the_provider() {
        assert_eq!(Site::main(&CONFLUENCE).to_string(), "confluence");
        assert_eq!(site("confluence").title(), "Confluence");
        assert_eq!(site("confluence").with_settings("CONFLUENCE_API_URL"), "CONFLUENCE_API_URL");
    }

    #[test]
    fn a_named_site_has_its_name_in_texts_titles_and_settings() {
        let europe = site("confluence/eu-west");
        assert_eq!((europe.word(), europe.title().as_str()), ("eu-west", "Confluence (eu-west)"));
        assert_eq!(europe.with_settings("CONFLUENCE_API_URL"), "CONFLUENCE_EU_WEST_API_URL");
        assert_eq!(serde_json::to_string(&europe).unwrap(), "\"confluence/eu-west\"");
    }

    #[test]
    fn nothing_but_a_short_plain_word_is_a_name() {
        let longest = "a".repeat(SiteName::LONGEST);
        assert_eq!(SiteName::parse(&longest).map(|name| name.as_str().to_owned()), Some(longest.clone()));
        for text in [
            "",
            "main",
            "EU",
            "1eu",
            "-eu",
            "eu-",
            "e--u",
            "e_u",
            "e.u",
            "..",
            "eu/us",
            "eu us",
            "eu\0",
            "eü",
            "%65u",
            &format!("{longest}a"),
        ] {
            assert!(SiteName::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn sites_of_one_consent_share_a_pair_of_tokens_and_others_do_not() {
        assert_eq!(site("confluence/eu").token_site(), site("confluence"));
        assert_eq!(site("bitbucket/eu").token_site(), site("bitbucket/eu"));
    }

    #[test]
    fn a_text_of_another_form_is_no_site() {
        for text in ["", "/", "confluence/", "confluence/main", "confluence/eu/us", "Confluence", "/eu", "nothing/eu"] {
            assert!(Site::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn the_same_name_at_another_provider_is_another_site() {
        assert_ne!(site("bitbucket/eu"), site("confluence/eu"));
        assert_ne!(site("bitbucket/eu"), Site::main(&BITBUCKET));
    }

    proptest! {
        #[test]
        fn a_site_is_read_from_what_it_is_written_as(site in sites()) {
            prop_assert_eq!(Site::parse(&site.to_string()), Some(site));
            let json = serde_json::to_string(&site).unwrap();
            prop_assert_eq!(serde_json::from_str::<Site>(&json).unwrap(), site);
        }

        #[test]
        fn two_sites_are_never_written_alike(one in sites(), other in sites()) {
            prop_assert_eq!(one == other, one.to_string() == other.to_string());
        }

        #[test]
        fn whatever_reads_as_a_site_is_written_the_same(text in "[a-z/-]{0,12}|(confluence|bitbucket)/.{0,18}") {
            if let Some(site) = Site::parse(&text) {
                prop_assert_eq!(site.to_string(), text);
            }
        }

        #[test]
        fn no_setting_belongs_to_two_sites(one in sites(), other in sites()) {
            let names = |site: &Site| site.provider.settings.names().chain([site.provider.sites, site.provider.limit.setting]);
            let settings = |site: &Site| names(site).map(|name| site.with_settings(name)).collect::<Vec<_>>();
            let (of_one, of_other) = (settings(&one), settings(&other));
            prop_assert!(one == other || of_one.iter().all(|name| !of_other.contains(name)), "{:?} {:?}", of_one, of_other);
        }
    }
}
