//! The trait through which the endpoint reaches the rooms below it: tests answer from a script, and the conformance
//! suite from fixtures.

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
            answer::{Answer, Destination, LinkStatus},
            completion::{CompletionAnswer, CompletionRequest},
            content::{PromptResult, ReadResult, ToolResult},
            input::Input,
            result::{self, List},
            task::Task,
        },
        transport::notifier::Notifier,
    },
    platform::{
        Fault,
        http::{Request, Response},
    },
    session::{
        commands::{NotHeard, Refusal},
        streams::Stream,
    },
    settings::Settings,
};

/// A client's response to a request of ours, as it posted it. There is no result where the client refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientResponse {
    pub result: Option<Value>,
}

/// Everything that the endpoint needs of other rooms.
pub trait Backend: Clone + 'static {
    /// The capabilities that are advertised to clients.
    fn capabilities(&self) -> Value {
        result::capabilities()
    }
    /// What the model reads before it chooses a tool.
    fn instructions(&self, settings: &Settings) -> String {
        result::instructions(settings, true)
    }
    /// Methods of the legacy era that are answered with `{}` and mean nothing here.
    fn acknowledges(&self, _method: &str) -> bool {
        false
    }
    /// Checks the access token: whom the request acts for, or the 401 to answer with.
    fn admit(&self, request: &Request) -> Result<Principal, Response>;
    /// The 403 that asks for a larger scope.
    fn scope_too_small(&self, scopes: &Scopes, needed: Scope) -> Response;
    /// The 401 that says the grant was revoked.
    fn grant_ended(&self) -> Response;
    /// Whether the grant is worth something now.
    async fn is_live(&self, principal: &Principal) -> Result<bool, Fault>;
    /// The entries of a list, as the protocol names their members.
    async fn list(&self, principal: &Principal, list: List) -> Result<Result<Vec<Value>, Refusal>, Fault>;
    /// The list of tools for a stream that tells of its changes, and that `opens` with this question.
    async fn listen(
        &self,
        principal: &Principal,
        stream: Stream,
        opens: bool,
    ) -> Result<Result<Vec<Value>, NotHeard>, Fault>;
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
    async fn hold(&self, principal: &Principal, leads_to: Destination, id: &str) -> Result<(), Fault>;
    /// Tells what became of a link.
    async fn link_status(&self, principal: &Principal, leads_to: Destination, id: &str) -> Result<LinkStatus, Fault>;
    /// Records that the client came back with an answer to a link.
    async fn record_answer(&self, principal: &Principal, leads_to: Destination, id: &str) -> Result<(), Fault>;
    /// The caller's own task of that id.
    async fn task(&self, _principal: &Principal, _id: &str) -> Result<Option<Task>, Fault> {
        Ok(None)
    }
    /// Takes back what the caller's own task waits for; false where there is no such task.
    async fn cancel_task(&self, _principal: &Principal, _id: &str) -> Result<bool, Fault> {
        Ok(false)
    }
    /// Keeps a response to a request of ours.
    async fn put_response(&self, principal: &Principal, id: &str, response: ClientResponse) -> Result<(), Fault>;
    /// The response to a request of ours, once it is there.
    async fn take_response(&self, principal: &Principal, id: &str) -> Result<Option<ClientResponse>, Fault>;
}
