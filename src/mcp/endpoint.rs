//! The endpoint and the rooms it leans on.

use serde_json::{Map, Value};

use super::{
    jsonrpc::Error,
    notifier::Notifier,
    tools::{self, Answer, Elicited},
};
use crate::{
    authorization::{
        bearer::{self, Principal},
        scope::{Scope, Scopes},
    },
    platform::{
        Fault,
        http::{Request, Response},
        log::Level,
    },
    postern::Postern,
};

/// What the endpoint asks of other rooms. Tests answer from a script.
pub trait Neighbours {
    /// Who the request acts for, or the 401 to give.
    fn admit(&self, request: &Request) -> Result<Principal, Response>;
    /// The 403 that asks for a larger scope.
    fn scope_too_small(&self, held: &Scopes, needed: Scope) -> Response;
    /// The 401 that says the grant was revoked.
    fn grant_ended(&self) -> Response;
    /// `None` where the grant has ended.
    async fn list(&self, principal: &Principal) -> Result<Option<Vec<Value>>, Fault>;
    async fn call(
        &self,
        principal: &Principal,
        name: &str,
        arguments: &Map<String, Value>,
        notifier: &Notifier,
    ) -> Result<Answer, Fault>;
    async fn elicited(&self, principal: &Principal, elicitation_id: &str) -> Result<Elicited, Fault>;
}

/// The real ones.
pub struct Rooms(pub Postern);

impl Neighbours for Rooms {
    fn admit(&self, request: &Request) -> Result<Principal, Response> {
        let Postern { settings, platform, .. } = &self.0;
        bearer::check(settings, platform.clock.now(), request).map_err(|failure| bearer::challenge(settings, failure))
    }

    fn scope_too_small(&self, held: &Scopes, needed: Scope) -> Response {
        bearer::insufficient_scope(&self.0.settings, held, needed)
    }

    fn grant_ended(&self) -> Response {
        bearer::challenge(&self.0.settings, bearer::BearerFailure::Invalid)
    }

    async fn list(&self, principal: &Principal) -> Result<Option<Vec<Value>>, Fault> {
        tools::list(&self.0, principal).await
    }

    async fn call(
        &self,
        principal: &Principal,
        name: &str,
        arguments: &Map<String, Value>,
        _notifier: &Notifier,
    ) -> Result<Answer, Fault> {
        tools::call(&self.0, principal, name, arguments).await
    }

    async fn elicited(&self, principal: &Principal, elicitation_id: &str) -> Result<Elicited, Fault> {
        tools::elicited(&self.0, principal, elicitation_id).await
    }
}

/// The endpoint serving one request.
pub struct Endpoint<N> {
    pub postern: Postern,
    pub neighbours: N,
}

impl<N: Neighbours> Endpoint<N> {
    /// Calls a tool, and reports that it is under way while that takes long.
    ///
    /// # Errors
    /// Where Postern itself failed.
    pub async fn call(
        &self,
        principal: &Principal,
        name: &str,
        arguments: &Map<String, Value>,
        notifier: &Notifier,
    ) -> Result<Answer, Error> {
        let call = self.neighbours.call(principal, name, arguments, notifier);
        notifier.while_waiting("Waiting for the provider", call).await.map_err(|fault| self.internal(&fault))
    }
}

impl<N> Endpoint<N> {
    /// Logs a fault, and gives the error that tells a stranger no more than where to find it.
    pub fn internal(&self, fault: &Fault) -> Error {
        let fields = [("subject", fault.subject.into()), ("detail", fault.detail.clone().into())];
        self.postern.log(Level::Error, "an MCP request failed", &fields);
        Error::new(Error::INTERNAL, format!("internal error; request id {}", self.postern.request_id))
    }
}
