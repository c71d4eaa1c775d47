//! The rate-limit bindings.

use futures::{FutureExt, future::LocalBoxFuture};
use serde_json::json;
use worker::{Env, RateLimiter};

use super::fault;
use crate::platform::{
    Fault,
    limiter::{Limit, Limiter},
    log::{self, Level},
};

/// One binding for each of [`Limit::ALL`].
pub(super) struct RateLimits(Vec<(Limit, RateLimiter)>);

impl RateLimits {
    pub(super) fn new(environment: &Env) -> Result<Self, Fault> {
        let binding = |limit: Limit| {
            let found = environment.rate_limiter(limit.binding());
            found.map(|found| (limit, found)).map_err(|error| fault(limit.binding(), error))
        };
        Limit::ALL.into_iter().map(binding).collect::<Result<_, _>>().map(Self)
    }
}

impl Limiter for RateLimits {
    fn allow<'a>(&'a self, limit: Limit, key: &'a str) -> LocalBoxFuture<'a, bool> {
        async move {
            let Some((_, binding)) = self.0.iter().find(|(known, _)| *known == limit) else { return true };
            match binding.limit(key.to_owned()).await {
                Ok(outcome) => outcome.success,
                Err(error) => {
                    log::write(Level::Warning, "rate limiter failed", &[("detail", json!(error.to_string()))]);
                    true
                }
            }
        }
        .boxed_local()
    }
}
