//! The entry points that the Workers runtime calls: requests, the cron, and the classes of the Durable Objects. With
//! [`crate::platform`] the only place that names `worker` types.

use std::{cell::OnceCell, panic::AssertUnwindSafe, rc::Rc};

use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Env, ScheduleContext, ScheduledEvent, State, event, web_sys};

use crate::{
    audit, console,
    context::Context,
    crypto, housekeeping,
    identifiers::RequestId,
    platform::{
        Fault, json,
        log::{self, Level},
        panic,
        workers::{self, DurableStorage, inbound},
    },
    routes,
    session::{
        commands::{self, Reply},
        object,
    },
    settings::{Misconfigured, Settings},
};

thread_local! {
    /// Settings do not change while an isolate lives.
    static SETTINGS: OnceCell<Result<Rc<Settings>, Misconfigured>> = const { OnceCell::new() };
}

fn settings(environment: &Env) -> Result<Rc<Settings>, Misconfigured> {
    panic::tell_the_log();
    SETTINGS.with(|settings| {
        settings.get_or_init(|| Settings::read(|name| workers::setting(environment, name)).map(Rc::new)).clone()
    })
}

#[event(fetch)]
async fn fetch(
    raw: web_sys::Request,
    environment: Env,
    execution: worker::Context,
) -> worker::Result<web_sys::Response> {
    let request = inbound::read(&raw).await?;
    let wants_page = request.wants_page();
    let response = match settings(&environment) {
        Ok(settings) => match context(settings, &environment, Some((raw, execution))) {
            Ok(context) => {
                // Events may wait whose own request was ended before it could append them.
                audit::gather::take_over(&context);
                routes::respond(&context, request).await
            }
            Err(fault) => {
                log::write(Level::Error, "a request was not begun", &[("detail", json!(fault.to_string()))]);
                routes::not_begun()
            }
        },
        Err(problem) => {
            log::write(Level::Error, "misconfigured", &[("detail", json!(problem.to_string()))]);
            if wants_page { console::page::misconfigured(&problem) } else { routes::misconfigured(&problem) }
        }
    };
    inbound::write(response)
}

#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, environment: Env, _schedule: ScheduleContext) {
    let done = async {
        let settings = settings(&environment).map_err(|problem| Fault::new("settings", problem))?;
        housekeeping::run(&context(settings, &environment, None)?).await
    };
    if let Err(fault) = panic::contain(done).await.unwrap_or_else(Err) {
        log::write(Level::Error, "housekeeping failed", &[("detail", json!(fault.to_string()))]);
    }
}

fn context(
    settings: Rc<Settings>,
    environment: &Env,
    served: Option<(web_sys::Request, worker::Context)>,
) -> Result<Context, Fault> {
    let request_id = RequestId::new(crypto::random::identifier()?);
    Ok(Context::new(settings, workers::platform(environment, served)?, request_id))
}

/// The Durable Object class. Its callers reach `turn` by RPC, which entry.mjs lets through.
#[worker::durable_object(alarm)]
pub struct Session {
    /// What a turn that panics leaves behind is whole: [`commands::turn`] sees to it.
    session: AssertUnwindSafe<Result<Rc<object::Session>, String>>,
}

impl worker::DurableObject for Session {
    fn new(state: State, environment: Env) -> Self {
        let awake = || {
            let settings = settings(&environment).map_err(|problem| Fault::new("settings", problem))?;
            let platform = workers::platform(&environment, None)?;
            object::Session::new(settings, platform, Rc::new(DurableStorage::new(&state))).map(Rc::new)
        };
        Self { session: AssertUnwindSafe(awake().map_err(|fault| fault.to_string())) }
    }

    async fn fetch(&self, _request: worker::Request) -> worker::Result<worker::Response> {
        worker::Response::error("this object is reached by RPC", 404)
    }

    async fn alarm(&self) -> worker::Result<worker::Response> {
        if let Ok(session) = &*self.session {
            session.alarm().await;
        }
        worker::Response::empty()
    }
}

#[wasm_bindgen]
impl Session {
    /// One turn: a [`session::commands::Turn`] as JSON in, a [`Reply`] as JSON out.
    pub fn turn(&self, turn: String) -> js_sys::Promise {
        let session = self.session.clone();
        wasm_bindgen_futures::future_to_promise(AssertUnwindSafe(async move {
            let reply = match session {
                Ok(session) => commands::turn(&session, &turn).await,
                Err(detail) => {
                    did_not_start("session", &detail);
                    Reply::<()>::Failed.encode()
                }
            };
            Ok(reply.into())
        }))
    }
}

fn did_not_start(object: &str, detail: &str) {
    log::write(Level::Error, "an object did not start", &[("object", json!(object)), ("detail", json!(detail))]);
}

/// The Durable Object class of the audit log. Its callers reach `turn` by RPC, as with [`Session`].
#[worker::durable_object(alarm)]
pub struct AuditLog {
    /// What a turn that panics leaves behind is whole: [`audit::log::AuditLog::append`] sees to it.
    log: AssertUnwindSafe<Result<Rc<audit::log::AuditLog>, String>>,
}

impl worker::DurableObject for AuditLog {
    fn new(state: State, environment: Env) -> Self {
        let awake = || {
            let settings = settings(&environment).map_err(|problem| Fault::new("settings", problem))?;
            let platform = workers::platform(&environment, None)?;
            audit::log::AuditLog::new(settings, platform, Rc::new(DurableStorage::new(&state))).map(Rc::new)
        };
        Self { log: AssertUnwindSafe(awake().map_err(|fault| fault.to_string())) }
    }

    async fn fetch(&self, _request: worker::Request) -> worker::Result<worker::Response> {
        worker::Response::error("this object is reached by RPC", 404)
    }

    async fn alarm(&self) -> worker::Result<worker::Response> {
        match &*self.log {
            Ok(log) => log.alarm().await,
            Err(detail) => did_not_start("audit", detail),
        }
        worker::Response::empty()
    }
}

#[wasm_bindgen]
impl AuditLog {
    /// One append: an [`audit::delivery::Delivery`] as JSON in, an [`audit::delivery::Reply`] as JSON out.
    pub fn turn(&self, delivery: String) -> js_sys::Promise {
        let log = self.log.clone();
        wasm_bindgen_futures::future_to_promise(AssertUnwindSafe(async move {
            let reply = match (log, json::from_str(&delivery)) {
                (Ok(log), Ok(delivery)) => log.append(delivery).await,
                (Err(detail), _) => refused(&detail),
                (_, Err(error)) => refused(&error.to_string()),
            };
            Ok(serde_json::to_string(&reply).unwrap_or_default().into())
        }))
    }
}

fn refused(detail: &str) -> audit::delivery::Reply {
    did_not_start("audit", detail);
    audit::delivery::Reply::Failed
}
