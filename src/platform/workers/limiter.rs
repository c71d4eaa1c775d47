//! The rate-limit binding.

use futures_util::{FutureExt, future::LocalBoxFuture};
use serde_json::json;
use worker::{Env, RateLimiter};

use super::fault;
use crate::platform::{
    Fault,
    limiter::Limiter,
    log::{self, Level},
};

pub(super) struct RateLimit(RateLimiter);

impl RateLimit {
    pub(super) fn new(environment: &Env) -> Result<Self, Fault> {
        environment
            .rate_limiter("REGISTRATION_LIMITER")
            .map(Self)
            .map_err(|error| fault("binding REGISTRATION_LIMITER", error))
    }
}

impl Limiter for RateLimit {
    fn allow<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, bool> {
        async move {
            match self.0.limit(key.to_owned()).await {
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
