use std::{cell::Cell, rc::Rc};

use futures_executor::block_on;
use serde_json::json;

use super::*;
use crate::{
    crypto::secret::Secret,
    identifiers::RequestId,
    platform::{
        clock::Clock,
        fetch::{ContentCoding, Limits},
        native::{self, memory::ScriptedHttp, memory::json_answer},
    },
    providers::{BITBUCKET, Site},
    settings,
};

const BASE: &str = "https://api.bitbucket.org/2.0";

type Answered = Result<InboundResponse, HttpError>;

fn answer(status: u16, headers: &[(&str, &str)]) -> Answered {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(InboundResponse { status, headers, body: Vec::new(), truncated: false })
}

struct Outcome {
    result: Result<u16, Failure>,
    sent: Vec<OutboundRequest>,
    waited: Duration,
}

/// Sends one request; the n-th attempt is answered by `answer(n)`, from 0.
fn exchange(method: Method, answer: impl Fn(usize) -> Answered + 'static) -> Outcome {
    exchange_of(if method == Method::Get { Class::Read } else { Class::Write }, method, answer)
}

/// As [`exchange`], of an operation of this class.
fn exchange_of(class: Class, method: Method, answer: impl Fn(usize) -> Answered + 'static) -> Outcome {
    let count = Rc::new(Cell::new(0));
    let http = ScriptedHttp::new(move |_| {
        count.set(count.get() + 1);
        answer(count.get() - 1)
    });
    let sent = http.sent.clone();
    let platform = native::platform(http);
    let before = platform.clock.now();
    let clock: Rc<dyn Clock> = platform.clock.clone();
    let context = Context { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("test") };
    let request = OutboundRequest {
        method,
        url: format!("{BASE}/repositories/acme/backend/pullrequests/7/diff"),
        headers: Vec::new(),
        body: None,
        limits: Limits { deadline: Duration::from_secs(15), bytes: 1_000, coding: ContentCoding::Decoded },
    };
    let credential = Credential::bearer(Site::main(&BITBUCKET), Secret::new("upstream-token"));
    let result = block_on(
        Exchange { context: &context, site: Site::main(&BITBUCKET), base_url: BASE, credential: &credential }
            .send(request, class),
    );
    let sent = sent.borrow().clone();
    Outcome { result: result.map(|response| response.status), sent, waited: clock.now().since(before) }
}

fn redirected_to(location: &'static str) -> Outcome {
    exchange(Method::Get, move |attempt| match attempt {
        0 => answer(302, &[("location", location)]),
        _ => answer(200, &[]),
    })
}

fn has_credential(request: &OutboundRequest) -> bool {
    request.headers.contains(&("authorization".into(), "Bearer upstream-token".into()))
}

#[test]
fn the_credential_goes_with_the_request() {
    let outcome = exchange(Method::Get, |_| answer(200, &[]));
    assert!(has_credential(&outcome.sent[0]) && outcome.sent.len() == 1);
}

#[test]
fn a_redirect_on_the_same_origin_is_followed_with_the_credential() {
    for location in [
        "https://api.bitbucket.org/2.0/repositories/acme/backend/diff/a..b",
        "/2.0/repositories/acme/backend/diff/a:b%0Dc",
    ] {
        let outcome = redirected_to(location);
        assert!(outcome.result.is_ok() && has_credential(&outcome.sent[1]));
    }
}

#[test]
fn what_lies_beside_the_api_at_its_own_host_does_not_get_the_credential() {
    for location in ["https://api.bitbucket.org/internal", "/2.0extra/repositories", "/2.0/../1.0/user"] {
        let outcome = redirected_to(location);
        assert!(outcome.sent.get(1).is_none_or(|request| !has_credential(request)), "{location}");
    }
}

#[test]
fn a_redirect_to_a_known_host_is_followed_without_the_credential() {
    let outcome = redirected_to("https://bbuseruploads.s3.amazonaws.com/x?sig=1");
    assert!(outcome.result.is_ok() && !has_credential(&outcome.sent[1]));
}

#[test]
fn a_redirect_anywhere_else_is_not_followed() {
    for location in [
        "https://evil.example/",
        "http://api.bitbucket.org/2.0",
        "http://bitbucket.org/x",
        "https://notbitbucket.org/",
        "https://bitbucket.org.evil.example/",
        "https://bitbucket.org:8443/",
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "https://bitbucket.org@evil.example/",
        "javascript:1",
        "",
    ] {
        let outcome = redirected_to(location);
        // An empty location is the same address: followed, and harmless.
        assert!(location.is_empty() || matches!(outcome.result, Err(Failure::Misdirected)), "{location}");
        assert!(location.is_empty() || outcome.sent.len() == 1, "{location}");
    }
}

#[test]
fn a_redirect_back_home_does_not_bring_the_credential_back() {
    let outcome = exchange(Method::Get, |attempt| match attempt {
        0 => answer(302, &[("location", "https://media.atlassian.com/x")]),
        1 => answer(302, &[("location", "https://api.bitbucket.org/2.0/user")]),
        _ => answer(200, &[]),
    });
    assert!(outcome.result.is_ok() && !has_credential(&outcome.sent[2]));
}

#[test]
fn redirects_end_after_three() {
    let outcome = exchange(Method::Get, |_| answer(302, &[("location", "/2.0/again")]));
    assert!(matches!(outcome.result, Err(Failure::Misdirected)) && outcome.sent.len() == 4);
}

#[test]
fn a_write_is_not_sent_on_and_its_new_address_is_kept() {
    for status in [301, 302, 307, 308] {
        let outcome = exchange(Method::Post, move |_| answer(status, &[("location", "/2.0/elsewhere")]));
        let Err(Failure::Moved { to }) = outcome.result else { panic!("{status}") };
        assert_eq!((to.as_str(), outcome.sent.len()), ("https://api.bitbucket.org/2.0/elsewhere", 1));
    }
}

#[test]
fn a_write_that_is_redirected_to_another_origin_is_only_refused() {
    for location in ["https://evil.example/2.0/repositories/evil/backend", "http://api.bitbucket.org/2.0/x", ""] {
        let outcome = exchange(Method::Post, move |_| answer(308, &[("location", location)]));
        assert!(location.is_empty() || matches!(outcome.result, Err(Failure::Misdirected)), "{location}");
        assert_eq!(outcome.sent.len(), 1);
    }
}

#[test]
fn a_read_is_tried_once_more_when_the_provider_stumbles() {
    for status in [500, 502, 503, 504] {
        let outcome = exchange(Method::Get, move |attempt| answer(if attempt == 0 { status } else { 200 }, &[]));
        assert!(outcome.result.is_ok() && outcome.sent.len() == 2, "{status}");
        assert!(outcome.waited >= Duration::from_millis(100) && outcome.waited < Duration::from_millis(500));
    }
    let outcome = exchange(Method::Get, |attempt| match attempt {
        0 => Err(HttpError::Connection("reset".into())),
        _ => answer(200, &[]),
    });
    assert!(outcome.result.is_ok());
}

#[test]
fn a_read_is_not_tried_a_third_time() {
    let outcome = exchange(Method::Get, |_| answer(503, &[]));
    assert!(matches!(outcome.result, Err(Failure::Unavailable { status: 503 })) && outcome.sent.len() == 2);
}

#[test]
fn what_would_not_help_is_not_tried_again() {
    for status in [400, 401, 403, 404, 409, 410, 555] {
        assert_eq!(exchange(Method::Get, move |_| answer(status, &[])).sent.len(), 1, "{status}");
    }
    let timeout = exchange(Method::Get, |_| Err(HttpError::Timeout));
    assert!(matches!(timeout.result, Err(Failure::TimedOut)) && timeout.sent.len() == 1);
}

#[test]
fn a_write_is_sent_once_and_its_outcome_is_unknown_without_an_answer() {
    for status in [500, 502, 503, 504, 555] {
        let outcome = exchange(Method::Post, move |_| answer(status, &[]));
        assert!(matches!(outcome.result, Err(Failure::UnknownOutcome { .. })) && outcome.sent.len() == 1, "{status}");
    }
    for error in [HttpError::Timeout, HttpError::Connection("reset".into())] {
        let outcome = exchange(Method::Post, move |_| Err(error.clone()));
        assert!(matches!(outcome.result, Err(Failure::UnknownOutcome { status: None })) && outcome.sent.len() == 1);
    }
}

#[test]
fn a_short_rate_limit_is_waited_for() {
    let outcome = exchange(Method::Get, |attempt| match attempt {
        0 => answer(429, &[("retry-after", "1")]),
        _ => answer(200, &[]),
    });
    assert!(outcome.result.is_ok() && outcome.waited >= Duration::from_secs(1));
}

#[test]
fn a_long_rate_limit_is_told() {
    for headers in [&[("retry-after", "60")][..], &[]] {
        let outcome = exchange(Method::Get, |_| answer(429, headers));
        assert!(matches!(outcome.result, Err(Failure::RateLimited { .. })));
        assert_eq!((outcome.sent.len(), outcome.waited), (1, Duration::ZERO));
    }
}

#[test]
fn a_rate_limited_write_is_not_repeated() {
    let outcome = exchange(Method::Post, |_| answer(429, &[("retry-after", "1")]));
    assert!(matches!(outcome.result, Err(Failure::RateLimited { .. })) && outcome.sent.len() == 1);
}

#[test]
fn a_401_is_for_the_caller_to_refresh() {
    let outcome =
        exchange(Method::Get, |_| json_answer(401, &json!({"type": "error", "error": {"message": "expired"}})));
    assert!(matches!(outcome.result, Err(Failure::Unauthorized)));
}

#[test]
fn a_read_by_post_is_retried_and_a_write_by_get_is_not() {
    let failing = |attempt| if attempt == 0 { answer(503, &[]) } else { answer(200, &[]) };
    assert_eq!(exchange_of(Class::Read, Method::Post, failing).sent.len(), 2);
    let write = exchange_of(Class::Destructive, Method::Get, failing);
    assert!(write.sent.len() == 1 && write.result.unwrap_err().outcome_is_unknown());
}

#[test]
fn a_read_by_post_is_not_sent_on_to_another_address() {
    let outcome =
        exchange_of(Class::Read, Method::Post, |_| answer(307, &[("location", "https://api.bitbucket.org/2.0/x")]));
    assert!(outcome.sent.len() == 1 && matches!(outcome.result, Err(Failure::Misdirected)));
}
