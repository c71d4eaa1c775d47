//! Adapters of the ports to the Workers runtime.

mod audit_logs;
mod border;
mod bucket;
mod cache;
mod caller;
mod clock;
mod database;
mod fetch;
pub mod inbound;
mod js_promise;
mod limiter;
mod object;
mod sessions;
mod signature;

use std::{cell::OnceCell, rc::Rc};

pub use object::DurableStorage;
use worker::{Context, Env, web_sys::Request};

use super::{Fault, Platform, bucket::Bucket, caller::Caller};

/// What the bindings of wrangler.toml are in this isolate: the same for every request and object.
struct Bindings {
    database: Rc<database::D1>,
    cache: Rc<cache::Kv>,
    limiter: Rc<limiter::RateLimits>,
    sessions: Rc<worker::ObjectNamespace>,
    audit_logs: Rc<worker::ObjectNamespace>,
    checkpoints: Option<Rc<bucket::R2>>,
}

impl Bindings {
    fn find(environment: &Env) -> Result<Self, Fault> {
        Ok(Self {
            database: Rc::new(database::D1::new(environment)?),
            cache: Rc::new(cache::Kv::new(environment)?),
            limiter: Rc::new(limiter::RateLimits::new(environment)?),
            sessions: sessions::namespace(environment)?,
            audit_logs: audit_logs::namespace(environment)?,
            checkpoints: bucket::R2::find(environment),
        })
    }
}

thread_local! {
    /// Found once: each look-up crosses into JavaScript several times.
    static BINDINGS: OnceCell<Bindings> = const { OnceCell::new() };
}

/// The ports over the bindings of wrangler.toml, and the request that is being served, where there is one.
///
/// # Errors
/// Where a binding is missing.
pub fn platform(environment: &Env, served: Option<(Request, Context)>) -> Result<Platform, Fault> {
    BINDINGS.with(|found| {
        let bindings = match found.get() {
            Some(bindings) => bindings,
            None => {
                let bindings = Bindings::find(environment)?;
                found.get_or_init(|| bindings)
            }
        };
        let (request, background) = served.map(|(request, context)| (request, Rc::new(context))).unzip();
        let caller: Rc<dyn Caller> = match (request, &background) {
            (Some(request), Some(context)) => Rc::new(caller::HttpCaller::new(request, Rc::clone(context))),
            _ => Rc::new(caller::Nobody),
        };
        Ok(Platform {
            database: Rc::<database::D1>::clone(&bindings.database),
            cache: Rc::<cache::Kv>::clone(&bindings.cache),
            http: Rc::new(fetch::WorkersFetch),
            clock: Rc::new(clock::WorkersClock),
            limiter: Rc::<limiter::RateLimits>::clone(&bindings.limiter),
            sessions: Rc::new(sessions::SessionObjects { namespace: Rc::clone(&bindings.sessions) }),
            audit_logs: Rc::new(audit_logs::AuditLogObjects(Rc::clone(&bindings.audit_logs))),
            checkpoints: bindings.checkpoints.clone().map(|bucket| bucket as Rc<dyn Bucket>),
            signatures: Rc::new(signature::WebCrypto),
            caller,
        })
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
