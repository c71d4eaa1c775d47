//! What a provider says is left of the quota of whoever asks: Confluence's points, Bitbucket's hour. Pure.

use std::time::Duration;

use serde::Serialize;

use super::failure;
use crate::platform::{clock::Timestamp, fetch::InboundResponse};

/// What is left of a quota, as far as the provider says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quota {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
    /// The provider says that little is left.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub near_limit: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resets_in_seconds: Option<u64>,
}

impl Quota {
    /// What an answer says of it; `None` where it says nothing.
    pub fn of(response: &InboundResponse, now: Timestamp) -> Option<Self> {
        let of_ietf = |name| response.header(name).or_else(|| response.header(&format!("beta-{name}")));
        let number = |name| response.header(name).and_then(leading_number);
        let quota = Self {
            limit: number("x-ratelimit-limit").or_else(|| parameter(of_ietf("ratelimit-policy")?, "q")),
            remaining: number("x-ratelimit-remaining").or_else(|| parameter(of_ietf("ratelimit")?, "r")),
            near_limit: response.header("x-ratelimit-nearlimit").is_some_and(|said| said.eq_ignore_ascii_case("true")),
            resets_in_seconds: failure::reset(response, now).or_else(|| parameter(of_ietf("ratelimit")?, "t")),
        };
        (quota.limit.is_some() || quota.remaining.is_some() || quota.near_limit).then_some(quota)
    }

    /// What people are told of it before it is spent: that less than a fifth is left, or that the provider calls it little.
    pub fn low(self, now: Timestamp) -> Option<LowQuota> {
        let fifth = self.limit.map(|limit| limit / 5);
        let is_low = self.near_limit
            || self.remaining == Some(0)
            || fifth.zip(self.remaining).is_some_and(|(fifth, left)| left < fifth);
        let until = now + Duration::from_secs(self.resets_in_seconds.unwrap_or(failure::LONGEST_WAIT));
        let left = self.remaining.and_then(|left| i64::try_from(left).ok());
        is_low.then_some(LowQuota { left, until })
    }

    /// The one with the least left, of two that calls side by side were told of.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        let left = |quota: &Self| (quota.remaining.unwrap_or(u64::MAX), !quota.near_limit);
        if left(&other) < left(&self) { other } else { self }
    }
}

/// A quota of which little is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LowQuota {
    /// How much at most, where the provider names a number.
    pub left: Option<i64>,
    /// When it begins anew.
    pub until: Timestamp,
}

impl LowQuota {
    /// One that is spent for so many seconds.
    pub fn spent(seconds: u64, now: Timestamp) -> Self {
        Self { left: Some(0), until: now + Duration::from_secs(seconds) }
    }

    pub fn is_spent(&self) -> bool {
        self.left == Some(0)
    }
}

/// Of `60, 60;w=3600`, 60.
fn leading_number(text: &str) -> Option<u64> {
    let text = text.trim_start();
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

/// A parameter of the first item of a structured field (RFC 9651): of `"global-app-quota";q=65000;w=3600`, `q`.
fn parameter(text: &str, name: &str) -> Option<u64> {
    let item = text.split(',').next()?;
    let parameters = item.split(';').skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    parameters.filter(|(known, _)| *known == name).find_map(|(_, value)| value.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quota(headers: &[(&str, &str)]) -> Option<Quota> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = InboundResponse { status: 200, headers, body: Vec::new(), truncated: false };
        Quota::of(&response, Timestamp(1_767_225_600_000))
    }

    #[test]
    fn the_headers_of_both_providers_are_read() {
        let bitbucket = quota(&[
            ("x-ratelimit-limit", "60, 60;w=3600"),
            ("x-ratelimit-remaining", "7"),
            ("x-ratelimit-reset", "120"),
        ]);
        let expected = Quota { limit: Some(60), remaining: Some(7), near_limit: false, resets_in_seconds: Some(120) };
        assert_eq!(bitbucket, Some(expected));
        let confluence = quota(&[
            ("beta-ratelimit-policy", "\"global-app-quota\";q=65000;w=3600"),
            ("beta-ratelimit", "\"global-app-quota\";r=64000;t=90"),
            ("x-ratelimit-nearlimit", "true"),
        ]);
        let expected =
            Quota { limit: Some(65_000), remaining: Some(64_000), near_limit: true, resets_in_seconds: Some(90) };
        assert_eq!(confluence, Some(expected));
        let reset = quota(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "2026-01-01T00:01:00Z")]);
        assert_eq!(reset.and_then(|quota| quota.resets_in_seconds), Some(60));
    }

    #[test]
    fn little_is_less_than_a_fifth_or_what_the_provider_calls_so() {
        let now = Timestamp(1_767_225_600_000);
        let low = |limit, remaining, near_limit| {
            let quota = Quota { limit, remaining, near_limit, resets_in_seconds: Some(60) };
            quota.low(now).map(|low| (low.left, low.until.since(now).as_secs()))
        };
        assert_eq!(low(Some(1000), Some(199), false), Some((Some(199), 60)));
        assert_eq!(low(Some(1000), Some(200), false), None);
        assert_eq!(low(None, Some(0), false), Some((Some(0), 60)));
        assert_eq!(low(Some(1000), None, true), Some((None, 60)));
        let unknown_end = Quota { remaining: Some(0), ..Quota::default() };
        assert_eq!(unknown_end.low(now).map(|low| low.until.since(now)), Some(Duration::from_hours(1)));
    }

    #[test]
    fn of_two_quotas_the_one_with_less_left_counts() {
        let left = |remaining| Quota { remaining, ..Quota::default() };
        assert_eq!(left(Some(7)).least(left(Some(3))), left(Some(3)));
        assert_eq!(left(Some(7)).least(left(None)), left(Some(7)));
        let near = Quota { near_limit: true, ..left(None) };
        assert_eq!(left(None).least(near), near);
    }

    #[test]
    fn an_answer_that_says_nothing_has_none() {
        assert_eq!(quota(&[]), None);
        assert_eq!(quota(&[("x-ratelimit-resource", "api"), ("x-ratelimit-nearlimit", "false")]), None);
    }

    proptest! {
        #[test]
        fn whatever_a_header_says_is_read_or_left(limit in "\\PC{0,20}", policy in "[\"a-z;=,0-9 ]{0,40}") {
            let read = quota(&[("x-ratelimit-limit", &limit), ("ratelimit-policy", &policy), ("ratelimit", &policy)]);
            prop_assert!(read.is_none_or(|quota| quota.limit.is_some() || quota.remaining.is_some()));
        }
    }
}
