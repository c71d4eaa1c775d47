//! Which of a provider's sites a call goes to: by its `site`, by the addresses among its arguments, or because the caller
//! has an account at no other. Pure.

use std::fmt;

use serde_json::Value as Json;

use crate::{
    catalog::{
        address::Pasted,
        arguments::SITE,
        operation::{Operation, Presence},
    },
    providers::Site,
};

/// A site, and the hosts at which people open it: `acme.atlassian.net`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub site: Site,
    pub hosts: Vec<String>,
}

/// What a call says of the site that it is for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said<'a> {
    /// Its argument `site`.
    pub site: Option<&'a Json>,
    /// The addresses that were sent in place of arguments.
    pub pasted: Vec<Pasted>,
}

/// What is known of a call's site.
#[derive(Debug, PartialEq, Eq)]
pub enum Choice {
    Chosen(Site),
    /// Nothing that was sent says which of these it is. The caller's own accounts may.
    Open(Vec<Site>),
    Refused(Refusal),
}

/// Why no site was chosen.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such site.
    Unknown { given: String, sites: Vec<Site> },
    /// An address is of none of the provider's sites.
    Elsewhere { parameter: &'static str, host: String, sites: Vec<Site> },
    /// An address is of another site than the call names, or than another address.
    Contradiction { parameter: &'static str },
    /// Nothing says which.
    Ambiguous { sites: Vec<Site> },
}

/// Chooses among a provider's sites by what the call says. A call that could be meant for several is never sent to a
/// guess, and one that names a site never to another.
pub fn choose_site(candidates: &[Candidate], said: &Said<'_>) -> Choice {
    let all = || candidates.iter().map(|candidate| candidate.site).collect::<Vec<_>>();
    let mut left: Vec<&Candidate> = candidates.iter().collect();
    if let Some(given) = said.site.filter(|given| !given.is_null() && given.as_str() != Some("")) {
        let is_meant = |candidate: &&Candidate| given.as_str().is_some_and(|word| candidate.site.word() == word);
        left.retain(is_meant);
        if left.is_empty() {
            let given = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
            return Choice::Refused(Refusal::Unknown { given, sites: all() });
        }
    }
    for Pasted { parameter, host } in &said.pasted {
        let is_of = |candidate: &Candidate| candidate.hosts.iter().any(|known| known.eq_ignore_ascii_case(host));
        if !candidates.iter().any(is_of) {
            return Choice::Refused(Refusal::Elsewhere { parameter, host: host.clone(), sites: all() });
        }
        left.retain(|candidate| is_of(candidate));
        if left.is_empty() {
            return Choice::Refused(Refusal::Contradiction { parameter });
        }
    }
    match left.as_slice() {
        [one] => Choice::Chosen(one.site),
        several => Choice::Open(several.iter().map(|candidate| candidate.site).collect()),
    }
}

/// Chooses among the sites that a call leaves open: the one at which the caller has connected an account.
///
/// # Errors
/// Where they have none at these, or more than one.
pub fn choose_connected(open: &[Site], connected: &[Site]) -> Result<Site, Refusal> {
    let mut of_caller = open.iter().filter(|site| connected.contains(site));
    match (of_caller.next(), of_caller.next()) {
        (Some(one), None) => Ok(*one),
        _ => Err(Refusal::Ambiguous { sites: open.to_vec() }),
    }
}

impl Refusal {
    /// The reason that the audit has.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "there is no such site",
            Self::Elsewhere { .. } => "an address of no site that is set up",
            Self::Contradiction { .. } => "an address of another site than the call names",
            Self::Ambiguous { .. } => "several sites, and none is named",
        }
    }

    /// What is wrong, and the call that can be sent instead: for the model.
    pub fn sentence(&self, operation: &Operation) -> String {
        let name = operation.provider().map_or("", |provider| provider.name);
        match self {
            Self::Unknown { given, sites } => {
                let given: String = given.chars().filter(|character| !character.is_control()).take(64).collect();
                format!(
                    "Not run: {name} has no site `{given}` here; it has {}. {}",
                    Words(sites),
                    next(operation, sites)
                )
            }
            Self::Elsewhere { parameter, host, sites } => {
                let host: String = host.chars().take(100).collect();
                format!(
                    "Not run: the address in `{parameter}` is of {host}, which is no {name} site that Postern \
                     is set up for; it has {}. Next: take an address of one of these, or ask an administrator of \
                     Postern to add that site.",
                    Words(sites)
                )
            }
            Self::Contradiction { parameter } => format!(
                "Not run: the address in `{parameter}` is of another site than the call names. Next: call \
                 `{}` again, for one site at a time.",
                operation.name
            ),
            Self::Ambiguous { sites } => format!(
                "Not run: {name} has several sites here, {}, and the call does not say which it is for. {}",
                Words(sites),
                next(operation, sites)
            ),
        }
    }
}

/// The call that names a site.
fn next(operation: &Operation, sites: &[Site]) -> String {
    let word = sites.first().map_or("", Site::word);
    let others = operation.parameters.iter().any(|parameter| parameter.presence == Presence::Required);
    let same = if others { "the same arguments and " } else { "" };
    format!("Next: call `{}` with {same}`{SITE}` \"{word}\", or another of these.", operation.name)
}

/// The words of sites, as a call takes them.
struct Words<'a>(&'a [Site]);

impl fmt::Display for Words<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.iter().map(|site| format!("`{}`", site.word())).collect();
        formatter.write_str(&words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::subsequence};
    use serde_json::json;

    use super::*;
    use crate::catalog::find;

    fn site(text: &str) -> Site {
        Site::parse(text).unwrap()
    }

    fn candidates() -> Vec<Candidate> {
        let of = |text: &str, host: &str| Candidate { site: site(text), hosts: vec![host.to_owned()] };
        vec![
            of("confluence", "acme.atlassian.net"),
            of("confluence/eu", "acme-eu.atlassian.net"),
            of("confluence/us", "acme-us.atlassian.net"),
        ]
    }

    fn pasted(host: &str) -> Pasted {
        Pasted { parameter: "page", host: host.to_owned() }
    }

    fn chosen(named: Option<Json>, hosts: &[&str]) -> Choice {
        choose_site(
            &candidates(),
            &Said { site: named.as_ref(), pasted: hosts.iter().map(|host| pasted(host)).collect() },
        )
    }

    fn refused(named: Option<Json>, hosts: &[&str]) -> String {
        let Choice::Refused(refusal) = chosen(named, hosts) else { panic!("not refused") };
        refusal.sentence(find("confluence_get_page").unwrap())
    }

    #[test]
    fn a_call_goes_to_the_site_that_it_names() {
        assert_eq!(chosen(Some(json!("us")), &[]), Choice::Chosen(site("confluence/us")));
        assert_eq!(chosen(Some(json!("main")), &[]), Choice::Chosen(site("confluence")));
    }

    #[test]
    fn an_address_is_of_the_site_at_its_host() {
        assert_eq!(chosen(None, &["acme-eu.atlassian.net"]), Choice::Chosen(site("confluence/eu")));
        assert_eq!(chosen(Some(json!("eu")), &["ACME-EU.atlassian.net"]), Choice::Chosen(site("confluence/eu")));
    }

    #[test]
    fn an_address_of_another_site_than_the_call_names_is_refused() {
        let said = refused(Some(json!("us")), &["acme-eu.atlassian.net"]);
        assert!(said.contains("of another site than the call names"), "{said}");
        let said = refused(None, &["acme-eu.atlassian.net", "acme-us.atlassian.net"]);
        assert!(said.contains("one site at a time"), "{said}");
    }

    #[test]
    fn an_address_of_no_site_is_refused_even_where_the_call_names_one() {
        for host in
            ["evil.example", "acme-eu.atlassian.net.evil.example", "eu.atlassian.net", "acme-eu.atlassian.net:8443"]
        {
            let said = refused(Some(json!("eu")), &[host]);
            assert!(said.contains(host) && said.contains("no Confluence site that Postern is set up for"), "{said}");
        }
    }

    #[test]
    fn a_site_that_does_not_exist_is_answered_with_those_that_do() {
        for odd in
            [json!("de"), json!("EU"), json!("confluence/eu"), json!("../eu"), json!(7), json!(["eu"]), json!(true)]
        {
            let said = refused(Some(odd), &[]);
            assert!(said.contains("it has `main`, `eu`, `us`"), "{said}");
            assert!(said.ends_with(
                "Next: call `confluence_get_page` with the same arguments and `site` \"main\", or another of these."
            ));
        }
    }

    #[test]
    fn what_is_left_open_is_for_the_accounts_of_the_caller_to_say() {
        let [main, eu, us] = ["confluence", "confluence/eu", "confluence/us"].map(site);
        for nothing in [None, Some(json!(null)), Some(json!(""))] {
            assert_eq!(chosen(nothing, &[]), Choice::Open(vec![main, eu, us]));
        }
        assert_eq!(choose_connected(&[main, eu, us], &[us, site("bitbucket")]), Ok(us));
        assert!(choose_connected(&[main, eu, us], &[]).is_err());
        let said = choose_connected(&[main, eu], &[main, eu]).unwrap_err();
        assert_eq!(
            said.sentence(find("confluence_list_spaces").unwrap()),
            "Not run: Confluence has several sites here, `main`, `eu`, and the call does not say which it is for. \
             Next: call `confluence_list_spaces` with `site` \"main\", or another of these."
        );
    }

    #[test]
    fn a_providers_only_site_need_not_be_named() {
        let only = &candidates()[..1];
        assert_eq!(choose_site(only, &Said::default()), Choice::Chosen(site("confluence")));
    }

    #[test]
    fn several_sites_at_one_host_are_told_apart_by_name() {
        let mut candidates = candidates();
        candidates.iter_mut().for_each(|candidate| candidate.hosts = vec!["bitbucket.org".to_owned()]);
        let at = |named: Option<&Json>| {
            choose_site(&candidates, &Said { site: named, pasted: vec![pasted("bitbucket.org")] })
        };
        assert!(matches!(at(None), Choice::Open(sites) if sites.len() == 3));
        assert_eq!(at(Some(&json!("us"))), Choice::Chosen(site("confluence/us")));
    }

    proptest! {
        #[test]
        fn a_call_never_goes_to_a_site_that_something_in_it_speaks_against(
            named in prop::option::of("main|eu|us|de|.{0,8}"),
            hosts in prop::collection::vec("(acme|acme-eu|acme-us|evil)\\.atlassian\\.net|.{0,12}", 0..3),
            connected in subsequence(vec!["confluence", "confluence/eu", "confluence/us"], 0..=3),
        ) {
            let candidates = candidates();
            let word = named.as_ref().map(|named| json!(named));
            let said = Said { site: word.as_ref(), pasted: hosts.iter().map(|host| pasted(host)).collect() };
            let connected: Vec<_> = connected.into_iter().map(site).collect();
            let chosen = match choose_site(&candidates, &said) {
                Choice::Chosen(site) => Some(site),
                Choice::Open(open) => choose_connected(&open, &connected).ok(),
                Choice::Refused(_) => None,
            };
            if let Some(site) = chosen {
                prop_assert!(named.as_ref().is_none_or(|named| named.is_empty() || site.word() == named));
                let of_site = &candidates.iter().find(|candidate| candidate.site == site).unwrap().hosts;
                prop_assert!(hosts.iter().all(|host| of_site.iter().any(|known| known.eq_ignore_ascii_case(host))));
                let says_nothing = named.as_ref().is_none_or(String::is_empty) && hosts.is_empty();
                prop_assert!(!says_nothing || connected == [site]);
            }
        }
    }
}
