//! The front door: every path that Postern answers.

use serde_json::json;

use crate::{
    authorization::{introspect, metadata, registration, revoke, token},
    console, mcp,
    platform::{
        Fault,
        http::{Method, Request, Response},
        log::Level,
    },
    postern::Postern,
};

/// Answers a request. Whatever goes wrong within is answered too: with the request's id, which the log has.
pub async fn respond(postern: &Postern, request: Request) -> Response {
    let response =
        if request.path == "/mcp" { mcp::handle(postern, request).await } else { elsewhere(postern, &request).await };
    response.with("x-request-id", postern.request_id.as_str())
}

async fn elsewhere(postern: &Postern, request: &Request) -> Response {
    route(postern, request).await.unwrap_or_else(|fault| {
        postern.log(
            Level::Error,
            "request failed",
            &[("path", json!(request.path)), ("detail", json!(fault.to_string()))],
        );
        console::page::internal_error(postern)
    })
}

async fn route(postern: &Postern, request: &Request) -> Result<Response, Fault> {
    let path: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
    let settings = &postern.settings;
    Ok(match (request.method, path.as_slice()) {
        (Method::Options, [".well-known", ..] | ["token" | "register" | "revoke" | "introspect"]) => {
            metadata::preflight()
        }
        (
            Method::Get,
            [".well-known", "oauth-protected-resource"] | [".well-known", "oauth-protected-resource", "mcp"],
        ) => metadata::protected_resource(settings),
        (
            Method::Get,
            [".well-known", "oauth-authorization-server"] | [".well-known", "oauth-authorization-server", "mcp"],
        ) => metadata::authorization_server(settings),
        (Method::Post, ["register"]) => registration::register(postern, request).await?,
        (Method::Post, ["token"]) => token::token(postern, request).await?,
        (Method::Post, ["revoke"]) => revoke::revoke(postern, request).await?,
        (Method::Post, ["introspect"]) => introspect::introspect(postern, request).await?,
        (Method::Get, ["health"]) => Response::body(200, "text/plain; charset=utf-8", "ok\n"),
        _ => console::respond(postern, request, &path).await?,
    })
}
