//! The credentials whose quota this isolate knows to be spent: calls with them are refused with the time, and the provider
//! is not asked until it may have changed its mind.

use std::{
    cell::RefCell,
    collections::HashMap,
    hash::{DefaultHasher, Hasher},
    time::Duration,
};

use super::{credential::Credential, quota::Quota};
use crate::platform::{clock::Timestamp, fetch::InboundResponse};

/// The longest that nobody asks. A provider has quotas for parts of its API, and does not always say of which one spoke.
const LONGEST: Duration = Duration::from_secs(60);
/// How many are known at once.
const MOST: usize = 1_000;

thread_local! {
    /// Until when, by credential. Plain data: nothing in it belongs to one request, and no credential can be made of it.
    static SPENT: RefCell<HashMap<u64, Timestamp>> = RefCell::default();
}

fn key(credential: &Credential) -> u64 {
    let mut hasher = DefaultHasher::new();
    credential.hash(&mut hasher);
    hasher.finish()
}

/// How long nobody is to ask with that credential; `None` where its quota is not known to be spent.
pub fn left(credential: &Credential, now: Timestamp) -> Option<Duration> {
    SPENT.with_borrow(|spent| {
        // As a rule none is, and every call asks.
        let until = if spent.is_empty() { None } else { spent.get(&key(credential)) };
        until.map(|until| until.since(now)).filter(|left| !left.is_zero())
    })
}

/// Notes what an answer says of the quota: that nothing is left, or that a call was refused for it.
pub fn note(credential: &Credential, response: &InboundResponse, now: Timestamp) {
    let reason = response.header("ratelimit-reason").unwrap_or_default();
    let is_refused = response.status == 429 && reason.contains("quota");
    let quota = Quota::of(response, now);
    if !is_refused && quota.is_none_or(|quota| quota.remaining != Some(0)) {
        return;
    }
    let wait = super::failure::wait(response, now).or_else(|| quota?.resets_in_seconds);
    let Some(wait) = wait else { return };
    SPENT.with_borrow_mut(|spent| {
        spent.retain(|_, until| now < *until);
        if spent.len() < MOST {
            spent.insert(key(credential), now + Duration::from_secs(wait).min(LONGEST));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crypto::secret::Secret,
        providers::{CONFLUENCE, Site},
    };

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    fn credential(token: &str) -> Credential {
        Credential::bearer(Site::main(&CONFLUENCE), Secret::new(token))
    }

    fn answer(status: u16, headers: &[(&str, &str)]) -> InboundResponse {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        InboundResponse { status, headers, body: Vec::new(), truncated: false }
    }

    #[test]
    fn a_spent_quota_is_that_of_one_credential_until_it_begins_anew_or_a_minute_is_over() {
        let spent = answer(429, &[("ratelimit-reason", "confluence-quota-global-based"), ("retry-after", "30")]);
        note(&credential("a"), &spent, NOW);
        assert_eq!(left(&credential("a"), NOW + Duration::from_secs(10)), Some(Duration::from_secs(20)));
        assert_eq!(left(&credential("b"), NOW), None);
        assert_eq!(left(&credential("a"), NOW + Duration::from_secs(30)), None);
        let hour = answer(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "3000")]);
        note(&credential("c"), &hour, NOW);
        assert_eq!(left(&credential("c"), NOW), Some(LONGEST));
    }

    #[test]
    fn a_burst_and_a_quota_with_something_left_stop_nobody() {
        note(&credential("d"), &answer(429, &[("retry-after", "30")]), NOW);
        note(&credential("d"), &answer(200, &[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "30")]), NOW);
        assert_eq!(left(&credential("d"), NOW), None);
    }
}
