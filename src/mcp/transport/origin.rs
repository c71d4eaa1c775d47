//! CORS and DNS rebinding protection: which web pages may reach the endpoint, by `Origin`. They are our own and those
//! of the configured browser clients; programs other than browsers send no `Origin` and are not concerned.

use crate::platform::http::{Request, Response};

const ALLOWED_HEADERS: &str =
    "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id";
const EXPOSED_HEADERS: &str = "WWW-Authenticate, Mcp-Session-Id";
/// The longest that Chromium remembers a preflight, in seconds.
const PREFLIGHT_LIFE: &str = "7200";

/// The web page that a request says it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    Absent,
    Allowed(&'a str),
    /// Another page, `null`, or more than one value.
    Foreign,
}

/// Judges the `Origin` header; `ours` and `allowed` are origins as browsers write them.
pub fn judge<'a>(request: &'a Request, ours: &str, allowed: &[String]) -> Origin<'a> {
    let mut origins = request.headers.iter().filter(|(name, _)| name == "origin").map(|(_, value)| value.as_str());
    match (origins.next(), origins.next()) {
        (None, _) => Origin::Absent,
        (Some(origin), None) if origin == ours || allowed.iter().any(|one| one == origin) => Origin::Allowed(origin),
        (Some(_), _) => Origin::Foreign,
    }
}

/// Lets the page at an allowed origin read the response, whatever its status.
pub fn admit(response: Response, origin: Origin<'_>) -> Response {
    let response = response.with("vary", "Origin");
    match origin {
        Origin::Allowed(origin) => {
            response.with("access-control-allow-origin", origin).with("access-control-expose-headers", EXPOSED_HEADERS)
        }
        Origin::Absent | Origin::Foreign => response,
    }
}

/// The answer to a preflight, which never carries a token.
pub fn preflight() -> Response {
    Response::empty(204)
        .with("access-control-allow-methods", "POST")
        .with("access-control-allow-headers", ALLOWED_HEADERS)
        .with("access-control-max-age", PREFLIGHT_LIFE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::http::{Body, Method};

    fn judged(origins: &[&str]) -> bool {
        let request = Request {
            method: Method::Post,
            path: "/mcp".into(),
            query: String::new(),
            headers: origins.iter().map(|origin| ("origin".to_owned(), (*origin).to_owned())).collect(),
            body: Body::Bytes(Vec::new()),
        };
        judge(&request, "https://postern.example", &["http://localhost:6274".into()]) != Origin::Foreign
    }

    #[test]
    fn a_request_without_an_origin_is_let_in() {
        assert!(judged(&[]));
    }

    #[test]
    fn our_own_and_configured_origins_are_allowed() {
        assert!(judged(&["https://postern.example"]));
        assert!(judged(&["http://localhost:6274"]));
    }

    #[test]
    fn an_origin_that_differs_in_any_part_is_foreign() {
        let others = [
            "null",
            "",
            "https://evil.example",
            "https://postern.example.evil.example",
            "http://postern.example",
            "https://postern.example:444",
            "https://POSTERN.example",
            "http://localhost:6275",
        ];
        for origin in others {
            assert!(!judged(&[origin]), "{origin}");
        }
    }

    #[test]
    fn an_origin_given_twice_is_foreign() {
        assert!(!judged(&["https://postern.example", "https://postern.example"]));
        assert!(!judged(&["https://postern.example, https://postern.example"]));
    }
}
