//! A text that is read, changed and written: what is sent, and what is not.

use super::*;
use crate::platform::http::Method;

/// Page 98305 at version 7, which reads `body`, and what is answered to its change.
fn edit(given: Value, written: u16) -> Run {
    call_limited(Wanted::Text, "confluence_edit_page", given, move |request| {
        let page = |version: u32, text: &str| {
            json!({
                "id": "98305", "title": "Steps", "status": "current", "spaceId": "1", "version": {"number": version},
                "body": {"storage": {"value": format!("<h1>Steps</h1><p>{text}</p><ac:structured-macro ac:name=\"toc\"/>")}},
            })
        };
        match (request.method, request.url.rsplit_once('/').map_or("", |(_, end)| end)) {
            (Method::Put, _) => json_answer(written, &page(8, "new")),
            (_, "1") => json_answer(200, &json!({"id": "1", "key": "ENG"})),
            (_, page_of) if page_of.contains("version=6") => json_answer(200, &page(6, "older")),
            _ => json_answer(200, &page(7, "old")),
        }
    })
}

fn of_version(version: u32, check: bool) -> Value {
    json!({"page": "98305", "version": version, "section": "Steps", "text": "new\n\n[macro: toc]", "check": check})
}

fn methods(run: &Run) -> Vec<Method> {
    run.sent.iter().map(|request| request.method).collect()
}

#[test]
fn an_edit_reads_the_page_and_its_space_before_it_writes_the_next_version() {
    let run = edit(of_version(7, false), 200);
    assert_eq!(methods(&run), [Method::Get, Method::Get, Method::Get, Method::Put]);
    let body: Value = serde_json::from_slice(run.sent[3].body.as_deref().unwrap()).unwrap();
    assert_eq!(
        body,
        json!({
            "id": "98305", "status": "current", "title": "Steps", "version": {"number": 8},
            "body": {"representation": "storage", "value": "<h1>Steps</h1><p>new</p><ac:structured-macro ac:name=\"toc\"/>"},
        })
    );
    let text = run.text();
    assert!(text.contains("version: 8\n") && text.contains("Beside words, before → after: macros 1."), "{text}");
    assert!(text.contains("Changed since version 7") && text.contains("-old\n+new\n"), "{text}");
}

#[test]
fn a_check_writes_nothing() {
    let run = edit(of_version(7, true), 200);
    assert_eq!(methods(&run), [Method::Get, Method::Get, Method::Get]);
    let text = run.text();
    assert!(text.starts_with("Checked, nothing is written: page 98305 at version 7."), "{text}");
    assert!(text.contains("-old\n+new\n"), "{text}");
}

#[test]
fn an_older_version_is_refused_with_what_changed_since() {
    let run = edit(of_version(6, false), 200);
    assert!(!methods(&run).contains(&Method::Put));
    let sentence = run.sentence();
    assert!(sentence.starts_with("Not written: page 98305 is at version 7, not 6."), "{sentence}");
    assert!(sentence.contains("-older\n+old\n"), "{sentence}");
}

#[test]
fn a_conflict_is_told_with_both_differences_and_not_repeated() {
    let run = edit(of_version(7, false), 409);
    assert_eq!(methods(&run), [Method::Get, Method::Get, Method::Get, Method::Put, Method::Get]);
    let sentence = run.sentence();
    assert!(sentence.contains("changed while you wrote (409)") && sentence.contains("Theirs, version 7"), "{sentence}");
    assert!(sentence.contains("-old\n+new\n"), "{sentence}");
}

#[test]
fn a_page_of_a_space_that_may_not_be_reached_is_not_changed_and_not_told_of() {
    for check in [false, true] {
        let run = call_limited(Wanted::Text, "confluence_edit_page", of_version(7, check), |request| {
            if request.url.contains("/spaces/") {
                return json_answer(200, &json!({"id": "2", "key": "HR"}));
            }
            let body = json!({"storage": {"value": "<h1>Steps</h1><p>secret</p>"}});
            json_answer(
                200,
                &json!({"id": "98305", "title": "Pay", "status": "current", "spaceId": "2", "version": {"number": 9}, "body": body}),
            )
        });
        assert_eq!(methods(&run), [Method::Get, Method::Get]);
        let sentence = run.sentence();
        assert!(!sentence.contains("secret") && !sentence.contains("HR") && !sentence.contains('9'), "{sentence}");
    }
}
