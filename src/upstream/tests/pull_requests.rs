//! Answers of several parts, and writes that look first: the operations of pull requests, which have all of that.

use super::*;
use crate::platform::http::Method;

const HEAD: &str = "1a2b3c4d5e6f";
const DIFF: &str = "diff --git a/a.rs b/a.rs\n--- a/a.rs\n+++ b/a.rs\n@@ -1,2 +1,3 @@\n one\n-two\n+deux\n+trois\n";

fn seven(more: Value) -> Value {
    let mut given = backend(json!({"pull_request": 7}));
    given.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    given
}

fn empty_list() -> Answered {
    json_answer(200, &json!({"values": []}))
}

/// What Bitbucket answers of pull request 7, where a test does not say otherwise.
fn bitbucket(request: &OutboundRequest) -> Answered {
    let path = request.url.split('?').next().unwrap();
    match path.rsplit("/pullrequests/7").next().unwrap() {
        "" => json_answer(
            200,
            &json!({"id": 7, "title": "T", "description": "d", "source": {"commit": {"hash": HEAD}}, "participants": [
                {"role": "REVIEWER", "state": null, "user": {"display_name": "Bob"}},
                {"role": "REVIEWER", "state": "approved", "participated_on": "2026-10-01T09:00:00Z", "user": {"display_name": "Ann"}},
            ]}),
        ),
        "/diff" => text_answer("text/plain", DIFF),
        _ => empty_list(),
    }
}

#[test]
fn the_parts_of_an_answer_stand_under_their_headings() {
    let run = call("bitbucket_get_pull_request", seven(json!({})), bitbucket);
    assert_eq!(run.sent.len(), 7);
    let text = run.text();
    assert!(text.contains("\nreviewers: Bob (has not answered); Ann (approved, 2026-10-01)\n"), "{text}");
    let headings: Vec<_> = text.lines().filter(|line| line.starts_with("## ")).collect();
    assert_eq!(
        headings,
        [
            "## files: none",
            "## comments: 0 open threads",
            "## tasks: none",
            "## builds: none",
            "## checks: none",
            "## diff: whole"
        ]
    );
    let (_, plain) = DIFF.split_once('\n').unwrap();
    assert!(text.ends_with(&format!("## diff: whole\n```\n{plain}```")), "{text}");
}

#[test]
fn a_pull_request_without_reviewers_says_so() {
    let text = call("bitbucket_get_pull_request", seven(json!({"parts": "tasks"})), |request| {
        if request.url.contains("/tasks") { empty_list() } else { json_answer(200, &json!({"id": 7})) }
    })
    .text();
    assert!(text.contains("\nreviewers: none\n"), "{text}");
}

#[test]
fn a_part_that_fails_spoils_nothing() {
    let text = call("bitbucket_get_pull_request", seven(json!({"parts": ["checks", "diff"]})), |request| {
        if request.url.contains("/checks") {
            return json_answer(403, &json!({"type": "error", "error": {"message": "ask an owner"}}));
        }
        bitbucket(request)
    })
    .text();
    assert!(text.contains("## checks: not shown: the provider forbids it (403).\n## diff: whole\n"), "{text}");
}

#[test]
fn without_the_thing_itself_there_is_no_answer() {
    let run = call("bitbucket_get_pull_request", seven(json!({})), |request| {
        if request.url.contains("/pullrequests/7?") { json_answer(404, &json!({})) } else { bitbucket(request) }
    });
    assert!(matches!(run.result, Err(Failure::NotFound { .. })));
}

#[test]
fn a_long_diff_goes_on_with_the_cursor_of_its_own_tool() {
    let diff: String = (0..9_000).map(|line| format!("+line number {line} of the diff\n")).collect();
    let whole = diff.clone();
    let text = call("bitbucket_get_pull_request", seven(json!({})), move |request| {
        if request.url.ends_with("/diff") { text_answer("text/plain", diff.clone()) } else { bitbucket(request) }
    })
    .text();
    assert!(text.starts_with("From Bitbucket. CUT: diff; each says how to go on. "), "{text}");
    assert!(tokens::estimate(&text) <= 6_000, "{}", tokens::estimate(&text));
    let shown = text.split("```\n").last().map_or(0, str::len);
    assert!(shown < whole.len());
    let rest = seven(json!({"cursor": cursor_in(&text)}));
    let rest = call("bitbucket_get_pull_request_diff", rest, move |_| text_answer("text/plain", whole.clone())).text();
    assert!(rest.starts_with("CUT: bytes ") && !rest.starts_with("CUT: bytes 0 "), "{rest}");
}

#[test]
fn open_threads_are_shown_and_closed_ones_counted() {
    let text = call("bitbucket_get_pull_request", seven(json!({"parts": "comments"})), |request| {
        if !request.url.contains("/comments") {
            return bitbucket(request);
        }
        let comment = |id: u64, parent: Value, resolved: bool| {
            let resolution = if resolved { json!({"created_on": "2026-10-01T09:00:00Z"}) } else { Value::Null };
            json!({"id": id, "content": {"raw": format!("text {id}")}, "parent": parent, "resolution": resolution})
        };
        let comments = [
            comment(1, Value::Null, true),
            comment(2, Value::Null, false),
            comment(3, json!({"id": 1}), false),
            comment(4, json!({"id": 2}), false),
        ];
        json_answer(200, &json!({"values": comments}))
    })
    .text();
    assert!(text.contains("## comments: 1 open thread, 1 resolved not shown"), "{text}");
    assert!(
        text.find("text 2") < text.find("text 4") && !text.contains("text 1") && !text.contains("text 3"),
        "{text}"
    );
}

#[test]
fn a_comment_on_lines_of_the_diff_echoes_them_and_says_how_to_take_it_back() {
    let given = seven(json!({"text": "x", "path": "a.rs", "line": "2-3"}));
    let run = call("bitbucket_add_pull_request_comment", given, |request| match request.method {
        Method::Post => json_answer(201, &json!({"id": 600})),
        _ => bitbucket(request),
    });
    let body: Value = serde_json::from_slice(run.sent.last().unwrap().body.as_deref().unwrap()).unwrap();
    assert_eq!(body["inline"], json!({"path": "a.rs", "to": 3, "start_to": 2}));
    let text = run.text();
    assert!(text.contains("\ncommented on:\n```\n+deux\n+trois\n```\n"), "{text}");
    assert!(
        text.ends_with(
            "\nUndo: bitbucket_delete_pull_request_comment \
             {\"workspace\":\"acme\",\"repository\":\"backend\",\"pull_request\":7,\"comment\":600}"
        ),
        "{text}"
    );
}

#[test]
fn a_comment_on_a_removed_line_is_on_the_old_version() {
    let given = seven(json!({"text": "x", "path": "a.rs", "line": "old 2"}));
    let run = call("bitbucket_add_pull_request_comment", given, |request| match request.method {
        Method::Post => json_answer(201, &json!({"id": 600})),
        _ => bitbucket(request),
    });
    let body: Value = serde_json::from_slice(run.sent.last().unwrap().body.as_deref().unwrap()).unwrap();
    assert_eq!(body["inline"], json!({"path": "a.rs", "from": 2}));
}

#[test]
fn a_comment_on_a_line_that_the_diff_does_not_have_is_not_sent() {
    let run =
        call("bitbucket_add_pull_request_comment", seven(json!({"text": "x", "path": "a.rs", "line": 9})), bitbucket);
    assert!(run.sent.iter().all(|request| request.method == Method::Get));
    assert_eq!(
        run.sentence(),
        "Not run: the diff of acme/backend#7 does not have `line` 9 of `a.rs`. It has lines 1-3 and removed lines `old` 2. \
         Call again with some of them."
    );
}

#[test]
fn a_verdict_at_a_head_that_has_moved_is_not_sent() {
    let run = call("bitbucket_review", seven(json!({"verdict": "approve", "commit": "0123456789ab"})), bitbucket);
    assert!(run.sent.iter().all(|request| request.method == Method::Get));
    let sentence = run.sentence();
    assert!(
        sentence.contains("is at commit 1a2b3c4d5e6f now") && sentence.contains("commit `1a2b3c4d5e6f`"),
        "{sentence}"
    );
}

#[test]
fn each_verdict_is_its_own_request_and_says_which_takes_it_back() {
    let sent = |verdict: &str| {
        let given = seven(json!({"verdict": verdict, "commit": "1a2b3c4d5e6f7890"}));
        let run = call("bitbucket_review", given, |request| match request.method {
            Method::Get => bitbucket(request),
            _ => text_answer("application/json", ""),
        });
        let last = run.sent.last().unwrap();
        let request = format!("{} {}", last.method.name(), last.url.rsplit('/').next().unwrap());
        let text = run.text();
        let undo: Value = serde_json::from_str(text.split("Undo: bitbucket_review ").nth(1).unwrap()).unwrap();
        (request, undo["verdict"].as_str().unwrap().to_owned())
    };
    assert_eq!(sent("approve"), ("POST approve".into(), "unapprove".into()));
    assert_eq!(sent("unapprove"), ("DELETE approve".into(), "approve".into()));
    assert_eq!(sent("request_changes"), ("POST request-changes".into(), "withdraw_request".into()));
    assert_eq!(sent("withdraw_request"), ("DELETE request-changes".into(), "request_changes".into()));
}

#[test]
fn a_pull_request_that_is_open_already_is_not_created() {
    let given = backend(json!({"source": "feature/\"x\"", "title": "T"}));
    assert!(arguments::validate(find("bitbucket_create_pull_request").unwrap(), given.as_object().unwrap()).is_ok());
    let run = call("bitbucket_create_pull_request", given, |_| json_answer(200, &json!({"values": [{"id": 12}]})));
    assert_eq!(run.sent.len(), 1);
    assert!(
        run.sent[0].url.contains("source.branch.name%20%3D%20%22feature%2F%5C%22x%5C%22%22"),
        "{}",
        run.sent[0].url
    );
    let sentence = run.sentence();
    assert!(sentence.starts_with("Not run: pull request 12 from `feature/\"x\"` is open already."), "{sentence}");
}

#[test]
fn a_change_is_taken_back_by_what_was_there_before() {
    let given = seven(json!({"title": "New"}));
    let run = call("bitbucket_update_pull_request", given, |request| match request.method {
        Method::Get => json_answer(200, &json!({"title": "Old", "draft": false, "description": ""})),
        _ => json_answer(200, &json!({"id": 7, "title": "New"})),
    });
    let body = run.sent.last().unwrap().body.clone().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), json!({"title": "New"}));
    let text = run.text();
    assert!(text.contains("Undo: bitbucket_update_pull_request ") && text.contains("\"title\":\"Old\"}"), "{text}");
}

#[test]
fn what_was_not_known_before_is_not_said_to_be_taken_back() {
    let run =
        call("bitbucket_update_pull_request", seven(json!({"reviewers": ["{a}"]})), |request| match request.method {
            Method::Get => json_answer(200, &json!({"title": "Old"})),
            _ => json_answer(200, &json!({"id": 7})),
        });
    assert!(!run.text().contains("Undo"));
}

#[test]
fn a_diff_between_branches_names_first_what_holds_the_changes() {
    let run = call("bitbucket_get_diff", backend(json!({"of": "main..feature/x"})), |request| {
        if request.url.contains("/refs/branches/feature%2Fx") {
            return json_answer(200, &json!({"target": {"hash": HEAD}}));
        }
        text_answer("text/plain", DIFF)
    });
    assert!(run.sent.last().unwrap().url.ends_with("/diff/1a2b3c4d5e6f..main"));
    let run = call("bitbucket_get_diff", backend(json!({"of": "#7"})), bitbucket);
    assert!(run.sent[0].url.ends_with("/pullrequests/7/diff"));
}

#[test]
fn ones_own_pull_requests_are_asked_for_by_who_one_is() {
    let list = |given: Value| {
        call("bitbucket_list_pull_requests", given, |request| {
            if request.url.contains("/user?") { json_answer(200, &json!({"uuid": "{u}"})) } else { empty_list() }
        })
    };
    let run = list(backend(json!({"who": "reviewer_me", "state": "ALL", "since": "2026-10-01"})));
    let url = &run.sent[1].url;
    for part in [
        "reviewers.uuid%20%3D%20%22%7Bu%7D%22",
        "updated_on%20%3E%3D%202026-10-01",
        "%20OR%20state%20%3D%20%22MERGED%22",
    ] {
        assert!(url.contains(part), "{part} in {url}");
    }
    let run = list(json!({"workspace": "acme", "who": "author_me"}));
    assert!(run.sent[1].url.contains("/workspaces/acme/pullrequests/%7Bu%7D?state=OPEN"), "{}", run.sent[1].url);
    let operation = find("bitbucket_list_pull_requests").unwrap();
    let refused = arguments::validate(operation, json!({"workspace": "acme"}).as_object().unwrap()).unwrap_err();
    assert!(refused.to_string().contains("name a `repository`"));
}

#[test]
fn what_waits_for_ones_review_is_looked_for_in_each_repository_of_a_page() {
    let pull = |repository: &str| json!({"id": 7, "title": "T", "destination": {"repository": {"name": repository, "full_name": format!("acme/{repository}")}}});
    let run =
        call("bitbucket_list_pull_requests", json!({"workspace": "acme", "who": "reviewer_me"}), move |request| {
            let path = request.url.strip_prefix("https://api.bitbucket.org/2.0").unwrap().split('?').next().unwrap();
            match path {
                "/user" => json_answer(200, &json!({"uuid": "{u}"})),
                "/repositories/acme" => json_answer(
                    200,
                    &json!({"values": [{"slug": "one"}, {"slug": "../x"}, {"slug": "hidden"}, {"slug": "two"}, {}],
                    "next": "https://api.bitbucket.org/2.0/repositories/acme?page=2"}),
                ),
                "/repositories/acme/hidden/pullrequests" => json_answer(404, &json!({})),
                "/repositories/acme/one/pullrequests" => json_answer(200, &json!({"values": [pull("one")]})),
                "/repositories/acme/two/pullrequests" => {
                    json_answer(200, &json!({"values": [pull("two"), pull("two")]}))
                }
                other => panic!("{other}"),
            }
        });
    let sent = run.sent.clone();
    let text = run.text();
    assert!(text.contains(": 3 rows. CUT: more with the same arguments and cursor"), "{text}");
    assert!(text.contains("id 7; title T;") && text.ends_with("\nrepository\none\ntwo\ntwo"), "{text}");
    assert_eq!(sent.len(), 5, "what is no slug is not asked for");
    assert!(sent[2..].iter().all(|request| request.url.contains("reviewers.uuid%20%3D%20%22%7Bu%7D%22")));
}

#[test]
fn where_one_repository_cannot_be_asked_nothing_is_said_to_be_all() {
    let run =
        call(
            "bitbucket_list_pull_requests",
            json!({"workspace": "acme", "who": "reviewer_me"}),
            |request| match request.url.split('?').next().unwrap().rsplit('/').next().unwrap() {
                "user" => json_answer(200, &json!({"uuid": "{u}"})),
                "acme" => json_answer(200, &json!({"values": [{"slug": "one"}, {"slug": "two"}]})),
                _ if request.url.contains("/one/") => empty_list(),
                _ => json_answer(429, &json!({})),
            },
        );
    assert!(run.result.is_err());
}
