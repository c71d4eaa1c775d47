//! What the endpoint asks of the rooms below it, as one trait.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    authorization::{
        principal::Principal,
        tokens::scope::{Scope, Scopes},
    },
    mcp::{
        messages::{
            answer::{Answer, LinkStatus},
            completion::{CompletionAnswer, CompletionRequest},
            content::{PromptResult, ReadResult, ToolResult},
            input::Input,
            result::{self, List},
        },
        transport::notifier::Notifier,
    },
    platform::{
        Fault,
        http::{Request, Response},
    },
    session::streams::Stream,
};

/// What comes of asking for a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListAnswer<T> {
    Entries(T),
    /// The principal's grant has ended.
    GrantEnded,
    /// Too much was asked for in a short time.
    TooMany {
        retry_after_milliseconds: u64,
    },
}

impl<T> ListAnswer<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> ListAnswer<U> {
        match self {
            Self::Entries(entries) => ListAnswer::Entries(change(entries)),
            Self::GrantEnded => ListAnswer::GrantEnded,
            Self::TooMany { retry_after_milliseconds } => ListAnswer::TooMany { retry_after_milliseconds },
        }
    }
}

/// What a stream is told when it asks for its list.
#[derive(Debug, Clone, PartialEq)]
pub enum ListenAnswer {
    List(Vec<Value>),
    /// Nothing, and never again: the grant has ended.
    GrantEnded,
    /// Nothing: the stream is one too many, or of a program that is no longer deployed.
    ListenAnew,
    /// Nothing yet: too much was asked for in a short time.
    TooMany {
        retry_after_milliseconds: u64,
    },
}

/// A response of a client to a request of ours, as it was posted: a result, or nothing where the client refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientResponse {
    pub result: Option<Value>,
}

/// What the endpoint asks of other rooms. Tests answer from a script.
pub trait Backend: Clone + 'static {
    /// What is advertised to clients.
    fn capabilities(&self) -> Value {
        result::capabilities()
    }
    /// Methods of the legacy era that are answered with `{}` and mean nothing here.
    fn acknowledges(&self, _method: &str) -> bool {
        false
    }
    /// Who the request acts for, or the 401 to give.
    fn admit(&self, request: &Request) -> Result<Principal, Response>;
    /// The 403 that asks for a larger scope.
    fn scope_too_small(&self, scopes: &Scopes, needed: Scope) -> Response;
    /// The 401 that says the grant was revoked.
    fn grant_ended(&self) -> Response;
    /// Whether the grant is worth something now.
    async fn is_live(&self, principal: &Principal) -> Result<bool, Fault>;
    /// The entries of a list, as the protocol names their members.
    async fn list(&self, principal: &Principal, list: List) -> Result<ListAnswer<Vec<Value>>, Fault>;
    /// The list of tools for a stream that tells of its changes, and that `opens` with this question.
    async fn listen(&self, principal: &Principal, stream: Stream, opens: bool) -> Result<ListenAnswer, Fault>;
    async fn call(
        &self,
        principal: &Principal,
        name: &str,
        arguments: &Map<String, Value>,
        input: &Input,
        notifier: &Notifier,
    ) -> Result<Answer<ToolResult>, Fault>;
    async fn read(&self, principal: &Principal, uri: &str, notifier: &Notifier) -> Result<Answer<ReadResult>, Fault>;
    async fn prompt(
        &self,
        principal: &Principal,
        name: &str,
        arguments: &BTreeMap<String, String>,
        input: &Input,
    ) -> Result<Answer<PromptResult>, Fault>;
    async fn complete(
        &self,
        principal: &Principal,
        request: &CompletionRequest<'_>,
        notifier: &Notifier,
    ) -> Result<CompletionAnswer, Fault>;
    /// Waits until something has become of a link, for as long as a request is held.
    async fn hold(&self, principal: &Principal, elicitation_id: &str) -> Result<(), Fault>;
    /// What became of a link.
    async fn link_status(&self, principal: &Principal, elicitation_id: &str) -> Result<LinkStatus, Fault>;
    /// Keeps that the client came back with an answer to a link.
    async fn record_answer(&self, principal: &Principal, elicitation_id: &str) -> Result<(), Fault>;
    /// Keeps a response to a request of ours.
    async fn put_response(&self, principal: &Principal, id: &str, response: ClientResponse) -> Result<(), Fault>;
    /// The response to a request of ours, once it is there.
    async fn take_response(&self, principal: &Principal, id: &str) -> Result<Option<ClientResponse>, Fault>;
}
