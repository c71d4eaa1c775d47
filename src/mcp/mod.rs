//! The MCP endpoint: both eras of the protocol on one path.

mod backend;
mod continuation;
mod endpoint;
mod eras;
#[cfg(feature = "conformance")]
mod fixtures;
mod live;
mod messages;
mod methods;
pub mod server_card;
#[cfg(test)]
mod tests;
mod transport;
mod wire;

use std::{borrow::Cow, mem, rc::Rc};

use backend::Backend;
#[cfg(feature = "fuzzing")]
pub use continuation::request_state;
use endpoint::Endpoint;
use eras::{
    legacy::{self, Legacy},
    modern,
    routing::{self, BodyKind, Refusal, Route},
};
use live::LiveBackend;
use transport::{
    form::{Form, NOT_A_STREAM},
    headers::Headers,
    notifier::{Notifier, OnDisconnect},
    origin::{self, Origin},
    outbox::Outbox,
    reply,
};
use wire::{
    error::Error,
    jsonrpc::{self, Message, Payload},
};

use crate::{
    authorization::principal::Principal,
    context::Context,
    platform::{
        http::{Body, Method, Request, Response},
        panic,
    },
    untrusted,
};

/// Answers a request to `/mcp`, whatever it holds.
pub async fn handle(context: &Context, request: Request) -> Response {
    let backend = LiveBackend::at(context, &request);
    #[cfg(feature = "conformance")]
    let backend = fixtures::Fixtures(backend);
    serve(Endpoint { context: context.clone(), backend }, request).await
}

/// The checks that come before the body, each in its turn.
async fn serve<N: Backend + 'static>(endpoint: Endpoint<N>, mut request: Request) -> Response {
    let body = mem::replace(&mut request.body, Body::Bytes(Vec::new()));
    let request = Rc::new(request);
    let settings = &endpoint.context.settings;
    let origin = origin::judge(&request, &settings.public_url, &settings.allowed_origins);
    let response = if origin == Origin::Foreign {
        refuse(403, "this origin is not allowed; an administrator can add it to ALLOWED_ORIGINS")
    } else if request.method == Method::Options {
        origin::preflight()
    } else {
        match endpoint.backend.admit(&request) {
            Ok(principal) => serve_principal(endpoint, principal, Rc::clone(&request), body).await,
            Err(challenge) => challenge,
        }
    };
    origin::admit(response, origin)
}

async fn serve_principal<N: Backend + 'static>(
    endpoint: Endpoint<N>,
    principal: Principal,
    request: Rc<Request>,
    body: Body,
) -> Response {
    let headers = Headers::of(&request);
    let form = Form::of(&request);
    if request.method == Method::Get && routing::may_listen(headers.version, headers.session.is_some()) {
        if form == Form::Json {
            return refuse(406, NOT_A_STREAM);
        }
        return legacy::listen(&endpoint, &principal, &headers).await;
    }
    if request.method != Method::Post {
        return refuse(405, "send JSON-RPC messages by POST").with("allow", "POST");
    }
    if !is_json(&request) {
        return refuse(415, "send application/json");
    }
    if let Some(coding) = request.content_coding() {
        let coding = untrusted::label(coding, 50);
        return refuse(415, format!("the body comes with Content-Encoding: {coding}; send it without one"))
            .with("accept-encoding", "identity");
    }
    let Body::Bytes(body) = body else {
        return refuse(413, "the body is longer than 1 MiB; send less at once");
    };
    let platform = endpoint.context.platform.clone();
    let (outbox, messages) = Outbox::new();
    let sender = Rc::clone(&outbox);
    // It owns all that it needs: a stream goes on after its head was sent.
    let answer = async move {
        match jsonrpc::read(&body) {
            Ok(payload) => {
                let id = payload.request_id();
                let headers = Headers::of(&request);
                let dispatched = dispatch(&endpoint, &principal, &headers, payload, form, &sender);
                let answered = panic::contain(dispatched).await;
                answered.unwrap_or_else(|fault| jsonrpc::refuse(500, id, &endpoint.internal(&fault)))
            }
            Err(error) => jsonrpc::refuse(400, None, &error),
        }
    };
    reply::reply(&platform, form, outbox, messages, Box::pin(answer)).await
}

async fn dispatch<N: Backend>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    headers: &Headers<'_>,
    payload: Payload<'_>,
    form: Form,
    outbox: &Rc<Outbox>,
) -> Response {
    let platform = &endpoint.context.platform;
    let notifier = |request: &_, on_disconnect| Notifier::of(request, outbox, form, platform, on_disconnect);
    if let Payload::One(Message::Malformed { id, problem }) = payload {
        return jsonrpc::refuse(400, id, &Error::new(Error::INVALID_REQUEST, problem));
    }
    match (routing::decide(headers.version, body_kind(&payload)), payload) {
        (Route::Refused(refusal), Payload::One(Message::Request(request))) => {
            jsonrpc::refuse(400, Some(request.id), &explain(refusal))
        }
        (Route::Refused(refusal), _) => jsonrpc::refuse(400, None, &explain(refusal)),
        (Route::Modern, Payload::One(Message::Request(request))) => {
            modern::answer(endpoint, principal, headers, &request, &notifier(&request, OnDisconnect::Cancel)).await
        }
        (Route::Modern, Payload::One(Message::Notification { method, .. })) => modern::notification(&method),
        // `decide` sends nothing else to the modern era.
        (Route::Modern, _) => jsonrpc::refuse(400, None, &explain(Refusal::ModernBatch)),
        // A session id from before does not matter here: a client that lost its session begins with this.
        (Route::Legacy, Payload::One(Message::Request(request))) if request.method == "initialize" => {
            legacy::initialize(endpoint, principal, &request).await
        }
        (Route::Legacy, payload) => match (Legacy::recall(endpoint, principal, headers), payload) {
            (Err(response), _) => response,
            (Ok(legacy), Payload::One(message)) => {
                let notifier = match &message {
                    Message::Request(request) => notifier(request, OnDisconnect::Continue),
                    _ => Notifier::SILENT,
                };
                legacy.one(&message, &notifier).await
            }
            (Ok(legacy), Payload::Batch(messages)) => legacy.batch(&messages).await,
        },
    }
}

fn body_kind(payload: &Payload<'_>) -> BodyKind {
    match payload {
        Payload::Batch(messages) if messages.is_empty() => BodyKind::EmptyBatch,
        Payload::Batch(messages) => BodyKind::Batch { claim: messages.iter().any(Message::claims_a_version) },
        Payload::One(message) => {
            let claim = message.claims_a_version();
            match message {
                Message::Request(request) if request.method == "initialize" => BodyKind::Initialize { claim },
                Message::Request(_) => BodyKind::Request { claim },
                Message::Notification { .. } => BodyKind::Notification { claim },
                Message::Response { .. } | Message::Malformed { .. } => BodyKind::Response,
            }
        }
    }
}

fn explain(refusal: Refusal) -> Error {
    let (code, message) = match refusal {
        Refusal::ModernInitialize => {
            (Error::HEADER_MISMATCH, "MCP-Protocol-Version names a revision that has no initialize")
        }
        Refusal::UnknownVersion => (
            Error::INVALID_REQUEST,
            "MCP-Protocol-Version is none of 2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26 and 2024-11-05",
        ),
        Refusal::ModernBatch => (Error::INVALID_REQUEST, "2026-07-28 has no batches; send one message at a time"),
        Refusal::EmptyBatch => (Error::INVALID_REQUEST, "the batch is empty"),
        Refusal::ModernResponse => (Error::INVALID_REQUEST, "2026-07-28 has no requests of a server to respond to"),
    };
    Error::new(code, message)
}

/// An error of HTTP rather than of a message.
fn refuse(status: u16, message: impl Into<Cow<'static, str>>) -> Response {
    jsonrpc::refuse(status, None, &Error::new(Error::INVALID_REQUEST, message))
}

fn is_json(request: &Request) -> bool {
    request
        .header("content-type")
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}
