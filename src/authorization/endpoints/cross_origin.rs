//! Cross-origin access (CORS) for clients that run in a browser: to the metadata, `/register`, `/token`, `/revoke`
//! and `/introspect`, whose credentials are in the request itself and never in a cookie.

use crate::platform::http::Response;

/// Lets any origin read the response.
pub fn readable(response: Response) -> Response {
    response
        .with("access-control-allow-origin", "*")
        .with("access-control-expose-headers", "www-authenticate, retry-after, etag")
}

/// Answers a preflight request.
pub fn preflight() -> Response {
    Response::empty(204)
        .with("access-control-allow-origin", "*")
        .with("access-control-allow-methods", "GET, POST, OPTIONS")
        .with(
            "access-control-allow-headers",
            "authorization, content-type, accept, if-none-match, mcp-protocol-version",
        )
        .with("access-control-max-age", "86400")
}
