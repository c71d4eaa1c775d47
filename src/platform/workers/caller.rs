//! The caller as the runtime knows it: the request's signal, and the context that outlives its response.

use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, Shared, pending},
};
use wasm_bindgen::{JsCast, prelude::Closure};
use worker::{
    Context,
    web_sys::{AbortSignal, Request},
};

use crate::platform::caller::Caller;

pub(super) struct HttpCaller {
    context: Rc<Context>,
    /// Listens from when it is first asked for.
    gone: Shared<LocalBoxFuture<'static, ()>>,
}

impl HttpCaller {
    pub(super) fn new(request: Request, context: Rc<Context>) -> Self {
        Self { context, gone: async move { aborted(request.signal()).await }.boxed_local().shared() }
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

/// Stops listening when it is dropped: a signal must not call what is no more.
struct Listener {
    signal: AbortSignal,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.signal.set_onabort(None);
    }
}

async fn aborted(signal: AbortSignal) {
    if signal.aborted() {
        return;
    }
    let (abort, aborted) = oneshot::channel::<()>();
    let callback = Closure::once_assert_unwind_safe(move || drop(abort));
    signal.set_onabort(Some(callback.as_ref().unchecked_ref()));
    let _listener = Listener { signal, _callback: callback };
    // What is sent is that the sender is dropped.
    let _ = aborted.await;
}
