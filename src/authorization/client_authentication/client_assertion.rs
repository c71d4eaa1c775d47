//! `private_key_jwt`: a client proves itself by an assertion that it signs (RFC 7523 §2.2 and §3).

use super::{
    assertion::{self, Common, Problem},
    error::{Failure, TokenError},
};
use crate::{
    authorization::{
        clients::{Client, ClientKeys, public_url::PublicUrl},
        limits,
    },
    context::Context,
    crypto::{
        digest,
        jws::{Unverified, choose},
    },
    identifiers::ClientId,
    identity::key_set::{self, KeySet},
    platform::{
        cache,
        clock::Timestamp,
        fetch::{ContentCoding, Limits, OutboundRequest},
        http::Method,
        json,
        log::Level,
        sender::Sender,
    },
};

/// The `client_assertion_type` of RFC 7523 §2.2.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What Postern takes of a client's time and bytes for its keys.
const LIMITS: Limits =
    Limits { deadline: std::time::Duration::from_secs(10), bytes: 64 * 1024, coding: ContentCoding::Refused };

fn refused(problem: Problem) -> Failure {
    TokenError::ClientAssertion(problem).into()
}

/// The client that an assertion says it is of. Its signature was not verified yet.
///
/// # Errors
/// Where it is no assertion.
pub fn claimed_client(assertion: &str) -> Result<ClientId, TokenError> {
    #[derive(serde::Deserialize)]
    struct Claimed {
        sub: ClientId,
    }
    let claimed = Unverified::read(assertion).and_then(|unverified| unverified.unverified_claims::<Claimed>());
    claimed.map(|claimed| claimed.sub).map_err(|error| TokenError::ClientAssertion(error.into()))
}

/// Proves that the client signed the assertion for this server, now and for this one request.
///
/// # Errors
/// Where it did not, or the record failed.
pub async fn verify(
    context: &Context,
    client: &Client,
    keys: &ClientKeys,
    assertion: &str,
    sender: &Sender,
) -> Result<(), Failure> {
    let unverified = Unverified::read(assertion).map_err(|error| refused(error.into()))?;
    let key = match keys {
        ClientKeys::Inline(keys) => choose(keys.as_slice(), unverified.key_id(), unverified.algorithm),
        ClientKeys::At(uri) => {
            let cache_key = format!("clients/keys/{}", digest::sha256(&uri.to_string()));
            let fetching = async || fetch(context, uri, &cache_key, sender).await;
            key_set::key(context, &cache_key, unverified.key_id(), unverified.algorithm, fetching).await?
        }
    };
    let key = key.ok_or_else(|| refused(Problem::Signature))?;
    let verified = unverified.verify::<Common>(context.platform.signatures.as_ref(), &key).await;
    let verified = verified.map_err(|error| refused(error.into()))?;
    let common = &verified.claims;
    let issuer = &context.settings.public_url;
    if common.iss != client.id.as_str() {
        return Err(refused(Problem::Issuer));
    }
    if common.sub != client.id.as_str() {
        return Err(refused(Problem::Subject));
    }
    // SDKs name the issuer, RFC 7523 the token endpoint; at the other endpoints too.
    let ours = [issuer.as_str(), &format!("{issuer}/token")];
    assertion::check(&verified, common, &ours, context.platform.clock.now()).map_err(refused)?;
    if assertion::use_up(context, TYPE, &verified, common).await? { Ok(()) } else { Err(refused(Problem::Replayed)) }
}

/// Fetches a client's keys, unless that failed within the last minute or too much was fetched already.
async fn fetch(context: &Context, uri: &PublicUrl, cache_key: &str, sender: &Sender) -> Result<KeySet, Failure> {
    let failed_key = format!("{cache_key}/failed");
    let now = context.platform.clock.now();
    let failed_at = context.platform.cache.get(&failed_key).await.and_then(|text| text.parse().ok().map(Timestamp));
    if failed_at.is_some_and(|at| now.since(at) < cache::SHORTEST_LIFE) {
        return Err(refused(Problem::Keys));
    }
    if !limits::may_fetch(context, uri.host(), sender).await {
        return Err(refused(Problem::KeysTooFast));
    }
    match ask(context, uri).await {
        Ok(keys) => Ok(keys),
        Err(reason) => {
            context.log(Level::Info, "a client's keys could not be fetched", &[("reason", reason.into())]);
            context.platform.cache.put(&failed_key, now.0.to_string(), cache::SHORTEST_LIFE).await;
            Err(refused(Problem::Keys))
        }
    }
}

async fn ask(context: &Context, uri: &PublicUrl) -> Result<KeySet, String> {
    let request = OutboundRequest {
        method: Method::Get,
        url: uri.to_string(),
        headers: vec![
            ("accept".into(), "application/json".to_owned()),
            ("user-agent".into(), context.settings.user_agent()),
        ],
        body: None,
        limits: LIMITS,
    };
    let answer = context.platform.http.send(request).await.map_err(|error| error.to_string())?;
    if answer.status != 200 || answer.truncated {
        return Err(format!("status {}, {} bytes", answer.status, answer.body.len()));
    }
    json::from_slice(&answer.body).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
