//! One request and its answer: credential by origin, redirects under an allow-list, one retry of a read.

use std::time::Duration;

use url::{Origin, Url};

use super::{credential::Credential, failure, failure::Failure, spent_quotas};
use crate::{
    catalog::operation::Class,
    context::Context,
    crypto::random,
    platform::{
        Fault,
        clock::Timestamp,
        fetch::{HttpError, InboundResponse, OutboundRequest},
        http::Method,
    },
    providers::{Provider, Site},
};

/// How many redirects are followed.
const MOST_HOPS: usize = 3;
/// The longest a call waits for a provider before it tries again.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A site, and in whose name it is asked.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    pub context: &'a Context,
    pub site: Site,
    pub base_url: &'a str,
    pub credential: &'a Credential,
}

impl Exchange<'_> {
    /// Sends a request that carries no credential yet. The answer's status is 2xx.
    ///
    /// # Errors
    /// Every other answer, and none, as a [`Failure`]. The class decides: what is no read is sent once, whatever happens.
    pub async fn send(&self, request: OutboundRequest, class: Class) -> Result<InboundResponse, Failure> {
        send(self, request, class == Class::Read).await
    }

    /// Sends a look-up.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn read(&self, request: OutboundRequest) -> Result<InboundResponse, Failure> {
        send(self, request, true).await
    }
}

async fn send(
    Exchange { context, site, base_url, credential }: &Exchange<'_>,
    request: OutboundRequest,
    is_read: bool,
) -> Result<InboundResponse, Failure> {
    let base = Url::parse(base_url).map_err(|error| Failure::Fault(Fault::new("provider URL", error)))?;
    // What is asked for with a body is not asked for anywhere else.
    let may_be_redirected = is_read && request.method == Method::Get;
    if let Some(left) = spent_quotas::left(credential, context.platform.clock.now()) {
        if left > LONGEST_PAUSE {
            let reason = "its quota is spent, so nothing was sent".to_owned();
            return Err(Failure::RateLimited { after: Some(left.as_secs().max(1)), reason });
        }
        context.platform.clock.sleep(left).await;
    }
    let mut retried = !is_read;
    let mut request = request;
    let mut hops = 0;
    // Once away, a redirect back does not bring the credential back.
    let mut is_home = true;
    loop {
        let mut attempt = request.clone();
        let url = Url::parse(&attempt.url).map_err(|error| Failure::Fault(Fault::new("request URL", error)))?;
        is_home = is_home && is_below(&url, &base);
        if is_home {
            credential.apply(&mut attempt);
        }
        let answer = context.platform.http.send(attempt).await;
        let now = context.platform.clock.now();
        if is_home && let Ok(response) = &answer {
            spent_quotas::note(credential, response, now);
        }
        if !retried && let Some(pause) = pause(&answer, now)? {
            retried = true;
            context.platform.clock.sleep(pause).await;
            continue;
        }
        match answer {
            Ok(response) if (200..300).contains(&response.status) => return Ok(response),
            Ok(response) if may_be_redirected && matches!(response.status, 301 | 302 | 303 | 307 | 308) => {
                hops += 1;
                let target = response.header("location").filter(|_| hops <= MOST_HOPS);
                let target = target.and_then(|location| url.join(location).ok());
                let target = target.filter(|target| may_follow(target, &base.origin(), site.provider));
                request.url = target.ok_or(Failure::Misdirected)?.into();
            }
            // Nobody asked for a change elsewhere, but its new address is worth knowing.
            Ok(response) if !is_read && matches!(response.status, 301 | 302 | 307 | 308) => {
                let target = response.header("location").and_then(|location| url.join(location).ok());
                let target = target.filter(|target| target.origin() == base.origin());
                return Err(target.map_or(Failure::Misdirected, |to| Failure::Moved { to }));
            }
            Ok(response) if (300..400).contains(&response.status) => return Err(Failure::Misdirected),
            // The request arrived, and nothing says how far it got.
            Ok(response) if !is_read && response.status >= 500 => {
                return Err(Failure::UnknownOutcome { status: Some(response.status) });
            }
            Ok(response) => return Err(Failure::of(&response, now)),
            Err(_) if !is_read => return Err(Failure::UnknownOutcome { status: None }),
            Err(HttpError::Timeout) => return Err(Failure::TimedOut),
            Err(HttpError::Connection(_) | HttpError::ContentCoding(_)) => return Err(Failure::Unreachable),
        }
    }
}

/// How long to wait before a read is tried once more; `None` where that would not help.
fn pause(answer: &Result<InboundResponse, HttpError>, now: Timestamp) -> Result<Option<Duration>, Failure> {
    let asked = match answer {
        Ok(response) if response.status == 429 => match failure::wait(response, now) {
            Some(seconds) => Some(Duration::from_secs(seconds)),
            // Without a word on when, soon is too soon.
            None => return Ok(None),
        },
        Ok(response) if matches!(response.status, 500 | 502 | 503 | 504) => {
            failure::wait(response, now).map(Duration::from_secs)
        }
        Err(HttpError::Connection(_)) => None,
        _ => return Ok(None),
    };
    let [jitter] = random::bytes::<1>().map_err(Failure::Fault)?;
    let pause = asked.unwrap_or_default() + Duration::from_millis(100 + u64::from(jitter));
    Ok((asked.unwrap_or_default() <= LONGEST_PAUSE).then_some(pause))
}

/// Whether an address lies below another one: at one host there may be the APIs of other organisations' sites.
fn is_below(url: &Url, base: &Url) -> bool {
    let path = url.path().strip_prefix(base.path().trim_end_matches('/'));
    url.origin() == base.origin() && path.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a redirect leads to the provider itself or to a host that it keeps bodies on.
fn may_follow(target: &Url, home: &Origin, provider: &'static Provider) -> bool {
    if target.origin() == *home {
        return true;
    }
    let is_known = |host: &str| {
        provider
            .redirect_hosts
            .iter()
            .any(|known| host.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('.')))
    };
    target.scheme() == "https" && target.port().is_none() && target.host_str().is_some_and(is_known)
}

#[cfg(test)]
mod tests;
