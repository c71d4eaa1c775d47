//! Bodies of requests.

use axum::body::Bytes;
use serde_json::Value;

use super::errors::Refusal;

/// The JSON of a body; Bitbucket refuses what is none.
pub(crate) fn json(body: &Bytes) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::bad_request("Bad request"))
}
