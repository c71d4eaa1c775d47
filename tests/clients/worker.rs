//! The Postern that the programs meet: its access tokens end after seconds, and it is started anew beneath them.

use std::{
    sync::{LazyLock, PoisonError, RwLock, RwLockReadGuard},
    thread::sleep,
    time::Duration,
};

use postern_tests::{
    instance::{Instance, instance},
    person::Person,
};
use serde_json::json;

/// With the leeway that tokens have, long enough for a request and its repetition on a busy machine.
const ACCESS_TOKEN_SECONDS: &str = "3";

/// Held by whoever needs the Worker to run on, alone by whoever restarts it.
static WORKER: LazyLock<RwLock<()>> = LazyLock::new(|| {
    start();
    RwLock::default()
});

fn start() {
    instance().set_variables(&json!({ "ACCESS_TOKEN_SECONDS": ACCESS_TOKEN_SECONDS }));
}

/// Nobody restarts the Worker while this is held.
pub fn running() -> RwLockReadGuard<'static, ()> {
    WORKER.read().unwrap_or_else(PoisonError::into_inner)
}

/// Held alone by whoever restarts the Worker, before they wait for it to be idle, and shared by whom a restart would
/// mislead.
static RESTARTING: RwLock<()> = RwLock::new(());

/// A client whose stream broke off opens it again after 1 s and once more after 1.5 s: then it has, or has given up.
const OPENS_AGAIN: Duration = Duration::from_secs(4);

/// Nobody restarts the Worker while this is held, and what is said on an open stream is heard.
pub fn undisturbed() -> RwLockReadGuard<'static, ()> {
    RESTARTING.read().unwrap_or_else(PoisonError::into_inner)
}

/// The same, when no client is any more on its way back after a restart.
pub fn settled() -> RwLockReadGuard<'static, ()> {
    let undisturbed = undisturbed();
    sleep(OPENS_AGAIN);
    undisturbed
}

/// Ends the Worker and its Session objects and starts it at the same address, when no request is under way.
pub fn restart() {
    let _restarting = RESTARTING.write().unwrap_or_else(PoisonError::into_inner);
    let _alone = WORKER.write().unwrap_or_else(PoisonError::into_inner);
    start();
}

/// An administrator decides on a tool.
pub fn decide(tool: &str, state: &str) {
    let _running = running();
    Person::administrator().decide(tool, state);
}

static WITHOUT_DOCUMENTS: LazyLock<Instance> = LazyLock::new(|| {
    let instance = Instance::of("dist");
    instance.set_variables(&json!({ "CLIENT_METADATA_DOCUMENTS": "no" }));
    instance
});

/// Another Postern, to which clients come by registration alone.
pub fn without_documents() -> &'static Instance {
    &WITHOUT_DOCUMENTS
}

/// A developer whose Bitbucket account is connected.
pub fn connected() -> Person<'static> {
    let _running = running();
    Person::connected()
}
