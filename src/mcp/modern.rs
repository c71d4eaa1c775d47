//! The modern era (2026-07-28): every request stands alone.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    elicitation::{self, Elicitation, Reply},
    endpoint::{Endpoint, Neighbours},
    envelope::{self, Envelope},
    era::MODERN,
    headers::Headers,
    jsonrpc::{self, Error, Id, Request},
    notifier::Notifier,
    request_state,
    results::{Caching, INSTRUCTIONS, Modern, ToolList, ToolResult, capabilities, connect_in_words},
    tools::Answer,
};
use crate::{authorization::bearer::Principal, platform::http::Response};

/// The same for everybody.
const DISCOVERY: Caching = Caching { ttl_ms: 3_600_000, cache_scope: "public" };
/// What is listed depends on who asks.
const TOOLS: Caching = Caching { ttl_ms: 300_000, cache_scope: "private" };

/// Answers a request.
pub async fn answer<N: Neighbours>(
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
        "server/discover" => Ok(complete(id, &Modern::complete(Discovery::new()).cached(DISCOVERY))),
        "tools/list" => list(endpoint, principal, request).await,
        "tools/call" => call(endpoint, principal, envelope, request, notifier).await,
        "subscriptions/listen" => listen(request),
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
    instructions: &'static str,
}

impl Discovery {
    fn new() -> Self {
        Self { supported_versions: [MODERN], capabilities: capabilities(), instructions: INSTRUCTIONS }
    }
}

async fn list<N: Neighbours>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    request: &Request<'_>,
) -> Result<Response, Error> {
    no_cursor(request)?;
    let tools = endpoint.neighbours.list(principal).await.map_err(|fault| endpoint.internal(&fault))?;
    Ok(match tools {
        Some(tools) => complete(request.id, &Modern::complete(ToolList { tools: &tools }).cached(TOOLS)),
        None => endpoint.neighbours.grant_ended(),
    })
}

/// There is one page, so no cursor was ever given out.
pub(super) fn no_cursor(request: &Request<'_>) -> Result<(), Error> {
    match request.params.cursor.optional() {
        Ok(None) => Ok(()),
        _ => Err(Error::new(Error::INVALID_PARAMS, "unknown cursor; list again without one")),
    }
}

async fn call<N: Neighbours>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    envelope: Envelope,
    request: &Request<'_>,
    notifier: &Notifier,
) -> Result<Response, Error> {
    let Request { id, params, .. } = request;
    let (name, arguments) = tool_and_arguments(request)?;
    let elicitation = |place| Elicitation { endpoint, principal, url_elicitation: envelope.url_elicitation, place };
    if params.request_state.is_present() {
        let elicitation = elicitation(request_state::place(principal, name, &arguments));
        if let Some(reply) =
            notifier.while_waiting("Waiting for the account to be connected", elicitation.resume(params)).await
        {
            return elicit(*id, reply);
        }
    }
    match endpoint.call(principal, name, &arguments, notifier).await? {
        Answer::Complete { text, is_error } => Ok(complete(*id, &Modern::complete(ToolResult::new(&text, is_error)))),
        Answer::UnknownTool => Err(unknown_tool()),
        Answer::InsufficientScope(needed) => Ok(endpoint.neighbours.scope_too_small(&principal.scopes, needed)),
        Answer::GrantEnded => Ok(endpoint.neighbours.grant_ended()),
        Answer::ConnectionNeeded(needed) => {
            elicit(*id, elicitation(request_state::place(principal, name, &arguments)).ask(needed))
        }
    }
}

pub(super) fn tool_and_arguments<'r>(
    request: &'r Request<'_>,
) -> Result<(&'r str, serde_json::Map<String, Value>), Error> {
    let name =
        request.params.name.right().ok_or_else(|| Error::new(Error::INVALID_PARAMS, "`name` must be a string"))?;
    let arguments =
        request.params.arguments().map_err(|_| Error::new(Error::INVALID_PARAMS, "`arguments` must be an object"))?;
    Ok((name, arguments))
}

pub(super) fn unknown_tool() -> Error {
    Error::new(Error::INVALID_PARAMS, "unknown tool; tools/list names those there are")
}

fn elicit(id: Id<'_>, reply: Reply) -> Result<Response, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct InputRequired {
        #[serde(skip_serializing_if = "Option::is_none")]
        input_requests: Option<Value>,
        request_state: String,
    }
    match reply {
        Reply::InputRequired { link, state } => {
            let input_requests = link.as_ref().map(elicitation::input_requests);
            Ok(complete(id, &Modern::input_required(InputRequired { input_requests, request_state: state })))
        }
        Reply::InWords(needed) => {
            Ok(complete(id, &Modern::complete(ToolResult::new(&connect_in_words(&needed), true))))
        }
        Reply::Failed(reason) => Ok(complete(id, &Modern::complete(ToolResult::new(reason, true)))),
        Reply::Refused(error) => Err(error),
    }
}

/// Nothing is advertised that changes, so the stream says what it honours, nothing, and ends.
fn listen(request: &Request<'_>) -> Result<Response, Error> {
    if request.params.notifications.right().is_none() {
        return Err(Error::new(Error::INVALID_PARAMS, "`notifications` must be an object"));
    }
    let id = request.id;
    let acknowledged = json!({
        "jsonrpc": "2.0",
        "method": "notifications/subscriptions/acknowledged",
        "params": { "notifications": {}, "_meta": { "io.modelcontextprotocol/subscriptionId": id } },
    });
    let mut stream = Vec::new();
    for event in
        [acknowledged.to_string().into_bytes(), jsonrpc::success(id, &Modern::complete(Nothing {}).of_subscription(id))]
    {
        stream.extend_from_slice(b"event: message\ndata: ");
        stream.extend_from_slice(&event);
        stream.extend_from_slice(b"\n\n");
    }
    Ok(Response::body(200, "text/event-stream", stream)
        .with("cache-control", "no-cache, no-transform")
        .with("x-accel-buffering", "no"))
}

#[derive(Serialize)]
struct Nothing {}

fn complete(id: Id<'_>, result: &impl Serialize) -> Response {
    jsonrpc::respond(200, jsonrpc::success(id, result))
}
