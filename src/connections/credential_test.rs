//! The test of an organisation's credential: one real request with it, and what the answer says of it.

use serde_json::Value;

use crate::{
    context::Context,
    platform::{Fault, fetch::InboundResponse, log::Level},
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

/// Whether it can stand in a path as it is, and is no step in it.
fn is_segment(name: &str) -> bool {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    !name.is_empty() && name.bytes().all(in_name)
}

/// What an answer to the question whose the credential is says; `None` where it is not an answer to that.
fn accepted(names: &[&str], response: &InboundResponse) -> Option<Accepted> {
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    let name = names.iter().find_map(|name| body.get(name).and_then(Value::as_str))?;
    Some(Accepted { account: Some(untrusted::label(name, LONGEST_NAME)), scopes: scopes(response) })
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
