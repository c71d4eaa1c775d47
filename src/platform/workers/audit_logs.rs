//! `AuditLog` objects, reached by Durable Object RPC.

use std::rc::Rc;

use futures::{FutureExt, future::LocalBoxFuture};
use worker::{Env, ObjectNamespace};

use super::{fault, sessions::turn};
use crate::platform::{Fault, audit_logs::AuditLogs};

pub(super) fn namespace(environment: &Env) -> Result<Rc<ObjectNamespace>, Fault> {
    environment.durable_object("AUDIT").map(Rc::new).map_err(|error| fault("binding AUDIT", error))
}

pub(super) struct AuditLogObjects(pub(super) Rc<ObjectNamespace>);

impl AuditLogs for AuditLogObjects {
    fn append(&self, object: &str, delivery: String) -> LocalBoxFuture<'static, Result<String, Fault>> {
        turn(Rc::clone(&self.0), object.to_owned(), delivery).boxed_local()
    }
}
