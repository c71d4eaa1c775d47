//! Workers KV as the cache.

use std::time::Duration;

use futures::{FutureExt, future::LocalBoxFuture};
use serde_json::json;
use worker::{Env, KvStore};

use super::fault;
use crate::platform::{
    Fault,
    cache::{Cache, SHORTEST_LIFE},
    log::{self, Level},
};

pub(super) struct Kv(KvStore);

impl Kv {
    pub(super) fn new(environment: &Env) -> Result<Self, Fault> {
        environment.kv("CACHE").map(Self).map_err(|error| fault("binding CACHE", error))
    }
}

impl Cache for Kv {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Option<String>> {
        async move {
            self.0.get(key).text().await.unwrap_or_else(|error| {
                log::write(Level::Warning, "cache read failed", &[("detail", json!(error.to_string()))]);
                None
            })
        }
        .boxed_local()
    }

    fn put<'a>(&'a self, key: &'a str, value: String, life: Duration) -> LocalBoxFuture<'a, ()> {
        async move {
            let outcome = match self.0.put(key, value) {
                Ok(put) => put.expiration_ttl(life.max(SHORTEST_LIFE).as_secs()).execute().await,
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                log::write(Level::Warning, "cache write failed", &[("detail", json!(error.to_string()))]);
            }
        }
        .boxed_local()
    }
}
