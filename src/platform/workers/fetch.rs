//! The runtime's fetch: redirects by hand, a deadline over the whole exchange, and a cap on the body.

use futures::{FutureExt, future::LocalBoxFuture};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::{
    border::{self, Exchanged},
    js_promise::JsPromise,
    thrown,
};
use crate::platform::fetch::{ContentCoding, Http, HttpError, InboundResponse, OutboundRequest};

pub(super) struct WorkersFetch;

impl Http for WorkersFetch {
    fn send(&self, request: OutboundRequest) -> LocalBoxFuture<'_, Result<InboundResponse, HttpError>> {
        async move {
            let decodes = request.limits.coding == ContentCoding::Decoded;
            // The runtime offers to decode unless a request says otherwise.
            let plain = (!decodes).then_some(("accept-encoding", "identity"));
            let headers = request.headers.iter().map(|(name, value)| (&**name, value.as_str()));
            let headers = border::written(headers.chain(plain));
            let body = request.body.as_deref().map(Uint8Array::from);
            let milliseconds = u32::try_from(request.limits.deadline.as_millis()).unwrap_or(u32::MAX);
            let (method, limit) = (request.method.name(), request.limits.bytes);
            let exchanged = JsPromise::of(|id| {
                border::exchange(id, &request.url, method, &headers, body, milliseconds, limit, decodes)
            });
            let answer: Exchanged = exchanged.await.map_err(|error| failure(&error))?.unchecked_into();
            Ok(InboundResponse {
                status: answer.status(),
                headers: border::read(&answer.headers()),
                body: answer.body().to_vec(),
                truncated: answer.truncated(),
            })
        }
        .boxed_local()
    }
}

fn failure(error: &JsValue) -> HttpError {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    match name.as_deref() {
        Some("TimeoutError") => HttpError::Timeout,
        Some("ContentCodingError") => HttpError::ContentCoding(thrown("fetch", error).detail),
        _ => HttpError::Connection(thrown("fetch", error).detail),
    }
}
