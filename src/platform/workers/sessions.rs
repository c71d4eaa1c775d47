//! Session objects, reached by Durable Object RPC: a third of the time of a fetch.

use std::{rc::Rc, time::Duration};

use futures_util::{
    FutureExt,
    future::{Either, LocalBoxFuture, select},
};
use serde_json::json;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use worker::{Context, Delay, Env, ObjectNamespace};

use super::{fault, thrown};
use crate::platform::{
    Fault,
    log::{self, Level},
    sessions::Sessions,
};

/// A turn may refresh an upstream token, so it may take as long as that; then its caller gives up.
const DEADLINE: Duration = Duration::from_secs(25);

#[wasm_bindgen]
extern "C" {
    /// The stub of a Session object as its callers see it (entry.mjs).
    type SessionStub;

    #[wasm_bindgen(method, catch)]
    fn turn(this: &SessionStub, command: &str) -> Result<js_sys::Promise, JsValue>;
}

pub(super) fn namespace(environment: &Env) -> Result<Rc<ObjectNamespace>, Fault> {
    environment.durable_object("SESSION").map(Rc::new).map_err(|error| fault("binding SESSION", error))
}

pub(super) struct SessionObjects {
    pub(super) namespace: Rc<ObjectNamespace>,
    pub(super) background: Option<Context>,
}

async fn turn(namespace: Rc<ObjectNamespace>, user: String, command: String) -> Result<String, Fault> {
    let stub = namespace.get_by_name(&user).map_err(|error| fault("session", error))?;
    let promise = stub.into_rpc::<SessionStub>().turn(&command).map_err(|error| thrown("session", &error))?;
    let reply = JsFuture::from(promise).await.map_err(|error| thrown("session", &error))?;
    reply.as_string().ok_or_else(|| Fault::new("session", "the reply is not text"))
}

impl Sessions for SessionObjects {
    fn call(&self, user: &str, command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        let turn = turn(Rc::clone(&self.namespace), user.to_owned(), command).boxed_local();
        select(turn, Delay::from(DEADLINE))
            .map(|first| match first {
                Either::Left((reply, _)) => reply,
                Either::Right(_) => Err(Fault::new("session", "no reply within the deadline")),
            })
            .boxed_local()
    }

    fn tell(&self, user: &str, command: LocalBoxFuture<'static, Option<String>>) {
        let (namespace, user) = (Rc::clone(&self.namespace), user.to_owned());
        // Without a deadline of ours: nobody waits, and the runtime ends what outlives its response for too long.
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
