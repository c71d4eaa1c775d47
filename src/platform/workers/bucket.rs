//! R2 as the bucket of checkpoints and segments.

use std::rc::Rc;

use futures::{FutureExt, future::LocalBoxFuture};
use wasm_bindgen::JsValue;
use worker::Env;

use super::{border, js_promise::JsPromise, thrown};
use crate::platform::{Fault, bucket::Bucket};

pub(super) struct R2(JsValue);

impl R2 {
    /// The bucket, if one is bound.
    pub(super) fn find(environment: &Env) -> Option<Rc<Self>> {
        let bucket = js_sys::Reflect::get(environment, &"CHECKPOINTS".into()).ok();
        bucket.filter(JsValue::is_object).map(|bucket| Rc::new(Self(bucket)))
    }
}

impl Bucket for R2 {
    fn put(&self, name: String, text: String) -> LocalBoxFuture<'_, Result<(), Fault>> {
        async move {
            let put = JsPromise::of(|id| border::put(id, &self.0, &name, &text)).await;
            put.map(drop).map_err(|error| thrown("bucket CHECKPOINTS", &error))
        }
        .boxed_local()
    }

    fn get(&self, name: String) -> LocalBoxFuture<'_, Result<Option<String>, Fault>> {
        async move {
            let found = JsPromise::of(|id| border::get(id, &self.0, &name)).await;
            found.map(|found| found.as_string()).map_err(|error| thrown("bucket CHECKPOINTS", &error))
        }
        .boxed_local()
    }

    fn first(&self, prefix: String, after: String) -> LocalBoxFuture<'_, Result<Option<(String, String)>, Fault>> {
        async move {
            let first = JsPromise::of(|id| border::first(id, &self.0, &prefix, &after)).await;
            let first = first.map_err(|error| thrown("bucket CHECKPOINTS", &error))?.as_string();
            Ok(first.and_then(|first| first.split_once('\n').map(|(name, text)| (name.to_owned(), text.to_owned()))))
        }
        .boxed_local()
    }
}
