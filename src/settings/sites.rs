//! The sites of each provider, as the operator named and set them.

use crate::{
    platform::Fault,
    providers::{AccountKind, Provider, Site, SiteName, SiteSettings},
};

/// How many sites of one provider there may be beside its main one: each has its line in every tool's schema.
const MOST: usize = 12;

/// Every site that is set up here: by provider, in the order of [`crate::providers::ALL`], the main one first.
pub struct Sites(Vec<(Site, SiteSettings)>);

/// How the list of a provider's sites is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    NotNames,
    Repeated,
    TooMany,
}

impl Problem {
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotNames => {
                "must hold names of sites, separated by spaces: at most 16 lower-case letters, digits and hyphens each, \
                 beginning with a letter, and not `main`"
            }
            Self::Repeated => "names a site twice",
            Self::TooMany => "names more than 12 sites",
        }
    }
}

/// The sites of a provider by the text of its list. The main one is among them where nothing else is, or where its
/// address is set.
///
/// # Errors
/// Where the text is no list of different names.
pub fn named(provider: &'static Provider, list: &str, main_is_set: bool) -> Result<Vec<Site>, Problem> {
    let mut sites = Vec::new();
    for word in list.split_whitespace() {
        let site = Site::named(provider, SiteName::parse(word).ok_or(Problem::NotNames)?);
        if sites.contains(&site) {
            return Err(Problem::Repeated);
        }
        sites.push(site);
    }
    if sites.len() > MOST {
        return Err(Problem::TooMany);
    }
    if sites.is_empty() || main_is_set {
        sites.insert(0, Site::main(provider));
    }
    Ok(sites)
}

impl Sites {
    pub const fn new(sites: Vec<(Site, SiteSettings)>) -> Self {
        Self(sites)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = Site> + Clone {
        self.0.iter().map(|(site, _)| *site)
    }

    /// Those of one provider.
    pub fn of(&self, provider: &'static Provider) -> impl Iterator<Item = Site> + Clone {
        self.all().filter(move |site| site.provider == provider)
    }

    /// Whether a site of that provider has to be told from others.
    pub fn are_several(&self, provider: &'static Provider) -> bool {
        self.of(provider).nth(1).is_some()
    }

    /// What the operator set of a site.
    ///
    /// # Errors
    /// Where there is no such site, or none any more.
    pub fn get(&self, site: Site) -> Result<&SiteSettings, Fault> {
        let found = self.0.iter().find(|(known, _)| *known == site).map(|(_, settings)| settings);
        found.ok_or_else(|| Fault::new("settings", format!("the site {site} is not set up")))
    }

    /// Whose accounts calls at a site work in.
    pub fn accounts(&self, site: Site) -> AccountKind {
        self.get(site).map_or(site.provider.account, |settings| settings.accounts)
    }

    /// Whose accounts calls at a provider work in, whichever of its sites they are for. Where these differ, it is what
    /// its calls may work in.
    pub fn accounts_of(&self, provider: &'static Provider) -> AccountKind {
        let mut kinds = self.of(provider).map(|site| self.accounts(site));
        let first = kinds.next().unwrap_or(provider.account);
        if kinds.all(|kind| kind == first) { first } else { provider.account }
    }

    /// A provider, and where it has several sites, which: `Confluence (eu, us)`.
    pub fn title(&self, provider: &'static Provider) -> String {
        let sites: Vec<_> = self.of(provider).collect();
        match sites.as_slice() {
            [] | [_] => provider.name.to_owned(),
            several => {
                let words: Vec<_> = several.iter().map(Site::word).collect();
                format!("{} ({})", provider.name, words.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::providers::{BITBUCKET, CONFLUENCE};

    fn written(list: &str, main_is_set: bool) -> Result<String, Problem> {
        let sites = named(&CONFLUENCE, list, main_is_set)?;
        Ok(sites.iter().map(Site::to_string).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_provider_has_its_main_site_alone_unless_others_are_named() {
        assert_eq!(written("", true).as_deref(), Ok("confluence"));
        assert_eq!(written(" ", false).as_deref(), Ok("confluence"), "what is missing of it is said by its settings");
    }

    #[test]
    fn the_main_site_stays_beside_others_where_it_has_an_address() {
        assert_eq!(written("eu us", true).as_deref(), Ok("confluence confluence/eu confluence/us"));
        assert_eq!(written("eu us", false).as_deref(), Ok("confluence/eu confluence/us"));
    }

    #[test]
    fn a_list_that_cannot_be_meant_is_refused() {
        assert_eq!(written("eu, us", true), Err(Problem::NotNames));
        assert_eq!(written("main", true), Err(Problem::NotNames));
        assert_eq!(written("eu us eu", true), Err(Problem::Repeated));
        let many: Vec<_> = (0..=MOST).map(|number| format!("s{number}")).collect();
        assert_eq!(written(&many.join(" "), true), Err(Problem::TooMany));
    }

    proptest! {
        #[test]
        fn no_list_makes_a_site_twice_or_none(list in "[a-c -]{0,12}", main_is_set: bool) {
            if let Ok(sites) = named(&BITBUCKET, &list, main_is_set) {
                prop_assert!(!sites.is_empty());
                prop_assert!(sites.iter().enumerate().all(|(at, site)| !sites.iter().skip(at + 1).any(|other| other == site)));
            }
        }
    }
}
