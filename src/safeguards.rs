//! What holds for every answer: the one host that is answered at, and the headers that browsers are told to be careful
//! by.

use crate::platform::http::{Request, Response};

/// Two years, as the browsers' preload lists ask for.
const STRICT_TRANSPORT_SECURITY: &str = "max-age=63072000";

/// Pages that an AI client opens in a window of its own, and which lead back to it: the window that opened them hears
/// of the end by its reference to them, which a policy of our own would cut.
const OPENED_BY_CLIENTS: [&str; 4] = ["/authorize", "/authorize/decision", "/sign-in", "/callback/identity"];

/// Whether the request was sent to the host of `PUBLIC_URL`, by whichever port is the scheme's own. On a developer's
/// machine the three names of loopback are one.
pub fn is_directed_here(public_url: &str, request: &Request) -> bool {
    let Some(host) = request.header("host") else { return true };
    let ours = authority(public_url);
    ours.eq_ignore_ascii_case(without_default_port(host)) || is_loopback(ours) && is_loopback(host)
}

/// The answer with what browsers are told beside it.
pub fn guarded(public_url: &str, path: &str, mut response: Response) -> Response {
    let has = |response: &Response, name: &str| response.headers.iter().any(|(have, _)| have == name);
    if !has(&response, "x-content-type-options") {
        response = response.with("x-content-type-options", "nosniff");
    }
    if public_url.starts_with("https://") {
        response = response.with("strict-transport-security", STRICT_TRANSPORT_SECURITY);
    }
    let is_page = response.headers.iter().any(|(name, value)| name == "content-type" && value.starts_with("text/html"));
    if is_page && !OPENED_BY_CLIENTS.contains(&path) {
        response = response.with("cross-origin-opener-policy", "same-origin");
    }
    response
}

fn authority(origin: &str) -> &str {
    without_default_port(origin.split_once("://").map_or(origin, |(_, authority)| authority))
}

fn without_default_port(authority: &str) -> &str {
    authority.strip_suffix(":443").or_else(|| authority.strip_suffix(":80")).unwrap_or(authority)
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "127.0.0.1" | "[::1]") || host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::http::{Body, Method};

    fn directed(public_url: &str, host: &str) -> bool {
        let headers = vec![("host".to_owned(), host.to_owned())];
        let body = Body::Bytes(Vec::new());
        let request = Request { method: Method::Get, path: "/".into(), query: String::new(), headers, body };
        is_directed_here(public_url, &request)
    }

    fn headers(public_url: &str, path: &str, response: Response) -> Vec<(String, String)> {
        let response = guarded(public_url, path, response);
        response.headers.into_iter().map(|(name, value)| (name.into_owned(), value)).collect()
    }

    fn value<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
        headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn only_the_host_of_the_public_url_is_answered_at() {
        for host in ["postern.example", "Postern.Example", "postern.example:443"] {
            assert!(directed("https://postern.example", host), "{host}");
        }
        for host in
            ["postern.acme.workers.dev", "postern.example.evil.example", "postern.example:8443", "127.0.0.1", ""]
        {
            assert!(!directed("https://postern.example", host), "{host}");
        }
    }

    #[test]
    fn the_names_of_loopback_are_one_to_a_developer() {
        for host in ["127.0.0.1:8750", "localhost:8750", "[::1]:8750", "[::1]"] {
            assert!(directed("http://127.0.0.1:8750", host), "{host}");
        }
        assert!(!directed("http://127.0.0.1:8750", "rebound.example:8750"));
        assert!(!directed("http://127.0.0.1:8750", "127.0.0.1.evil.example"));
    }

    #[test]
    fn every_answer_is_taken_for_what_it_says_it_is_and_over_https_alone() {
        let headers = headers("https://postern.example", "/token", Response::empty(204));
        assert_eq!(value(&headers, "x-content-type-options"), Some("nosniff"));
        assert_eq!(value(&headers, "strict-transport-security"), Some("max-age=63072000"));
    }

    #[test]
    fn plain_http_is_not_told_of_https() {
        let headers = headers("http://127.0.0.1:8750", "/", Response::empty(204));
        assert_eq!(value(&headers, "strict-transport-security"), None);
    }

    #[test]
    fn a_page_has_no_opener_but_on_the_way_back_to_an_ai_client() {
        let page = || Response::body(200, "text/html; charset=utf-8", "");
        let policy = |path: &str| {
            value(&headers("https://postern.example", path, page()), "cross-origin-opener-policy").map(str::to_owned)
        };
        assert_eq!(policy("/connections").as_deref(), Some("same-origin"));
        assert_eq!(policy("/authorize"), None);
    }
}
