//! Every kind of operation meets every fault of a provider: what it comes to, and how often the provider is asked.

use super::*;
use crate::platform::http::Method;

/// A kind of operation.
struct Sort {
    tool: &'static str,
    given: Value,
    /// It changes something.
    writes: bool,
    /// It takes whatever comes as it is.
    raw: bool,
    /// Its answer is read.
    keeps: bool,
}

fn sorts() -> Vec<Sort> {
    let acme = |more: Value| {
        let mut given = json!({"workspace": "acme"});
        given.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        given
    };
    let read = |tool, given| Sort { tool, given, writes: false, raw: false, keeps: true };
    let write = |tool, given| Sort { tool, given, writes: true, raw: false, keeps: false };
    vec![
        read("test_pages", acme(json!({}))),
        read("test_blocks", acme(json!({}))),
        read("bitbucket_get_repository", backend(json!({}))),
        Sort { raw: true, ..read("test_file", acme(json!({}))) },
        read("bitbucket_get_pull_request_diff", backend(json!({"pull_request": 7}))),
        write("test_create", acme(json!({}))),
        write("test_update", acme(json!({}))),
        write("test_delete", acme(json!({}))),
        write("test_start", acme(json!({}))),
        write("test_commit", acme(json!({"path": "a.rs", "text": "x"}))),
        Sort { keeps: true, ..write("test_merge", acme(json!({}))) },
    ]
}

/// Whether it is the request that matters, and no look-up before it.
fn is_own(sort: &Sort, request: &OutboundRequest) -> bool {
    !sort.writes || request.method != Method::Get
}

/// What a look-up before the request finds.
fn looked_up() -> Answered {
    json_answer(200, &json!({"version": {"number": 4}, "id": "t1"}))
}

fn meet(sort: &Sort, fault: impl Fn() -> Answered + 'static) -> (Result<String, Failure>, usize) {
    let writes = sort.writes;
    let run = call(sort.tool, sort.given.clone(), move |request| {
        if writes && request.method == Method::Get { looked_up() } else { fault() }
    });
    let count = run.sent.iter().filter(|request| is_own(sort, request)).count();
    (run.result.map(|answer| answer.text), count)
}

#[test]
fn what_a_provider_refuses_is_told_by_its_status_and_sent_once() {
    let is_told = |status: u16, failure: &Failure| match status {
        401 => matches!(failure, Failure::Unauthorized),
        403 => matches!(failure, Failure::Forbidden { .. }),
        404 => matches!(failure, Failure::NotFound { .. }),
        409 => matches!(failure, Failure::Conflict { .. }),
        410 => matches!(failure, Failure::Gone { .. }),
        412 => matches!(failure, Failure::Refused { status: 412, .. }),
        _ => matches!(failure, Failure::RateLimited { after: None, .. }),
    };
    for sort in sorts() {
        for code in [401, 403, 404, 409, 410, 412, 429] {
            let (result, count) = meet(&sort, status(code, &[]));
            let failure = result.unwrap_err();
            assert!(is_told(code, &failure) && count == 1, "{} {code}: {failure:?}, sent {count} times", sort.tool);
        }
    }
}

#[test]
fn what_changed_meanwhile_is_to_be_read_again_whichever_status_says_so() {
    for code in [409, 412] {
        let answer = status(code, &[]);
        let sentence = call("test_create", json!({"workspace": "acme"}), move |_| answer()).sentence();
        assert!(sentence.contains("changed meanwhile") && sentence.contains("Next: read it again"), "{sentence}");
    }
}

#[test]
fn no_access_and_nothing_found_and_an_empty_list_are_three_answers() {
    for sort in sorts().into_iter().filter(|sort| !sort.writes) {
        let sentence = |code| {
            let answer = status(code, &[]);
            call(sort.tool, sort.given.clone(), move |_| answer()).sentence()
        };
        let (forbidden, missing) = (sentence(403), sentence(404));
        assert!(forbidden.contains("refuses this to your account"), "{forbidden}");
        assert!(missing.contains("does not exist, or your account may not see it"), "{missing}");
    }
    let empty = call("test_pages", json!({"workspace": "acme"}), |_| json_answer(200, &json!({"values": []}))).text();
    assert_eq!(empty, "None.");
}

#[test]
fn a_wait_that_the_provider_asks_for_is_waited_by_a_read_where_it_is_short_and_by_a_write_never() {
    for sort in sorts() {
        for (seconds, read) in [("1", 2), ("30", 1)] {
            let (result, count) = meet(&sort, status(429, &[("retry-after", seconds)]));
            assert!(matches!(result, Err(Failure::RateLimited { after: Some(_), .. })), "{}: {result:?}", sort.tool);
            assert_eq!(count, if sort.writes { 1 } else { read }, "{} {seconds}", sort.tool);
        }
    }
}

#[test]
fn a_failing_provider_is_asked_once_more_by_a_read_and_leaves_a_write_unknown() {
    for sort in sorts() {
        for code in [500, 502, 503, 504] {
            let (result, count) = meet(&sort, status(code, &[]));
            match (sort.writes, result) {
                (false, Err(Failure::Unavailable { .. })) => assert_eq!(count, 2, "{} {code}", sort.tool),
                (true, Err(Failure::UnknownOutcome { .. })) => assert_eq!(count, 1, "{} {code}", sort.tool),
                (_, result) => panic!("{} {code}: {result:?}", sort.tool),
            }
        }
    }
}

#[test]
fn no_answer_or_half_of_one_leaves_a_write_unknown() {
    for sort in sorts() {
        let (hang, hung) = meet(&sort, || Err(HttpError::Timeout));
        let (cut, tried) = meet(&sort, || Err(HttpError::Connection("cut short".into())));
        match (sort.writes, hang, cut) {
            (false, Err(Failure::TimedOut), Err(Failure::Unreachable)) => {
                assert_eq!((hung, tried), (1, 2), "{}", sort.tool)
            }
            (true, Err(Failure::UnknownOutcome { .. }), Err(Failure::UnknownOutcome { .. })) => {
                assert_eq!((hung, tried), (1, 1), "{}", sort.tool);
            }
            (_, hang, cut) => panic!("{}: {hang:?} {cut:?}", sort.tool),
        }
    }
}

#[test]
fn a_web_page_in_place_of_data_is_not_passed_on_and_proves_no_write() {
    for sort in sorts() {
        let (result, count) = meet(&sort, || text_answer("text/html; charset=utf-8", "<html>private</html>"));
        match (sort.writes, sort.raw, result) {
            (false, true, Ok(text)) => assert!(text.contains("private"), "{}: {text}", sort.tool),
            (false, false, Err(Failure::Unreadable { .. })) | (true, _, Err(Failure::UnknownOutcome { .. })) => {}
            (_, _, result) => panic!("{}: {result:?}", sort.tool),
        }
        assert_eq!(count, 1, "{}", sort.tool);
    }
}

#[test]
fn an_answer_of_the_wrong_kind_is_not_taken_for_data_and_does_not_undo_a_write() {
    for sort in sorts().into_iter().filter(|sort| sort.keeps && !sort.raw) {
        let (result, count) = meet(&sort, || text_answer("application/json", "\"hello\""));
        match (sort.writes, result) {
            (true, Ok(text)) => assert!(text.starts_with("Done: ") && !text.contains("hello"), "{}: {text}", sort.tool),
            (false, Ok(text)) => assert!(text.contains("between the fences"), "{}: {text}", sort.tool),
            (false, Err(Failure::Unreadable { .. })) => {}
            (_, result) => panic!("{}: {result:?}", sort.tool),
        }
        assert_eq!(count, 1, "{}", sort.tool);
    }
}

#[test]
fn a_redirect_to_a_stranger_is_followed_by_nobody() {
    for sort in sorts() {
        let (result, count) = meet(&sort, status(302, &[("location", "https://attacker.example/collect")]));
        assert!(matches!(result, Err(Failure::Misdirected)) && count == 1, "{}: {result:?} {count}", sort.tool);
    }
}

#[test]
fn two_megabytes_are_too_much_for_a_list_shown_in_part_as_text_and_never_undo_a_write() {
    for sort in sorts() {
        let is_text = sort.raw || sort.tool.ends_with("_diff");
        match (sort.writes, is_text, meet(&sort, testing::long).0) {
            (true, _, Ok(text)) => {
                assert!(text.starts_with("Done: ") || text.contains("Started: "), "{}: {text}", sort.tool)
            }
            (false, true, Ok(text)) => assert!(text.contains("CUT: ") && text.contains("at least"), "{}", sort.tool),
            (false, false, Err(Failure::TooLong)) => {}
            (_, _, result) => panic!("{}: {result:?}", sort.tool),
        }
    }
}

#[test]
fn rows_that_are_null_are_left_out_and_no_list_at_all_is_no_empty_list() {
    let rows = |values: Value| {
        call("test_pages", json!({"workspace": "acme"}), move |_| json_answer(200, &json!({"values": values}))).result
    };
    let text = rows(json!([null, {"id": 1}, null])).unwrap().text;
    assert!(text.contains(": 1 row, ") && text.ends_with("id\n1"), "{text}");
    for none in [json!(null), json!({}), json!("x")] {
        assert!(matches!(rows(none), Err(Failure::Unreadable { .. })));
    }
}

/// What becomes of a merge that has begun, where each look at it meets this.
fn poll(fault: impl Fn() -> Answered + 'static) -> (Result<Answer, Failure>, usize, usize) {
    let run = call("test_merge", json!({"workspace": "acme"}), move |request| {
        if request.method == Method::Get {
            return fault();
        }
        let location = "https://api.bitbucket.org/2.0/acme/merge/task-status/t1".to_owned();
        Ok(InboundResponse {
            status: 202,
            headers: vec![("location".into(), location)],
            body: Vec::new(),
            truncated: false,
        })
    });
    let begun = run.sent.iter().filter(|request| request.method == Method::Post).count();
    let looked = run.sent.len() - begun;
    (run.result, begun, looked)
}

#[test]
fn what_was_begun_is_never_begun_again_whatever_a_look_at_it_meets() {
    let pending: Box<dyn Fn() -> Answered> = Box::new(|| json_answer(200, &json!({"task_status": "PENDING"})));
    // Of these the provider says in place of a state that it failed.
    let faults = testing::faults().into_iter().filter(|(name, _)| !matches!(*name, "409" | "412"));
    for (name, fault) in faults.chain([("pending", pending)]) {
        let (result, begun, looked) = poll(fault);
        let is_told = match &result {
            // It was looked at as often as there was time for.
            Ok(answer) => answer.text.starts_with("Still running: "),
            Err(failure) => matches!(failure, Failure::UnknownOutcome { status: Some(202) }),
        };
        assert!(is_told, "{name}: {result:?}");
        assert!(begun == 1 && looked >= 1, "{name}: begun {begun} times, looked at {looked} times");
    }
}
