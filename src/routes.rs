//! The front door: every path that Postern answers.

use serde_json::json;

use crate::{
    authorization::{introspect, metadata, registration, revoke, token},
    console, mcp,
    platform::{
        Fault,
        http::{Method, Request, Response},
        log::Level,
        panic,
    },
    postern::Postern,
    untrusted,
};

/// Answers a request. Whatever goes wrong within is answered too: with the request's id, which the log has.
pub async fn respond(postern: &Postern, request: Request) -> Response {
    let path = request.path.clone();
    let answered = panic::contain(answer(postern, request)).await.unwrap_or_else(Err);
    let response = answered.unwrap_or_else(|fault| {
        postern.log(Level::Error, "request failed", &[("path", json!(path)), ("detail", json!(fault.to_string()))]);
        console::page::internal_error(postern)
    });
    response.with("x-request-id", postern.request_id.as_str())
}

async fn answer(postern: &Postern, request: Request) -> Result<Response, Fault> {
    if request.path == "/mcp" {
        return Ok(mcp::handle(postern, request).await);
    }
    match request.content_coding() {
        Some(coding) => Ok(unsupported_coding(coding)),
        None => route(postern, &request).await,
    }
}

/// Says which content coding cannot be read, and that none can (RFC 9110 §12.5.3).
fn unsupported_coding(coding: &str) -> Response {
    let coding = untrusted::label(coding, 50);
    let description = format!("the body has the content coding {coding}; send it without one");
    Response::json(415, &json!({ "error": "invalid_request", "error_description": description }))
        .with("accept-encoding", "identity")
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

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures_executor::block_on;
    use futures_util::future::LocalBoxFuture;

    use super::*;
    use crate::{
        identifiers::RequestId,
        platform::{
            Platform,
            database::{Database, Rows, Statement},
            http::Body,
            native::{self, memory::ScriptedHttp},
        },
        settings,
    };

    struct Defective;

    impl Database for Defective {
        fn batch(&self, _statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, Fault>> {
            panic!("a defect")
        }
    }

    fn request(method: Method, path: &str, headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { method, path: path.into(), query: String::new(), headers, body: Body::Bytes(Vec::new()) }
    }

    #[test]
    fn a_body_with_a_content_coding_is_refused_and_the_coding_named() {
        let platform = native::platform(ScriptedHttp::unreachable());
        let postern =
            Postern { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("request-1") };
        for path in ["/token", "/register", "/revoke", "/introspect", "/consent"] {
            let response = block_on(respond(&postern, request(Method::Post, path, &[("content-encoding", "br")])));
            assert_eq!(response.status, 415, "{path}");
            assert!(String::from_utf8_lossy(response.body.whole().unwrap()).contains("content coding br"), "{path}");
        }
    }

    #[test]
    fn a_panic_is_answered_with_the_request_id() {
        let platform = Platform { database: Rc::new(Defective), ..native::platform(ScriptedHttp::unreachable()) };
        let postern =
            Postern { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("request-1") };
        let request = request(Method::Get, "/connections", &[("cookie", "__Host-postern_session=x")]);
        let response = block_on(respond(&postern, request));
        assert_eq!(response.status, 500);
        assert!(response.headers.contains(&("x-request-id".into(), "request-1".into())));
        assert!(String::from_utf8_lossy(response.body.whole().unwrap()).contains("request-1"));
    }
}
