//! The site that a call goes to, where its provider has several.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::{
    authorization::principal::Principal,
    catalog::{address, arguments::SITE, operation::Operation},
    connections::accounts,
    context::Context,
    platform::Fault,
    providers::Site,
    session::{
        self,
        commands::{Charge, Refusal as NotCharged},
    },
    settings::sites::Sites,
    tools::site_choice::{Candidate, Choice, Refusal, Said, choose_connected, choose_site},
};

/// A call's site, and its arguments without the one that names it; no site where Postern answers by itself.
pub struct Addressed<'a> {
    pub site: Option<Site>,
    pub arguments: Cow<'a, Map<String, Value>>,
}

/// Why a call goes to no site.
pub enum NoSite {
    Refused(Refusal),
    /// It would have taken a look at the caller's accounts, which is charged as a call is.
    NotCharged(NotCharged),
}

/// Finds out which site a call goes to. Only where it does not say so itself the caller's accounts are looked at.
///
/// # Errors
/// Where the record or the caller's Session object could not be asked.
pub async fn address<'a>(
    context: &Context,
    principal: &Principal,
    operation: &Operation,
    given: &'a Map<String, Value>,
) -> Result<Result<Addressed<'a>, NoSite>, Fault> {
    let sites = &context.settings.sites;
    let arguments = Cow::Borrowed(given);
    let Some(provider) = operation.provider() else { return Ok(Ok(Addressed { site: None, arguments })) };
    if !sites.are_several(provider) {
        return Ok(Ok(Addressed { site: sites.of(provider).next(), arguments }));
    }
    let candidates: Vec<Candidate> = sites.of(provider).map(|site| candidate(sites, site)).collect();
    let said = Said { site: given.get(SITE), pasted: address::pasted(operation.parameters, given) };
    let site = match choose_site(&candidates, &said) {
        Choice::Chosen(site) => site,
        Choice::Refused(refusal) => return Ok(Err(NoSite::Refused(refusal))),
        Choice::Open(open) => {
            let connected = match connected(context, principal, &open).await? {
                Ok(connected) => connected,
                Err(refusal) => return Ok(Err(NoSite::NotCharged(refusal))),
            };
            match choose_connected(&open, &connected) {
                Ok(site) => site,
                Err(refusal) => return Ok(Err(NoSite::Refused(refusal))),
            }
        }
    };
    let mut arguments = arguments.into_owned();
    arguments.remove(SITE);
    Ok(Ok(Addressed { site: Some(site), arguments: Cow::Owned(arguments) }))
}

fn candidate(sites: &Sites, site: Site) -> Candidate {
    let addresses = sites.get(site).map(|settings| settings.web_addresses()).unwrap_or_default();
    let host = |address: &str| address::host(&url::Url::parse(address).ok()?);
    Candidate { site, hosts: addresses.into_iter().filter_map(host).collect() }
}

/// The sites among these at which the caller has an account of their own. The look at the record is paid for first.
async fn connected(
    context: &Context,
    principal: &Principal,
    open: &[Site],
) -> Result<Result<Vec<Site>, NotCharged>, Fault> {
    let takes_own = |site: &Site| context.settings.sites.accounts(*site).has_own();
    let Some(person) = principal.subject.person().filter(|_| open.iter().any(takes_own)) else {
        return Ok(Ok(Vec::new()));
    };
    if let Err(refusal) = session::turn(context, &principal.subject, Charge { grant: principal.grant.clone() }).await? {
        return Ok(Err(refusal));
    }
    let accounts = accounts::list(context, person).await?;
    Ok(Ok(open.iter().copied().filter(|site| accounts::at(&accounts, *site).is_some()).collect()))
}
