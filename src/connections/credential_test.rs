//! The test of an organisation's credential: one real request with it, and what the answer says of it.

use serde_json::Value;

use super::granted_sites::ResourceId;
use crate::{
    context::Context,
    platform::{Fault, fetch::InboundResponse, json, log::Level},
    providers::{Identity, Site},
    untrusted,
    upstream::{self, Credential, Failure},
};

/// In characters, of an account's name.
const LONGEST_NAME: usize = 100;
/// In characters, of all scopes.
const LONGEST_SCOPES: usize = 4_000;

/// What a provider said of a credential that it accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Who answered; `None` where the provider does not name whose it is.
    pub account: Option<String>,
    /// Separated by spaces; empty where the provider did not say.
    pub scopes: String,
}

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tested {
    Accepted(Accepted),
    /// The provider refuses the credential itself.
    Refused(String),
    /// Nothing is known of the credential but what these words say.
    NotKnown(String),
}

/// Tests a credential at its site. What is nobody's is tested by reading in one workspace or space, `within`.
///
/// # Errors
/// Where the site is not set up.
pub async fn run(context: &Context, site: Site, credential: &Credential, within: &str) -> Result<Tested, Fault> {
    let Identity { path, names, of_nobody } = &site.provider.identity;
    let answer = upstream::probe(context, credential, path).await?;
    if matches!(answer, Err(Failure::Unauthorized | Failure::Forbidden { .. } | Failure::LacksScope { .. }))
        && let Some(path) = of_nobody.filter(|_| is_segment(within))
    {
        let answer = upstream::probe(context, credential, &path.replace("{limit}", within)).await?;
        return Ok(answer.map_or_else(
            |failure| judge(site, &failure, true),
            |response| Tested::Accepted(Accepted { account: None, scopes: scopes(&response) }),
        ));
    }
    if let Err(Failure::Unauthorized) = answer
        && let Some(words) = known_elsewhere(context, site, credential).await?
    {
        return Ok(Tested::Refused(words));
    }
    Ok(match answer {
        Ok(response) => accepted(names, &response)
            .map_or_else(|| judge(site, &Failure::Unreadable { status: response.status }, false), Tested::Accepted),
        Err(failure) => {
            if let Failure::Fault(fault) = &failure {
                context.log(Level::Error, "a credential could not be tested", &[("fault", fault.to_string().into())]);
            }
            judge(site, &failure, of_nobody.is_none())
        }
    })
}

/// What to say of a credential that its site refuses and that is good where the provider's sites lie by their ids: tokens
/// with scopes are answered there alone.
async fn known_elsewhere(context: &Context, site: Site, credential: &Credential) -> Result<Option<String>, Fault> {
    let settings = context.settings.sites.get(site)?;
    let resources = site.provider.oauth.as_ref().and_then(|dialect| dialect.resources.as_ref());
    let Some((resources, gateway)) = resources.zip(settings.gateway.as_ref()) else { return Ok(None) };
    // A header is for what stands before the site, and nobody else's to see.
    if !credential.is_authorization() || resources.id_in(gateway, &settings.base_url).is_some() {
        return Ok(None);
    }
    let (path, member) = resources.site_id;
    let Ok(answer) = upstream::read_openly(context, credential, path).await? else { return Ok(None) };
    let Some(id) = member_of(&answer, &[member]).and_then(|id| ResourceId::parse(&id)) else { return Ok(None) };
    let address = resources.address(gateway, id.as_str());
    let there =
        upstream::probe(context, &credential.clone().below(address.clone()), site.provider.identity.path).await?;
    let lacks = match there {
        Ok(_) | Err(Failure::Forbidden { .. }) => "",
        Err(Failure::LacksScope { .. }) => " It lacks a scope there as well.",
        Err(_) => return Ok(None),
    };
    let set = |name| site.with_settings(name);
    let web = site.provider.settings.web_url.map(|name| format!(" and {} to {}", set(name), settings.base_url));
    Ok(Some(format!(
        "This is a token with scopes: {} refuses it at its own address (401) and knows it at {address} alone.{lacks} Have the \
         operator set {} to that address{}, or enter a token without scopes.",
        site.title(),
        set(site.provider.settings.base_url),
        web.unwrap_or_default(),
    )))
}

/// Whether it can stand in a path as it is, and is no step in it.
fn is_segment(name: &str) -> bool {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    !name.is_empty() && name.bytes().all(in_name)
}

/// What an answer to the question whose the credential is says; `None` where it is not an answer to that.
fn accepted(names: &[&str], response: &InboundResponse) -> Option<Accepted> {
    let name = member_of(response, names)?;
    Some(Accepted { account: Some(untrusted::label(&name, LONGEST_NAME)), scopes: scopes(response) })
}

/// The first of these members of an answer that is there.
fn member_of(response: &InboundResponse, names: &[&str]) -> Option<String> {
    let body: Value = json::from_slice(&response.body).ok()?;
    names.iter().find_map(|name| body.get(name).and_then(Value::as_str)).map(str::to_owned)
}

/// The scopes that the provider says the credential has.
fn scopes(response: &InboundResponse) -> String {
    let scopes = response.header("x-oauth-scopes").unwrap_or_default().replace(',', " ");
    untrusted::label(&scopes, LONGEST_SCOPES)
}

/// What a failure says of the credential, in words for the administrator. `is_last` where nothing else can be asked.
fn judge(site: Site, failure: &Failure, is_last: bool) -> Tested {
    let (name, limit) = (site.title(), site.provider.limit.one);
    let quoted = |message: &str| if message.is_empty() { String::new() } else { format!(" It says: \"{message}\"") };
    match failure {
        Failure::Unauthorized => Tested::Refused(format!(
            "{name} refuses this credential (401): the token is wrong, has ended or was revoked, or it is not of the account \
             that was named with it.{}",
            if is_last {
                String::new()
            } else {
                format!(" A token that is nobody's is tested in a {limit}: name one.")
            }
        )),
        Failure::LacksScope { message, missing } => Tested::Refused(format!(
            "{name} knows this credential, and it lacks a scope{}. Make a token with the scopes that the tools need.{}",
            if missing.is_empty() { String::new() } else { format!(": {}", missing.join(", ")) },
            quoted(message)
        )),
        Failure::Forbidden { message } => Tested::Refused(format!(
            "{name} knows this credential, and its account may not read here (403).{}",
            quoted(message)
        )),
        Failure::TimedOut | Failure::Unreachable => Tested::NotKnown(format!(
            "{name} could not be reached, so nothing is known of the credential. Look at {}, or try again in a minute.",
            site.with_settings(site.provider.settings.base_url)
        )),
        Failure::Unavailable { status } => Tested::NotKnown(format!(
            "{name} is failing at the moment ({status}), so nothing is known of the credential. Try again in a minute."
        )),
        Failure::RateLimited { after, .. } => Tested::NotKnown(format!(
            "{name} limits how often this account may ask. Try again in {} s.",
            after.unwrap_or(60)
        )),
        other => Tested::NotKnown(format!(
            "What answered is not the API of {name}{}. Look at {}.",
            other.status().map(|status| format!(" ({status})")).unwrap_or_default(),
            site.with_settings(site.provider.settings.base_url)
        )),
    }
}

#[cfg(test)]
mod tests;
