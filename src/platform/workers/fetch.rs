//! The runtime's fetch: redirects by hand, a deadline over the whole exchange, and a cap on the body.

use futures_util::{FutureExt, TryFutureExt, future::LocalBoxFuture};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{
    Headers,
    web_sys::{AbortSignal, Request, RequestInit, RequestRedirect, Response, WorkerGlobalScope},
};

use super::{body, thrown};
use crate::platform::fetch::{Http, HttpError, InboundResponse, OutboundRequest};

pub(super) struct WorkersFetch;

impl Http for WorkersFetch {
    fn send(&self, request: OutboundRequest) -> LocalBoxFuture<'_, Result<InboundResponse, HttpError>> {
        // The runtime's own timer covers the whole exchange, the body too.
        let signal =
            AbortSignal::timeout_with_u32(u32::try_from(request.limits.deadline.as_millis()).unwrap_or(u32::MAX));
        exchange(request, signal).map_err(|error| failure(&error)).boxed_local()
    }
}

fn failure(error: &JsValue) -> HttpError {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    match name.as_deref() {
        Some("TimeoutError") => HttpError::Timeout,
        _ => HttpError::Connection(thrown("fetch", error).detail),
    }
}

async fn exchange(request: OutboundRequest, signal: AbortSignal) -> Result<InboundResponse, JsValue> {
    let headers = worker::web_sys::Headers::new()?;
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let options = RequestInit::new();
    options.set_method(request.method.name());
    options.set_headers(&headers);
    options.set_redirect(RequestRedirect::Manual);
    options.set_signal(Some(&signal));
    if let Some(sent) = &request.body {
        options.set_body(&Uint8Array::from(sent.as_slice()));
    }
    let outbound = Request::new_with_str_and_init(&request.url, &options)?;
    let global: WorkerGlobalScope = js_sys::global().unchecked_into();
    let response: Response = JsFuture::from(global.fetch_with_request(&outbound)).await?.unchecked_into();
    let status = response.status();
    let headers: Vec<(String, String)> = Headers(response.headers()).entries().collect();
    let announced = body::announced_length(&headers);
    let (body, truncated) = match announced {
        Some(length) if length <= request.limits.bytes => (body::whole(response.array_buffer()?).await?, false),
        _ => body::up_to(response.body(), request.limits.bytes).await?,
    };
    Ok(InboundResponse { status, headers, body, truncated })
}
