use serde_json::{Value, json};

use super::*;
use crate::catalog::{
    all,
    arguments::{examples, validate},
    find,
};

fn response(status: u16, kind: &str, headers: &[(&str, &str)], body: &str) -> InboundResponse {
    let mut all = vec![("content-type".to_owned(), kind.to_owned())];
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    InboundResponse { status, headers: all, body: body.as_bytes().to_vec(), truncated: false }
}

/// Some time in November 2026.
const NOW: Timestamp = Timestamp(1_794_000_000_000);

/// What is said of a call with the arguments of the examples, to the main site.
fn sentence(failure: Failure, operation: &'static Operation) -> String {
    failure.sentence(operation, &validate(operation, &examples(operation, false)).unwrap())
}

fn said(status: u16, body: &Value) -> String {
    let failure = Failure::of(&response(status, "application/json", &[], &body.to_string()), NOW);
    sentence(failure, find("bitbucket_get_pull_request").unwrap())
}

#[test]
fn a_404_gives_both_readings_and_the_tool_that_lists() {
    assert_eq!(
        said(404, &json!({"type": "error", "error": {"message": "Pull request 9 not found."}})),
        "Not found: Bitbucket found nothing here (it says: \"Pull request 9 not found\"). It does not exist, or your \
         account may not see it. Next: bitbucket_list_pull_requests with state ALL lists the pull requests that exist."
    );
}

#[test]
fn what_is_said_is_of_the_request_that_was_sent_and_not_of_the_usual_one() {
    let diff = find("bitbucket_get_diff").unwrap();
    let sentence = |of: &str, failure: &Failure| {
        let given = json!({"workspace": "acme", "repository": "backend", "of": of});
        failure.sentence(diff, &validate(diff, given.as_object().unwrap()).unwrap())
    };
    let missing = Failure::NotFound { message: String::new() };
    assert!(!sentence("#7", &missing).contains("bitbucket_list_branches"), "{}", sentence("#7", &missing));
    assert!(
        sentence("1a2b3c4d5e6f", &missing).contains("bitbucket_list_branches"),
        "{}",
        sentence("1a2b3c4d5e6f", &missing)
    );
    let forbidden = Failure::Forbidden { message: String::new() };
    assert!(sentence("#7", &forbidden).contains("the scope pullrequest"), "{}", sentence("#7", &forbidden));
    assert!(
        sentence("1a2b3c4d5e6f", &forbidden).contains("the scope repository"),
        "{}",
        sentence("1a2b3c4d5e6f", &forbidden)
    );
}

#[test]
fn a_page_of_html_is_never_passed_on() {
    let page = "<html data-current-user='{\"apiToken\":\"ATWEB-1\"}'>Oops";
    for status in [400, 403, 404, 409, 410, 418, 500] {
        let failure = Failure::of(&response(status, "text/html; charset=utf-8", &[], page), NOW);
        let sentence = sentence(failure, find("bitbucket_get_pull_request").unwrap());
        assert!(!sentence.contains("ATWEB") && !sentence.contains("Oops") && !sentence.contains('<'), "{sentence}");
    }
}

#[test]
fn a_missing_scope_is_named() {
    let body = json!({"type": "error", "error": {
        "message": "Your credentials lack one or more required privilege scopes.",
        "detail": {"required": ["pullrequest", "repository"], "granted": ["repository"]},
    }});
    let sentence = said(403, &body);
    assert!(sentence.contains("lacks the scope pullrequest ("), "{sentence}");
}

#[test]
fn an_error_that_is_a_bare_string_is_understood() {
    let sentence = said(403, &json!({"error": "API Token provided has no Bitbucket scopes."}));
    assert!(sentence.contains("has no Bitbucket scopes"), "{sentence}");
}

#[test]
fn wrong_fields_are_named() {
    let body =
        json!({"type": "error", "error": {"message": "Bad request", "fields": {"parent": ["No such comment."]}}});
    assert_eq!(
        said(400, &body),
        "Refused: Bitbucket refused the request (400) (it says: \"Bad request; parent: No such comment\"). Next: change the arguments and call again."
    );
}

#[test]
fn every_text_about_a_field_is_passed_on_however_deep_it_lies() {
    let fields = json!({"reviewers": ["Malformed list", "Ann is the author."], "inline": {"to": ["Not a line."]}});
    let sentence = said(400, &json!({"error": {"message": "Bad request", "fields": fields}}));
    let expected = "Bad request; reviewers: Malformed list; reviewers: Ann is the author; inline.to: Not a line\"";
    assert!(sentence.contains(expected), "{sentence}");
}

#[test]
fn every_error_of_a_list_is_passed_on() {
    let v1 = json!({"statusCode": 400, "message": "Bad", "data": {"errors": [
        {"message": {"key": "title.taken", "args": [], "translation": "The title is taken"}},
        {"message": {"key": "parent.missing", "args": []}},
    ]}});
    let v2 = json!({"errors": [{"title": "The title is taken", "detail": null}, {"title": "Bad", "detail": "parent.missing"}]});
    for body in [v1, v2] {
        let sentence = said(400, &body);
        for text in ["The title is taken", "Bad", "parent.missing"] {
            assert!(sentence.contains(text) && !sentence.contains("title.taken"), "{sentence}");
        }
    }
}

#[test]
fn a_credential_that_lacks_a_scope_is_not_said_to_have_run_out() {
    let body = json!({"code": 401, "message": "Unauthorized; scope does not match"}).to_string();
    let by_message = response(401, "application/json", &[], &body);
    let by_header = response(401, "application/json", &[("x-failure-category", "FAILURE_CLIENT_SCOPE_CHECK")], "{}");
    for response in [by_message, by_header] {
        let failure = Failure::of(&response, NOW);
        assert!(matches!(failure, Failure::LacksScope { .. }), "{failure:?}");
        let sentence = sentence(failure, find("confluence_list_spaces").unwrap());
        assert!(sentence.contains("lacks the scope read:space:confluence"), "{sentence}");
    }
}

#[test]
fn what_has_moved_is_called_by_its_new_names_where_they_can_be_told() {
    let comment = find("bitbucket_add_pull_request_comment").unwrap();
    let sentence = |to: &str| sentence(Failure::Moved { to: Url::parse(to).unwrap() }, comment);
    assert_eq!(
        sentence("https://api.bitbucket.org/2.0/repositories/acme/renamed/pullrequests/7/comments"),
        "Not run: nothing was written, since Bitbucket has moved this. Next: call again with workspace `acme`, repository `renamed`, \
         pull_request `7`."
    );
    for other in ["https://api.bitbucket.org/2.0/x", "https://api.bitbucket.org/2.0/repositories/a%20`b/"] {
        assert!(sentence(other).contains("find its new name"), "{other}");
    }
}

#[test]
fn the_shapes_of_confluence_are_understood() {
    for body in [
        json!({"errors": [{"status": 404, "code": "NOT_FOUND", "title": "No such page", "detail": null}]}),
        json!({"statusCode": 404, "data": {"authorized": true}, "message": "No such page"}),
        json!({"code": 404, "message": "No such page"}),
    ] {
        assert!(said(404, &body).contains("No such page"), "{body}");
    }
}

#[test]
fn what_a_provider_says_is_cleaned_and_short() {
    let sentence = said(400, &json!({"error": {"message": format!("a\u{202e}b\n{}", "x".repeat(5_000))}}));
    assert!(!sentence.contains('\u{202e}') && !sentence.contains('\n') && sentence.chars().count() < 600);
}

#[test]
fn a_rate_limit_says_when_to_come_back() {
    let after = |name: &str, value: &str| {
        let text = "Rate limit for this resource has been exceeded";
        match Failure::of(&response(429, "text/plain", &[(name, value)], text), NOW) {
            Failure::RateLimited { after, .. } => after,
            other => panic!("{other:?}"),
        }
    };
    let until = |moment: &str| moment::parse(moment).unwrap().timestamp() - NOW.seconds();
    assert_eq!(until("2026-11-06T21:20:00Z"), 0);
    for (name, value, expected) in [
        ("retry-after", "30", Some(30)),
        ("retry-after", "Fri, 06 Nov 2026 21:21:00 GMT", Some(60)),
        ("retry-after", "Fri, 06 Nov 2026 21:00:00 GMT", Some(0)),
        ("retry-after", "999999", Some(3_600)),
        ("retry-after", "soon", None),
        ("x-ratelimit-reset", "1200", Some(1_200)),
        ("x-ratelimit-reset", "1794000090", Some(90)),
        ("x-ratelimit-reset", "1794000090000", Some(90)),
        ("x-ratelimit-reset", "2026-11-06T21:25Z", Some(300)),
    ] {
        assert_eq!(after(name, value), expected, "{name}: {value}");
    }
}

#[test]
fn the_quotas_sentence_with_403_is_a_rate_limit() {
    let body = json!({"error": {"message": "Rate limit for this resource has been exceeded"}}).to_string();
    assert!(matches!(Failure::of(&response(403, "application/json", &[], &body), NOW), Failure::RateLimited { .. }));
}

#[test]
fn an_unknown_outcome_says_how_to_find_out() {
    let sentence =
        sentence(Failure::UnknownOutcome { status: None }, find("bitbucket_add_pull_request_comment").unwrap());
    assert!(
        sentence.contains("may or may not have happened") && sentence.contains("bitbucket_get_pull_request"),
        "{sentence}"
    );
}

#[test]
fn every_failure_of_every_operation_is_a_sentence() {
    for operation in all() {
        for failure in [
            Failure::Argument(ArgumentProblem::Cursor),
            Failure::Unauthorized,
            Failure::TimedOut,
            Failure::Unreachable,
            Failure::Misdirected,
            Failure::Preparing,
            Failure::LacksScope { message: String::new(), missing: Vec::new() },
            Failure::TooLong,
            Failure::Unreadable { status: 200 },
            Failure::Unavailable { status: 555 },
            Failure::Fault(Fault::new("test", "secret detail")),
        ] {
            let is_argument = matches!(failure, Failure::Argument(_));
            let sentence = sentence(failure, operation);
            let (sort, _) = sentence.split_once(": ").unwrap();
            assert!(["Not run", "Not found", "Refused", "Unknown whether done"].contains(&sort), "{sentence}");
            assert!(is_argument || sentence.contains(" Next: "), "{sentence}");
            assert!(
                sentence.ends_with('.') && !sentence.contains("secret detail") && !sentence.contains("  "),
                "{sentence}"
            );
        }
    }
}
