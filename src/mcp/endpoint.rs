//! The endpoint and the rooms it leans on.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    answer::{Answer, Elicited},
    asked::{Asked, Kind},
    asking::Posted,
    completing::{Completes, Completing},
    completion,
    content::{Given, PromptResult, ReadResult, ToolResult},
    input::Input,
    jsonrpc::Error,
    listening::Heard,
    notifier::Notifier,
    permitted::{self, Permitted},
    prompts, resources,
    results::{self, List},
    tools,
};
use crate::{
    authorization::{
        principal::Principal,
        tokens::{
            bearer,
            scope::{Scope, Scopes},
        },
    },
    connections::elicitation,
    context::Context,
    platform::{
        Fault,
        http::{Request, Response},
        log::Level,
    },
    session::{
        self,
        command::{Command, Reply},
        streams::Stream,
    },
};

/// What the endpoint asks of other rooms. Tests answer from a script.
pub trait Neighbours: Clone + 'static {
    /// What is advertised to clients.
    fn capabilities(&self) -> Value {
        results::capabilities()
    }
    /// Methods of the legacy era that are answered with `{}` and mean nothing here.
    fn acknowledges(&self, _method: &str) -> bool {
        false
    }
    /// Who the request acts for, or the 401 to give.
    fn admit(&self, request: &Request) -> Result<Principal, Response>;
    /// The 403 that asks for a larger scope.
    fn scope_too_small(&self, held: &Scopes, needed: Scope) -> Response;
    /// The 401 that says the grant was revoked.
    fn grant_ended(&self) -> Response;
    /// Whether the grant is worth something now.
    async fn is_live(&self, principal: &Principal) -> Result<bool, Fault>;
    /// The entries of a list, as the protocol names their members.
    async fn list(&self, principal: &Principal, list: List) -> Result<Permitted<Vec<Value>>, Fault>;
    /// The list of tools for a stream that tells of its changes, and that `opens` with this question.
    async fn listen(&self, principal: &Principal, stream: Stream, opens: bool) -> Result<Heard, Fault>;
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
        asked: &Completing<'_>,
        notifier: &Notifier,
    ) -> Result<Completes, Fault>;
    /// Waits until something has become of a link, for as long as a request is held.
    async fn hold(&self, principal: &Principal, elicitation_id: &str) -> Result<(), Fault>;
    /// What became of a link.
    async fn elicited(&self, principal: &Principal, elicitation_id: &str) -> Result<Elicited, Fault>;
    /// Keeps that the client came back with an answer to a link.
    async fn answered(&self, principal: &Principal, elicitation_id: &str) -> Result<(), Fault>;
    /// Keeps a response to a request of ours.
    async fn put_response(&self, principal: &Principal, id: &str, posted: Posted) -> Result<(), Fault>;
    /// The response to a request of ours, once it is there.
    async fn take_response(&self, principal: &Principal, id: &str) -> Result<Option<Posted>, Fault>;
}

/// The real ones.
#[derive(Clone)]
pub struct Rooms(pub Context);

impl Neighbours for Rooms {
    fn admit(&self, request: &Request) -> Result<Principal, Response> {
        let Context { settings, platform, .. } = &self.0;
        bearer::check(settings, platform.clock.now(), request).map_err(|failure| bearer::challenge(settings, failure))
    }

    fn scope_too_small(&self, held: &Scopes, needed: Scope) -> Response {
        bearer::insufficient_scope(&self.0.settings, held, needed)
    }

    fn grant_ended(&self) -> Response {
        bearer::challenge(&self.0.settings, bearer::BearerFailure::Invalid)
    }

    async fn is_live(&self, principal: &Principal) -> Result<bool, Fault> {
        session::is_live(&self.0, &principal.subject, &principal.grant).await
    }

    async fn list(&self, principal: &Principal, list: List) -> Result<Permitted<Vec<Value>>, Fault> {
        let permitted = permitted::permitted(&self.0, principal).await?;
        Ok(permitted.map(|permitted| match list {
            List::Tools => permitted.iter().map(permitted::definition).collect(),
            // Nobody could list all that they may read: there are forms of it.
            List::Resources => Vec::new(),
            List::ResourceTemplates => resources::templates(&permitted),
            List::Prompts => prompts::definitions(&permitted),
        }))
    }

    async fn call(
        &self,
        principal: &Principal,
        name: &str,
        arguments: &Map<String, Value>,
        _input: &Input,
        notifier: &Notifier,
    ) -> Result<Answer<ToolResult>, Fault> {
        Ok(tools::call(&self.0, principal, name, arguments, notifier).await?.map(ToolResult::text))
    }

    async fn listen(&self, principal: &Principal, stream: Stream, opens: bool) -> Result<Heard, Fault> {
        permitted::heard(&self.0, principal, stream, opens).await
    }

    async fn read(&self, principal: &Principal, uri: &str, notifier: &Notifier) -> Result<Answer<ReadResult>, Fault> {
        resources::read(&self.0, principal, uri, notifier).await
    }

    async fn prompt(
        &self,
        principal: &Principal,
        name: &str,
        arguments: &BTreeMap<String, String>,
        _input: &Input,
    ) -> Result<Answer<PromptResult>, Fault> {
        prompts::get(&self.0, principal, name, arguments).await
    }

    async fn complete(
        &self,
        principal: &Principal,
        asked: &Completing<'_>,
        notifier: &Notifier,
    ) -> Result<Completes, Fault> {
        completion::complete(&self.0, principal, asked, notifier).await
    }

    async fn hold(&self, principal: &Principal, elicitation_id: &str) -> Result<(), Fault> {
        session::hold(&self.0, &principal.subject, &principal.grant, elicitation_id).await
    }

    async fn elicited(&self, principal: &Principal, elicitation_id: &str) -> Result<Elicited, Fault> {
        tools::elicited(&self.0, principal, elicitation_id).await
    }

    async fn answered(&self, _principal: &Principal, elicitation_id: &str) -> Result<(), Fault> {
        elicitation::answered(&self.0, elicitation_id).await
    }

    async fn put_response(&self, principal: &Principal, id: &str, posted: Posted) -> Result<(), Fault> {
        let response = serde_json::to_string(&posted).map_err(|error| Fault::new("response of a client", error))?;
        let command = Command::PutResponse { id: id.to_owned(), response };
        session::turn(&self.0, &principal.subject, command).await.map(drop)
    }

    async fn take_response(&self, principal: &Principal, id: &str) -> Result<Option<Posted>, Fault> {
        match session::turn(&self.0, &principal.subject, Command::TakeResponse { id: id.to_owned() }).await? {
            Reply::Response(None) => Ok(None),
            Reply::Response(Some(response)) => {
                serde_json::from_str(&response).map(Some).map_err(|error| Fault::new("response of a client", error))
            }
            _ => Err(Fault::new("session", "an unexpected reply to who waits for a response")),
        }
    }
}

/// The endpoint serving one request.
#[derive(Clone)]
pub struct Endpoint<N> {
    pub context: Context,
    pub neighbours: N,
}

impl<N: Neighbours> Endpoint<N> {
    /// Has it done, and reports that it is under way while that takes long.
    ///
    /// # Errors
    /// Where Postern itself failed.
    pub async fn ask(
        &self,
        principal: &Principal,
        asked: &Asked<'_>,
        input: &Input,
        notifier: &Notifier,
    ) -> Result<Answer<Given>, Error> {
        let (neighbours, name) = (&self.neighbours, asked.name);
        let asking = async {
            Ok(match asked.kind {
                Kind::Tool => {
                    neighbours.call(principal, name, &asked.arguments, input, notifier).await?.map(Given::Tool)
                }
                Kind::Resource => neighbours.read(principal, name, notifier).await?.map(Given::Resource),
                Kind::Prompt => neighbours.prompt(principal, name, &asked.texts(), input).await?.map(Given::Prompt),
            })
        };
        notifier.while_waiting("Waiting for the provider", asking).await.map_err(|fault| self.internal(&fault))
    }

    /// The challenge where the grant has ended, for methods that need nothing else of the Session object: a client is
    /// to learn it from the first thing it sends, not from several at once.
    ///
    /// # Errors
    /// Where Postern itself failed.
    pub async fn challenged(&self, principal: &Principal) -> Result<Option<Response>, Error> {
        let is_live = self.neighbours.is_live(principal).await.map_err(|fault| self.internal(&fault))?;
        Ok((!is_live).then(|| self.neighbours.grant_ended()))
    }
}

impl<N> Endpoint<N> {
    /// Logs a fault, and gives the error that tells a stranger no more than where to find it.
    pub fn internal(&self, fault: &Fault) -> Error {
        let fields = [("subject", fault.subject.into()), ("detail", fault.detail.clone().into())];
        self.context.log(Level::Error, "an MCP request failed", &fields);
        Error::new(Error::INTERNAL, format!("internal error; request id {}", self.context.request_id))
    }
}
