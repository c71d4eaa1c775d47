//! Session objects, reached by Durable Object RPC: a third of the time of a fetch.

use std::rc::Rc;

use futures_util::{FutureExt, future::LocalBoxFuture};
use serde_json::json;
use wasm_bindgen::JsValue;
use worker::{Context, Env, ObjectNamespace};

use super::{border, fault, settling::Settling, thrown};
use crate::platform::{
    Fault,
    log::{self, Level},
    sessions::Sessions,
};

/// A turn may refresh an upstream token, so it may take as long as that; then its caller gives up.
const DEADLINE_MILLISECONDS: u32 = 25_000;

pub(super) fn namespace(environment: &Env) -> Result<Rc<ObjectNamespace>, Fault> {
    environment.durable_object("SESSION").map(Rc::new).map_err(|error| fault("binding SESSION", error))
}

pub(super) struct SessionObjects {
    pub(super) namespace: Rc<ObjectNamespace>,
    pub(super) background: Option<Rc<Context>>,
}

/// Takes one turn of the object of that name.
pub(super) async fn turn(namespace: Rc<ObjectNamespace>, user: String, command: String) -> Result<String, Fault> {
    let stub = namespace.get_by_name(&user).map_err(|error| fault("session", error))?;
    let stub: JsValue = stub.into_rpc();
    let reply = Settling::of(|id| border::turn(id, &stub, &command, DEADLINE_MILLISECONDS))
        .await
        .map_err(|error| thrown("session", &error))?;
    reply.as_string().ok_or_else(|| Fault::new("session", "no reply within the deadline"))
}

impl Sessions for SessionObjects {
    fn call(&self, user: &str, command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        turn(Rc::clone(&self.namespace), user.to_owned(), command).boxed_local()
    }

    fn call_after_response(&self, user: &str, command: LocalBoxFuture<'static, Option<String>>) {
        let (namespace, user) = (Rc::clone(&self.namespace), user.to_owned());
        let logged = async move {
            let Some(command) = command.await else { return };
            if let Err(error) = turn(namespace, user, command).await {
                log::write(Level::Error, "session not told", &[("detail", json!(error.to_string()))]);
            }
        };
        match &self.background {
            Some(context) => context.wait_until(logged),
            None => wasm_bindgen_futures::spawn_local(logged),
        }
    }
}
