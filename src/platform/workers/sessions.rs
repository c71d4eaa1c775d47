//! Session objects, reached by Durable Object RPC: a third of the time of a fetch.

use std::rc::Rc;

use futures::{FutureExt, future::LocalBoxFuture};
use wasm_bindgen::JsValue;
use worker::{Env, ObjectNamespace};

use super::{border, fault, js_promise::JsPromise, thrown};
use crate::platform::{Fault, sessions::Sessions};

/// A turn may refresh an upstream token, so it may take as long as that; then its caller gives up.
const DEADLINE_MILLISECONDS: u32 = 25_000;

pub(super) fn namespace(environment: &Env) -> Result<Rc<ObjectNamespace>, Fault> {
    environment.durable_object("SESSION").map(Rc::new).map_err(|error| fault("binding SESSION", error))
}

pub(super) struct SessionObjects {
    pub(super) namespace: Rc<ObjectNamespace>,
}

/// Takes one turn of the object of that name.
pub(super) async fn turn(namespace: Rc<ObjectNamespace>, user: String, command: String) -> Result<String, Fault> {
    let stub = namespace.get_by_name(&user).map_err(|error| fault("session", error))?;
    let stub: JsValue = stub.into_rpc();
    let reply = JsPromise::of(|id| border::turn(id, &stub, &command, DEADLINE_MILLISECONDS))
        .await
        .map_err(|error| thrown("session", &error))?;
    reply.as_string().ok_or_else(|| Fault::new("session", "no reply within the deadline"))
}

impl Sessions for SessionObjects {
    fn call(&self, user: &str, command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        turn(Rc::clone(&self.namespace), user.to_owned(), command).boxed_local()
    }
}
