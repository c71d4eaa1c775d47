//! Answers that are remembered, so that the sandbox is not what a load test measures.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::errors::Refusal;
use crate::world::lock;

const MOST_REMEMBERED: usize = 256;

/// JSON by the URL that was asked. Only for what is the same for everybody who may see it.
#[derive(Default)]
pub(crate) struct Answers(Mutex<HashMap<String, Bytes>>);

impl Answers {
    /// The remembered answer, or the one that is made now.
    pub(crate) fn get(&self, url: &str, make: impl FnOnce() -> Result<Value, Refusal>) -> Result<Response, Refusal> {
        // Held while the answer is made, so that `forget` cannot come in between and be undone.
        let mut all = lock(&self.0);
        let body = match all.get(url) {
            Some(body) => body.clone(),
            None => {
                let body = Bytes::from(make()?.to_string());
                if all.len() >= MOST_REMEMBERED {
                    all.clear();
                }
                all.insert(url.to_owned(), body.clone());
                body
            }
        };
        Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
    }

    /// Something they tell of has changed.
    pub(crate) fn forget(&self) {
        lock(&self.0).clear();
    }
}
