//! The caller as the runtime knows it: the request's signal, and the context that outlives its response.

use std::rc::Rc;

use futures::{
    FutureExt,
    future::{LocalBoxFuture, Shared, pending},
};
use worker::{Context, web_sys::Request};

use super::{border, js_promise::JsPromise};
use crate::platform::caller::Caller;

pub(super) struct HttpCaller {
    context: Rc<Context>,
    /// Listens from when it is first asked for.
    gone: Shared<LocalBoxFuture<'static, ()>>,
}

impl HttpCaller {
    pub(super) fn new(request: Request, context: Rc<Context>) -> Self {
        Self { context, gone: gone(request).boxed_local().shared() }
    }
}

impl Caller for HttpCaller {
    fn gone(&self) -> LocalBoxFuture<'static, ()> {
        self.gone.clone().boxed_local()
    }

    fn finish_without(&self, work: LocalBoxFuture<'static, ()>) {
        self.context.wait_until(work);
    }
}

/// Where no request is served: in an object's turn, and on a schedule.
pub(super) struct Nobody;

impl Caller for Nobody {
    fn gone(&self) -> LocalBoxFuture<'static, ()> {
        pending().boxed_local()
    }

    fn finish_without(&self, work: LocalBoxFuture<'static, ()>) {
        wasm_bindgen_futures::spawn_local(work);
    }
}

async fn gone(request: Request) {
    let promise = JsPromise::of(|id| border::watch(id, &request));
    // The signal is to live no longer than the runtime keeps it.
    drop(request);
    // What it comes to says nothing: it is settled once nobody waits.
    let _ = promise.await;
}
