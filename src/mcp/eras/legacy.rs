//! The legacy era: the revisions that begin with `initialize`. Every JSON-RPC error travels on HTTP 200: their
//! clients take other statuses for faults of the transport.

use serde::Serialize;
use serde_json::json;

use crate::{
    authorization::principal::Principal,
    mcp::{
        backend::{Backend, ClientResponse},
        continuation::{
            client_requests::{self, ROUNDS},
            elicitation,
        },
        endpoint::Endpoint,
        eras::{
            modern::{cursor, idempotency_key},
            routing::LEGACY,
            session_id::Session,
            subscriptions,
        },
        messages::{
            answer::Answer,
            completion::{CompletionAnswer, CompletionRequest},
            input::Input,
            result::{CompletionResult, Implementation, List, ListResult, link_in_words},
            target::{Kind, RequestTarget, invalid},
        },
        transport::{headers::Headers, notifier::Notifier},
        wire::{
            error::Error,
            field::Object,
            id::Id,
            jsonrpc::{self, Message, Request},
        },
    },
    platform::{http::Response, json},
    session::commands::Refusal,
};

/// How one message is answered.
enum Reply {
    Message(Vec<u8>),
    Nothing,
    /// An HTTP response of its own, whatever else the body held.
    Challenge(Response),
}

/// Legacy messages of one user's client.
pub struct Legacy<'a, N> {
    endpoint: &'a Endpoint<N>,
    principal: &'a Principal,
    session: Option<Session>,
}

impl<'a, N: Backend> Legacy<'a, N> {
    /// Recalls what the client said of itself in `initialize`. Without a session id it said nothing.
    ///
    /// # Errors
    /// 404 for an id that is not of this user and client, or over: the client has to initialize again.
    pub fn recall(
        endpoint: &'a Endpoint<N>,
        principal: &'a Principal,
        headers: &Headers<'_>,
    ) -> Result<Self, Response> {
        let session = match headers.session {
            None => None,
            Some(id) => {
                let now = endpoint.context.platform.clock.now();
                let session = Session::open(endpoint.context.settings.sealers(), principal, id, now);
                Some(session.ok_or_else(|| {
                    jsonrpc::refuse(404, None, &Error::new(Error::INVALID_REQUEST, "unknown session; initialize again"))
                })?)
            }
        };
        Ok(Self { endpoint, principal, session })
    }

    /// Answers a body of one message.
    pub async fn one(&self, message: &Message<'_>, notifier: &Notifier) -> Response {
        match self.reply(message, Some(notifier)).await {
            Reply::Message(body) => jsonrpc::respond(200, body),
            Reply::Nothing => Response::empty(202),
            Reply::Challenge(response) => response,
        }
    }

    /// Answers a batch, as 2025-03-26 demands, one message after the other.
    pub async fn batch(&self, messages: &[Message<'_>]) -> Response {
        let mut body = Vec::new();
        for message in messages {
            match self.reply(message, None).await {
                Reply::Message(reply) => {
                    body.push(if body.is_empty() { b'[' } else { b',' });
                    body.extend_from_slice(&reply);
                }
                Reply::Nothing => {}
                Reply::Challenge(response) => return response,
            }
        }
        if body.is_empty() {
            return Response::empty(202);
        }
        body.push(b']');
        jsonrpc::respond(200, body)
    }

    /// Answers one message. Without a notifier it is one of a batch, whose answer is one piece.
    async fn reply(&self, message: &Message<'_>, notifier: Option<&Notifier>) -> Reply {
        match message {
            Message::Notification { .. } => Reply::Nothing,
            Message::Response { id, result } => {
                if let Some(id) = id.text() {
                    let result = result.and_then(|result| json::from_str(result.get()).ok());
                    client_requests::receive(self.endpoint, self.principal, &id, ClientResponse { result }).await;
                }
                Reply::Nothing
            }
            Message::Malformed { id, problem } => {
                Reply::Message(jsonrpc::failure(*id, &Error::new(Error::INVALID_REQUEST, *problem)))
            }
            Message::Request(request) => {
                self.answer(request, notifier).await.unwrap_or_else(|error| failed(request.id, &error))
            }
        }
    }

    async fn answer(&self, request: &Request<'_>, notifier: Option<&Notifier>) -> Result<Reply, Error> {
        match &*request.method {
            "ping" => {
                let challenge = self.endpoint.challenge_if_ended(self.principal).await?;
                Ok(challenge.map_or_else(|| success(request.id, &json!({})), Reply::Challenge))
            }
            "tools/list" => self.list(request, List::Tools).await,
            "resources/list" => self.list(request, List::Resources).await,
            "resources/templates/list" => self.list(request, List::ResourceTemplates).await,
            "prompts/list" => self.list(request, List::Prompts).await,
            "tools/call" => self.ask(request, Kind::Tool, notifier).await,
            "resources/read" => self.ask(request, Kind::Resource, notifier).await,
            "prompts/get" => self.ask(request, Kind::Prompt, notifier).await,
            "completion/complete" => self.complete(request, notifier.unwrap_or(&Notifier::SILENT)).await,
            "initialize" => Err(Error::new(Error::INVALID_REQUEST, "initialize cannot be part of a batch")),
            method if self.endpoint.backend.acknowledges(method) => Ok(success(request.id, &json!({}))),
            _ => Err(Error::new(Error::METHOD_NOT_FOUND, "no such method")),
        }
    }

    async fn list(&self, request: &Request<'_>, list: List) -> Result<Reply, Error> {
        let cursor = cursor(request)?;
        let Self { endpoint, principal, .. } = self;
        let entries = endpoint.backend.list(principal, list).await.map_err(|fault| endpoint.internal(&fault))?;
        Ok(match entries {
            Ok(entries) => success(request.id, &ListResult::page(list, &entries, cursor)?),
            Err(Refusal::GrantEnded) => Reply::Challenge(endpoint.backend.grant_ended()),
            Err(Refusal::RateLimited { retry_after_milliseconds }) => {
                return Err(Error::too_many(retry_after_milliseconds));
            }
        })
    }

    /// Answers a method that may need something of a person first.
    async fn ask(&self, request: &Request<'_>, kind: Kind, notifier: Option<&Notifier>) -> Result<Reply, Error> {
        let Self { endpoint, principal, session } = self;
        let (id, target) = (request.id, RequestTarget::read(kind, request)?);
        let url_elicitation = session.as_ref().is_some_and(Session::understands_required_url);
        let capabilities = session.as_ref().map(|session| session.capabilities).unwrap_or_default();
        let mut input = Input { capabilities, idempotency_key: idempotency_key(request)?, ..Input::default() };
        let mut answer = endpoint.ask(principal, &target, &input, notifier.unwrap_or(&Notifier::SILENT)).await?;
        // In a batch there is no stream to ask on, and some clients take none.
        if let Some(notifier) = notifier.filter(|notifier| notifier.has_stream()) {
            for _ in 0..ROUNDS {
                let Answer::InputNeeded(needed) = answer else { break };
                needed.check(capabilities)?;
                input.answers = client_requests::ask(endpoint, principal, notifier, &needed).await?;
                input.memory = needed.memory;
                answer = endpoint.ask(principal, &target, &input, notifier).await?;
            }
        }
        match answer {
            Answer::Complete(result) if session.as_ref().is_some_and(Session::knows_no_links) => {
                Ok(success(id, &result.without_links()))
            }
            Answer::Complete(result) => Ok(success(id, &result)),
            Answer::Failed(text) => Ok(success(id, &target.failed(text)?)),
            Answer::Missing(text) => Ok(success(id, &target.missing(text, Error::RESOURCE_NOT_FOUND)?)),
            Answer::Unknown => Err(target.unknown(Error::RESOURCE_NOT_FOUND)),
            Answer::Invalid(problem) => Err(invalid(problem)),
            Answer::GrantEnded => Ok(Reply::Challenge(endpoint.backend.grant_ended())),
            // A challenge would make the client send the whole batch again, and what it holds run twice.
            Answer::InsufficientScope(needed) if notifier.is_none() => {
                let text = format!("This needs the scope `{}`, which the access token lacks.", needed.name());
                Ok(success(id, &target.failed(text)?))
            }
            Answer::InsufficientScope(needed) => {
                Ok(Reply::Challenge(endpoint.backend.scope_too_small(&principal.scopes, needed)))
            }
            Answer::InputNeeded(_) => {
                Ok(success(id, &target.failed("What this needs of the client could not be asked for.")?))
            }
            Answer::LinkNeeded(needed) if url_elicitation => Err(elicitation::required_error(&needed)),
            Answer::LinkNeeded(needed) => Ok(success(id, &target.failed(link_in_words(&needed))?)),
        }
    }

    async fn complete(&self, request: &Request<'_>, notifier: &Notifier) -> Result<Reply, Error> {
        let Self { endpoint, principal, .. } = self;
        let completion_request = CompletionRequest::read(request)?;
        let answer = endpoint.backend.complete(principal, &completion_request, notifier).await;
        match answer.map_err(|fault| endpoint.internal(&fault))? {
            CompletionAnswer::Values(completion) => Ok(success(request.id, &CompletionResult { completion })),
            CompletionAnswer::Unknown(problem) => Err(invalid(problem)),
            CompletionAnswer::GrantEnded => Ok(Reply::Challenge(endpoint.backend.grant_ended())),
        }
    }
}

/// Answers a GET, by which a client listens.
pub async fn listen<N: Backend>(endpoint: &Endpoint<N>, principal: &Principal, headers: &Headers<'_>) -> Response {
    match Legacy::recall(endpoint, principal, headers) {
        Err(response) => response,
        Ok(_) => {
            subscriptions::legacy(endpoint, principal).await.unwrap_or_else(|error| jsonrpc::refuse(500, None, &error))
        }
    }
}

/// Answers `initialize`: settles the version and hands out a session id that remembers the client's capabilities.
pub async fn initialize<N: Backend>(endpoint: &Endpoint<N>, principal: &Principal, request: &Request<'_>) -> Response {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Initialized {
        protocol_version: &'static str,
        capabilities: serde_json::Value,
        server_info: Implementation,
        instructions: String,
    }
    let Some(target) = request.params.protocol_version.valid() else {
        let error = Error::new(Error::INVALID_PARAMS, "`protocolVersion` must be a string");
        return jsonrpc::refuse(200, Some(request.id), &error);
    };
    match endpoint.challenge_if_ended(principal).await {
        Ok(None) => {}
        Ok(Some(challenge)) => return challenge,
        Err(error) => return jsonrpc::refuse(200, Some(request.id), &error),
    }
    let version = negotiate(target);
    let session = Session {
        version: version.to_owned(),
        capabilities: request
            .params
            .capabilities
            .valid()
            .map(|Object(capabilities)| capabilities.client_capabilities())
            .unwrap_or_default(),
    };
    match session.seal(endpoint.context.settings.sealers(), principal, endpoint.context.platform.clock.now()) {
        Err(fault) => jsonrpc::refuse(200, Some(request.id), &endpoint.internal(&fault)),
        Ok(session_id) => {
            let result = Initialized {
                protocol_version: version,
                capabilities: endpoint.backend.capabilities(),
                server_info: Implementation::of_revision(version, &endpoint.context.settings.public_url),
                instructions: endpoint.backend.instructions(&endpoint.context.settings),
            };
            jsonrpc::respond(200, jsonrpc::success(request.id, &result)).with("mcp-session-id", session_id)
        }
    }
}

/// Negotiates the version: the one that the client asks for where it is of this era, else the newest of this era, and
/// never a modern one.
fn negotiate(target: &str) -> &'static str {
    let [newest, ..] = LEGACY;
    LEGACY.into_iter().find(|version| *version == target).unwrap_or(newest)
}

fn success(id: Id<'_>, result: &impl Serialize) -> Reply {
    Reply::Message(jsonrpc::success(id, result))
}

fn failed(id: Id<'_>, error: &Error) -> Reply {
    Reply::Message(jsonrpc::failure(Some(id), error))
}

#[cfg(test)]
mod tests {
    use super::negotiate;

    #[test]
    fn initialize_echoes_a_legacy_version() {
        for version in ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] {
            assert_eq!(negotiate(version), version);
        }
    }

    #[test]
    fn initialize_answers_any_other_version_with_the_newest_legacy_one() {
        for version in ["2099-01-01", "2026-07-28", "2024-10-07", ""] {
            assert_eq!(negotiate(version), "2025-11-25", "{version}");
        }
    }
}
