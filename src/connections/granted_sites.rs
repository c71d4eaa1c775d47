//! The sites that one consent at a provider covers: which of those that the operator set up are among the ones that the
//! provider lists, and what the record keeps of that, sealed. Pure.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use url::Url;

use super::sealed_columns;
use crate::{
    crypto::seal::Sealer,
    identifiers::UserId,
    platform::{Fault, json},
    providers::{Provider, Site, SiteSettings},
    settings::sites::Sites,
};

/// The longest id of a site that is believed to be one, in bytes.
const LONGEST_ID: usize = 64;

/// A site's id at its provider: letters, digits and hyphens, so that it cannot change the address that it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ResourceId(String);

impl ResourceId {
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_id = !text.is_empty() && text.len() <= LONGEST_ID && text.bytes().all(is_plain);
        is_id.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ResourceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not an id of a site"))
    }
}

/// A site as the provider lists it for a token.
#[derive(Debug, Clone, Deserialize)]
pub struct Listed {
    pub id: ResourceId,
    /// Where people open it.
    pub url: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
}

/// A site that a person's consent covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedSite {
    pub site: Site,
    pub id: ResourceId,
    /// The consent did cover it, and does no more.
    #[serde(default)]
    pub lost: bool,
}

/// What becomes of a call at a site by what the consent covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    Covered(ResourceId),
    Lost,
    NotCovered,
}

/// The sites that a person's consent covers, as the record keeps them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantedSites(Vec<GrantedSite>);

impl GrantedSites {
    /// The sites that the operator set up among those that the provider lists. A site is known by its id, where the
    /// operator gave its API's address with that, or else by the host at which people open it.
    pub fn among(sites: &Sites, provider: &'static Provider, listed: &[Listed]) -> Self {
        let granted = |site: Site| {
            let settings = sites.get(site).ok()?;
            let id = listed.iter().find(|listed| is_at(provider, settings, listed))?.id.clone();
            Some(GrantedSite { site, id, lost: false })
        };
        Self(sites.of(provider).filter_map(granted).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = &GrantedSite> {
        self.0.iter()
    }

    pub fn coverage(&self, site: Site) -> Coverage {
        match self.0.iter().find(|granted| granted.site == site) {
            Some(GrantedSite { lost: true, .. }) => Coverage::Lost,
            Some(granted) => Coverage::Covered(granted.id.clone()),
            None => Coverage::NotCovered,
        }
    }

    /// The same after the provider listed other sites: those that are not among them are lost.
    pub fn after(&self, listed: &[Listed]) -> Self {
        let looked_up = |granted: &GrantedSite| {
            let lost = !listed.iter().any(|listed| listed.id == granted.id);
            GrantedSite { lost, ..granted.clone() }
        };
        Self(self.0.iter().map(looked_up).collect())
    }

    /// As the record keeps them: sealed, for they say where a person's calls go.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub fn seal(&self, sealer: &Sealer, user: &UserId, site: Site) -> Result<String, Fault> {
        let text = serde_json::to_string(self).map_err(|error| Fault::new("sites", error))?;
        sealer.seal(&text, &sealed_columns::connection_place(user, site, "sites"))
    }

    /// What the record keeps of that person; `None` for anything else.
    pub fn open(sealer: &Sealer, user: &UserId, site: Site, sealed: &str) -> Option<Self> {
        let text = sealer.open(sealed, &sealed_columns::connection_place(user, site, "sites"))?;
        json::from_str(text.expose()).ok()
    }
}

/// What a person's consent gave a token for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// As the provider named them, separated by spaces; empty where it did not say.
    pub scopes: String,
    /// The sites that it is for, where one consent covers several.
    pub sites: Option<GrantedSites>,
}

fn is_at(provider: &Provider, settings: &SiteSettings, listed: &Listed) -> bool {
    let resources = provider.oauth.as_ref().and_then(|dialect| dialect.resources.as_ref());
    let api_url = settings.consumer.as_ref().and_then(|consumer| consumer.api_url.as_deref());
    let known = resources.zip(api_url).and_then(|(resources, api_url)| resources.id_in(api_url, &settings.base_url));
    if let Some(id) = known {
        return id == listed.id.as_str();
    }
    let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
    settings.web_base().is_some_and(|base| origin(base).is_some() && origin(base) == origin(&listed.url))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        crypto::seal::Purpose,
        providers::CONFLUENCE,
        settings::{for_tests, with_sites},
    };

    fn listed(id: &str, url: &str) -> Listed {
        Listed { id: ResourceId::parse(id).unwrap(), url: url.to_owned(), name: String::new() }
    }

    fn site(text: &str) -> Site {
        Site::parse(text).unwrap()
    }

    fn among(listed: &[Listed]) -> Vec<(String, String)> {
        let settings = with_sites(&[("CONFLUENCE_SITES", "eu")]);
        let granted = GrantedSites::among(&settings.sites, &CONFLUENCE, listed);
        granted.iter().map(|granted| (granted.site.to_string(), granted.id.as_str().to_owned())).collect()
    }

    #[test]
    fn each_site_that_is_set_up_is_known_by_its_host() {
        let both = [listed("2", "https://eu.acme.atlassian.net"), listed("1", "https://acme.atlassian.net")];
        let names = |site: &str, id: &str| (site.to_owned(), id.to_owned());
        assert_eq!(among(&both), [names("confluence", "1"), names("confluence/eu", "2")]);
        assert_eq!(among(&both[..1]), [names("confluence/eu", "2")]);
    }

    #[test]
    fn a_site_that_is_not_set_up_is_not_granted_whatever_it_resembles() {
        for url in [
            "https://other.atlassian.net",
            "http://acme.atlassian.net",
            "https://acme.atlassian.net.evil.example",
            "https://acme.atlassian.net:8443",
            "https://evil.example/acme.atlassian.net",
            "acme.atlassian.net",
            "",
        ] {
            assert!(among(&[listed("1", url)]).is_empty(), "{url}");
        }
    }

    #[test]
    fn a_site_that_the_provider_lists_no_more_is_lost_until_it_is_granted_anew() {
        let sites = for_tests().sites;
        let granted = GrantedSites::among(&sites, &CONFLUENCE, &[listed("1", "https://acme.atlassian.net")]);
        let covered = Coverage::Covered(ResourceId::parse("1").unwrap());
        assert_eq!(granted.coverage(site("confluence")), covered);
        assert_eq!(granted.after(&[]).coverage(site("confluence")), Coverage::Lost);
        assert_eq!(granted.coverage(site("confluence/eu")), Coverage::NotCovered);
    }

    #[test]
    fn an_id_is_nothing_that_changes_the_address_that_it_stands_in() {
        for text in ["", "..", "a/b", "a?b", "a#b", "a b", "a%2fb", "é", &"1".repeat(LONGEST_ID + 1)] {
            assert!(ResourceId::parse(text).is_none(), "{text:?}");
        }
        assert!(ResourceId::parse("11111111-2222-4333-8444-555555555555").is_some());
    }

    #[test]
    fn what_was_not_sealed_here_for_that_person_is_not_read() {
        let settings = for_tests();
        let (sealer, [dana, ada]) = (settings.sealer(Purpose::Tokens), ["dana", "ada"].map(UserId::new));
        let sealed = GrantedSites::default().seal(sealer, &dana, site("confluence")).unwrap();
        let open = |user, at, text: &str| GrantedSites::open(sealer, user, site(at), text);
        assert!(open(&dana, "confluence", &sealed).is_some() && open(&dana, "confluence/eu", &sealed).is_some());
        assert!(open(&ada, "confluence", &sealed).is_none() && open(&dana, "bitbucket", &sealed).is_none());
        for text in ["", "[]", "[{\"site\":\"confluence\",\"id\":\"1\"}]"] {
            assert!(open(&dana, "confluence", text).is_none(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_record_gives_back_what_it_was_given(ids in prop::collection::vec(("[a-f0-9-]{1,36}", any::<bool>()), 0..4)) {
            let sites = GrantedSites(ids.into_iter().map(|(id, lost)| GrantedSite {
                site: site("confluence/eu"),
                id: ResourceId::parse(&id).unwrap(),
                lost,
            }).collect());
            let (settings, dana) = (for_tests(), UserId::new("dana"));
            let sealer = settings.sealer(Purpose::Tokens);
            let sealed = sites.seal(sealer, &dana, site("confluence")).unwrap();
            prop_assert_eq!(GrantedSites::open(sealer, &dana, site("confluence"), &sealed), Some(sites));
        }
    }
}
