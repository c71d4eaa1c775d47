//! Adapters of the ports to the Workers runtime.

mod body;
mod cache;
mod clock;
mod database;
mod fetch;
pub mod inbound;
mod limiter;
mod object;
mod sessions;
mod signature;

use std::rc::Rc;

pub use object::DurableStorage;
use worker::{Context, Env};

use super::{Fault, Platform};

/// The ports over the bindings of wrangler.toml. `background` outlives the response where there is one.
///
/// # Errors
/// Where a binding is missing.
pub fn platform(environment: &Env, background: Option<Context>) -> Result<Platform, Fault> {
    Ok(Platform {
        database: Rc::new(database::D1::new(environment)?),
        cache: Rc::new(cache::Kv::new(environment)?),
        http: Rc::new(fetch::WorkersFetch),
        clock: Rc::new(clock::WorkersClock),
        limiter: Rc::new(limiter::RateLimit::new(environment)?),
        sessions: Rc::new(sessions::SessionObjects::new(environment, background)?),
        signatures: Rc::new(signature::WebCrypto),
    })
}

/// The text of a variable or secret.
pub fn setting(environment: &Env, name: &str) -> Option<String> {
    environment.var(name).ok().map(|value| value.to_string())
}

/// A message from the runtime without the JavaScript stack that may follow it.
fn fault(subject: &'static str, error: impl std::fmt::Display) -> Fault {
    Fault::new(subject, error.to_string().lines().next().unwrap_or_default())
}

/// The same for a value that JavaScript threw.
fn thrown(subject: &'static str, value: &wasm_bindgen::JsValue) -> Fault {
    let text = js_sys::Reflect::get(value, &"message".into())
        .ok()
        .and_then(|message| message.as_string())
        .unwrap_or_else(|| format!("{value:?}"));
    fault(subject, text)
}
