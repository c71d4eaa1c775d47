//! The runtime's fetch: redirects by hand, a deadline over the whole exchange, and a cap on the body.

use futures_util::{
    FutureExt,
    future::{Either, LocalBoxFuture, select},
};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{
    Delay, Headers,
    web_sys::{AbortController, AbortSignal, Request, RequestInit, RequestRedirect, Response, WorkerGlobalScope},
};

use super::{body, thrown};
use crate::platform::fetch::{Http, HttpError, InboundResponse, OutboundRequest};

pub(super) struct WorkersFetch;

impl Http for WorkersFetch {
    fn send(&self, request: OutboundRequest) -> LocalBoxFuture<'_, Result<InboundResponse, HttpError>> {
        async move {
            let controller = AbortController::new().map_err(|error| connection(&error))?;
            let deadline = Delay::from(request.limits.deadline);
            match select(exchange(request, controller.signal()).boxed_local(), deadline).await {
                Either::Left((answer, _)) => answer.map_err(|error| connection(&error)),
                Either::Right(_) => {
                    controller.abort();
                    Err(HttpError::Timeout)
                }
            }
        }
        .boxed_local()
    }
}

fn connection(error: &JsValue) -> HttpError {
    HttpError::Connection(thrown("fetch", error).detail)
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
