//! The modern era (2026-07-28): every request stands alone.

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    authorization::principal::Principal,
    crypto::ticket::Ticket,
    mcp::{
        backend::Backend,
        continuation::{
            elicitation::{self, Elicitation, Reply},
            request_state::{self, LIFE, State, Waiting},
        },
        endpoint::Endpoint,
        eras::{
            envelope::{self, Envelope},
            routing::MODERN,
            subscriptions, tasks,
        },
        messages::{
            answer::{Answer, Destination},
            completion::{CompletionAnswer, CompletionRequest},
            input::Input,
            result::{Caching, CompletionResult, Implementation, List, ListResult, Modern, link_in_words},
            target::{Kind, RequestTarget, invalid, unreadable},
            task::EXTENSION,
        },
        transport::{form::NOT_A_STREAM, headers::Headers, notifier::Notifier},
        wire::{
            error::Error,
            field::Object,
            id::Id,
            jsonrpc::{self, Request},
            params::IDEMPOTENCY_KEY,
        },
    },
    platform::http::Response,
    session::commands::Refusal,
};

/// What is discovered is the same for everybody.
const DISCOVERY: Caching = Caching { ttl_ms: 3_600_000, cache_scope: "public" };
/// What is listed depends on who asks.
const LISTS: Caching = Caching { ttl_ms: 300_000, cache_scope: "private" };
/// What is read is as it is upstream at this moment, for this person.
const CONTENTS: Caching = Caching { ttl_ms: 0, cache_scope: "private" };

/// Answers a request.
pub async fn answer<N: Backend>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    headers: &Headers<'_>,
    request: &Request<'_>,
    notifier: &Notifier,
) -> Response {
    let id = request.id;
    let envelope = match envelope::check(request, headers) {
        Ok(envelope) => envelope,
        Err(error) => return jsonrpc::refuse(400, Some(id), &error),
    };
    let answered = match &*request.method {
        "server/discover" => discover(endpoint, principal, id).await,
        "tools/list" => list(endpoint, principal, request, List::Tools).await,
        "resources/list" => list(endpoint, principal, request, List::Resources).await,
        "resources/templates/list" => list(endpoint, principal, request, List::ResourceTemplates).await,
        "prompts/list" => list(endpoint, principal, request, List::Prompts).await,
        "skills/list" => list(endpoint, principal, request, List::Skills).await,
        "skills/get" => skill(endpoint, principal, request).await,
        "tools/call" => ask(endpoint, principal, envelope, request, Kind::Tool, notifier).await,
        "resources/read" => ask(endpoint, principal, envelope, request, Kind::Resource, notifier).await,
        "prompts/get" => ask(endpoint, principal, envelope, request, Kind::Prompt, notifier).await,
        "tasks/get" | "tasks/update" | "tasks/cancel" => {
            tasks::answer(endpoint, principal, envelope.capabilities, request, notifier).await
        }
        "completion/complete" => complete_argument(endpoint, principal, request, notifier).await,
        "subscriptions/listen" if !notifier.has_stream() => {
            return jsonrpc::refuse(406, Some(id), &Error::new(Error::INVALID_REQUEST, NOT_A_STREAM));
        }
        "subscriptions/listen" => listen(endpoint, principal, request).await,
        _ => {
            let error = Error::new(Error::METHOD_NOT_FOUND, "no such method; server/discover tells what there is");
            return jsonrpc::refuse(404, Some(id), &error);
        }
    };
    // What goes wrong inside a method travels on 200: clients take other statuses for faults of the transport.
    answered.unwrap_or_else(|error| jsonrpc::refuse(200, Some(id), &error))
}

/// Answers a notification. None means anything over HTTP; a request that lacks its id is told so.
pub fn notification(method: &str) -> Response {
    if method.starts_with("notifications/") {
        Response::empty(202)
    } else {
        jsonrpc::refuse(400, None, &Error::new(Error::INVALID_REQUEST, "a request needs an id"))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Discovery {
    supported_versions: [&'static str; 1],
    capabilities: Value,
    instructions: String,
}

impl Discovery {
    fn of<N: Backend>(endpoint: &Endpoint<N>) -> Self {
        let mut capabilities = endpoint.backend.capabilities();
        if let Some(members) = capabilities.as_object_mut() {
            members.insert("extensions".to_owned(), json!({ "io.modelcontextprotocol/skills": {}, EXTENSION: {} }));
        }
        let instructions = endpoint.backend.instructions(&endpoint.context.settings);
        Self { supported_versions: [MODERN], capabilities, instructions }
    }
}

async fn discover<N: Backend>(endpoint: &Endpoint<N>, principal: &Principal, id: Id<'_>) -> Result<Response, Error> {
    let who = || Implementation::of_revision(MODERN, &endpoint.context.settings.public_url);
    let discovered = || complete(id, &Modern::complete(Discovery::of(endpoint)).cached(DISCOVERY).by(who()));
    Ok(endpoint.challenge_if_ended(principal).await?.unwrap_or_else(discovered))
}

async fn list<N: Backend>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    request: &Request<'_>,
    list: List,
) -> Result<Response, Error> {
    let cursor = cursor(request)?;
    Ok(match listed(endpoint, principal, list).await? {
        Ok(entries) => complete(request.id, &Modern::complete(ListResult::page(list, &entries, cursor)?).cached(LISTS)),
        Err(refused) => refused,
    })
}

/// The entries of a list, or the challenge where the grant has ended.
async fn listed<N: Backend>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    list: List,
) -> Result<Result<Vec<Value>, Response>, Error> {
    let entries = endpoint.backend.list(principal, list).await.map_err(|fault| endpoint.internal(&fault))?;
    match entries {
        Ok(entries) => Ok(Ok(entries)),
        Err(Refusal::GrantEnded) => Ok(Err(endpoint.backend.grant_ended())),
        Err(Refusal::RateLimited { retry_after_milliseconds }) => Err(Error::too_many(retry_after_milliseconds)),
    }
}

/// Answers `skills/get`: the entry of one skill.
async fn skill<N: Backend>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    request: &Request<'_>,
) -> Result<Response, Error> {
    let uri = request.params.uri.valid().ok_or_else(|| invalid("`uri` must be a string"))?;
    let entries = match listed(endpoint, principal, List::Skills).await? {
        Ok(entries) => entries,
        Err(refused) => return Ok(refused),
    };
    let entry = entries.into_iter().find(|entry| entry.get("uri").is_some_and(|known| *known == **uri));
    let entry = entry.ok_or_else(|| invalid("no such skill; skills/list names those there are"))?;
    Ok(complete(request.id, &Modern::complete(json!({ "skill": entry })).cached(LISTS)))
}

/// The cursor of a page of a list, where there is one.
pub(super) fn cursor<'r>(request: &'r Request<'_>) -> Result<Option<&'r str>, Error> {
    let cursor = request.params.cursor.optional().map_err(|_| invalid("`cursor` must be a string"))?;
    Ok(cursor.map(|cursor| &**cursor))
}

/// The idempotency key of a request, where it has one.
pub(super) fn idempotency_key(request: &Request<'_>) -> Result<Option<String>, Error> {
    let problem = |_| invalid(format!("`{IDEMPOTENCY_KEY}` in `_meta` must be a string of 1 to 255 characters"));
    Ok(request.params.idempotency_key().map_err(problem)?.map(str::to_owned))
}

/// Answers a method that may need something of a person first.
async fn ask<N: Backend>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    envelope: Envelope,
    request: &Request<'_>,
    kind: Kind,
    notifier: &Notifier,
) -> Result<Response, Error> {
    let (id, target) = (request.id, RequestTarget::read(kind, request)?);
    let (sealers, clock) = (|| endpoint.context.settings.sealers(), &endpoint.context.platform.clock);
    let place = || request_state::place(principal, &target);
    let elicitation =
        || Elicitation { endpoint, principal, url_elicitation: envelope.capabilities.url, place: place() };
    let answers = request.params.input_responses().map_err(|why| unreadable("inputResponses", why))?;
    let mut input = Input {
        capabilities: envelope.capabilities,
        answers,
        memory: None,
        idempotency_key: idempotency_key(request)?,
        only_repeats: false,
    };
    if request.params.request_state.is_present() {
        match request_state::open(&request.params, sealers(), &place(), clock.now())? {
            None => {}
            Some(Ticket { state: State { waiting: Waiting::Answers(memory) }, .. }) => input.memory = Some(memory),
            Some(Ticket { state: State { waiting: Waiting::Link(link) }, expires_at }) => {
                let elicitation = elicitation();
                let waiting = match link.leads_to {
                    Destination::Connection(_) => "Waiting for the account to be connected",
                    Destination::Approval => "Waiting for approval",
                };
                let resuming = notifier.unless_cancelled(elicitation.resume(link, expires_at, &input.answers));
                match notifier.while_waiting(waiting, resuming).await {
                    Some(None) => {}
                    Some(Some(reply)) => return elicit(id, &target, reply),
                    None => return Err(Error::new(Error::INTERNAL, "the client closed the connection")),
                }
            }
        }
    }
    match endpoint.ask(principal, &target, &input, notifier).await? {
        Answer::Complete(mut result) => {
            let meta = result.take_meta();
            let result = Modern::complete(result).with_meta(meta);
            Ok(complete(id, &if kind == Kind::Resource { result.cached(CONTENTS) } else { result }))
        }
        Answer::Failed(text) => Ok(complete(id, &Modern::complete(target.failed(text)?))),
        Answer::Missing(text) => Ok(complete(id, &Modern::complete(target.missing(text, Error::INVALID_PARAMS)?))),
        Answer::Unknown => Err(target.unknown(Error::INVALID_PARAMS)),
        Answer::Invalid(problem) => Err(invalid(problem)),
        Answer::InsufficientScope(needed) => Ok(endpoint.backend.scope_too_small(&principal.scopes, needed)),
        Answer::GrantEnded => Ok(endpoint.backend.grant_ended()),
        Answer::LinkNeeded(needed) => {
            if envelope.capabilities.tasks && kind == Kind::Tool && !needed.is_connection() {
                let task = endpoint.backend.task(principal, &needed.id).await;
                if let Some(task) = task.map_err(|fault| endpoint.internal(&fault))? {
                    return Ok(tasks::created(id, &task, &needed, envelope.capabilities));
                }
            }
            elicit(id, &target, elicitation().ask(needed))
        }
        Answer::InputNeeded(needed) => Ok(match needed.check(envelope.capabilities) {
            Err(error) => jsonrpc::refuse(400, Some(id), &error),
            Ok(()) => {
                let requests = needed.requests();
                let expires_at = clock.now() + LIFE;
                let ticket = |memory| Ticket { state: State { waiting: Waiting::Answers(memory) }, expires_at };
                let sealed = needed.memory.map(|memory| ticket(memory).seal(sealers(), &place())).transpose();
                input_required(id, Some(requests), sealed.map_err(|fault| endpoint.internal(&fault))?)
            }
        }),
    }
}

fn input_required(id: Id<'_>, input_requests: Option<Value>, request_state: Option<String>) -> Response {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct InputRequired {
        #[serde(skip_serializing_if = "Option::is_none")]
        input_requests: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        request_state: Option<String>,
    }
    complete(id, &Modern::input_required(InputRequired { input_requests, request_state }))
}

fn elicit(id: Id<'_>, target: &RequestTarget<'_>, reply: Reply) -> Result<Response, Error> {
    match reply {
        Reply::InputRequired { link, state } => {
            Ok(input_required(id, link.as_ref().map(elicitation::input_requests), Some(state)))
        }
        Reply::InWords(needed) => Ok(complete(id, &Modern::complete(target.failed(link_in_words(&needed))?))),
        Reply::Failed(reason) => Ok(complete(id, &Modern::complete(target.failed(reason)?))),
        Reply::Refused(error) => Err(error),
    }
}

async fn complete_argument<N: Backend>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    request: &Request<'_>,
    notifier: &Notifier,
) -> Result<Response, Error> {
    let completion_request = CompletionRequest::read(request)?;
    let answer = endpoint.backend.complete(principal, &completion_request, notifier).await;
    match answer.map_err(|fault| endpoint.internal(&fault))? {
        CompletionAnswer::Values(completion) => {
            Ok(complete(request.id, &Modern::complete(CompletionResult { completion })))
        }
        CompletionAnswer::Unknown(problem) => Err(invalid(problem)),
        CompletionAnswer::GrantEnded => Ok(endpoint.backend.grant_ended()),
    }
}

async fn listen<N: Backend>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    request: &Request<'_>,
) -> Result<Response, Error> {
    match request.params.notifications.valid() {
        Some(Object(filter)) => subscriptions::modern(endpoint, principal, request.id, filter).await,
        None => Err(Error::new(Error::INVALID_PARAMS, "`notifications` must be an object")),
    }
}

fn complete(id: Id<'_>, result: &impl Serialize) -> Response {
    jsonrpc::respond(200, jsonrpc::success(id, result))
}
