//! The envelope of a modern request: the `_meta` and headers that it must carry before its method is looked at, checked
//! in the order that the specification, the SDKs and the conformance suite agree on. Whatever is wrong here is a 400.

use serde_json::json;

use crate::mcp::{
    eras::routing::MODERN,
    transport::headers::{self, Headers},
    wire::{
        capabilities::ClientCapabilities,
        error::Error,
        field::{Field, Object},
        jsonrpc::Request,
        params::{CLIENT_CAPABILITIES, LOG_LEVEL, PROTOCOL_VERSION, Params},
    },
};

/// What a well-formed request says of its client. Nothing of it holds for the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    pub capabilities: ClientCapabilities,
}

const LOG_LEVELS: [&str; 8] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/// Checks `_meta`, then the headers against the body.
///
/// # Errors
/// -32602 for `_meta`, -32020 for a header, -32022 for a version that is not spoken.
pub fn check(request: &Request<'_>, headers: &Headers<'_>) -> Result<Envelope, Error> {
    let (version, envelope) = meta(&request.params)?;
    // Before the version is judged: a header and a body that disagree are a mismatch even where one is unknown.
    if headers.version.is_some_and(|header| header != version) {
        return Err(mismatch("MCP-Protocol-Version differs from the body", headers.version, Some(version)));
    }
    if headers.method.is_some_and(|header| header != request.method) {
        return Err(mismatch("Mcp-Method differs from the body", headers.method, Some(&request.method)));
    }
    if version != MODERN {
        return Err(Error::new(Error::UNSUPPORTED_VERSION, "unsupported protocol version")
            .with_data(json!({ "supported": [MODERN], "requested": version })));
    }
    if headers.version.is_none() {
        return Err(mismatch("the header MCP-Protocol-Version is missing", None, Some(version)));
    }
    if headers.method.is_none() {
        return Err(mismatch("the header Mcp-Method is missing", None, Some(&request.method)));
    }
    name(request, headers)?;
    Ok(envelope)
}

fn meta<'p>(params: &'p Params<'_>) -> Result<(&'p str, Envelope), Error> {
    let meta = match &params.meta {
        Field::Absent | Field::Null => return Err(missing(&[PROTOCOL_VERSION, CLIENT_CAPABILITIES])),
        Field::Invalid => return Err(problem("_meta", "must be an object")),
        Field::Valid(Object(meta)) => meta,
    };
    let (version, capabilities) = match (&meta.protocol_version, &meta.client_capabilities) {
        (Field::Valid(version), Field::Valid(Object(capabilities))) => (version, capabilities),
        (Field::Absent, Field::Absent) => return Err(missing(&[PROTOCOL_VERSION, CLIENT_CAPABILITIES])),
        (Field::Absent, _) => return Err(missing(&[PROTOCOL_VERSION])),
        (_, Field::Absent) => return Err(missing(&[CLIENT_CAPABILITIES])),
        (Field::Valid(_), _) => return Err(problem(CLIENT_CAPABILITIES, "must be an object")),
        _ => return Err(problem(PROTOCOL_VERSION, "must be a string")),
    };
    match &meta.log_level {
        Field::Absent => {}
        Field::Valid(level) if LOG_LEVELS.contains(&&**level) => {}
        Field::Null | Field::Invalid | Field::Valid(_) => return Err(problem(LOG_LEVEL, "must be a log level")),
    }
    Ok((version, Envelope { capabilities: capabilities.client_capabilities() }))
}

/// `Mcp-Name` repeats the one member of `params` that names what the method acts on.
fn name(request: &Request<'_>, headers: &Headers<'_>) -> Result<(), Error> {
    let named = match &*request.method {
        "tools/call" | "prompts/get" => &request.params.name,
        "resources/read" => &request.params.uri,
        "tasks/get" | "tasks/update" | "tasks/cancel" => &request.params.task_id,
        _ => return Ok(()),
    };
    let named = named.valid().map(|name| &**name);
    match (headers.name, named) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(mismatch("the header Mcp-Name is missing", None, named)),
        (Some(header), _) => match headers::decode(header) {
            None => Err(mismatch("Mcp-Name is not canonical Base64 of UTF-8", Some(header), named)),
            Some(decoded) if named == Some(&*decoded) => Ok(()),
            Some(_) => Err(mismatch("Mcp-Name differs from the body", Some(header), named)),
        },
    }
}

fn missing(keys: &[&str]) -> Error {
    Error::new(Error::INVALID_PARAMS, format!("_meta lacks {}", keys.join(" and ")))
        .with_data(json!({ "envelope": { "missing": keys } }))
}

fn problem(key: &'static str, problem: &'static str) -> Error {
    Error::new(Error::INVALID_PARAMS, format!("{key} {problem}"))
        .with_data(json!({ "envelope": { "key": key, "problem": problem } }))
}

fn mismatch(message: &'static str, header: Option<&str>, body: Option<&str>) -> Error {
    Error::new(Error::HEADER_MISMATCH, message).with_data(json!({ "mismatch": { "header": header, "body": body } }))
}
