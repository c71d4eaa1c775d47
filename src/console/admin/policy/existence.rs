//! Whether what a policy comes to name is there, as far as the administrator who keeps it, or else the organisation, can see.

use futures::future::join_all;
use serde_json::Value;

use crate::{
    connections::shared_credential::SharedCredential,
    context::Context,
    governance::{access_policy::NamedThing, snapshot_cache},
    identifiers::{Subject, UserId},
    platform::{Fault, fetch::InboundResponse, json, log::Level},
    providers::Site,
    session::{self, commands::Renew},
    upstream::{self, Credential, Failure},
};

/// How many things are looked for at once.
const MOST: usize = 20;

/// The version of no credential: whichever there is will do.
const OF_NONE: i64 = -1;

/// What there is to say of things that a policy comes to name. The policy is kept all the same: what one account does not see
/// may be there for others.
#[derive(Default)]
pub struct Remarks {
    /// Which of them are not seen there.
    pub missing: Vec<String>,
    /// Of how many that is not known, if it is of any.
    pub unknown: Option<String>,
}

impl Remarks {
    /// All of them, as sentences.
    pub fn sentences(self) -> Vec<String> {
        self.missing.into_iter().chain(self.unknown).collect()
    }
}

/// Looks for the things that a policy comes to name.
pub async fn remarks(context: &Context, administrator: &UserId, things: &[NamedThing]) -> Remarks {
    let mut credentials: Vec<(Site, Option<Credential>)> = Vec::new();
    for NamedThing { site, .. } in things.iter().take(MOST) {
        if !credentials.iter().any(|(known, _)| known == site) {
            let found = credential(context, administrator, *site).await;
            credentials.push((*site, found.unwrap_or_else(|fault| unknown(context, &fault))));
        }
    }
    let of = |site: Site| credentials.iter().find(|(known, _)| *known == site).and_then(|(_, found)| found.as_ref());
    let asked = things.iter().take(MOST).map(async |NamedThing { site, path, list, .. }| {
        let answer = upstream::probe(context, of(*site)?, path).await;
        answer.map_or_else(|fault| unknown(context, &fault), |answer| is_there_by(answer, *list))
    });
    let answers = join_all(asked).await;
    let missing = things.iter().zip(&answers).filter(|(_, is_there)| **is_there == Some(false));
    let unknown = things.len() - answers.iter().flatten().count();
    Remarks {
        missing: missing.map(|(thing, _)| absent(thing)).collect(),
        unknown: (unknown > 0).then(|| {
            format!(
                "Whether {unknown} of the things that are named newly are there could not be told: connect your own account, \
                 or enter the organisation's under Accounts, and see that it may read them."
            )
        }),
    }
}

fn unknown<T>(context: &Context, fault: &Fault) -> Option<T> {
    context.log(Level::Error, "what a policy names was not looked for", &[("fault", fault.to_string().into())]);
    None
}

fn absent(thing: &NamedThing) -> String {
    let NamedThing { place, site, words, .. } = thing;
    format!("{place}: {} does not have {words}, or does not show it to this account.", site.title())
}

/// Whether something is there, alone or in that list; `None` where that is not told.
fn is_there_by(answer: Result<InboundResponse, Failure>, list: Option<&str>) -> Option<bool> {
    match (answer, list) {
        (Ok(_), None) => Some(true),
        (Ok(response), Some(list)) => {
            let body: Value = json::from_slice(&response.body).ok()?;
            Some(!body.get(list)?.as_array()?.is_empty())
        }
        (Err(Failure::NotFound { .. }), _) => Some(false),
        (Err(_), _) => None,
    }
}

/// The administrator's own credential at that site, or else the organisation's.
async fn credential(context: &Context, administrator: &UserId, site: Site) -> Result<Option<Credential>, Fault> {
    let subject = Subject::Person(administrator.clone());
    // Where their object cannot be reached, the organisation's account does.
    if let Ok(Ok(own)) = session::turn(context, &subject, Renew { site, version: OF_NONE }).await {
        let bearer = Credential::bearer(site, own.access_token());
        let resources = site.provider.oauth.as_ref().and_then(|dialect| dialect.resources.as_ref());
        let Some(resources) = resources else { return Ok(Some(bearer)) };
        let consumer = context.settings.sites.get(site)?.consumer.as_ref();
        let base_url = consumer.zip(own.resource.as_ref());
        let base_url = base_url.and_then(|(consumer, id)| consumer.resource_url(resources, id.as_str()));
        return Ok(base_url.map(|base_url| bearer.below(base_url)));
    }
    let policy = snapshot_cache::current(context).await?;
    let sealed = policy.organisation_account(site).and_then(|account| account.credential.clone());
    SharedCredential::in_use(&context.settings, site, sealed.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str) -> Result<InboundResponse, Failure> {
        Ok(InboundResponse { status: 200, headers: Vec::new(), body: body.into(), truncated: false })
    }

    #[test]
    fn what_is_shown_is_there_and_what_is_in_a_list_where_that_has_an_element() {
        assert_eq!(is_there_by(shown("{}"), None), Some(true));
        assert_eq!(is_there_by(shown(r#"{"results": [{}]}"#), Some("results")), Some(true));
        assert_eq!(is_there_by(shown(r#"{"results": []}"#), Some("results")), Some(false));
        assert_eq!(is_there_by(shown("{}"), Some("results")), None);
    }

    #[test]
    fn what_nobody_answers_for_is_neither_there_nor_missing() {
        assert_eq!(is_there_by(Err(Failure::NotFound { message: String::new() }), None), Some(false));
        for failure in [Failure::Unauthorized, Failure::Forbidden { message: String::new() }, Failure::TooLong] {
            assert_eq!(is_there_by(Err(failure), None), None);
        }
    }
}
