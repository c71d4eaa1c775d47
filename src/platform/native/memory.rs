//! Ports that live in memory.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    rc::Rc,
    time::Duration,
};

use futures::{
    FutureExt,
    future::{LocalBoxFuture, pending},
};
use serde_json::Value;

use crate::platform::{
    Fault,
    audit_logs::AuditLogs,
    bucket::Bucket,
    cache::Cache,
    caller::Caller,
    clock::{Clock, Timestamp},
    fetch::{Http, HttpError, InboundResponse, OutboundRequest},
    limiter::{Limit, Limiter},
    sessions::Sessions,
    signature::{Algorithm, Signatures},
};

#[derive(Clone, Default)]
pub struct MemoryCache(Rc<RefCell<HashMap<String, String>>>);

impl MemoryCache {
    /// Every key under which something was put.
    pub fn keys(&self) -> Vec<String> {
        self.0.borrow().keys().cloned().collect()
    }
}

impl Cache for MemoryCache {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Option<String>> {
        async move { self.0.borrow().get(key).cloned() }.boxed_local()
    }

    fn put<'a>(&'a self, key: &'a str, value: String, _life: Duration) -> LocalBoxFuture<'a, ()> {
        async move {
            self.0.borrow_mut().insert(key.to_owned(), value);
        }
        .boxed_local()
    }
}

/// Stands at 2026-01-01T00:00:00Z until it is moved; sleeping moves it.
#[derive(Clone)]
pub struct TestClock(Rc<Cell<Timestamp>>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Rc::new(Cell::new(Timestamp(1_767_225_600_000))))
    }
}

impl TestClock {
    pub fn advance(&self, by: Duration) {
        self.0.set(self.0.get() + by);
    }

    pub fn set(&self, now: Timestamp) {
        self.0.set(now);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.0.get()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        self.advance(duration);
        async {}.boxed_local()
    }
}

type Answer = dyn Fn(&OutboundRequest) -> Result<InboundResponse, HttpError>;

/// Answers by a function of the request, and remembers what was sent.
#[derive(Clone)]
pub struct ScriptedHttp {
    answer: Rc<Answer>,
    pub sent: Rc<RefCell<Vec<OutboundRequest>>>,
}

impl ScriptedHttp {
    pub fn new(answer: impl Fn(&OutboundRequest) -> Result<InboundResponse, HttpError> + 'static) -> Self {
        Self { answer: Rc::new(answer), sent: Rc::default() }
    }

    /// One that nothing should reach.
    pub fn unreachable() -> Self {
        Self::new(|request| Err(HttpError::Connection(format!("unexpected request to {}", request.url))))
    }
}

/// A whole JSON answer.
pub fn json_answer(status: u16, body: &Value) -> Result<InboundResponse, HttpError> {
    Ok(InboundResponse {
        status,
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_string().into_bytes(),
        truncated: false,
    })
}

impl Http for ScriptedHttp {
    fn send(&self, request: OutboundRequest) -> LocalBoxFuture<'_, Result<InboundResponse, HttpError>> {
        async move {
            let answer = (self.answer)(&request);
            self.sent.borrow_mut().push(request);
            answer
        }
        .boxed_local()
    }
}

pub struct Unlimited;

impl Limiter for Unlimited {
    fn allow<'a>(&'a self, _limit: Limit, _key: &'a str) -> LocalBoxFuture<'a, bool> {
        async { true }.boxed_local()
    }
}

/// No object can be reached.
pub struct NoSessions;

impl Sessions for NoSessions {
    fn call(&self, _user: &str, _command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        async { Err(Fault::new("session", "there is none in this test")) }.boxed_local()
    }
}

/// Keeps what is appended, and replies that it was.
#[derive(Clone, Default)]
pub struct Appended(pub Rc<RefCell<Vec<(String, String)>>>);

impl AuditLogs for Appended {
    fn append(&self, object: &str, delivery: String) -> LocalBoxFuture<'static, Result<String, Fault>> {
        self.0.borrow_mut().push((object.to_owned(), delivery));
        async { Ok("\"appended\"".to_owned()) }.boxed_local()
    }
}

/// A bucket that nobody else reaches.
#[derive(Clone, Default)]
pub struct MemoryBucket(pub Rc<RefCell<BTreeMap<String, String>>>);

impl Bucket for MemoryBucket {
    fn put(&self, name: String, text: String) -> LocalBoxFuture<'_, Result<(), Fault>> {
        self.0.borrow_mut().entry(name).or_insert(text);
        async { Ok(()) }.boxed_local()
    }

    fn get(&self, name: String) -> LocalBoxFuture<'_, Result<Option<String>, Fault>> {
        let found = self.0.borrow().get(&name).cloned();
        async { Ok(found) }.boxed_local()
    }

    fn first(&self, prefix: String, after: String) -> LocalBoxFuture<'_, Result<Option<(String, String)>, Fault>> {
        let objects = self.0.borrow();
        let mut found = objects.iter().filter(|(name, _)| name.starts_with(&prefix) && **name > after);
        let first = found.next().map(|(name, text)| (name.clone(), text.clone()));
        async { Ok(first) }.boxed_local()
    }
}

/// Takes `signature == b"valid"` for a signature.
pub struct TrustingSignatures;

impl Signatures for TrustingSignatures {
    fn verify<'a>(
        &'a self,
        _algorithm: Algorithm,
        _key: &'a Value,
        _message: &'a [u8],
        signature: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<bool, Fault>> {
        async move { Ok(signature == b"valid") }.boxed_local()
    }
}

/// Waits for its response however long that takes.
pub struct Patient;

impl Caller for Patient {
    fn gone(&self) -> LocalBoxFuture<'static, ()> {
        pending().boxed_local()
    }

    fn finish_without(&self, _work: LocalBoxFuture<'static, ()>) {}
}
