//! Permissive rate limits, counted where the request arrives, on what strangers may do without a token.

use futures::future::LocalBoxFuture;

/// A limit of wrangler.toml: how many in a minute, for one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Requests to the OAuth endpoints, by network.
    Requests,
    /// Refused requests to the OAuth endpoints, by client and network.
    Failures,
    /// Registrations, by network.
    Registrations,
    /// Requests of ours to addresses that strangers name: by the network that makes us, and by host.
    Fetches,
}

impl Limit {
    pub const ALL: [Self; 4] = [Self::Requests, Self::Failures, Self::Registrations, Self::Fetches];

    /// The name of its binding.
    pub const fn binding(self) -> &'static str {
        match self {
            Self::Requests => "REQUEST_LIMITER",
            Self::Failures => "FAILURE_LIMITER",
            Self::Registrations => "REGISTRATION_LIMITER",
            Self::Fetches => "FETCH_LIMITER",
        }
    }
}

pub trait Limiter {
    /// Whether one more is allowed for `key`, which is then counted. A limiter that is out of order allows.
    fn allow<'a>(&'a self, limit: Limit, key: &'a str) -> LocalBoxFuture<'a, bool>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_in_wrangler_toml() {
        let settings = include_str!("../../wrangler.toml");
        for limit in Limit::ALL {
            assert!(settings.contains(&format!("name = \"{}\"", limit.binding())), "{limit:?}");
        }
    }
}
