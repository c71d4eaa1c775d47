//! The front door: every path that Postern answers.

mod acts;

use serde_json::json;

use crate::{
    authorization::endpoints::{introspect, metadata, registration, revoke, token},
    console,
    context::Context,
    identity::backchannel_logout,
    mcp,
    platform::{
        Fault,
        http::{Content, Method, Request, Response},
        log::Level,
        panic,
    },
    route::{self, Route, routes},
    safeguards,
    settings::Misconfigured,
    tools::view::View,
    untrusted,
};

/// What programs ask, beside `/mcp`: that has both eras' ways with methods.
const ENDPOINTS: &[Route] = routes! {
    Get "/.well-known/oauth-protected-resource" => protected_resource,
    Get "/.well-known/oauth-protected-resource/mcp" => protected_resource_of_view,
    Get "/.well-known/oauth-authorization-server" => authorization_server,
    Get "/.well-known/oauth-authorization-server/mcp" => authorization_server,
    Get "/.well-known/ai-catalog.json" => ai_catalog,
    Get "/mcp/server-card" => server_card,
    Post "/register" => registration::register,
    Post "/token" => token::token,
    Post "/revoke" => revoke::revoke,
    Post "/introspect" => introspect::introspect,
    Post "/identity/backchannel-logout" => backchannel_logout::receive,
};

/// Answers a request. Whatever goes wrong within is answered too: with the request's id, which the log has.
pub async fn respond(context: &Context, request: Request) -> Response {
    let path = canonical(&request.path).to_owned();
    let (is_head, for_a_person) = (request.method == Method::Head, is_for_a_person(&request));
    let answered = panic::contain(answer(context, request, &path)).await.unwrap_or_else(Err);
    let mut response = answered.unwrap_or_else(|fault| {
        context.log(Level::Error, "request failed", &[("path", json!(path)), ("detail", json!(fault.to_string()))]);
        if for_a_person { console::page::internal_error(context) } else { internal_error(context) }
    });
    if is_head {
        response.body = Content::Whole(Vec::new());
    }
    let response = safeguards::guarded(&context.settings.public_url, &path, response);
    response.with("x-request-id", context.request_id.as_str())
}

/// Says which content coding cannot be read, and that none can (RFC 9110 §12.5.3).
fn unsupported_coding(coding: &str) -> Response {
    let coding = untrusted::label(coding, 50);
    let description = format!("the body comes with Content-Encoding: {coding}; send it without one");
    Response::json(415, &json!({ "error": "invalid_request", "error_description": description }))
        .with("accept-encoding", "identity")
}

/// The path as it is routed: people and programs put a slash at its end, and a redirect would lose the token that they
/// send along.
fn canonical(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    }
}

async fn answer(context: &Context, request: Request, path: &str) -> Result<Response, Fault> {
    // Whoever watches over the Worker may do so at any of its names: nothing else is said there.
    if path == "/health" && matches!(request.method, Method::Get | Method::Head) {
        return Ok(Response::body(200, "text/plain; charset=utf-8", "ok\n"));
    }
    if !safeguards::is_directed_here(&context.settings.public_url, &request) {
        return Ok(misdirected(context, &request));
    }
    if path == "/mcp" {
        return Ok(mcp(context, request).await);
    }
    if let Some(coding) = request.content_coding() {
        return Ok(unsupported_coding(coding));
    }
    let is_endpoint = ENDPOINTS.iter().any(|route| route.path == path) || path.starts_with("/.well-known/");
    if is_endpoint && request.method == Method::Options {
        return Ok(metadata::preflight());
    }
    let at_path = route::at(ENDPOINTS.iter().chain(console::API).chain(console::ROUTES), path);
    let method = if request.method == Method::Head { Method::Get } else { request.method };
    match at_path.iter().find(|route| route.method == method) {
        Some(route) if method != Method::Get => acts::carry_out(context, request, route.answer).await,
        Some(route) => (route.answer)(context, &request).await,
        None => refuse(context, &request, &route::allowed(&at_path)).await,
    }
}

/// People paste the address of `/mcp` into their browser, which has no token to send: they are told what to do with it.
async fn mcp(context: &Context, request: Request) -> Response {
    let is_read = matches!(request.method, Method::Get | Method::Head);
    if is_read && is_for_a_person(&request) && request.header("authorization").is_none() {
        return console::page::see_other(console::CONNECT_A_CLIENT);
    }
    mcp::handle(context, request).await
}

/// Whether a page serves better than JSON: a browser asks for what a person is to see, and no program does.
fn is_for_a_person(request: &Request) -> bool {
    let sends_json = request.header("content-type").is_some_and(|kind| kind.contains("json"));
    request.wants_page() && !sends_json
}

/// What is said where nobody is, or where another method is needed: `allowed` names those that there are.
async fn refuse(context: &Context, request: &Request, allowed: &str) -> Result<Response, Fault> {
    if allowed.is_empty() {
        return if is_for_a_person(request) {
            console::not_found(context, request).await
        } else {
            Ok(told(context, 404, "not_found", "There is nothing at this address."))
        };
    }
    let response = if is_for_a_person(request) {
        console::method_not_allowed(context, request).await?
    } else {
        told(context, 405, "method_not_allowed", &format!("This address takes {allowed}."))
    };
    Ok(response.with("allow", allowed))
}

/// What is said at another name of the same Worker: sign-in and tokens hold at one address alone, and whatever guards
/// that one must not be walked around.
fn misdirected(context: &Context, request: &Request) -> Response {
    if is_for_a_person(request) {
        console::page::misdirected(context)
    } else {
        told(context, 421, "misdirected_request", "This Postern answers at another address alone.")
    }
}

/// An error for a program, with the way on in words and as data.
fn told(context: &Context, status: u16, error: &str, problem: &str) -> Response {
    let resource = context.settings.resource();
    let description = format!("{problem} MCP is served by POST at {resource}; a 401 there tells how to sign in.");
    Response::json(
        status,
        &json!({
            "error": error,
            "error_description": description,
            "mcp_url": resource,
            "request_id": context.request_id.as_str(),
        }),
    )
}

fn internal_error(context: &Context) -> Response {
    let request_id = context.request_id.as_str();
    let description = format!(
        "Postern could not do this. Try again in a moment; if it persists, tell an administrator the request id {request_id}."
    );
    Response::json(500, &json!({ "error": "server_error", "error_description": description, "request_id": request_id }))
}

/// The answer where not even a request's id could be had; the log says why.
pub fn not_begun() -> Response {
    let description = "Postern could not begin to answer. Try again in a moment.";
    Response::json(500, &json!({ "error": "server_error", "error_description": description }))
        .with("x-content-type-options", "nosniff")
}

/// The answer to every program while a setting is missing or wrong, as people get it as a page.
pub fn misconfigured(problem: &Misconfigured) -> Response {
    let description = format!(
        "Postern is not set up: the setting {problem}. Its operator has to set it in wrangler.toml, or, where it is a \
         secret, with `npx wrangler secret put {}`, and deploy again.",
        problem.name
    );
    Response::json(503, &json!({ "error": "misconfigured", "error_description": description }))
        .with("x-content-type-options", "nosniff")
}

async fn protected_resource(context: &Context, _request: &Request) -> Result<Response, Fault> {
    Ok(metadata::protected_resource(&context.settings, ""))
}

async fn protected_resource_of_view(context: &Context, request: &Request) -> Result<Response, Fault> {
    Ok(metadata::protected_resource(&context.settings, &View::suffix(&request.query)))
}

async fn ai_catalog(context: &Context, request: &Request) -> Result<Response, Fault> {
    Ok(mcp::server_card::catalog(&context.settings, request))
}

async fn server_card(context: &Context, request: &Request) -> Result<Response, Fault> {
    Ok(mcp::server_card::card(&context.settings, request))
}

async fn authorization_server(context: &Context, _request: &Request) -> Result<Response, Fault> {
    Ok(metadata::authorization_server(&context.settings))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures::future::LocalBoxFuture;
    use futures_executor::block_on;

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

    fn ask(method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
        let platform = native::platform(ScriptedHttp::unreachable());
        let context =
            Context { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("request-1") };
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let body = Body::Bytes(Vec::new());
        block_on(respond(&context, Request { method, path: path.into(), query: String::new(), headers, body }))
    }

    fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
        response.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    fn text(response: &Response) -> String {
        String::from_utf8(response.body.whole().unwrap().to_vec()).unwrap()
    }

    const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

    #[test]
    fn a_slash_at_the_end_of_a_path_changes_nothing() {
        let challenged = ask(Method::Post, "/mcp/", &[]);
        assert!(challenged.status == 401 && header(&challenged, "www-authenticate").is_some());
        for path in
            ["/.well-known/oauth-protected-resource/mcp/", "/.well-known/oauth-authorization-server/", "/health/"]
        {
            assert_eq!(ask(Method::Get, path, &[]).status, 200, "{path}");
        }
    }

    #[test]
    fn head_gives_what_get_gives_without_the_body() {
        for path in [
            "/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource/mcp",
            "/.well-known/oauth-authorization-server",
            "/health",
            "/",
            "/connect-a-client",
            "/mcp",
            "/nowhere",
        ] {
            let (get, head) = (ask(Method::Get, path, &[]), ask(Method::Head, path, &[]));
            assert_eq!((get.status, &get.headers), (head.status, &head.headers), "{path}");
            assert_eq!(text(&head), "", "{path}");
        }
    }

    #[test]
    fn another_method_is_told_which_ones_there_are() {
        for (method, path, allowed) in [
            (Method::Get, "/token", "POST"),
            (Method::Get, "/register", "POST"),
            (Method::Delete, "/.well-known/oauth-protected-resource", "GET, HEAD"),
            (Method::Post, "/connections", "GET, HEAD"),
            (Method::Put, "/admin/clients", "GET, HEAD, POST"),
        ] {
            for headers in [&[][..], &[BROWSER]] {
                let response = ask(method, path, headers);
                assert_eq!((response.status, header(&response, "allow")), (405, Some(allowed)), "{path}");
            }
        }
    }

    #[test]
    fn a_program_on_a_wrong_path_is_told_the_right_one_in_json() {
        let json = ("content-type", "application/json");
        for (method, path, headers) in [
            (Method::Post, "/", &[json, BROWSER][..]),
            (Method::Get, "/sse", &[("accept", "text/event-stream")]),
            (Method::Post, "/v1/mcp", &[]),
            (Method::Get, "/.well-known/openid-configuration", &[("accept", "application/json")]),
            (Method::Get, "//mcp", &[("accept", "*/*")]),
        ] {
            let response = ask(method, path, headers);
            assert!(matches!(response.status, 404 | 405), "{path}");
            let told: serde_json::Value = serde_json::from_str(&text(&response)).unwrap();
            assert_eq!(told["mcp_url"], "https://postern.example/mcp", "{path}");
            assert!(told["error_description"].as_str().unwrap().contains("https://postern.example/mcp"), "{path}");
        }
    }

    #[test]
    fn a_person_on_a_wrong_path_sees_a_page() {
        let response = ask(Method::Get, "/nowhere", &[BROWSER]);
        assert_eq!((response.status, header(&response, "content-type")), (404, Some("text/html; charset=utf-8")));
    }

    #[test]
    fn a_browser_at_the_address_for_programs_is_led_to_how_they_are_connected() {
        let response = ask(Method::Get, "/mcp", &[BROWSER]);
        assert_eq!((response.status, header(&response, "location")), (303, Some("/connect-a-client")));
    }

    #[test]
    fn another_host_is_refused_with_the_address_to_go_to() {
        for (path, headers) in [
            ("/mcp", &[("host", "postern.acme.workers.dev")][..]),
            ("/token", &[("host", "postern.acme.workers.dev")]),
            ("/", &[("host", "postern.acme.workers.dev"), BROWSER]),
        ] {
            let response = ask(Method::Get, path, headers);
            assert_eq!(response.status, 421, "{path}");
            assert!(text(&response).contains("https://postern.example"), "{path}");
        }
    }

    #[test]
    fn health_is_told_at_every_host() {
        assert_eq!(ask(Method::Get, "/health", &[("host", "postern.acme.workers.dev")]).status, 200);
    }

    #[test]
    fn no_two_routes_answer_the_same() {
        let mut routes: Vec<_> =
            ENDPOINTS.iter().chain(console::ROUTES).map(|route| (route.path, route.method.name())).collect();
        let count = routes.len();
        routes.sort_unstable();
        routes.dedup();
        assert_eq!(routes.len(), count);
        assert!(routes.iter().all(|(path, _)| canonical(path) == *path));
    }

    struct Defective;

    impl Database for Defective {
        fn batch(&self, _statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, Fault>> {
            panic!("a defect")
        }
    }

    #[test]
    fn a_body_with_a_content_coding_is_refused_and_the_coding_named() {
        for path in ["/token", "/register", "/revoke", "/introspect", "/consent"] {
            let response = ask(Method::Post, path, &[("content-encoding", "br")]);
            assert_eq!(response.status, 415, "{path}");
            assert!(text(&response).contains("Content-Encoding: br"), "{path}");
        }
    }

    #[test]
    fn a_panic_is_answered_with_the_request_id() {
        let platform = Platform { database: Rc::new(Defective), ..native::platform(ScriptedHttp::unreachable()) };
        let context =
            Context { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("request-1") };
        for accept in ["text/html", "application/json"] {
            let request = Request {
                method: Method::Get,
                path: "/connections".into(),
                query: String::new(),
                headers: vec![("cookie".into(), "__Host-postern_session=x".into()), ("accept".into(), accept.into())],
                body: Body::Bytes(Vec::new()),
            };
            let response = block_on(respond(&context, request));
            assert_eq!(response.status, 500);
            assert!(header(&response, "content-type").unwrap().starts_with(accept));
            assert_eq!(header(&response, "x-request-id"), Some("request-1"));
            assert!(text(&response).contains("request-1") && !text(&response).contains("a defect"));
        }
    }
}
